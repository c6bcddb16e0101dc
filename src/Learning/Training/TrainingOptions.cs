using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Training;

/// <summary>What is minimised, over the entries of a target row.</summary>
public enum Loss
{
    /// <summary>Squared error.</summary>
    Mse,
    /// <summary>Absolute error.</summary>
    L1,
    /// <summary>Half the squared error below <see cref="TrainingOptions.HuberDelta"/>, linear beyond (Huber, 1964).</summary>
    Huber,
    /// <summary>Squared error times <see cref="TrainingOptions.TargetWeights"/>.</summary>
    WeightedMse,
}

/// <summary>How a row's entries make one number; over rows it is always the mean.</summary>
public enum LossReduction
{
    /// <summary>Sum with block normalisation (the mean predictor then scores 1), mean otherwise.</summary>
    Automatic,
    /// <summary>Mean over the entries, as PyTorch's losses.</summary>
    Mean,
    /// <summary>Sum over the entries.</summary>
    Sum,
}

/// <summary>The step rule.</summary>
public enum Optimizer
{
    /// <summary>Kingma and Ba, 2015; weight decay is the gradient of an L2 term.</summary>
    Adam,
    /// <summary>Loshchilov and Hutter, 2019; weights shrink by learning rate · weight decay, apart from the gradient.</summary>
    Adamw,
    /// <summary>Stochastic gradient descent, with momentum where asked for.</summary>
    Sgd,
    /// <summary>Zeiler, 2012.</summary>
    Adadelta,
}

/// <summary>How the learning rate changes from epoch to epoch.</summary>
public enum Scheduler
{
    /// <summary>Never.</summary>
    Constant,
    /// <summary>Straight from the first to the end rate.</summary>
    Linear,
    /// <summary>Times <see cref="TrainingOptions.StepGamma"/> every <see cref="TrainingOptions.StepSize"/> epochs.</summary>
    Step,
    /// <summary>Times a constant every epoch.</summary>
    Exponential,
    /// <summary>Half a cosine from the first to the end rate (Loshchilov and Hutter, 2017, without restarts).</summary>
    Cosine,
}

/// <summary>What gives the constant of <see cref="Scheduler.Exponential"/>.</summary>
public enum ExponentialStyle
{
    /// <summary><see cref="TrainingOptions.ExponentialGamma"/> itself.</summary>
    Gamma,
    /// <summary>Such that the last epoch has <see cref="TrainingOptions.EndLearningRate"/>.</summary>
    EndLearningRate,
}

/// <summary>What happens to raw values before the network sees them; always undone inside the exported model.</summary>
public enum Normalisation
{
    /// <summary>Nothing.</summary>
    Off,
    /// <summary>Each entry to mean 0 and deviation 1 over the training rows.</summary>
    Standardize,
    /// <summary>
    /// Each entry is centred; inputs share one scale per contribution (mean variance 1 over its entries that vary), targets one
    /// scale in all (total variance 1), so that principal components keep their weight and noise is not blown up.
    /// </summary>
    Block,
}

/// <summary>
/// How a network is trained: every parameter of ML Train Regression that needs no script. Defaults suit a deformer.
/// </summary>
public sealed record TrainingOptions
{
    /// <summary>What is minimised.</summary>
    public Loss Loss { get; init; } = Loss.Mse;

    /// <summary>Where <see cref="Loss.Huber"/> turns linear, in normalised units, above 0.</summary>
    public double HuberDelta { get; init; } = 1;

    /// <summary>One weight ≥ 0 per target entry, for <see cref="Loss.WeightedMse"/>.</summary>
    public IReadOnlyList<float>? TargetWeights { get; init; }

    /// <summary>How a row's entries make one number.</summary>
    public LossReduction Reduction { get; init; } = LossReduction.Automatic;

    /// <summary>λ ≥ 0 of the term λ Σ w² in the cost, over weights and not biases. With AdamW: the shrinking rate.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Keep rows apart to measure on.</summary>
    public bool EnableValidation { get; init; } = true;

