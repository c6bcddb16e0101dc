using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Core.Runs;

/// <summary>What one dependency says of an item. The greatest of an item's verdicts holds.</summary>
internal enum Verdict { Cook = 0, Wait = 1, Skip = 2 }

/// <summary>
/// A dependency at work in a machine: judges items by the states of what they read, and finds who reads an item. Its verdicts follow from
/// states alone, never from the order in which they came to be.
/// </summary>
/// <remarks>
/// The first member that is not done decides: while it can still come, the item waits; when it is skipped, or failed and certainly within
/// the allowance, the item is skipped. A reading that accepts failures waits until all members are settled and cooks with those that are done; with
/// members but none done it is skipped.
/// </remarks>
internal abstract class Reading(NodeRun node, int index, Dependency dependency, NodeRun upstream)
{
    public NodeRun Node { get; } = node;
    public int Index { get; } = index;
    public Dependency Dependency { get; } = dependency;
    public NodeRun Upstream { get; } = upstream;

    public static Reading Of(NodeRun node, int index, Dependency dependency, NodeRun upstream) => dependency.Mapping switch
    {
        Mapping.OneToOne => new RepeatReading(node, index, dependency, upstream, 1),
        Mapping.Repeat(var times) => new RepeatReading(node, index, dependency, upstream, times),
        Mapping.All => new AllReading(node, index, dependency, upstream),
        Mapping.Blocks blocks => new BlocksReading(node, index, dependency, upstream, blocks),
        Mapping.Groups groups => new GroupsReading(node, index, dependency, upstream, groups),
        Mapping.Previous(var length) => new PreviousReading(node, index, dependency, upstream, length),
        Mapping.Expanded => new ExpandedReading(node, index, dependency, upstream),
        _ => throw new InvalidOperationException($"unknown mapping {dependency.Mapping}"),
    };

    /// <summary>The verdict on an item, which also holds for the items up to <paramref name="until"/> (at least one, at most <paramref name="limit"/>).</summary>
    public abstract Verdict Judge(long item, long limit, out long until);

    /// <summary>Adds the existing upstream items that any of these items reads.</summary>
    public abstract void AddReads(ItemRange items, RangeSet into);

    /// <summary>Adds the existing items that read any of these upstream items. May name more, never fewer.</summary>
    public abstract void AddReaders(ItemRange upstreamItems, RangeSet into);

    /// <summary>Adds the existing items on which a change of the upstream node's count or completeness may tell.</summary>
    public virtual void AddReadersOfGrowth(long oldKnown, RangeSet into) { }

    /// <summary>States that leave a collect nothing to wait for.</summary>
    protected ushort Settled => (ushort)(StateMask.Done | Skipping);

    /// <summary>States of an input that make an item skipped.</summary>
    protected virtual ushort Skipping
        => (ushort)((Upstream.SkipsAreFinal ? StateMask.Skipped : 0) | (Upstream.FailuresAllowed ? StateMask.Failed : 0));

    protected Verdict JudgeSpan(ItemRange span) => JudgeSpan(span, out _);

    /// <summary>The verdict of a contiguous span of existing members; <paramref name="decider"/> is the member that decided, or the end.</summary>
    protected Verdict JudgeSpan(ItemRange span, out long decider)
    {
        var states = Upstream.States;
        if (!Dependency.AcceptsFailures)
        {
            decider = states.FirstNotIn(StateMask.Done, span.Start, span.End);
            return decider >= span.End ? Verdict.Cook : StateMask.Holds(Skipping, states.Of(decider)) ? Verdict.Skip : Verdict.Wait;
        }
        decider = states.FirstNotIn(Settled, span.Start, span.End);
        if (decider < span.End) return Verdict.Wait;
        return span.IsEmpty || states.FirstIn(StateMask.Done, span.Start, span.End) < span.End ? Verdict.Cook : Verdict.Skip;
    }

    protected Verdict JudgeSet(RangeSet members)
    {
        bool any = false, done = false;
        foreach (var span in members.AsSpan())
        {
            if (span.End > Upstream.Known) return Verdict.Wait;
            any = true;
            var verdict = JudgeSpan(span);
            if (Dependency.AcceptsFailures)
            {
                if (verdict == Verdict.Wait) return verdict;
                done |= verdict == Verdict.Cook;
            }
            else if (verdict != Verdict.Cook) return verdict;
        }
        return any && !done && Dependency.AcceptsFailures ? Verdict.Skip : Verdict.Cook;
    }

    protected void Clip(RangeSet into, long start, long end)
    {
        start = Math.Max(0, start);
        end = Math.Min(end, Node.Known);
        if (start < end) into.Add(new ItemRange(start, end));
    }
}

