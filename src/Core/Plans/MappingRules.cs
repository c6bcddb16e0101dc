using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Plans;

/// <summary>
/// What the mappings mean that need nothing but counts: one-to-one, all, repeat, blocks, previous. Machines and workers ask here, so
/// that both read the same items.
/// </summary>
public static class MappingRules
{
    /// <summary>
    /// The upstream items that item <paramref name="item"/> reads, for mappings that follow from counts; clipped to the
    /// <paramref name="upstreamCount"/> items that exist. Null for groups and expansions, whose members the lease carries.
    /// </summary>
    public static ItemRange? Reads(Mapping mapping, long item, long upstreamCount)
    {
        ItemRange? span = mapping switch
        {
            Mapping.OneToOne => ItemRange.One(item),
            Mapping.All => new ItemRange(0, upstreamCount),
            Mapping.Repeat repeat => ItemRange.One(item / repeat.Times),
            Mapping.Blocks blocks => new ItemRange(item * blocks.Step, item * blocks.Step + blocks.Size),
            Mapping.Previous previous => item % previous.Length == 0 ? new ItemRange(item, item) : ItemRange.One(item - 1),
            _ => null,
        };
        return span?.Intersect(new(0, upstreamCount));
    }

    /// <summary>
    /// How many items a node has whose count follows its input. Blocks end with the first one that reaches the last item; for
    /// all, one item; for groups, one per group. Previous and expanded decide no count.
    /// </summary>
    public static long Count(Mapping mapping, long upstreamCount) => mapping switch
    {
        Mapping.OneToOne => upstreamCount,
        Mapping.All => 1,
        Mapping.Repeat repeat => upstreamCount > long.MaxValue / repeat.Times ? long.MaxValue : upstreamCount * repeat.Times,
        Mapping.Blocks when upstreamCount <= 0 => 0,
        Mapping.Blocks blocks => Math.Min(CeilingOf(upstreamCount, blocks.Step), CeilingOf(Math.Max(0, upstreamCount - blocks.Size), blocks.Step) + 1),
        Mapping.Groups groups => groups.Members.Count,
        _ => throw new ArgumentException($"{mapping.GetType().Name} decides no item count", nameof(mapping)),
    };

    /// <summary>True when the count is final even while the upstream node still grows.</summary>
    public static bool CountIsFixed(Mapping mapping) => mapping is Mapping.All or Mapping.Groups;

    private static long CeilingOf(long a, long b) => a / b + (a % b == 0 ? 0 : 1);
}
