using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Regression;

/// <summary>Options of every regression node: what it does, and what it learns from.</summary>
public sealed record RegressionExampleOptions
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

    /// <summary>The examples that these options name.</summary>
    internal RegressionSource Source => new(Dataset, Examples, UpperLimit, InputContributions, TargetContributions);
}
