using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Runs;

/// <summary>What people ask for: pause, cancel, retry, skip, cook again, go on.</summary>
public sealed partial class RunMachine
{
    private string? OnPaused()
    {
        if (Status != RunStatus.Running) return $"the run is {Status}";
        Status = RunStatus.Paused;
        return null;
    }

    private string? OnResumed()
    {
        if (Status != RunStatus.Paused) return $"the run is {Status}, not paused";
        Status = RunStatus.Running;
        return null;
    }

    private string? OnCancelled()
    {
        if (IsFinished) return $"the run is {Status}";
        foreach (var lease in leases.Values.ToArray()) Revoke(lease);
        foreach (var node in nodes)
        {
            Change(node, new(0, node.Known), StateMask.Waiting | StateMask.Leasable, run =>
            {
                EndBackoffs(node, run);
                node.States.Set(run, ItemState.Cancelled);
            });
        }
        // What settling would still make of it does not matter: nothing open is left, and the run is over.
        Status = RunStatus.Cancelled;
        FinishedAt = now;
        return null;
    }

    private string? On(ItemsCancelled e) => OnItems(e.Node, e.Items, "open", StateMask.Waiting | StateMask.Leasable | StateMask.Cooking, (node, run) =>
    {
        RevokeMeeting(node, run);
        EndBackoffs(node, run);
        node.States.Set(run, ItemState.Cancelled);
    });

    private string? On(ItemsSkipped e)
    {
        const ushort Skippable = StateMask.Waiting | StateMask.Leasable | StateMask.Cooking | StateMask.Failed | StateMask.Cancelled;
        string? ignored = OnItems(e.Node, e.Items, "not done", Skippable, (node, run) =>
        {
            RevokeMeeting(node, run);
            EndBackoffs(node, run);
            node.SkippedByRequest.Add(run);
            node.Regressions++;
            node.States.Set(run, ItemState.Skipped);
            changed.Enqueue((node, run));
        });
        if (ignored is null) GoOn();
        return ignored;
    }

    private string? On(ItemsRetried e)
    {
        var reason = new Failure(FailureClass.Transient, "retry.requested", "Somebody asked to cook it again.");
        if (!TryNode(e.Node, out var node, out string missing)) return missing;
        var again = new RangeSet();
        foreach (var range in e.Items)
        {
            var items = range.Intersect(new(0, node.Known));
            Change(node, items, StateMask.Failed | StateMask.Cancelled | StateMask.Done, again.Add);
            // What an input left out, or what simply waits, has nothing of its own to try again.
            again.Add(node.SkippedByRequest.Intersect(items));
            again.Add(node.BackingOff.Intersect(items));
            again.Add(node.Suspects.Intersect(items).Intersect(NotCooking(node, items)));
        }
        foreach (var range in again) Retry(node, range, reason);
        if (again.IsEmpty) return $"none of the items {e.Items} of {node.Plan.Name} can be tried again";
        GoOn();
        return null;
    }

    private static RangeSet NotCooking(NodeRun node, ItemRange items)
    {
        var set = new RangeSet();
        Change(node, items, StateMask.Everything & ~StateMask.Cooking, set.Add);
        return set;
    }

    private string? On(RunReopened e)
    {
        if (!IsFinished) return $"the run is {Status}: nothing to reopen";
        bool any = HasLeasable();
        var again = (ushort)(StateMask.Cancelled | (e.RetryFailed ? StateMask.Failed : 0));
        var reason = new Failure(FailureClass.Transient, "run.reopened", "The run was resumed.");
        foreach (var node in nodes)
        {
            Change(node, new(0, node.Known), again, run =>
            {
                any = true;
                Retry(node, run, reason);
            });
        }
        if (!any) return "everything is done or allowed to fail: nothing to resume";
        GoOn();
        return null;
    }