/// <summary>One-to-one and repeat.</summary>
internal sealed class RepeatReading(NodeRun node, int index, Dependency dependency, NodeRun upstream, long times) : Reading(node, index, dependency, upstream)
{
    public override Verdict Judge(long item, long limit, out long until)
    {
        long member = item / times;
        if (member >= Upstream.Known)
        {
            until = limit;
            return Verdict.Wait;
        }
        var state = Upstream.States.Of(member);
        ushort like = StateMask.Holds(StateMask.Done, state) ? StateMask.Done : StateMask.Holds(Skipping, state) ? Skipping : (ushort)(StateMask.Everything & ~StateMask.Done & ~Skipping);
        long end = Upstream.States.FirstNotIn(like, member, Math.Min(Upstream.Known, (limit - 1) / times + 1));
        until = Math.Min(limit, end * times);
        return like == StateMask.Done ? Verdict.Cook : like == Skipping ? Verdict.Skip : Verdict.Wait;
    }

    public override void AddReads(ItemRange items, RangeSet into)
    {
        if (!items.IsEmpty) into.Add(new ItemRange(items.Start / times, (items.End - 1) / times + 1).Intersect(new(0, Upstream.Known)));
    }

    public override void AddReaders(ItemRange upstreamItems, RangeSet into) => Clip(into, upstreamItems.Start * times, upstreamItems.End * times);

    public override void AddReadersOfGrowth(long oldKnown, RangeSet into) => Clip(into, oldKnown * times, long.MaxValue);
}

/// <summary>Every item reads all.</summary>
internal sealed class AllReading(NodeRun node, int index, Dependency dependency, NodeRun upstream) : Reading(node, index, dependency, upstream)
{
    // What was told last; a million small changes upstream need not look at a million readers each time.
    private Verdict? told;

    public override Verdict Judge(long item, long limit, out long until)
    {
        until = limit;
        var verdict = Now();
        // Somebody saw what was not told: the next telling must not be left out, even if the verdict has come back by then.
        if (verdict != told) told = null;
        return verdict;
    }

    public override void AddReads(ItemRange items, RangeSet into)
    {
        if (!items.IsEmpty) into.Add(new ItemRange(0, Upstream.Known));
    }

    public override void AddReaders(ItemRange upstreamItems, RangeSet into) => Clip(into, 0, long.MaxValue);

    public override void AddReadersOfGrowth(long oldKnown, RangeSet into) => Clip(into, 0, long.MaxValue);

    /// <summary>True when the readers have not been told of the present verdict.</summary>
    public bool VerdictChanged()
    {
        var now = Now();
        if (told == now) return false;
        told = now;
        return true;
    }

    private Verdict Now() => Upstream.Complete ? JudgeSpan(new(0, Upstream.Known)) : Verdict.Wait;
}

/// <summary>Blocks, overlapping or not.</summary>
internal sealed class BlocksReading(NodeRun node, int index, Dependency dependency, NodeRun upstream, Mapping.Blocks blocks) : Reading(node, index, dependency, upstream)
{
    private readonly long size = blocks.Size, step = blocks.Step;

    public override Verdict Judge(long item, long limit, out long until)
    {
        until = item + 1;
        long start = item * step, end = start + size;
        if (end > Upstream.Known)
        {
            if (!Upstream.Complete)
            {
                until = limit;
                return Verdict.Wait;
            }
            return JudgeSpan(new(Math.Min(start, Upstream.Known), Upstream.Known));
        }
        var verdict = JudgeSpan(new(start, end), out long decider);
        if (verdict != Verdict.Wait) return verdict;
        // Every block that starts before the end of this run of pending members meets a pending member first, and waits.
        ushort pending = (ushort)(StateMask.Everything & ~(Dependency.AcceptsFailures ? Settled : StateMask.Done | Skipping));
        long run = Upstream.States.FirstNotIn(pending, decider, Math.Min(Upstream.Known, (limit - 1) * step + 1));
        until = Math.Clamp((run - 1) / step + 1, item + 1, limit);
        return verdict;
    }

    public override void AddReads(ItemRange items, RangeSet into)
    {
        if (items.IsEmpty) return;
        var known = new ItemRange(0, Upstream.Known);
        if (step <= size) into.Add(new ItemRange(items.Start * step, (items.End - 1) * step + size).Intersect(known));
        else for (long i = items.Start; i < items.End; i++) into.Add(new ItemRange(i * step, i * step + size).Intersect(known));
    }

    public override void AddReaders(ItemRange upstreamItems, RangeSet into)
        => Clip(into, upstreamItems.Start < size ? 0 : (upstreamItems.Start - size) / step + 1, (upstreamItems.End - 1) / step + 1);

    public override void AddReadersOfGrowth(long oldKnown, RangeSet into) => Clip(into, oldKnown < size ? 0 : (oldKnown - size) / step, long.MaxValue);
}

/// <summary>Groups given by the plan.</summary>
internal sealed class GroupsReading(NodeRun node, int index, Dependency dependency, NodeRun upstream, Mapping.Groups groups) : Reading(node, index, dependency, upstream)
{
    private readonly GroupIndex groupIndex = new(groups.Members);

    // Range of the group up to which all members are settled: a large group is not read from its start each time a member arrives. Only a
    // short cut: dropped whenever an upstream item goes back.
    private int[] settledRanges = [];
    private int regressions = -1;

