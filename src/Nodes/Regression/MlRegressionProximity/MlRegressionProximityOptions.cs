using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Regression.MlRegressionProximity;

/// <summary>Options of <c>ml_regression_proximity</c>.</summary>
public sealed record MlRegressionProximityOptions
{
    /// <summary>Mode.</summary>
    [Option("train: keep the examples as a model; predict: answer the query from the examples in one step.")]
    public RegressionMode Mode { get; init; } = RegressionMode.Train;

    /// <summary>The data set.</summary>
    [Option("A data set node. Its training rows are kept, its validation rows measured; its test rows are never looked at.")]
    public NodeInput? Dataset { get; init; }

    /// <summary>Labeled examples.</summary>
    [Option("A node whose items hold labeled examples, in place of 'dataset'; without either, train keeps what the node collects.")]
    public NodeInput? Examples { get; init; }

    /// <summary>Input contributions.</summary>
    [Option("Point attributes and volumes of inputs and queries, in this order; none means all but the position. A data set has its own list, which queries must match.")]
    public IReadOnlyList<string> InputContributions { get; init; } = [];

    /// <summary>Target contributions.</summary>
    [Option("Point attributes and volumes of the targets of 'examples', in this order; none means all but the position.")]
    public IReadOnlyList<string> TargetContributions { get; init; } = [];

    /// <summary>Cap on rows.</summary>
    [Option("Keep no more than this many rows, the first ones; 0 = all.", Unit = "rows", Min = 0)]
    public int UpperLimit { get; init; }

    /// <summary>Neighbours.</summary>
    [Option("Nearest examples k that are looked for; of equally near ones the first.", Min = 1, Max = 10000)]
    public int K { get; init; } = 1;

    /// <summary>Weights.</summary>
    [Option("nearest: only the nearest counts; uniform: all k alike; inverse_distance: by 1/distance; gaussian: by exp(−distance²/2w²).")]
    public NeighbourWeights Weights { get; init; } = NeighbourWeights.Nearest;

    /// <summary>Width.</summary>
    [Option("Width w of the gaussian weights; 0 = the distance of the k-th neighbour.", Unit = "input units", Min = 0)]
    public double Width { get; init; }

    /// <summary>Standardize.</summary>
    [Option("Give every input column mean 0 and deviation 1 first; undone inside the model.")]
    public bool Standardize { get; init; }

    /// <summary>Search.</summary>
    [Option("kd_tree or blocked; automatic takes the tree up to 16 numbers per input. Both find the same.", NotInKey = true)]
    public NeighbourAlgorithm Search { get; init; } = NeighbourAlgorithm.Automatic;
}
