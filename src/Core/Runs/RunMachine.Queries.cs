using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Runs;

/// <summary>What people and shells look at. Changes nothing.</summary>
public sealed partial class RunMachine
{
    /// <summary>All nodes, in plan order: O(nodes).</summary>
    public IReadOnlyList<NodeView> Nodes => [.. nodes.Select(View)];

    /// <summary>Items of one node by state: O(1).</summary>
    public ItemCounts Counts(NodeId node) => CountsOf(nodes[node.Value].States);

    /// <summary>Items of all nodes by state, those of hidden expanders included.</summary>
    public ItemCounts TotalCounts()
    {
        var sum = default(ItemCounts);
        foreach (var node in nodes) sum += CountsOf(node.States);
        return sum;
    }

    /// <summary>Items of the nodes that people wrote, by state: without those of hidden expanders.</summary>
    public ItemCounts VisibleCounts()
    {
        var sum = default(ItemCounts);
        foreach (var node in nodes)
            if (!node.Plan.IsExpander) sum += CountsOf(node.States);
        return sum;
    }

    /// <summary>The node of a name; null when there is none.</summary>
    public NodeId? Find(string name) => Array.Find(nodes, n => n.Plan.Name == name)?.Id;

    /// <summary>The state of one item.</summary>
    public ItemState StateOf(NodeId node, long item) => nodes[node.Value].States.Of(item);

    /// <summary>The runs of equal state among items of a node, ascending: for dots and bars.</summary>
    public IEnumerable<(ItemRange Items, ItemState State)> States(NodeId node, ItemRange items)
        => nodes[node.Value].States.Runs(items.Intersect(new(0, nodes[node.Value].Known)));

    /// <summary>A page of items.</summary>
    public IReadOnlyList<ItemView> Items(NodeId node, long from, int count)
    {
        var run = nodes[node.Value];
        var range = new ItemRange(from, from + count).Intersect(new(0, run.Known));
        var held = leases.Values.Where(l => l.Node == run && !l.Items.Intersect(range).IsEmpty).ToArray();
        return [.. Indices(range).Select(item => View(run, item, held))];
    }

    /// <summary>Failed items, in node and item order, at most <paramref name="most"/>.</summary>
    public IReadOnlyList<FailedItem> Failures(int most) => [.. AllFailures().Take(most)];

    /// <summary>Leases that are out, oldest first.</summary>
    public IReadOnlyList<LeaseView> Leases => [.. leases.Values.Select(l => new LeaseView(l.Id, l.Node.Id, l.Items, new(l.Open), l.Worker.Id, l.At))];

    /// <summary>Leases of one worker, oldest first.</summary>
    public IReadOnlyList<LeaseId> LeasesOf(WorkerId worker) => workers.TryGetValue(worker, out var run) ? [.. run.Leases.Select(l => l.Id)] : [];

    /// <summary>Workers that joined, by name.</summary>
    public IReadOnlyList<WorkerView> Workers
        => [.. workers.Values.OrderBy(w => w.Id.Value, StringComparer.Ordinal).Select(w => new WorkerView(w.Id, w.Offer, LeasesOf(w.Id)))];

    /// <summary>Results of done items among these, ascending, cut at the edges.</summary>
    public IEnumerable<ItemResult> Results(NodeId node, ItemRange items) => nodes[node.Value].Results.In(items);

    /// <summary>Every artifact that the results of the run lie in, node by node: what has to be there before a resume.</summary>
    public IEnumerable<ArtifactUse> Artifacts()
    {
        foreach (var node in nodes)
        {
            foreach (var result in node.Results.In(new(0, node.Known)))
            {
                foreach (var output in result.Outputs ?? []) yield return new(node.Id, result.Items, output);
            }
        }
    }

    /// <summary>Why items were cooked again, oldest first (the newest <see cref="Limits.RerunNotes"/> of each node).</summary>
    public IEnumerable<RerunView> Reruns()
        => nodes.SelectMany(n => n.Notes.Select(note => new RerunView(n.Id, note.At, new(note.Items), note.Reason))).OrderBy(n => n.At);

    /// <summary>The upstream items that items of a node read through one of its dependencies.</summary>
    public RangeSet Reads(NodeId node, int dependency, ItemRange items)
    {
        var reads = new RangeSet();
        nodes[node.Value].Readings[dependency].AddReads(items, reads);
        return reads;
    }

    private IEnumerable<FailedItem> AllFailures()
    {
        foreach (var node in nodes)
        {
            for (long at = 0; (at = node.States.FirstIn(StateMask.Failed, at, node.Known)) < node.Known; at++)
                yield return new(node.Id, at, node.Troubles[at].Attempts, node.Troubles[at].Last!);
        }
    }

    private static NodeView View(NodeRun node) => new(node.Id, node.Plan, CountsOf(node.States), node.Complete, node.Seconds,
        node.MeasuredSeconds < 0 ? null : node.MeasuredSeconds, node.Leases, node.FailedAttempts, node.LostAttempts, !node.FailuresExceed, node.Results.BrokenCheckItems);

    private static ItemView View(NodeRun node, long item, LeaseRun[] held)
    {
        var state = node.States.Of(item);
        var trouble = node.Troubles.GetValueOrDefault(item);
        var lease = state == ItemState.Cooking ? Array.Find(held, l => l.Open.Contains(item)) : null;
        bool tried = state is ItemState.Cooking or ItemState.Succeeded or ItemState.Cached && !node.Plan.IsVirtual;
        return new(item, state, (trouble?.Attempts ?? 0) + (tried ? 1 : 0), trouble?.Losses ?? 0, trouble?.Last, node.Results.Of(item),
            lease?.Id, lease?.Worker.Id, trouble is { RetryAtTicks: > 0 } ? new DateTimeOffset(trouble.RetryAtTicks, TimeSpan.Zero) : null);
    }

    private static ItemCounts CountsOf(StatePages s) => new(s[ItemState.Waiting], s[ItemState.Ready], s[ItemState.Cooking], s[ItemState.Succeeded],
        s[ItemState.Cached], s[ItemState.Failed], s[ItemState.Lost], s[ItemState.Skipped], s[ItemState.Cancelled]);
}
