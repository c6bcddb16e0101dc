using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Examples.MlExampleRawOutput;

/// <summary>Options of <c>ml_example_raw_output</c>.</summary>
public sealed record MlExampleRawOutputOptions
{
    /// <summary>What is done to inputs.</summary>
    [Option("Operators that each input component goes through before it is written.")]
    public OperatorChain Input { get; init; } = OperatorChain.Empty;

    /// <summary>What is done to targets.</summary>
    [Option("Operators that each target component goes through before it is written.")]
    public OperatorChain Target { get; init; } = OperatorChain.Empty;

    /// <summary>Input contributions.</summary>
    [Option("Point attributes and volumes of the input that are written, in this order; none means all but the position.")]
    public IReadOnlyList<string> InputContributions { get; init; } = [];

    /// <summary>Target contributions.</summary>
    [Option("Point attributes and volumes of the target that are written, in this order; none means all but the position.")]
    public IReadOnlyList<string> TargetContributions { get; init; } = [];

    /// <summary>Splits.</summary>
    [Option("Shares of the splits. A record's split depends on the seed and its number alone.", Unit = "fraction", Min = 0)]
    public IReadOnlyDictionary<string, double> Split { get; init; } = new Dictionary<string, double> { ["train"] = 0.8, ["validation"] = 0.1, ["test"] = 0.1 };

    /// <summary>Seed of the splits.</summary>
    [Option("Key of the split.", Min = 0)]
    public long Seed { get; init; }

    /// <summary>Rows per shard.</summary>
    [Option("Rows of one shard; 0 = as many as 64 MiB hold.", Unit = "rows", Min = 0)]
    public int ShardRows { get; init; }
}
