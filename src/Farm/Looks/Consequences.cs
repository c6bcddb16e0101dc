using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Scheduler.Contracts;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>Other items that an order changes.</summary>
/// <param name="Node">Their node.</param>
/// <param name="Items">How many.</param>
internal readonly record struct Consequence(string Node, long Items);

/// <summary>What an order would bring about, found by giving it to a copy of the run: nothing is guessed.</summary>
internal static class Consequences
{
    // Beyond this many items one by one would take longer than a person waits; the whole node is then counted.
    private const long MostWalked = 200_000;

    /// <summary>Items of further nodes that cook again (retry), or are left out or cancelled with the named ones.</summary>
    public static IReadOnlyList<Consequence> Of(RunMachine now, OrderKind kind, IReadOnlyList<NodeSelection> selected, DateTimeOffset at)
    {
        var then = RunSnapshot.Decode(RunSnapshot.Encode(now));
        foreach (var s in selected) then.Handle(Event(kind, at, s));
        return kind == OrderKind.Retry ? CookedAgain(now, then, selected) : Changed(now, then, selected);
    }

    private static RunEvent Event(OrderKind kind, DateTimeOffset at, NodeSelection s) => kind switch
    {
        OrderKind.Retry => new ItemsRetried(at, s.Node.Id, s.Items),
        OrderKind.Skip => new ItemsSkipped(at, s.Node.Id, s.Items),
        OrderKind.CancelItems => new ItemsCancelled(at, s.Node.Id, s.Items),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "an order about the run as a whole has no further items"),
    };

    // What reads a retried item, directly or not, and is not done afterwards: that is what cooks when the retry succeeds.
    private static List<Consequence> CookedAgain(RunMachine now, RunMachine then, IReadOnlyList<NodeSelection> selected)
    {
        var touched = selected.ToDictionary(s => s.Node.Id, s => new RangeSet(s.Items));
        var found = new List<Consequence>();
        foreach (var node in now.Nodes)
        {
            if (touched.ContainsKey(node.Id)) continue;
            var readers = new RangeSet();
            for (int d = 0; d < node.Plan.Dependencies.Count; d++)
                if (touched.TryGetValue(node.Plan.Dependencies[d].Upstream, out var upstream)) readers.Add(Readers(then, node, d, upstream));
            var open = ItemSelection.InStates(then, node.Id, readers, [ItemState.Waiting, ItemState.Ready, ItemState.Lost]);
            if (open.IsEmpty) continue;
            touched[node.Id] = open;
            if (!node.Plan.IsExpander && !node.Plan.IsVirtual) found.Add(new(node.Plan.Name, open.ItemCount));
        }
        return found;
    }

    private static RangeSet Readers(RunMachine machine, NodeView node, int dependency, RangeSet upstream)
    {
        var readers = new RangeSet();
        if (node.Counts.Total > MostWalked) return new(new ItemRange(0, node.Counts.Total));
        for (long i = 0; i < node.Counts.Total; i++)
            if (!machine.Reads(node.Id, dependency, ItemRange.One(i)).Intersect(upstream).IsEmpty) readers.Add(ItemRange.One(i));
        return readers;
    }

    private static List<Consequence> Changed(RunMachine now, RunMachine then, IReadOnlyList<NodeSelection> selected)
    {
        var found = new List<Consequence>();
        foreach (var node in now.Nodes)
        {
            if (node.Plan.IsExpander || selected.Any(s => s.Node.Id == node.Id)) continue;
            var after = then.Counts(node.Id);
            long more = after.Skipped - node.Counts.Skipped + after.Cancelled - node.Counts.Cancelled;
            if (more > 0) found.Add(new(node.Plan.Name, more));
        }
        return found;
    }

    /// <summary><c>2 items of run 142 (simulate/403,417)</c>.</summary>
    public static string Named(RunId run, IReadOnlyList<NodeSelection> selected)
    {
        long items = selected.Sum(s => s.Items.ItemCount);
        return $"{Format.Count(items)} {(items == 1 ? "item" : "items")} of run {run} ({string.Join("; ", selected.Select(s => $"{s.Node.Plan.Name}/{Short(s.Items)}"))})";
    }

    private static string Short(RangeSet items) => items.Count <= 6 ? items.ToString() : $"{string.Join(',', items.Take(6))} and {Format.Count(items.ItemCount - items.Take(6).Sum(r => r.Count))} more";
}