    public override Verdict Judge(long item, long limit, out long until)
    {
        until = item + 1;
        if (item >= groups.Members.Count) return Verdict.Cook;
        var members = groups.Members[(int)item];
        if (members.Count < 8) return JudgeSet(members);
        if (regressions != Upstream.Regressions || settledRanges.Length == 0)
        {
            settledRanges = new int[groups.Members.Count];
            regressions = Upstream.Regressions;
        }
        ushort settled = Dependency.AcceptsFailures ? Settled : StateMask.Done;
        ref int at = ref settledRanges[item];
        for (; at < members.Count; at++)
        {
            var span = members[at];
            if (span.End > Upstream.Known) return Verdict.Wait;
            if (Upstream.States.FirstNotIn(settled, span.Start, span.End) < span.End) return JudgeSpan(span);
        }
        return JudgeSet(members);
    }

    public override void AddReads(ItemRange items, RangeSet into)
    {
        for (long i = items.Start; i < Math.Min(items.End, groups.Members.Count); i++)
        {
            foreach (var span in groups.Members[(int)i].AsSpan()) into.Add(span.Intersect(new(0, Upstream.Known)));
        }
    }

    public override void AddReaders(ItemRange upstreamItems, RangeSet into)
        => groupIndex.Meeting(upstreamItems, group => Clip(into, group, group + 1));

    public override void AddReadersOfGrowth(long oldKnown, RangeSet into)
        => groupIndex.Meeting(new(oldKnown, long.MaxValue), group => Clip(into, group, group + 1));
}

/// <summary>Each item of a chain reads the one before it.</summary>
internal sealed class PreviousReading(NodeRun node, int index, Dependency dependency, NodeRun upstream, long length) : Reading(node, index, dependency, upstream)
{
    public long Length => length;

    // The rest of a chain cannot wait until its own node is settled: it is skipped at once, and comes back if too many fail.
    protected override ushort Skipping => (ushort)(StateMask.Skipped | (Upstream.FailuresExceed ? 0 : StateMask.Failed));

    public override Verdict Judge(long item, long limit, out long until)
    {
        until = item + 1;
        if (item % length == 0) return Verdict.Cook;
        var verdict = JudgeSpan(ItemRange.One(item - 1));
        if (verdict != Verdict.Wait) return verdict;
        ushort pending = (ushort)(StateMask.Everything & ~(StateMask.Done | Skipping));
        long chainEnd = Math.Min(limit, item - item % length + length);
        until = Math.Min(chainEnd, Upstream.States.FirstNotIn(pending, item, chainEnd) + 1);
        return verdict;
    }

    public override void AddReads(ItemRange items, RangeSet into)
    {
        for (long i = items.Start; i < items.End; i = i - i % length + length)
        {
            long end = Math.Min(items.End, i - i % length + length);
            into.Add(new ItemRange(i % length == 0 ? i : i - 1, end - 1));
        }
    }

    public override void AddReaders(ItemRange upstreamItems, RangeSet into)
    {
        for (long i = upstreamItems.Start; i < upstreamItems.End;)
        {
            long chainEnd = i - i % length + length;
            Clip(into, i + 1, Math.Min(upstreamItems.End + 1, chainEnd));
            i = chainEnd;
        }
    }
}

/// <summary>Items found by an expander.</summary>
internal sealed class ExpandedReading(NodeRun node, int index, Dependency dependency, NodeRun upstream) : Reading(node, index, dependency, upstream)
{
    private bool OfExpander => Node.Expander == Upstream;

    /// <summary>Where an item stands among those that its expander item found: a lease may begin in their midst.</summary>
    public long PositionOf(long item) => OfExpander ? item - Node.Found!.StartOf(Node.Found.FinderOf(item)) : 0;

    public override Verdict Judge(long item, long limit, out long until)
    {
        var found = Node.Found!;
        int finder = found.FinderOf(item);
        if (!OfExpander && found.MembersOf(item, finder) is { } members)
        {
            until = item + 1;
            return JudgeSet(members);
        }
        until = Math.Min(limit, found.StartOf(finder + 1));
        return finder < Upstream.Known ? JudgeSpan(ItemRange.One(finder)) : Verdict.Wait;
    }

    public override void AddReads(ItemRange items, RangeSet into)
    {
        var found = Node.Found!;
        var known = new ItemRange(0, Upstream.Known);
        for (long i = items.Start; i < items.End;)
        {
            int finder = found.FinderOf(i);
            if (!OfExpander && found.MembersOf(i, finder) is { } members)
            {
                foreach (var span in members.AsSpan()) into.Add(span.Intersect(known));
                i++;
                continue;
            }
            into.Add(ItemRange.One(finder).Intersect(known));
            i = found.StartOf(finder + 1);
        }
    }

    public override void AddReaders(ItemRange upstreamItems, RangeSet into)
    {
        if (OfExpander) Clip(into, Node.Found!.StartOf(upstreamItems.Start), Node.Found.StartOf(upstreamItems.End));
        else Node.Found!.AddReaders(upstreamItems, into);
    }

    public override void AddReadersOfGrowth(long oldKnown, RangeSet into) => AddReaders(new(oldKnown, Math.Max(oldKnown, Upstream.Known)), into);
}