    /// <summary>Stop when validation stops improving. Needs <see cref="EnableValidation"/>.</summary>
    public bool EnableEarlyStopping { get; init; } = true;

    /// <summary>Share of the rows to train on, in proportion to <see cref="ValidationDataProportion"/>; not used when the data carries a split.</summary>
    public int TrainingDataProportion { get; init; } = 90;

    /// <summary>Share of the rows to validate on, in proportion to <see cref="TrainingDataProportion"/>.</summary>
    public int ValidationDataProportion { get; init; } = 10;

    /// <summary>Epochs from one validation to the next, at least 1.</summary>
    public int EpochsPerEvaluation { get; init; } = 1;

    /// <summary>Evaluations without improvement before training stops, at least 1.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>Shuffle before the split and before every epoch.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Key of the shuffles.</summary>
    public ulong ShuffleRandomSeed { get; init; }

    /// <summary>Use no more than <see cref="UpperLimit"/> rows: the first ones.</summary>
    public bool LimitSize { get; init; }

    /// <summary>Rows used when <see cref="LimitSize"/> is on, at least 1.</summary>
    public int UpperLimit { get; init; } = int.MaxValue;

    /// <summary>The step rule.</summary>
    public Optimizer Optimizer { get; init; } = Optimizer.Adam;

    /// <summary>The first learning rate, above 0.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Adam: memory of the gradient's mean, in [0, 1).</summary>
    public double BetaOne { get; init; } = 0.9;

    /// <summary>Adam: memory of the squared gradient's mean, in [0, 1).</summary>
    public double BetaTwo { get; init; } = 0.999;

    /// <summary>Adadelta: memory of both means, in [0, 1).</summary>
    public double AdaRho { get; init; } = 0.9;

    /// <summary>SGD: share of the last step kept, in [0, 1).</summary>
    public double SgdMomentum { get; init; }

    /// <summary>How the learning rate changes.</summary>
    public Scheduler Scheduler { get; init; } = Scheduler.Constant;

    /// <summary>Linear and cosine: epochs over which the rate falls; 0 for all of <see cref="MaxEpochs"/>.</summary>
    public int LinearDecay { get; init; }

    /// <summary>Step: epochs between two changes, at least 1.</summary>
    public int StepSize { get; init; } = 100;

    /// <summary>Step: factor, in (0, 1].</summary>
    public double StepGamma { get; init; } = 0.5;

    /// <summary>Exponential: what gives the factor.</summary>
    public ExponentialStyle ExponentialStyle { get; init; } = ExponentialStyle.Gamma;

    /// <summary>Exponential: factor per epoch, in (0, 1].</summary>
    public double ExponentialGamma { get; init; } = 0.99;

    /// <summary>Linear, cosine and exponential by end: the last rate, at least 0 (above 0 for exponential).</summary>
    public double EndLearningRate { get; init; }

    /// <summary>Rows per step at most, at least 1.</summary>
    public int MaxBatchSize { get; init; } = 256;

    /// <summary>Stop after <see cref="MaxEpochs"/>.</summary>
    public bool LimitEpochs { get; init; } = true;

    /// <summary>Epochs at most when <see cref="LimitEpochs"/> is on, at least 1.</summary>
    public int MaxEpochs { get; init; } = 500;

    /// <summary>Steps at most; 0 for no limit.</summary>
    public long MaxIterations { get; init; }

    /// <summary>What happens to raw inputs.</summary>
    public Normalisation InputNormalisation { get; init; } = Normalisation.Block;

    /// <summary>What happens to raw targets.</summary>
    public Normalisation TargetNormalisation { get; init; } = Normalisation.Block;

    /// <summary>Whether a row's entries are summed, after <see cref="LossReduction.Automatic"/> is resolved.</summary>
    internal bool Sums => Reduction == LossReduction.Sum || (Reduction == LossReduction.Automatic && TargetNormalisation == Normalisation.Block);

