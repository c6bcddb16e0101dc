using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Core.Runs;

/// <summary>What workers tell: results, failures, and by their silence, losses.</summary>
public sealed partial class RunMachine
{
    private string? On(ItemsCached e)
    {
        if (!TryNode(e.Node, out var node, out string missing)) return missing;
        if (IsFinished) return $"the run is {Status}";
        if (!e.Results.All(IsSound)) return "a result speaks of no items";
        long taken = 0;
        foreach (var result in e.Results)
        {
            var range = result.Items.Intersect(new(0, node.Known));
            for (long at = range.Start; (at = node.States.FirstIn(StateMask.Waiting | StateMask.Leasable, at, range.End)) < range.End;)
            {
                var run = new ItemRange(at, node.States.FirstNotIn(StateMask.Waiting | StateMask.Leasable, at, range.End));
                at = run.End;
                var cached = result.Slice(run) with { Kind = ResultKind.Cached, Failure = null };
                if (node.Plan.IsExpander && FailureOfExpansion(node, cached) is not null) continue;
                foreach (var backingOff in node.BackingOff.Intersect(run)) EndBackoff(node, backingOff);
                Keep(node, cached);
                taken += run.Count;
            }
        }
        return taken > 0 ? null : "none of these items was open";
    }

    private string? On(WorkerJoined e)
    {
        if (e.Offer.Slots < 1) return $"worker {e.Worker} offers {e.Offer.Slots} slots; one is the least";
        if (!workers.TryGetValue(e.Worker, out var worker)) workers[e.Worker] = worker = new(e.Worker);
        else if (worker.Offer == e.Offer) return $"worker {e.Worker} has joined already, with the same capacity";
        worker.Take(e.Offer);
        ForgetSlots();
        return null;
    }

    private string? On(WorkerLost e)
    {
        if (!workers.TryGetValue(e.Worker, out var worker)) return $"worker {e.Worker} has not joined, or was lost before";
        var cooking = e.Cause == LossCause.Stopped ? [] : LikelyCooking(worker);
        foreach (var lease in worker.Leases.ToArray())
        {
            if (cooking.Contains(lease)) ChargeLoss(lease, e.Cause);
            Close(lease);
        }
        workers.Remove(e.Worker);
        ForgetSlots();
        return null;
    }

    private string? On(LeaseLost e)
    {
        if (!leases.TryGetValue(e.Lease.Value, out var lease)) return $"lease {e.Lease} is not out";
        if (e.Cause != LossCause.Stopped) ChargeLoss(lease, e.Cause);
        Revoke(lease);
        return null;
    }

    /// <summary>The leases a worker was cooking: the oldest that fit into it together; it starts them in the order it got them.</summary>
    private HashSet<LeaseRun> LikelyCooking(WorkerRun worker)
    {
        var cooking = new HashSet<LeaseRun>();
        var used = new Amounts();
        foreach (var lease in worker.Leases)
        {
            if (cooking.Count >= worker.Offer.Slots) break;
            if (lease.Node.Needs.Lacking(used, worker.Capacity, licences) is not null) continue;
            used.Add(lease.Node.Needs);
            cooking.Add(lease);
        }
        return cooking;
    }

    /// <summary>Items of a lease are cooked in order, so the first without a result is the one that was cooking.</summary>
    private void ChargeLoss(LeaseRun lease, LossCause cause)
    {
        if (lease.Open.IsEmpty) return;
        long suspect = lease.Open[0].Start;
        string what = cause == LossCause.Crashed ? "died" : "was not heard of any more";
        Lose(lease, suspect, new(FailureClass.Lost, "worker.lost", $"Worker {lease.Worker.Id} {what} while it cooked item {suspect} of {lease.Node.Plan.Name}."));
    }

    private void Lose(LeaseRun lease, long item, Failure failure)
    {
        var node = lease.Node;
        var trouble = node.TroubleOf(item);
        trouble.Attempts++;
        trouble.Losses++;
        trouble.Last = failure;
        node.LostAttempts++;
        lease.Open.Remove(ItemRange.One(item));
        if (trouble.Losses >= Limits.LossesUntilPoison)
        {
            trouble.Last = new(FailureClass.Lost, "poison",
                $"Item {item} of {node.Plan.Name} was cooking when {trouble.Losses} workers died; it is not tried again. Look at its log, then retry or skip it.", failure.Message);
            node.Suspects.Remove(ItemRange.One(item));
            Fail(node, item);
            return;
        }
        node.Suspects.Add(ItemRange.One(item));
        PutBack(node, ItemRange.One(item));
    }

