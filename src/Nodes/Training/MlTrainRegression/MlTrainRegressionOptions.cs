using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Learning.Training;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Training.MlTrainRegression;

/// <summary>Early stopping: training ends when the validation loss stops getting better, and the best weights are kept.</summary>
public sealed record EarlyStoppingOptions
{
    /// <summary>On or off.</summary>
    [Option("Stop when the validation loss stops getting better.")]
    public bool Enable { get; init; } = true;

    /// <summary>How long to wait for an improvement.</summary>
    [Option("Evaluations without improvement before training stops.", Unit = "evaluations", Min = 1)]
    public int Patience { get; init; } = 20;

    /// <summary>How often to look.</summary>
    [Option("Epochs from one evaluation to the next.", Unit = "epochs", Min = 1)]
    public int EpochsPerEvaluation { get; init; } = 1;
}

/// <summary>Options of <c>ml_train_regression</c>.</summary>
public sealed record MlTrainRegressionOptions
{
    /// <summary>The data set.</summary>
    [Option("The data set node. Its training rows are learned, its validation rows decide when to stop; its test rows are never looked at.", Required = true)]
    public NodeInput? Dataset { get; init; }

    /// <summary>Depth.</summary>
    [Option("Hidden layers; none is a linear map.", Min = 0, Max = 64)]
    public int HiddenLayers { get; init; } = 2;

    /// <summary>Width.</summary>
    [Option("Width of every hidden layer.", Unit = "neurons", Min = 1, Max = 65536)]
    public int HiddenWidth { get; init; } = 256;

    /// <summary>Explicit widths.</summary>
    [Option("Width of each hidden layer, from the input on; replaces hidden_layers and hidden_width when given.", Unit = "neurons", Min = 1, Max = 65536)]
    public IReadOnlyList<int> HiddenWidths { get; init; } = [];

    /// <summary>Activation.</summary>
    [Option("What follows each hidden layer.")]
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>Initialisation.</summary>
    [Option("How the first weights are spread.")]
    public WeightInitialisation WeightInitialization { get; init; } = WeightInitialisation.Xavier;

    /// <summary>Zero last layer.</summary>
    [Option("Begin with a last layer of zeros, so that training starts from the mean of the targets.")]
    public bool ZeroLastLayer { get; init; } = true;

    /// <summary>Seed of the weights.</summary>
    [Option("Key of the first weights, and of the shuffles unless shuffle_random_seed is given.", Min = 0)]
    public long Seed { get; init; }

    /// <summary>Seed of the shuffles.</summary>
    [Option("Key of the shuffles and of the split by proportions; by default the same as seed.", Min = 0)]
    public long? ShuffleRandomSeed { get; init; }

    /// <summary>Loss.</summary>
    [Option("What is minimised.")]
    public Loss Loss { get; init; } = Loss.Mse;

    /// <summary>Huber's delta.</summary>
    [Option("Where the Huber loss turns linear.", Unit = "normalised units", Min = 0, MinExcluded = true)]
    public double HuberDelta { get; init; } = 1;

    /// <summary>Weights of targets.</summary>
    [Option("One weight per target entry for the loss weighted_mse.", Min = 0)]
    public IReadOnlyList<double> TargetWeights { get; init; } = [];

    /// <summary>Weight decay.</summary>
    [Option("Coefficient of the sum of squared weights (biases excluded) in the cost.", Min = 0)]
    public double WeightDecay { get; init; }

    /// <summary>Validation.</summary>
    [Option("Measure the loss on rows that are not trained on; the weights of the best epoch are kept. Off: early stopping is off too, and the last weights are kept.")]
    public bool EnableValidation { get; init; } = true;

    /// <summary>Share of training rows.</summary>
    [Option("Share of the rows to train on, in proportion to validation_data_proportion; 0 for both keeps the splits of the data set. Given, its training and validation rows are shuffled together and split anew; its test rows stay out.", Min = 0)]
    public int TrainingDataProportion { get; init; }

    /// <summary>Share of validation rows.</summary>
    [Option("Share of the rows to validate on, in proportion to training_data_proportion.", Min = 0)]
    public int ValidationDataProportion { get; init; }

    /// <summary>Early stopping.</summary>
    [Option("When to stop.")]
    public EarlyStoppingOptions EarlyStopping { get; init; } = new();

    /// <summary>Shuffle.</summary>
    [Option("Shuffle the training rows before every epoch.")]
    public bool Shuffle { get; init; } = true;

    /// <summary>Cap on rows.</summary>
    [Option("Learn from no more than this many training rows, the first ones; 0 = all. With proportions: no more rows than this, training and validation together.", Unit = "rows", Min = 0)]
    public int UpperLimit { get; init; }

    /// <summary>Optimizer.</summary>
    [Option("The step rule.")]
    public Optimizer Optimizer { get; init; } = Optimizer.Adam;

