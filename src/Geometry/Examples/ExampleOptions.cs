namespace ExampleMlFarm.Geometry.Examples;

/// <summary>How components become an example.</summary>
public sealed record ExampleOptions
{
    public static readonly ExampleOptions Default = new();

    /// <summary>The input component already is one packed primitive: embed it as it is.</summary>
    public bool InputIsPacked { get; init; }

    /// <summary>The target component already is one packed primitive: embed it as it is.</summary>
    public bool TargetIsPacked { get; init; }

    /// <summary>Integer detail attribute of the input component; 0 discards the example, a missing one means valid.</summary>
    public string InputValidityAttribute { get; init; } = "valid";

    /// <summary>Integer detail attribute of the target component; 0 discards the example, a missing one means valid.</summary>
    public string TargetValidityAttribute { get; init; } = "valid";

    /// <summary>Discard components with a NaN or an infinity in any float attribute or volume.</summary>
    public bool CheckFinite { get; init; } = true;
}

/// <summary>An example, or an empty geometry with the reason why it was discarded.</summary>
public readonly record struct ExampleResult(GeometryData Geometry, string? DiscardReason)
{
    public bool IsDiscarded => DiscardReason is not null;
}