    /// <summary>Throws <see cref="FarmException"/> <c>training.options</c>, naming every value out of its range.</summary>
    internal void Check(int outputLength)
    {
        var wrong = new List<string>();
        void Need(bool holds, string name, object value, string allowed)
        {
            if (!holds) wrong.Add($"{name} is {value}; it must be {allowed}");
        }
        Need(HuberDelta > 0 && double.IsFinite(HuberDelta), "huber_delta", HuberDelta, "above 0");
        Need(WeightDecay >= 0 && double.IsFinite(WeightDecay), "weight_decay", WeightDecay, "at least 0");
        Need(TrainingDataProportion > 0, "training_data_proportion", TrainingDataProportion, "at least 1");
        Need(ValidationDataProportion >= 0 && (!EnableValidation || ValidationDataProportion > 0), "validation_data_proportion", ValidationDataProportion, "at least 1 when validation is on");
        Need(EpochsPerEvaluation > 0, "epochs_per_evaluation", EpochsPerEvaluation, "at least 1");
        Need(Patience > 0, "patience", Patience, "at least 1");
        Need(!EnableEarlyStopping || EnableValidation, "enable_early_stopping", EnableEarlyStopping, "off when validation is off");
        Need(!LimitSize || UpperLimit > 0, "upper_limit", UpperLimit, "at least 1");
        Need(LearningRate > 0 && double.IsFinite(LearningRate), "learning_rate", LearningRate, "above 0");
        Need(BetaOne is >= 0 and < 1, "beta_one", BetaOne, "in [0, 1)");
        Need(BetaTwo is >= 0 and < 1, "beta_two", BetaTwo, "in [0, 1)");
        Need(AdaRho is >= 0 and < 1, "ada_rho", AdaRho, "in [0, 1)");
        Need(SgdMomentum is >= 0 and < 1, "sgd_momentum", SgdMomentum, "in [0, 1)");
        Need(LinearDecay >= 0, "linear_decay", LinearDecay, "at least 0");
        Need(StepSize > 0, "step_size", StepSize, "at least 1");
        Need(StepGamma is > 0 and <= 1, "step_gamma", StepGamma, "in (0, 1]");
        Need(ExponentialGamma is > 0 and <= 1, "exponential_gamma", ExponentialGamma, "in (0, 1]");
        bool fallsToEnd = Scheduler == Scheduler.Exponential && ExponentialStyle == ExponentialStyle.EndLearningRate;
        Need(double.IsFinite(EndLearningRate) && EndLearningRate >= 0 && (!fallsToEnd || EndLearningRate > 0), "end_learning_rate", EndLearningRate, fallsToEnd ? "above 0" : "at least 0");
        Need(MaxBatchSize > 0, "max_batch_size", MaxBatchSize, "at least 1");
        Need(!LimitEpochs || MaxEpochs > 0, "max_epochs", MaxEpochs, "at least 1");
        Need(MaxIterations >= 0, "max_iterations", MaxIterations, "at least 0");
        Need(LimitEpochs || MaxIterations > 0 || EnableEarlyStopping, "limit_epochs", LimitEpochs, "on when neither max_iterations nor early stopping ends the training");
        bool overAllEpochs = LinearDecay == 0 && Scheduler is Scheduler.Linear or Scheduler.Cosine;
        Need(LimitEpochs || !(fallsToEnd || overAllEpochs), "limit_epochs", LimitEpochs, "on for a learning rate that falls until the last epoch");
        if (Loss == Loss.WeightedMse)
            Need(TargetWeights?.Count == outputLength && TargetWeights.All(w => w >= 0 && float.IsFinite(w)), "target_weights",
                TargetWeights is null ? "missing" : $"{TargetWeights.Count} numbers", $"{outputLength} numbers of at least 0");
        if (wrong.Count > 0) throw FarmException.Invalid("training.options", string.Join("; ", wrong));
    }
}
