using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Runs;

/// <summary>
/// The items that an expander's items found, in the order of those items, so that an index never depends on who was cooked first.
/// </summary>
/// <remarks>An entry stays while its expander item is cooked again; the machine replaces it when something else is found.</remarks>
internal sealed class Expansions
{
    private readonly List<Expansion> found = [];
    private readonly List<long> ends = [];
    private readonly List<(int ExpanderItem, GroupIndex Index)> indices = [];
    private readonly List<bool> assumed = [];

    /// <summary>Expander items whose finds are in, always a prefix.</summary>
    public int Count => found.Count;

    /// <summary>Items found in all.</summary>
    public long Items => ends.Count == 0 ? 0 : ends[^1];

    /// <summary>What one expander item found.</summary>
    public Expansion this[int expanderItem] => found[expanderItem];

    /// <summary>True when an expander item never cooked, and was taken to have found nothing because it was skipped or may fail.</summary>
    public bool IsAssumed(int expanderItem) => assumed[expanderItem];

    /// <summary>The first item that an expander item found.</summary>
    public long StartOf(long expanderItem) => expanderItem <= 0 || ends.Count == 0 ? 0 : ends[(int)Math.Min(expanderItem, ends.Count) - 1];

    /// <summary>Appends the finds of the next expander item.</summary>
    public void Append(Expansion expansion, bool isAssumed)
    {
        ends.Add(checked(Items + expansion.Count));
        found.Add(expansion);
        assumed.Add(isAssumed);
        if (expansion.Members is not null) indices.Add((found.Count - 1, new(expansion.Members)));
    }

    /// <summary>Forgets the finds of this expander item and of all after it.</summary>
    public void RemoveFrom(int expanderItem)
    {
        ends.RemoveRange(expanderItem, ends.Count - expanderItem);
        found.RemoveRange(expanderItem, found.Count - expanderItem);
        indices.RemoveAll(i => i.ExpanderItem >= expanderItem);
        assumed.RemoveRange(expanderItem, assumed.Count - expanderItem);
    }

    /// <summary>The expander item that found an item.</summary>
    public int FinderOf(long item)
    {
        int at = ends.BinarySearch(item);
        // Ends are exclusive, and expander items that found nothing share an end with the one before.
        at = at >= 0 ? at + 1 : ~at;
        while (ends[at] <= item) at++;
        return at;
    }

    /// <summary>The members of an item, or null when it reads the upstream item of its finder's index.</summary>
    public RangeSet? MembersOf(long item, int finder) => found[finder].Members?[(int)(item - StartOf(finder))];

    /// <summary>Adds to <paramref name="into"/> the items that read any of these upstream items.</summary>
    public void AddReaders(ItemRange upstream, RangeSet into)
    {
        // Finds without members read the upstream item of their finder's own index.
        var own = new RangeSet(new ItemRange(StartOf(Math.Max(0, upstream.Start)), StartOf(upstream.End)));
        foreach (var (finder, index) in indices)
        {
            long start = StartOf(finder);
            own.Remove(new ItemRange(start, ends[finder]));
            index.Meeting(upstream, item => into.Add(ItemRange.One(start + item)));
        }
        into.Add(own);
    }

    /// <summary>True when both found the same.</summary>
    public static bool Same(Expansion a, Expansion b)
    {
        if (a.Count != b.Count || a.Members is null != b.Members is null) return false;
        return a.Members is null || a.Members.SequenceEqual(b.Members!);
    }
}
