using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Core.Runs;

/// <summary>What follows from a change: which items become ready, wait again, are skipped; which nodes grow.</summary>
public sealed partial class RunMachine
{
    private readonly Queue<(NodeRun Node, ItemRange Items)> changed = [];
    private readonly SortedSet<int> growing = [];

    /// <summary>Runs until nothing follows any more. Growth first and upstream first, so that readers see whole nodes.</summary>
    private void Settle()
    {
        while (true)
        {
            if (growing.Count > 0)
            {
                int index = growing.Min;
                growing.Remove(index);
                Grow(nodes[index]);
            }
            else if (changed.TryDequeue(out var change)) Spread(change.Node, change.Items);
            else return;
        }
    }

    private void Spread(NodeRun node, ItemRange items)
    {
        TellAllowance(node);
        items = items.Intersect(new(0, node.Known));
        if (items.IsEmpty) return;
        foreach (var found in node.FoundNodes) NoticeFinds(found, items);
        foreach (var reading in node.Readers)
        {
            if (reading is AllReading all && !all.VerdictChanged()) continue;
            var readers = new RangeSet();
            reading.AddReaders(items, readers);
            foreach (var range in readers) Judge(reading.Node, range);
        }
    }

    /// <summary>When failures stop or begin to be allowed, whoever reads a failed item, or one skipped for its sake, sees it differently.</summary>
    private void TellAllowance(NodeRun node)
    {
        if (node.ToTell == node.Told) return;
        node.Told = node.ToTell;
        node.Regressions++;
        var affected = (ushort)(StateMask.Failed | (node.Chain is null ? 0 : StateMask.Skipped));
        Change(node, new(0, node.Known), affected, run => changed.Enqueue((node, run)));
    }

    /// <summary>Puts the open items of a range where their inputs, back-offs and losses say.</summary>
    private void Judge(NodeRun node, ItemRange range)
    {
        for (long at = range.Start; (at = node.States.FirstIn(StateMask.Open, at, range.End)) < range.End;)
        {
            var verdict = JudgeInputs(node, at, range.End, out long until);
            Place(node, new(at, until), verdict);
            at = until;
        }
    }

    private static Verdict JudgeInputs(NodeRun node, long item, long limit, out long until)
    {
        until = limit;
        var verdict = Verdict.Cook;
        foreach (var reading in node.Readings)
        {
            var one = reading.Judge(item, until, out long end);
            until = Math.Min(until, end);
            if (one > verdict) verdict = one;
        }
        return verdict;
    }

    private void Place(NodeRun node, ItemRange range, Verdict verdict)
    {
        var target = verdict switch
        {
            Verdict.Skip => ItemState.Skipped,
            Verdict.Wait => ItemState.Waiting,
            _ => node.Plan.IsVirtual ? ItemState.Succeeded : ItemState.Ready,
        };
        if (node.SkippedByRequest.IsEmpty && node.BackingOff.IsEmpty && node.Suspects.IsEmpty)
        {
            Move(node, range, target);
            return;
        }
        var plain = new RangeSet(range);
        foreach (var asked in node.SkippedByRequest.Intersect(range))
        {
            Move(node, asked, ItemState.Skipped);
            plain.Remove(asked);
        }
        foreach (var pausing in node.BackingOff.Intersect(plain))
        {
            Move(node, pausing, target == ItemState.Skipped ? target : ItemState.Waiting);
            plain.Remove(pausing);
        }
        foreach (var suspect in node.Suspects.Intersect(plain))
        {
            Move(node, suspect, target == ItemState.Ready ? ItemState.Lost : target);
            plain.Remove(suspect);
        }
        foreach (var rest in plain) Move(node, rest, target);
    }

    /// <summary>Moves the open items of a range to one state and notes what readers must hear of.</summary>
    private void Move(NodeRun node, ItemRange range, ItemState target)
    {
        for (long at = range.Start; (at = node.States.FirstIn(StateMask.Open, at, range.End)) < range.End;)
        {
            var state = node.States.Of(at);
            long end = node.States.FirstNotIn(StateMask.Of(state), at, range.End);
            var run = new ItemRange(at, end);
            at = end;
            if (state == target) continue;
            node.States.Set(run, target);
            if (target == ItemState.Succeeded) node.Results.Add(new(run, ResultKind.Succeeded));
            if (state == ItemState.Skipped) node.Regressions++;
            if (state == ItemState.Skipped || target is ItemState.Skipped or ItemState.Succeeded) changed.Enqueue((node, run));
        }
    }

