using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Core.Runs;

/// <summary>Who gets what: the choice of a node, the size of a lease, and what a lease carries.</summary>
public sealed partial class RunMachine
{
    private string? On(LeasesRequested e)
    {
        if (!workers.TryGetValue(e.Worker, out var worker)) return $"worker {e.Worker} has not joined";
        if (Status != RunStatus.Running) return $"the run is {Status}";
        int granted = 0, wanted = Math.Min(e.Wanted, Limits.LeasesPerRequest);
        while (granted < wanted && Grant(worker)) granted++;
        return granted > 0 ? null : "nothing is ready for this worker";
    }

    private bool Grant(WorkerRun worker)
    {
        // A worker that cooks a twice suspected item cooks nothing else, or the next death would put others under suspicion.
        foreach (var lease in worker.Leases)
        {
            if (IsAlone(lease)) return false;
        }
        foreach (var node in byUrgency)
        {
            if (node.States[ItemState.Ready] == 0 && node.States[ItemState.Lost] == 0) continue;
            if (node.Plan.MaxParallel > 0 && node.Leases >= node.Plan.MaxParallel) continue;
            if (LicenceLacking(node) is not null) continue;
            if (!InPool(node, worker)) continue;
            bool free = worker.Leases.Count < worker.Offer.Slots && node.Needs.Lacking(worker.Used, worker.Capacity, licences) is null;
            if (!free && !MayPrefetch(node, worker)) continue;
            if (Pick(node, worker) is not { } items) continue;
            Grant(worker, node, items);
            return true;
        }
        return false;
    }

    private static bool InPool(NodeRun node, WorkerRun worker) => worker.Offer.Serves(node.Plan.Pool);

    private static bool IsAlone(LeaseRun lease)
        => lease.Items.Count == 1 && lease.Node.Troubles.TryGetValue(lease.Items.Start, out var trouble) && trouble.Losses >= Limits.LossesUntilAlone;

    private bool MayPrefetch(NodeRun node, WorkerRun worker)
    {
        double seconds = node.MeasuredSeconds;
        if (seconds < 0 || seconds * AutomaticSize(node) > Limits.PrefetchSeconds) return false;
        if (node.Plan.Batch is BatchRule.Size(var size) && seconds * size > Limits.PrefetchSeconds) return false;
        return node.Chain is null && worker.Leases.Count < 2 * worker.Offer.Slots && node.Needs.Lacking(worker.Used, worker.Capacity, licences, times: 2) is null;
    }

    /// <summary>The next items of a node for a worker; null when none may go to it now.</summary>
    private ItemRange? Pick(NodeRun node, WorkerRun worker)
    {
        ItemRange? alone = null;
        for (long at = 0; (at = node.States.FirstIn(StateMask.Leasable, at, node.Known)) < node.Known;)
        {
            if (node.States.Of(at) == ItemState.Lost)
            {
                if (node.Troubles[at].Losses < Limits.LossesUntilAlone) return ItemRange.One(at);
                // What has to be cooked in solitude comes last: it leaves the other slots of its worker empty.
                if (worker.Leases.Count == 0) alone ??= ItemRange.One(at);
                at++;
                continue;
            }
            if (node.Chain is { } chain) return new(at, ChainEnd(node, at, chain.Length));
            return new(at, node.States.FirstNotIn(StateMask.Ready, at, at + Math.Min(LeaseSize(node), node.Known - at)));
        }
        return alone;
    }

    /// <summary>The rest of a chain goes to one worker, as far as nothing but the item before holds it up.</summary>
    private static long ChainEnd(NodeRun node, long first, long length)
    {
        long end = Math.Min(node.Known, first - first % length + length), at = first + 1;
        for (; at < end; at++)
        {
            if (node.States.Of(at) != ItemState.Waiting || node.BackingOff.Contains(at) || node.Suspects.Contains(at)) break;
            if (node.Readings.Any(r => r is not PreviousReading && r.Judge(at, at + 1, out _) != Verdict.Cook)) break;
        }
        return at;
    }

    private long LeaseSize(NodeRun node)
    {
        switch (node.Plan.Batch)
        {
            case BatchRule.Size(var items): return items;
            case BatchRule.Whole: return long.MaxValue;
        }
        long share = Limits.LeasesPerSlotAtTheTail * Math.Max(1, SlotsFor(node));
        // What still waits counts: a node that is fed item by item is not at its tail yet.
        return Math.Min(AutomaticSize(node), Math.Max(1, (node.States.Total(StateMask.Leasable | StateMask.Waiting) + share - 1) / share));
    }

    /// <summary>Slots of all workers that could cook an item of a node.</summary>
    private long SlotsFor(NodeRun node)
    {
        if (node.Slots >= 0) return node.Slots;
        node.Slots = 0;
        foreach (var worker in workers.Values)
        {
            if (InPool(node, worker) && node.Needs.Lacking(Unused, worker.Capacity, licences) is null) node.Slots += worker.Offer.Slots;
        }
        return node.Slots;
    }

    private void ForgetSlots()
    {
        foreach (var node in nodes) node.Slots = -1;
    }

