using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Examples.MlExampleDecompose;

/// <summary>Options of <c>ml_example_decompose</c>.</summary>
public sealed record MlExampleDecomposeOptions
{
    /// <summary>Leave the input packed.</summary>
    [Option("Leave the input component as one packed primitive.")]
    public bool KeepInputComponentPacked { get; init; }

    /// <summary>Leave the target packed.</summary>
    [Option("Leave the target component as one packed primitive.")]
    public bool KeepTargetComponentPacked { get; init; }
}