    /// <summary>Takes items out of whatever state they are in and judges them anew. Leases and results must be gone already.</summary>
    private void PutBack(NodeRun node, ItemRange items)
    {
        bool settled = node.States.FirstIn(StateMask.Done | StateMask.Failed | StateMask.Skipped | StateMask.Cancelled, items.Start, items.End) < items.End;
        node.States.Set(items, ItemState.Waiting);
        if (settled)
        {
            node.Regressions++;
            changed.Enqueue((node, items));
        }
        Judge(node, items);
    }

    private void Grow(NodeRun node)
    {
        if (node.CountedBy is { } counting)
        {
            var mapping = counting.Dependency.Mapping;
            bool isFixed = MappingRules.CountIsFixed(mapping);
            GrowTo(node, MappingRules.Count(mapping, counting.Upstream.Known), isFixed || counting.Upstream.Complete);
        }
        else if (node.Found is { } found)
        {
            var expander = node.Expander!;
            while (found.Count < expander.Known && FindsOf(expander, found.Count) is { } finds) found.Append(finds, !StateMask.Holds(StateMask.Done, expander.States.Of(found.Count)));
            GrowTo(node, found.Items, expander.Complete && found.Count == expander.Known);
        }
    }

    private void GrowTo(NodeRun node, long count, bool complete)
    {
        long old = node.Known;
        if (count < old)
        {
            Shrink(node, count);
            old = node.Known;
        }
        if (count == old && complete == node.Complete) return;
        node.States.Extend(count, ItemState.Waiting);
        if (count > old && node.WasComplete) UnmakeReadersOfGrowth(node, old);
        node.Complete = complete;
        node.WasComplete |= complete;
        Judge(node, new(old, count));
        TellAllowance(node);
        foreach (var reading in node.Readers)
        {
            if (reading.Node.CountedBy == reading) growing.Add(reading.Node.Id.Value);
            if (reading is AllReading all && !all.VerdictChanged()) continue;
            var readers = new RangeSet();
            reading.AddReadersOfGrowth(old, readers);
            foreach (var range in readers) Judge(reading.Node, range);
        }
        foreach (var found in node.FoundNodes) growing.Add(found.Id.Value);
    }

    /// <summary>What was made from all items of a node, when these seemed to be all, has to see those that came after.</summary>
    private void UnmakeReadersOfGrowth(NodeRun node, long old)
    {
        var reason = new Failure(FailureClass.Transient, "input.changed", $"{node.Plan.Name} has {node.Known} items now, not {old}.");
        foreach (var reading in node.Readers)
        {
            var readers = new RangeSet();
            reading.AddReadersOfGrowth(old, readers);
            foreach (var range in readers) Unmake(reading.Node, range, reason);
        }
    }

    /// <summary>What a settled expander item found: nothing when it was skipped or may fail; null while it is not settled.</summary>
    private static Expansion? FindsOf(NodeRun expander, long item)
    {
        var state = expander.States.Of(item);
        if (StateMask.Holds(StateMask.Done, state)) return expander.Results.Of(item)?.Expansion ?? Nothing;
        return state == ItemState.Skipped || (state == ItemState.Failed && expander.FailuresAllowed) ? Nothing : null;
    }

    private static readonly Expansion Nothing = new(0, null);

    /// <summary>
    /// An expander item that was cooked again may have found something else: then all that was found from there on goes. While it is
    /// cooked again its old finds stay; but what was only assumed of it does not.
    /// </summary>
    private void NoticeFinds(NodeRun node, ItemRange expanderItems)
    {
        var found = node.Found!;
        for (int i = (int)expanderItems.Start; i < Math.Min(expanderItems.End, found.Count); i++)
        {
            var finds = FindsOf(node.Expander!, i);
            if (finds is null ? !found.IsAssumed(i) : Expansions.Same(finds, found[i])) continue;
            DropFinds(node, i);
            break;
        }
        growing.Add(node.Id.Value);
    }

    /// <summary>Drops what an expander item and all after it found.</summary>
    private void DropFinds(NodeRun node, long expanderItem)
    {
        if (expanderItem >= node.Found!.Count) return;
        Shrink(node, node.Found.StartOf(expanderItem));
        node.Found.RemoveFrom((int)expanderItem);
        growing.Add(node.Id.Value);
    }