    private string? On(ResultsReported e)
    {
        var report = e.Report;
        if (!leases.TryGetValue(report.Lease.Value, out var lease)) return $"lease {report.Lease} is not out any more: the report is late";
        if (lease.Worker.Id != e.Worker) return $"lease {report.Lease} is held by {lease.Worker.Id}, not by {e.Worker}";
        if (report.Sequence <= lease.Worker.LastSequence) return $"report {report.Sequence} of {e.Worker} is known already";
        if (!report.Results.All(IsSound)) return $"report {report.Sequence} of {e.Worker} has a result that speaks of no items";
        lease.Worker.LastSequence = report.Sequence;
        double seconds = 0, cachedSeconds = 0;
        long cooked = 0, cached = 0;
        foreach (var result in report.Results)
        {
            foreach (var part in lease.Open.Contains(result.Items) ? [result.Items] : lease.Open.Intersect(result.Items).ToArray())
            {
                var own = result.Slice(part);
                double spent = double.IsFinite(own.Seconds) && own.Seconds > 0 ? own.Seconds : 0;
                lease.Node.Seconds += spent;
                if (!Accept(lease, own)) continue;
                if (own.Kind == ResultKind.Cached)
                {
                    cachedSeconds += spent;
                    cached += part.Count;
                }
                else
                {
                    seconds += spent;
                    cooked += part.Count;
                }
            }
        }
        if (cooked > 0) lease.Node.SecondsPerItem = Measured(lease.Node.SecondsPerItem, seconds / cooked);
        if (cached > 0) lease.Node.SecondsPerCachedItem = Measured(lease.Node.SecondsPerCachedItem, cachedSeconds / cached);
        if (cooked + cached > 0) lease.Node.LargestMeasured = Math.Max(lease.Node.LargestMeasured, lease.Items.Count - lease.Open.ItemCount);
        if (report.Finished || lease.Open.IsEmpty) Close(lease);
        return null;
    }

    // What the codec could not read back must not reach a journal.
    private static bool IsSound(ItemResult result)
        => result.Items.Start >= 0 && !result.Items.IsEmpty && result.KeyIndex >= 0 && result.Expansion is not { Count: < 0 };

    private static double Measured(double known, double newest)
        => known < 0 ? newest : known + Limits.MeasureWeight * (newest - known);

    /// <summary>Takes the result of open items of a lease; true when they are done.</summary>
    private bool Accept(LeaseRun lease, ItemResult result)
    {
        var (node, items) = (lease.Node, result.Items);
        switch (result.Kind)
        {
            case ResultKind.Succeeded or ResultKind.Cached:
                // Within its lease a chain is reported in order; what was done before the lease may have been invalidated since.
                if (node.Chain is not null && lease.Items.Contains(items.Start - 1) && !StateMask.Holds(StateMask.Done, node.States.Of(items.Start - 1))) return GiveBack(lease, items);
                if (node.Plan.IsExpander && FailureOfExpansion(node, result) is { } wrong)
                {
                    FailEach(lease, items, wrong);
                    return false;
                }
                lease.Open.Remove(items);
                Keep(node, result with { Failure = null });
                return true;
            case ResultKind.Failed when result.Failure is { Class: not FailureClass.Cancelled } failure:
                FailEach(lease, items, failure);
                return false;
            case ResultKind.Failed when result.Failure is null:
                FailEach(lease, items, new(FailureClass.Permanent, "failure.missing", $"Worker {lease.Worker.Id} reported a failure without saying which."));
                return false;
            default:
                return GiveBack(lease, items);
        }
    }

    private bool GiveBack(LeaseRun lease, ItemRange items)
    {
        lease.Open.Remove(items);
        PutBack(lease.Node, items);
        return false;
    }

    private void Keep(NodeRun node, ItemResult result)
    {
        node.Suspects.Remove(result.Items);
        node.States.Set(result.Items, result.Kind == ResultKind.Cached ? ItemState.Cached : ItemState.Succeeded);
        node.Results.Add(result);
        changed.Enqueue((node, result.Items));
    }

    private void FailEach(LeaseRun lease, ItemRange items, Failure failure)
    {
        for (long item = items.Start; item < items.End; item++)
        {
            if (failure.Class == FailureClass.Lost) Lose(lease, item, failure);
            else if (!BlameInput(lease, item, failure)) Charge(lease, item, failure);
        }
    }

    private void Charge(LeaseRun lease, long item, Failure failure)
    {
        var node = lease.Node;
        var trouble = node.TroubleOf(item);
        trouble.Attempts++;
        trouble.Failures++;
        trouble.Last = failure;
        node.FailedAttempts++;
        lease.Open.Remove(ItemRange.One(item));
        if (!node.RetriesAfter(failure, trouble.Failures))
        {
            Fail(node, item);
            return;
        }
        double wait = Math.Min(RetryPolicy.LongestBackoffSeconds, node.Plan.Retry.BackoffSeconds * Math.Pow(2, Math.Min(trouble.Failures - 1, 30)));
        if (wait > 0)
        {
            trouble.RetryAtTicks = now.UtcTicks + (long)(wait * TimeSpan.TicksPerSecond);
            backoffs.Add((trouble.RetryAtTicks, node.Id.Value, item));
            node.BackingOff.Add(ItemRange.One(item));
        }
        PutBack(node, ItemRange.One(item));
    }