    private static readonly Amounts Unused = new();

    private static long AutomaticSize(NodeRun node)
    {
        if (node.Plan.Batch is not BatchRule.Automatic) return 1;
        double seconds = node.MeasuredSeconds;
        if (seconds < 0) return 1;
        long byTime = (long)Math.Min(Limits.LargestLease, Limits.LeaseSeconds / Math.Max(seconds, Limits.ShortestItemSeconds));
        return Math.Clamp(byTime, 1, Math.Max(1, node.LargestMeasured * Limits.LeaseGrowth));
    }

    private void Grant(WorkerRun worker, NodeRun node, ItemRange items)
    {
        var lease = new LeaseRun(new(++lastLease), node, items, worker, now);
        leases.Add(lease.Id.Value, lease);
        worker.Leases.Add(lease);
        worker.Used.Add(node.Needs);
        node.Leases++;
        node.States.Set(items, ItemState.Cooking);
        if (!replaying) commands.Add(new GrantLease(worker.Id, Describe(lease)));
    }

    /// <summary>
    /// The lease as it would be given now: for a worker that never received it. Null when it is not out, not with this worker, or
    /// when inputs that were there have been invalidated since; the shell then lets it go with <see cref="LeaseLost"/>.
    /// </summary>
    public Lease? Describe(WorkerId worker, LeaseId lease)
        => leases.TryGetValue(lease.Value, out var run) && run.Worker.Id == worker && HasInputs(run) ? Describe(run) : null;

    private static bool HasInputs(LeaseRun lease)
    {
        foreach (var reading in lease.Node.Readings)
        {
            // In a chain only the first item reads something from outside the lease.
            var items = reading is PreviousReading ? ItemRange.One(lease.Items.Start) : lease.Items.Intersect(new(0, lease.Node.Known));
            for (long at = items.Start, until; at < items.End; at = until)
            {
                if (reading.Judge(at, items.End, out until) != Verdict.Cook) return false;
            }
        }
        return true;
    }

    private Lease Describe(LeaseRun lease)
    {
        var node = lease.Node;
        var attempts = new List<KeyValuePair<long, int>>();
        if (node.Troubles.Count > 0)
        {
            // The smaller of the two is looked through.
            var troubled = node.Troubles.Count < lease.Items.Count
                ? node.Troubles.Keys.Where(lease.Items.Contains).Order()
                : Indices(lease.Items).Where(node.Troubles.ContainsKey);
            foreach (long item in troubled)
            {
                if (node.Troubles[item].Attempts > 0) attempts.Add(new(item, node.Troubles[item].Attempts + 1));
            }
        }
        var inputs = new List<LeaseInput>();
        foreach (var reading in node.Readings)
        {
            if (!reading.Dependency.OrderOnly) inputs.Add(InputOf(reading, lease.Items));
        }
        return new(lease.Id, node.Id, lease.Items, attempts, inputs);
    }

    private static LeaseInput InputOf(Reading reading, ItemRange items)
    {
        var reads = new RangeSet();
        List<RangeSet>? members = null;
        if (reading is GroupsReading or ExpandedReading)
        {
            members = MembersOf(reading, items);
            foreach (var one in members) reads.Add(one);
        }
        else reading.AddReads(items, reads);
        var results = new List<ItemResult>();
        foreach (var span in reads) results.AddRange(reading.Upstream.Results.In(span));
        // Results do not tell of members that failed after the last one; whoever lists what is missing has to know of them.
        if (members is null && reading.Dependency.AcceptsFailures && results.Sum(r => r.Items.Count) < reads.ItemCount) members = MembersOf(reading, items);
        return new(reading.Index, members, results, (reading as ExpandedReading)?.PositionOf(items.Start) ?? 0);
    }

    private static List<RangeSet> MembersOf(Reading reading, ItemRange items)
    {
        var members = new List<RangeSet>();
        foreach (long item in Indices(items))
        {
            var one = new RangeSet();
            reading.AddReads(ItemRange.One(item), one);
            members.Add(one);
        }
        return members;
    }

    private static IEnumerable<long> Indices(ItemRange items)
    {
        for (long item = items.Start; item < items.End; item++) yield return item;
    }

    /// <summary>Ends a lease: the worker has to stop, and what is open is judged anew.</summary>
    private void Revoke(LeaseRun lease)
    {
        commands.Add(new RevokeLease(lease.Worker.Id, lease.Id));
        Close(lease);
    }

    private void RevokeMeeting(NodeRun node, ItemRange items)
    {
        if (node.Leases == 0) return;
        foreach (var lease in leases.Values.Where(l => l.Node == node && l.Open.CountIn(items) > 0).ToArray()) Revoke(lease);
    }

    /// <summary>Takes a lease off the books; its open items go back uncharged.</summary>
    private void Close(LeaseRun lease)
    {
        leases.Remove(lease.Id.Value);
        lease.Worker.Leases.Remove(lease);
        lease.Worker.Used.Subtract(lease.Node.Needs);
        lease.Node.Leases--;
        foreach (var open in lease.Open) PutBack(lease.Node, open);
    }
}
