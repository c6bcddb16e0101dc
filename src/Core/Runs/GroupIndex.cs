using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Runs;

/// <summary>
/// Answers which groups hold any of a range of items. Groups may overlap and nest; built once, on first use.
/// </summary>
/// <remarks>An implicit interval tree: 32 bytes per range of a group; a query is O(log ranges + hits).</remarks>
internal sealed class GroupIndex(IReadOnlyList<RangeSet> groups)
{
    private readonly record struct Entry(long Start, long End, long Group);

    private Entry[]? entries;
    private long[] latestEnd = [];

    /// <summary>Calls back with each group that meets the range; one group may be named more than once.</summary>
    public void Meeting(ItemRange range, Action<long> found)
    {
        Build();
        Visit(0, entries!.Length, range, found);
    }

    private void Build()
    {
        if (entries is not null) return;
        var list = new List<Entry>();
        for (int group = 0; group < groups.Count; group++)
        {
            foreach (var r in groups[group].AsSpan()) list.Add(new(r.Start, r.End, group));
        }
        entries = [.. list];
        Array.Sort(entries, (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.Group.CompareTo(b.Group));
        latestEnd = new long[entries.Length];
        Measure(0, entries.Length);
    }

    // The middle of each span is a node of the tree; it knows the latest end below itself.
    private long Measure(int from, int to)
    {
        if (from >= to) return long.MinValue;
        int middle = (from + to) >>> 1;
        return latestEnd[middle] = Math.Max(entries![middle].End, Math.Max(Measure(from, middle), Measure(middle + 1, to)));
    }

    private void Visit(int from, int to, ItemRange range, Action<long> found)
    {
        if (from >= to) return;
        int middle = (from + to) >>> 1;
        if (latestEnd[middle] <= range.Start) return;
        Visit(from, middle, range, found);
        var entry = entries![middle];
        if (entry.Start >= range.End) return;
        if (entry.End > range.Start) found(entry.Group);
        Visit(middle + 1, to, range, found);
    }
}
