using System.Text.Json.Nodes;

namespace ExampleMlFarm.Recipes.Catalogue;

/// <summary>What may stand in an option.</summary>
public abstract record OptionType
{
    private OptionType() { }

    /// <summary>A whole number of 64 bits.</summary>
    public sealed record Int : OptionType;
    /// <summary>A number.</summary>
    public sealed record Float : OptionType;
    /// <summary>Text.</summary>
    public sealed record Text : OptionType;
    /// <summary><c>true</c> or <c>false</c>.</summary>
    public sealed record Bool : OptionType;
    /// <summary>One of a few words.</summary>
    public sealed record Choice(IReadOnlyList<string> Words) : OptionType;
    /// <summary>A file; its content counts for the cook key.</summary>
    public sealed record File : OptionType;
    /// <summary>A list of one type; a single value stands for a list of one.</summary>
    public sealed record ListOf(OptionType Entry) : OptionType;
    /// <summary>Another node of the recipe.</summary>
    public sealed record Node : OptionType;
    /// <summary>A chain of operators.</summary>
    public sealed record Chain : OptionType;
    /// <summary>Named options inside an option.</summary>
    public sealed record Fields(IReadOnlyList<OptionDescriptor> Options) : OptionType;
    /// <summary>Free names, one type of value.</summary>
    public sealed record Map(OptionType Entry) : OptionType;

    /// <summary>In words, for messages and <c>node show</c>.</summary>
    public string Describe() => this switch
    {
        Int => "int",
        Float => "float",
        Text => "string",
        Bool => "bool",
        Choice c => string.Join(" | ", c.Words),
        File => "file",
        ListOf l => $"list of {l.Entry.Describe()}",
        Node => "node",
        Chain => "operators",
        Fields f => $"{{{string.Join(", ", f.Options.Select(o => o.Name))}}}",
        Map m => $"{{name: {m.Entry.Describe()}}}",
        _ => GetType().Name,
    };
}

/// <summary>One option of a node type.</summary>
/// <param name="Name">In snake_case, as recipes write it.</param>
/// <param name="Type">What may stand in it.</param>
/// <param name="Default">Value when the recipe gives none; null = absent.</param>
/// <param name="Doc">What it means.</param>
public sealed record OptionDescriptor(string Name, OptionType Type, JsonNode? Default, string Doc)
{
    /// <summary>Unit of numbers, or empty.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Smallest value allowed.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>Greatest value allowed.</summary>
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>True when the smallest value itself is not allowed.</summary>
    public bool MinExcluded { get; init; }

    /// <summary>True when the recipe must give it.</summary>
    public bool Required { get; init; }

    /// <summary>True when it cannot change a result and therefore stays out of the cook key.</summary>
    public bool NotInKey { get; init; }

    /// <summary>The range in words, or empty: <c>0 to 1</c>, <c>at least 8</c>.</summary>
    public string DescribeRange() => (double.IsFinite(Min), double.IsFinite(Max)) switch
    {
        (true, true) => $"{Number(Min)} to {Number(Max)}{(MinExcluded ? $", {Number(Min)} not included" : "")}",
        (true, false) => MinExcluded ? $"above {Number(Min)}" : $"at least {Number(Min)}",
        (false, true) => $"at most {Number(Max)}",
        _ => "",
    };

    /// <summary>True when the number lies in the range.</summary>
    public bool Allows(double value) => value <= Max && (MinExcluded ? value > Min : value >= Min);

    private static string Number(double value) => value.ToString("R");
}