    private void Fail(NodeRun node, long item)
    {
        node.States.Set(ItemRange.One(item), ItemState.Failed);
        changed.Enqueue((node, ItemRange.One(item)));
    }

    /// <summary>
    /// An item that found an artifact it reads missing or damaged is not to blame: whoever made the artifact cooks it again, and the item
    /// goes back uncharged. The failure's detail names the artifact.
    /// </summary>
    private bool BlameInput(LeaseRun lease, long item, Failure failure)
    {
        if (!FailureCodes.NamesArtifact(failure, out var artifact)) return false;
        var node = lease.Node;
        var blamed = new List<NodeRun>();
        bool pending = false;
        foreach (var reading in node.Readings)
        {
            if (reading.Dependency.OrderOnly) continue;
            var reads = new RangeSet();
            reading.AddReads(ItemRange.One(item), reads);
            foreach (var span in reads)
            {
                // Another item may have told of it already.
                pending |= reading.Upstream.States.FirstIn(StateMask.Waiting | StateMask.Leasable | StateMask.Cooking, span.Start, span.End) < span.End;
                if (reading.Upstream.Results.In(span).Any(r => Holds(r, artifact))) blamed.Add(reading.Upstream);
            }
        }
        if (blamed.Count == 0 && !pending) return false;
        var trouble = node.TroubleOf(item);
        trouble.InputFaults = trouble.BrokenInput == artifact ? trouble.InputFaults + 1 : 1;
        trouble.BrokenInput = artifact;
        if (trouble.InputFaults > Limits.InputFaults || ++trouble.InputFaultsInAll > Limits.InputFaultsInAll) return false;
        trouble.Last = failure;
        GiveBack(lease, ItemRange.One(item));
        foreach (var upstream in blamed.Distinct()) InvalidateArtifact(upstream, artifact, failure);
        return true;
    }

    private static bool Holds(ItemResult result, ContentHash artifact) => result.Outputs?.Any(o => o.Hash == artifact) == true;

    /// <summary>All done items of a node whose results lie in an artifact are cooked again.</summary>
    private void InvalidateArtifact(NodeRun node, ContentHash artifact, Failure reason)
    {
        var items = new RangeSet();
        foreach (var result in node.Results.In(new(0, node.Known)))
        {
            if (Holds(result, artifact)) items.Add(result.Items);
        }
        foreach (var range in items)
        {
            Note(node, range, reason);
            UnmakeDone(node, range);
        }
    }

    private string? On(TimePassed e)
    {
        if (backoffs.Count == 0 || backoffs.Min.Ticks > e.At.UtcTicks) return "nothing waits for this time";
        while (backoffs.Count > 0 && backoffs.Min is var (ticks, node, item) && ticks <= e.At.UtcTicks)
        {
            EndBackoff(nodes[node], ItemRange.One(item));
            Judge(nodes[node], ItemRange.One(item));
        }
        return null;
    }

    private void EndBackoff(NodeRun node, ItemRange items)
    {
        for (long item = items.Start; item < items.End; item++)
        {
            if (!node.Troubles.TryGetValue(item, out var trouble) || trouble.RetryAtTicks == 0) continue;
            backoffs.Remove((trouble.RetryAtTicks, node.Id.Value, item));
            trouble.RetryAtTicks = 0;
        }
        node.BackingOff.Remove(items);
    }

    private Failure? FailureOfExpansion(NodeRun node, ItemResult result)
    {
        string what = $"The expander item {result.Items} of {node.Plan.Name}";
        if (result.Items.Count != 1 || result.Expansion is not { } expansion) return new(FailureClass.Permanent, "expansion.missing", $"{what} did not say what it found.");
        if (expansion.Count < 0 || (expansion.Members is { } members && members.Count != expansion.Count))
            return new(FailureClass.Permanent, "expansion.invalid", $"{what} found {expansion.Count} items but gave {expansion.Members?.Count} sets of inputs.");
        foreach (var found in node.FoundNodes)
        {
            if (Overflows(found, found.Known + expansion.Count))
                return new(FailureClass.InvalidInput, "expansion.too_large", $"{what} found {expansion.Count} items; a node may have {PlanCheck.MostItemsPerNode}, those that follow it included.");
        }
        return null;
    }

    private static bool Overflows(NodeRun node, long count)
        => count > PlanCheck.MostItemsPerNode || node.Readers.Any(r => r.Node.CountedBy == r && Overflows(r.Node, MappingRules.Count(r.Dependency.Mapping, count)));
}