    private string? On(OutputsInvalidated e)
    {
        string? ignored = OnItems(e.Node, e.Items, "done", StateMask.Done, (node, run) =>
        {
            if (e.Downstream)
            {
                Unmake(node, run, e.Reason);
                return;
            }
            Note(node, run, e.Reason);
            UnmakeDone(node, run);
        });
        // A finished run does not begin to cook by itself, but it is not whole any more.
        if (ignored is null && Status is (RunStatus.Succeeded or RunStatus.ChecksFailed)) Status = RunStatus.Failed;
        return ignored;
    }

    private void Retry(NodeRun node, ItemRange run, Failure reason)
    {
        EndBackoffs(node, run);
        node.SkippedByRequest.Remove(run);
        node.Suspects.Remove(run);
        FreshBudget(node, run);
        // Collects that went on without these items have to see them.
        for (long at = run.Start; (at = node.States.FirstIn(StateMask.Failed | StateMask.Skipped, at, run.End)) < run.End;)
        {
            var left = new ItemRange(at, node.States.FirstNotIn(StateMask.Failed | StateMask.Skipped, at, run.End));
            at = left.End;
            UnmakeReaders(node, left, reason);
        }
        for (long at = run.Start; at < run.End;)
        {
            var state = node.States.Of(at);
            var part = new ItemRange(at, node.States.FirstNotIn(StateMask.Of(state), at, run.End));
            at = part.End;
            if (StateMask.Holds(StateMask.Done, state))
            {
                Note(node, part, reason);
                UnmakeDone(node, part);
            }
            else PutBack(node, part);
        }
    }

    private void UnmakeReaders(NodeRun node, ItemRange items, Failure reason)
    {
        var changedInput = reason with { Code = "input.changed", Message = $"Items {items} of {node.Plan.Name}, which it had gone on without, are cooked again." };
        foreach (var reading in node.Readers)
        {
            var readers = new RangeSet();
            reading.AddReaders(items, readers);
            foreach (var range in readers) Unmake(reading.Node, range, changedInput);
        }
    }

    private static void FreshBudget(NodeRun node, ItemRange run)
    {
        foreach (long item in Troubled(node, run))
        {
            var trouble = node.Troubles[item];
            (trouble.Failures, trouble.Losses, trouble.InputFaults, trouble.InputFaultsInAll) = (0, 0, 0, 0);
        }
    }

    private static IEnumerable<long> Troubled(NodeRun node, ItemRange run)
        => node.Troubles.Count == 0 ? [] : node.Troubles.Count < run.Count ? node.Troubles.Keys.Where(run.Contains).ToArray() : Indices(run).Where(node.Troubles.ContainsKey);

    private void EndBackoffs(NodeRun node, ItemRange run)
    {
        foreach (var range in node.BackingOff.Intersect(run)) EndBackoff(node, range);
    }

    private void GoOn()
    {
        if (!IsFinished) return;
        Status = RunStatus.Running;
        FinishedAt = null;
    }

    private string? OnItems(NodeId id, RangeSet items, string which, ushort mask, Action<NodeRun, ItemRange> change)
    {
        if (!TryNode(id, out var node, out string missing)) return missing;
        bool any = false;
        foreach (var range in items)
        {
            any |= Change(node, range.Intersect(new(0, node.Known)), mask, run => change(node, run));
        }
        return any ? null : $"none of the items {items} of {node.Plan.Name} is {which}";
    }

    /// <summary>Calls back with each run of items of a range that stand in any of these states. The change may move items it was not asked about.</summary>
    private static bool Change(NodeRun node, ItemRange range, ushort mask, Action<ItemRange> change)
    {
        bool any = false;
        for (long at = range.Start; (at = node.States.FirstIn(mask, at, range.End)) < range.End;)
        {
            var run = new ItemRange(at, node.States.FirstNotIn(mask, at, range.End));
            at = run.End;
            change(run);
            any = true;
        }
        return any;
    }
}
