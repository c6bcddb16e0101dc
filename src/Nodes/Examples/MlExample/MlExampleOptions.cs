using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Examples.MlExample;

/// <summary>Options of <c>ml_example</c>.</summary>
public sealed record MlExampleOptions
{
    /// <summary>The input component is packed already.</summary>
    [Option("The input component already is one packed primitive; embed it as it is.")]
    public bool UsePackedInputComponent { get; init; }

    /// <summary>The target component is packed already.</summary>
    [Option("The target component already is one packed primitive; embed it as it is.")]
    public bool UsePackedTargetComponent { get; init; }

    /// <summary>Detail attribute of the input.</summary>
    [Option("Integer detail attribute of the input component; where it is 0 the example is discarded.")]
    public string InputValidityAttribute { get; init; } = "valid";

    /// <summary>Detail attribute of the target.</summary>
    [Option("Integer detail attribute of the target component; where it is 0 the example is discarded.")]
    public string TargetValidityAttribute { get; init; } = "valid";

    /// <summary>Reject NaN and infinity.</summary>
    [Option("Discard examples that hold a value which is not finite.")]
    public bool CheckFinite { get; init; } = true;
}