    /// <summary>Learning rate.</summary>
    [Option("Learning rate at the start.", Min = 0, MinExcluded = true)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Adam's beta one.</summary>
    [Option("Adam's memory of the mean gradient.", Min = 0, Max = 0.999999)]
    public double BetaOne { get; init; } = 0.9;

    /// <summary>Adam's beta two.</summary>
    [Option("Adam's memory of the squared gradient.", Min = 0, Max = 0.9999999)]
    public double BetaTwo { get; init; } = 0.999;

    /// <summary>Adadelta's rho.</summary>
    [Option("Adadelta's memory.", Min = 0, Max = 0.999999)]
    public double AdaRho { get; init; } = 0.9;

    /// <summary>Momentum.</summary>
    [Option("Share of the last step kept by sgd.", Min = 0, Max = 0.999999)]
    public double SgdMomentum { get; init; }

    /// <summary>Scheduler.</summary>
    [Option("How the learning rate changes from epoch to epoch.")]
    public Scheduler Scheduler { get; init; } = Scheduler.Constant;

    /// <summary>Linear decay.</summary>
    [Option("Epochs over which linear and cosine fall; 0 = all.", Unit = "epochs", Min = 0)]
    public int LinearDecay { get; init; }

    /// <summary>Step size.</summary>
    [Option("Epochs between two changes of the step scheduler.", Unit = "epochs", Min = 1)]
    public int StepSize { get; init; } = 100;

    /// <summary>Step gamma.</summary>
    [Option("Factor of the step scheduler.", Min = 0, MinExcluded = true, Max = 1)]
    public double StepGamma { get; init; } = 0.5;

    /// <summary>Exponential style.</summary>
    [Option("What gives the factor of the exponential scheduler.")]
    public ExponentialStyle ExponentialStyle { get; init; } = ExponentialStyle.Gamma;

    /// <summary>Exponential gamma.</summary>
    [Option("Factor per epoch of the exponential scheduler.", Min = 0, MinExcluded = true, Max = 1)]
    public double ExponentialGamma { get; init; } = 0.99;

    /// <summary>End learning rate.</summary>
    [Option("The last learning rate of linear, cosine and exponential by end.", Min = 0)]
    public double EndLearningRate { get; init; }

    /// <summary>Batch size.</summary>
    [Option("Most rows of one step.", Unit = "rows", Min = 1)]
    public int MaxBatchSize { get; init; } = 256;

    /// <summary>Most epochs.</summary>
    [Option("Most epochs; 0 = no limit.", Unit = "epochs", Min = 0)]
    public int MaxEpochs { get; init; } = 500;

    /// <summary>Most steps.</summary>
    [Option("Most steps; 0 = no limit.", Unit = "steps", Min = 0)]
    public long MaxIterations { get; init; }

    /// <summary>Input normalisation.</summary>
    [Option("What happens to raw inputs; the exported model undoes nothing and asks for nothing, it takes raw values.")]
    public Normalisation InputNormalization { get; init; } = Normalisation.Block;

    /// <summary>Target normalisation.</summary>
    [Option("What happens to raw targets; undone inside the exported model.")]
    public Normalisation TargetNormalization { get; init; } = Normalisation.Block;

    // Often enough to lose little, seldom enough that saving (weights and moments, an fsync) costs next to nothing.
    /// <summary>Seconds between checkpoints.</summary>
    [Option("Time between two saves of the training state, which a killed training goes on from.", Unit = "s", Min = 0, NotInKey = true)]
    public double CheckpointSeconds { get; init; } = 2;

    /// <summary>What is put out, and when.</summary>
    [OptionGroup]
    public TrainingOutputOptions Output { get; init; } = new();

    /// <summary>True when rows are split by proportions and not as the data set says.</summary>
    internal bool SplitsByProportion => TrainingDataProportion > 0 || ValidationDataProportion > 0;

    /// <summary>The shape of the network for rows of these lengths.</summary>
    public MlpSpec Spec(int inputLength, int outputLength) => new()
    {
        InputLength = inputLength,
        OutputLength = outputLength,
        HiddenWidths = HiddenWidths.Count > 0 ? HiddenWidths : [.. Enumerable.Repeat(HiddenWidth, HiddenLayers)],
        Activation = Activation,
        Initialisation = WeightInitialization,
        ZeroLastLayer = ZeroLastLayer,
        Seed = (ulong)Seed,
    };

    /// <summary>How it is trained.</summary>
    public TrainingOptions Training() => new()
    {
        Loss = Loss,
        HuberDelta = HuberDelta,
        TargetWeights = TargetWeights.Count > 0 ? [.. TargetWeights.Select(w => (float)w)] : null,
        WeightDecay = WeightDecay,
        EnableValidation = EnableValidation,
        TrainingDataProportion = SplitsByProportion ? TrainingDataProportion : new TrainingOptions().TrainingDataProportion,
        ValidationDataProportion = SplitsByProportion ? ValidationDataProportion : new TrainingOptions().ValidationDataProportion,
        LimitSize = SplitsByProportion && UpperLimit > 0,
        UpperLimit = SplitsByProportion && UpperLimit > 0 ? UpperLimit : new TrainingOptions().UpperLimit,
        EnableEarlyStopping = EarlyStopping.Enable && EnableValidation,
        Patience = EarlyStopping.Patience,
        EpochsPerEvaluation = EarlyStopping.EpochsPerEvaluation,
        Shuffle = Shuffle,
        ShuffleRandomSeed = (ulong)(ShuffleRandomSeed ?? Seed),
        Optimizer = Optimizer,
        LearningRate = LearningRate,
        BetaOne = BetaOne,
        BetaTwo = BetaTwo,
        AdaRho = AdaRho,
        SgdMomentum = SgdMomentum,
        Scheduler = Scheduler,
        LinearDecay = LinearDecay,
        StepSize = StepSize,
        StepGamma = StepGamma,
        ExponentialStyle = ExponentialStyle,
        ExponentialGamma = ExponentialGamma,
        EndLearningRate = EndLearningRate,
        MaxBatchSize = MaxBatchSize,
        LimitEpochs = MaxEpochs > 0,
        MaxEpochs = Math.Max(1, MaxEpochs),
        MaxIterations = MaxIterations,
        InputNormalisation = InputNormalization,
        TargetNormalisation = TargetNormalization,
    };
}
