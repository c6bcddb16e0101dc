using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Deformer.LearningCurve;

/// <summary>Options of <c>deformer_learning_curve</c>.</summary>
public sealed record DeformerLearningCurveOptions
{
    /// <summary>What the deformer was made from.</summary>
    [OptionGroup]
    public DeformerInputOptions Inputs { get; init; } = new();

    /// <summary>Known poses.</summary>
    [Option("The rest_displacement node whose examples are in the data set.", Required = true)]
    public NodeInput? Known { get; init; }

    /// <summary>Unseen poses.</summary>
    [Option("A rest_displacement node over poses that were never in the data set.", Required = true)]
    public NodeInput? Unseen { get; init; }

    /// <summary>Poses.</summary>
    [Option("How many of the data set's poses are used, from the first on; no more than there are.", Unit = "poses", Min = 8, Required = true)]
    public int Poses { get; init; }

    /// <summary>Components.</summary>
    [Option("Most shapes of the basis.", Min = 1, Max = 4096)]
    public int Components { get; init; } = 64;

    /// <summary>Depth.</summary>
    [Option("Hidden layers of the network.", Min = 0, Max = 64)]
    public int HiddenLayers { get; init; } = 1;

    /// <summary>Width.</summary>
    [Option("Width of every hidden layer.", Unit = "neurons", Min = 1, Max = 65536)]
    public int HiddenWidth { get; init; } = 256;

    /// <summary>Activation.</summary>
    [Option("What follows each hidden layer.")]
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>Weight decay.</summary>
    [Option("Coefficient of the sum of squared weights in the cost.", Min = 0)]
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Learning rate.</summary>
    [Option("Learning rate at the start; it falls to nothing along a cosine.", Min = 0, MinExcluded = true)]
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Batch size.</summary>
    [Option("Most rows of one step.", Unit = "rows", Min = 1)]
    public int MaxBatchSize { get; init; } = 16;

    /// <summary>Most epochs.</summary>
    [Option("Epochs; the weights of the one with the lowest validation loss are kept.", Unit = "epochs", Min = 1)]
    public int MaxEpochs { get; init; } = 300;

    /// <summary>Seed.</summary>
    [Option("Key of the first weights and of the shuffles.", Min = 0)]
    public long Seed { get; init; }
}
