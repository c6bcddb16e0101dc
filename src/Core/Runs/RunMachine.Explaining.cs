using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Runs;

/// <summary>Every state has a reason.</summary>
public sealed partial class RunMachine
{
    /// <summary>Why an item stands where it stands.</summary>
    public Reason Explain(NodeId id, long item)
    {
        var node = nodes[id.Value];
        if (item < 0 || item >= node.Known)
            return item >= 0 && !node.Complete ? new Reason.NotExpanded(node.Plan.Name, Awaited(node).Plan.Name, node.Known) : new Reason.Unknown(node.Plan.Name, node.Known);
        var trouble = node.Troubles.GetValueOrDefault(item);
        switch (node.States.Of(item))
        {
            case ItemState.Cooking:
                var lease = leases.Values.First(l => l.Node == node && l.Open.Contains(item));
                return new Reason.Cooks(lease.Worker.Id, lease.Id, lease.At, (trouble?.Attempts ?? 0) + 1);
            case ItemState.Succeeded:
                return new Reason.Done(false, (trouble?.Attempts ?? 0) + 1, node.Results.Of(item)?.Seconds ?? 0, Rerun(node, item));
            case ItemState.Cached:
                return new Reason.Done(true, trouble?.Attempts ?? 0, 0, Rerun(node, item));
            case ItemState.Failed:
                return new Reason.HasFailed(trouble!.Last!, trouble.Attempts, trouble.Losses >= Limits.LossesUntilPoison);
            case ItemState.Cancelled:
                return new Reason.WasCancelled();
            case ItemState.Skipped:
                return node.SkippedByRequest.Contains(item) ? new Reason.SkippedOnRequest() : Inputs(node, item);
            case ItemState.Waiting:
                return trouble is { RetryAtTicks: > 0 }
                    ? new Reason.BacksOff(new(trouble.RetryAtTicks, TimeSpan.Zero), trouble.Attempts, trouble.Last)
                    : Inputs(node, item);
            default:
                return WhyNotLeased(node, trouble);
        }
    }

    /// <summary>Why an item that was done had to be cooked again; null when it had not.</summary>
    public Failure? RerunReason(NodeId node, long item) => Rerun(nodes[node.Value], item);

    private static Failure? Rerun(NodeRun node, long item) => node.Notes.FindLast(n => n.Items.Contains(item))?.Reason;

    private static NodeRun Awaited(NodeRun node)
    {
        var by = node.Expander ?? node.CountedBy?.Upstream;
        return by is null ? node : by.Complete ? by : Awaited(by);
    }

    private Reason WhyNotLeased(NodeRun node, Trouble? trouble)
    {
        if (Status != RunStatus.Running) return new Reason.RunNotRunning(Status);
        if (node.Plan.MaxParallel > 0 && node.Leases >= node.Plan.MaxParallel) return new Reason.ParallelLimit(node.Plan.Name, node.Plan.MaxParallel);
        if (LicenceLacking(node) is { } licence)
            return new Reason.AwaitsLicence(Amounts.Shown(licence), node.Needs.In(licence), licences.In(licence), LicenceUse(Amounts.Shown(licence)).Held);
        var possible = workers.Values.Where(w => InPool(node, w)).ToArray();
        if (possible.Length == 0) return new Reason.NoWorker(node.Plan.Pool);
        if (SlotsFor(node) == 0)
        {
            string lacking = possible.Select(w => node.Needs.Lacking(Unused, w.Capacity, licences)!).Order(StringComparer.Ordinal).First();
            return new Reason.NoWorkerFits(Amounts.Shown(lacking), node.Needs.In(lacking), possible.Max(w => w.Capacity.In(lacking)));
        }
        return trouble?.Losses >= Limits.LossesUntilAlone ? new Reason.AwaitsWorkerAlone(trouble.Losses, trouble.Last) : new Reason.AwaitsSlot();
    }

    /// <summary>The first input that does not let an item cook.</summary>
    private static Reason Inputs(NodeRun node, long item)
    {
        // What makes it skipped comes before what makes it wait, as in the verdict.
        foreach (var verdict in (Verdict[])[Verdict.Skip, Verdict.Wait])
        {
            foreach (var reading in node.Readings)
            {
                if (reading.Judge(item, item + 1, out _) == verdict) return Input(reading, item, verdict);
            }
        }
        return new Reason.AwaitsSlot();
    }

    private static Reason Input(Reading reading, long item, Verdict verdict)
    {
        var (upstream, name) = (reading.Upstream, reading.Dependency.Name);
        var reads = new RangeSet();
        reading.AddReads(ItemRange.One(item), reads);
        var missing = new List<Reason.ItemName>();
        foreach (var span in reads)
        {
            for (long at = span.Start; (at = upstream.States.FirstNotIn(StateMask.Done, at, span.End)) < span.End; at++)
            {
                var input = new Reason.ItemName(upstream.Plan.Name, at);
                var state = upstream.States.Of(at);
                if (verdict == Verdict.Skip)
                    return new Reason.SkippedWithInput(name, reading.Dependency.AcceptsFailures ? null : input, state == ItemState.Failed);
                if (state == ItemState.Failed && upstream.FailuresExceed) return new Reason.InputFailed(name, input, upstream.Troubles[at].Last);
                if (state == ItemState.Cancelled) return new Reason.InputCancelled(name, input);
                if (state == ItemState.Failed && !upstream.FailuresAllowed && !reading.Dependency.AcceptsFailures)
                    return new Reason.FailureUndecided(name, input, upstream.Plan.Name);
                if (state is ItemState.Failed or ItemState.Skipped) continue;
                missing.Add(input);
                if (missing.Count == Limits.NamedInputs) return new Reason.InputsMissing(name, missing);
            }
        }
        return missing.Count == 0 && !upstream.Complete
            ? new Reason.NotExpanded(upstream.Plan.Name, Awaited(upstream).Plan.Name, upstream.Known)
            : new Reason.InputsMissing(name, missing);
    }
}