    /// <summary>Drops a node's items from a count on, and with them what was made from them.</summary>
    private void Shrink(NodeRun node, long count)
    {
        if (count >= node.Known) return;
        var gone = new ItemRange(count, node.Known);
        var reason = new Failure(FailureClass.Transient, "input.changed", $"Items {gone} of {node.Plan.Name} were found anew.");
        RevokeMeeting(node, gone);
        foreach (var reading in node.Readers)
        {
            var readers = new RangeSet();
            reading.AddReaders(gone, readers);
            foreach (var range in readers) Unmake(reading.Node, range, reason);
        }
        foreach (var found in node.FoundNodes) DropFinds(found, count);
        Note(node, gone, reason);
        node.Results.Remove(gone);
        foreach (long item in node.Troubles.Keys.Where(gone.Contains).ToArray()) Forget(node, item);
        node.SkippedByRequest.Remove(gone);
        node.States.Truncate(count);
        node.Complete = false;
        node.Regressions++;
        foreach (var reading in node.Readers)
        {
            if (reading.Node.CountedBy == reading && !MappingRules.CountIsFixed(reading.Dependency.Mapping))
                Shrink(reading.Node, MappingRules.Count(reading.Dependency.Mapping, count));
            if (reading is AllReading all && !all.VerdictChanged()) continue;
            var readers = new RangeSet();
            reading.AddReadersOfGrowth(count, readers);
            foreach (var range in readers) Judge(reading.Node, range);
        }
    }

    private void Forget(NodeRun node, long item)
    {
        if (node.Troubles.Remove(item, out var trouble) && trouble.RetryAtTicks != 0) backoffs.Remove((trouble.RetryAtTicks, node.Id.Value, item));
        node.BackingOff.Remove(ItemRange.One(item));
        node.Suspects.Remove(ItemRange.One(item));
    }

    /// <summary>What was made from inputs that are no longer the same goes back, and all that was made from it.</summary>
    private void Unmake(NodeRun first, ItemRange range, Failure reason)
    {
        const ushort Made = StateMask.Done | StateMask.Cooking;
        var next = new Queue<(NodeRun Node, ItemRange Items)>();
        var passed = new Dictionary<NodeRun, RangeSet>();
        next.Enqueue((first, range));
        while (next.TryDequeue(out var step))
        {
            var node = step.Node;
            Change(node, step.Items, Made, items =>
            {
                Note(node, items, reason);
                RevokeMeeting(node, items);
                UnmakeDone(node, items);
                EnqueueReaders(node, items, next);
                // From another input an expander may find something else.
                foreach (var found in node.FoundNodes) DropFinds(found, items.Start);
            });
            // What an input left out comes back, and whoever went on without it has to see it.
            Change(node, step.Items, StateMask.Skipped, items =>
            {
                // These stay as they are for now, so they have to be remembered, or many paths to them would multiply.
                if (!passed.TryGetValue(node, out var before)) passed[node] = before = new();
                foreach (var range in node.SkippedByRequest.Missing(items))
                {
                    foreach (var fresh in before.Missing(range)) EnqueueReaders(node, fresh, next);
                    before.Add(range);
                }
            });
        }
    }

    private static void EnqueueReaders(NodeRun node, ItemRange items, Queue<(NodeRun, ItemRange)> next)
    {
        foreach (var reading in node.Readers)
        {
            var readers = new RangeSet();
            reading.AddReaders(items, readers);
            foreach (var range in readers) next.Enqueue((reading.Node, range));
        }
    }

    /// <summary>Takes the results of the done items of a range away and judges these items anew.</summary>
    private void UnmakeDone(NodeRun node, ItemRange range)
    {
        for (long at = range.Start; (at = node.States.FirstIn(StateMask.Done, at, range.End)) < range.End;)
        {
            var done = new ItemRange(at, node.States.FirstNotIn(StateMask.Done, at, range.End));
            at = done.End;
            node.Results.Remove(done);
            FreshBudget(node, done);
            PutBack(node, done);
        }
    }

    private void Note(NodeRun node, ItemRange items, Failure reason)
    {
        if (node.Notes.Count > 0 && node.Notes[^1] is { } last && last.Reason == reason && last.At == now)
        {
            last.Items.Add(items);
            return;
        }
        if (node.Notes.Count >= Limits.RerunNotes) node.Notes.RemoveAt(0);
        node.Notes.Add(new(now, new(items), reason));
    }
}
