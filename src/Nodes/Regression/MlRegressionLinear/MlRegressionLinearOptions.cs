using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Regression.MlRegressionLinear;

/// <summary>Options of <c>ml_regression_linear</c>.</summary>
public sealed record MlRegressionLinearOptions
{
    /// <summary>Mode.</summary>
    [Option("train: learn the examples and put out a model; predict: learn the examples and answer the query in one step.")]
    public RegressionMode Mode { get; init; } = RegressionMode.Train;

    /// <summary>The data set.</summary>
    [Option("A data set node. Its training rows are learned, its validation rows measured; its test rows are never looked at.")]
    public NodeInput? Dataset { get; init; }

    /// <summary>Labeled examples.</summary>
    [Option("A node whose items hold labeled examples, in place of 'dataset'; without either, train learns what the node collects.")]
    public NodeInput? Examples { get; init; }

    /// <summary>Input contributions.</summary>
    [Option("Point attributes and volumes of inputs and queries, in this order; none means all but the position. A data set has its own list, which queries must match.")]
    public IReadOnlyList<string> InputContributions { get; init; } = [];

    /// <summary>Target contributions.</summary>
    [Option("Point attributes and volumes of the targets of 'examples', in this order; none means all but the position.")]
    public IReadOnlyList<string> TargetContributions { get; init; } = [];

    /// <summary>Cap on rows.</summary>
    [Option("Learn from no more than this many rows, the first ones; 0 = all.", Unit = "rows", Min = 0)]
    public int UpperLimit { get; init; }

    /// <summary>Weight decay.</summary>
    [Option("Coefficient λ of the sum of squared weights (the bias excluded) beside the sum of squared errors; 0 = least squares, of least norm where rows are too few.", Min = 0)]
    public double WeightDecay { get; init; }

    /// <summary>Candidates.</summary>
    [Option("Weight decays to choose from, by the error of leaving each training row out; replaces weight_decay when given.", Min = 0)]
    public IReadOnlyList<double> WeightDecays { get; init; } = [];

    /// <summary>Bias.</summary>
    [Option("Add a constant to the weights; without it the map goes through the origin.")]
    public bool Bias { get; init; } = true;

    /// <summary>Standardize.</summary>
    [Option("Give every input column mean 0 and deviation 1 first, so that the weight decay weighs on all alike; undone inside the model.")]
    public bool Standardize { get; init; }

    /// <summary>Error threshold.</summary>
    [Option("Relative residual of the normal equations above which the solution is refused with an error; does nothing else.", Min = 0)]
    public double ErrorThreshold { get; init; } = 1e-3;
}
