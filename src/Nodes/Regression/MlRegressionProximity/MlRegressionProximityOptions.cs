using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Regression.MlRegressionProximity;

/// <summary>Options of <c>ml_regression_proximity</c>.</summary>
public sealed record MlRegressionProximityOptions
{
    /// <summary>What is done with which examples.</summary>
    [OptionGroup]
    public RegressionExampleOptions Learned { get; init; } = new();

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
