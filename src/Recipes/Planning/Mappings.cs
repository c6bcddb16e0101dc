using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>The arithmetic of mappings that need no run: which upstream items an item reads.</summary>
internal static class Mappings
{
    /// <summary>The upstream items of item <paramref name="index"/>; null when only an expansion can say.</summary>
    public static RangeSet? Members(Mapping mapping, long index, long upstreamCount) => mapping switch
    {
        Mapping.OneToOne => new(ItemRange.One(index)),
        Mapping.All => new(new ItemRange(0, upstreamCount)),
        Mapping.Repeat r => new(ItemRange.One(index / r.Times)),
        Mapping.Blocks b => new(new ItemRange(Math.Min(index * b.Step, upstreamCount), Math.Min(index * b.Step + b.Size, upstreamCount))),
        Mapping.Groups g => g.Members[(int)index],
        Mapping.Previous p => index % p.Length == 0 ? new() : new(ItemRange.One(index - 1)),
        _ => null,
    };
}
