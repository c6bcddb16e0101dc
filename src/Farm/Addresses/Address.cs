using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Farm.Addresses;

/// <summary>
/// What a person types to name something: a run, a node of it, items of the node, one attempt, a state, a query. The same text
/// works wherever the farm prints or reads one.
/// </summary>
/// <param name="Run">Run number; null for <c>last</c>.</param>
/// <param name="Node">Node name; null = the whole run.</param>
/// <param name="Items">Items of the node; null = all of them.</param>
/// <param name="Attempt">Attempt number (<c>17.2</c>); null = the latest.</param>
/// <param name="States">States after the <c>@</c>; empty = any.</param>
/// <param name="Query">Conditions after the <c>?</c>; empty = none.</param>
public sealed record Address(
    RunId? Run,
    string? Node,
    RangeSet? Items,
    int? Attempt,
    IReadOnlyList<ItemState> States,
    IReadOnlyList<Condition> Query)
{
    /// <summary>The newest run.</summary>
    public static Address Last { get; } = new(null, null, null, null, [], []);

    /// <summary>True when it names exactly one item.</summary>
    public bool IsOneItem => Items is { ItemCount: 1 };

    /// <summary>The address of one item, as printed.</summary>
    public static string Of(RunId run, string node, long item) => $"{run}/{node}/{item}";
}

/// <summary>One comparison of a query: <c>lr&gt;1e-3</c>, <c>validation/loss&lt;0.1</c>, <c>act=silu</c>.</summary>
public sealed record Condition(string Name, string Operator, string Value)
{
    /// <summary>True when the item's value satisfies it; numbers compare as numbers, everything else as text.</summary>
    public bool Holds(string? actual)
    {
        if (actual is null) return Operator == "!=";
        int order = double.TryParse(actual, out double a) && double.TryParse(Value, out double b) ? a.CompareTo(b) : string.CompareOrdinal(actual, Value);
        return Operator switch
        {
            "=" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            ">=" => order >= 0,
            _ => throw new InvalidOperationException($"the parser lets no operator {Operator} through"),
        };
    }
}
