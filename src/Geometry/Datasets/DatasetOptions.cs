using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Contributions;

namespace ExampleMlFarm.Geometry.Datasets;

/// <summary>A named share of a data set; the proportions of all splits are relative to their sum.</summary>
public readonly record struct SplitShare(string Name, double Proportion);

/// <summary>What a data set records besides its rows.</summary>
public sealed record DatasetOptions
{
    public static readonly IReadOnlyList<SplitShare> UsualSplits = [new("train", .8), new("validation", .1), new("test", .1)];

    /// <summary>What the values of <c>input</c> are; null when nobody knows.</summary>
    public ContributionList? InputContributions { get; init; }

    /// <summary>What the values of <c>target</c> are; null when nobody knows.</summary>
    public ContributionList? TargetContributions { get; init; }

    /// <summary>1 to 255 splits with different names.</summary>
    public IReadOnlyList<SplitShare> Splits { get; init; } = UsualSplits;

    /// <summary>Keys the draws that deal examples to splits.</summary>
    public ulong Seed { get; init; }

    /// <summary>Hash of the part of a recipe that made the rows (not of their number), or "".</summary>
    public string RecipeHash { get; init; } = "";

    /// <summary>Anything else that belongs to the data, such as the hash of a basis or an encoding.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Rows per shard; by default as many as 64 MiB hold, which depends on nothing but the width of a row.</summary>
    public int? ShardRows { get; init; }

    /// <exception cref="FarmException"><c>dataset.options</c></exception>
    internal void Check()
    {
        if (Splits.Count is < 1 or > 255) throw Bad($"{Splits.Count} splits are given; there are 1 to 255.");
        foreach (var split in Splits)
            if (split.Name.Length is 0 or > Limits.MaxNameLength || !(split.Proportion >= 0 && double.IsFinite(split.Proportion)))
                throw Bad($"The split '{split.Name}' has the proportion {split.Proportion}; a split has a name and a proportion of at least 0.");
        if (Splits.Select(s => s.Name).Distinct().Count() != Splits.Count) throw Bad("Two splits have the same name.");
        if (!(Splits.Sum(s => s.Proportion) is > 0 and < double.PositiveInfinity)) throw Bad("The proportions of the splits sum to 0 or to infinity.");
        if (ShardRows is < 1) throw Bad($"A shard of {ShardRows} rows is not possible; give at least 1.");
    }

    private static FarmException Bad(string message) => FarmException.Invalid("dataset.options", message);
}
