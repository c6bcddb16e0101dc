using System.Runtime.CompilerServices;
using System.Text;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Core.Runs;

/// <summary>What must hold of a run machine after every event. O(items); for tests, simulation and <c>doctor</c>.</summary>
public static class RunInvariants
{
    /// <summary>Throws <see cref="InvalidOperationException"/> that names the first thing that does not hold.</summary>
    public static void Check(RunMachine machine) => machine.CheckInvariants();
}

/// <summary>The text of a broken invariant, put together only when it is broken: the checks run after every event of long simulations.</summary>
[InterpolatedStringHandler]
internal readonly struct BrokenInvariant
{
    private readonly StringBuilder? text;

    public BrokenInvariant(int literalLength, int formattedCount, bool holds, out bool isWanted)
    {
        isWanted = !holds;
        text = holds ? null : new(literalLength + 16 * formattedCount);
    }

    public void AppendLiteral(string literal) => text!.Append(literal);

    public void AppendFormatted<T>(T value) => text!.Append(value);

    public override string ToString() => text?.ToString() ?? "";
}

/// <summary>The invariants, where the books are.</summary>
public sealed partial class RunMachine
{
    internal void CheckInvariants()
    {
        foreach (var node in nodes)
        {
            CheckCounts(node);
            CheckItems(node);
            CheckGrowth(node);
        }
        CheckLeases();
        CheckStatus();
    }

    private static void Demand(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] BrokenInvariant what)
    {
        if (!holds) throw new InvalidOperationException($"invariant broken: {what}");
    }

    private static void CheckCounts(NodeRun node)
    {
        var counted = new long[StateMask.States];
        for (long item = 0; item < node.Known; item++) counted[(int)node.States.Of(item)]++;
        for (int state = 0; state < counted.Length; state++)
            Demand(counted[state] == node.States[(ItemState)state], $"{node.Plan.Name}: {counted[state]} items are {(ItemState)state}, the counter says {node.States[(ItemState)state]}");
    }

    private void CheckItems(NodeRun node)
    {
        var held = leases.Values.Where(l => l.Node == node).ToArray();
        for (long item = 0; item < node.Known; item++)
        {
            var name = new Reason.ItemName(node.Plan.Name, item);
            var state = node.States.Of(item);
            var trouble = node.Troubles.GetValueOrDefault(item);
            int holders = held.Count(l => l.Open.Contains(item));
            Demand(holders == (state == ItemState.Cooking ? 1 : 0), $"{name} is {state} and in {holders} leases");
            bool done = StateMask.Holds(StateMask.Done, state);
            var result = node.Results.Of(item);
            Demand(done == (result is not null), $"{name} is {state} and has {(result is null ? "no result" : "a result")}");
            if (done) Demand((result!.Kind == ResultKind.Cached) == (state == ItemState.Cached), $"{name} is {state}, its result is {result.Kind}");
            if (state == ItemState.Failed) Demand(trouble?.Last is not null, $"{name} failed without a reason");
            bool backingOff = trouble is { RetryAtTicks: > 0 };
            Demand(backingOff == node.BackingOff.Contains(item) && backingOff == backoffs.Contains((trouble?.RetryAtTicks ?? 0, node.Id.Value, item)), $"{name}: back-off kept in one place and not in another");
            Demand(!backingOff || state is ItemState.Waiting or ItemState.Skipped, $"{name} backs off and is {state}");
            Demand(!node.SkippedByRequest.Contains(item) || state == ItemState.Skipped, $"{name} is to be skipped and is {state}");
            Demand(trouble is null || state is ItemState.Failed || trouble.Losses < Limits.LossesUntilPoison || state is ItemState.Skipped or ItemState.Cancelled, $"{name} is poison and {state}");
            if (StateMask.Holds(StateMask.Open, state)) Demand(state == Derived(node, item), $"{name} is {state}; from its inputs it should be {Derived(node, item)}");
        }
    }

    /// <summary>What an open item's state has to be.</summary>
    private static ItemState Derived(NodeRun node, long item)
    {
        if (node.SkippedByRequest.Contains(item)) return ItemState.Skipped;
        var verdict = JudgeInputs(node, item, item + 1, out _);
        if (verdict == Verdict.Skip) return ItemState.Skipped;
        if (verdict == Verdict.Wait || node.BackingOff.Contains(item)) return ItemState.Waiting;
        if (node.Plan.IsVirtual) return ItemState.Succeeded;
        return node.Suspects.Contains(item) ? ItemState.Lost : ItemState.Ready;
    }

    private static void CheckGrowth(NodeRun node)
    {
        string name = node.Plan.Name;
        switch (node.Plan.Items)
        {
            case ItemRule.Fixed(var count):
                Demand(node.Known == count && node.Complete, $"{name} has {node.Known} of {count} items");
                break;
            case ItemRule.FollowsInput:
                var mapping = node.CountedBy!.Dependency.Mapping;
                var input = node.CountedBy.Upstream;
                Demand(node.Known == MappingRules.Count(mapping, input.Known), $"{name} has {node.Known} items, its input {input.Known}");
                Demand(node.Complete == (MappingRules.CountIsFixed(mapping) || input.Complete), $"{name} does not know that its count is final, or believes it too early");
                break;
            case ItemRule.FoundBy:
                var (found, expander) = (node.Found!, node.Expander!);
                Demand(found.Items == node.Known, $"{name} has {node.Known} items and {found.Items} were found");
                Demand(found.Count <= expander.Known, $"{name} knows finds of expander items that do not exist");
                Demand(found.Count == expander.Known || FindsOf(expander, found.Count) is null, $"{name} left out the finds of expander item {found.Count}");
                for (int i = 0; i < found.Count; i++)
                    Demand(FindsOf(expander, i) is { } finds ? Expansions.Same(finds, found[i]) : !found.IsAssumed(i), $"{name} holds old finds of expander item {i}");
                break;
        }
    }

    private void CheckLeases()
    {
        foreach (var lease in leases.Values)
        {
            Demand(!lease.Open.IsEmpty, $"lease {lease.Id} is out for nothing");
            Demand(lease.Open[0].Start >= lease.Items.Start && lease.Open[lease.Open.Count - 1].End <= Math.Min(lease.Items.End, lease.Node.Known), $"lease {lease.Id} reaches beyond its items");
            Demand(workers.GetValueOrDefault(lease.Worker.Id) == lease.Worker && lease.Worker.Leases.Contains(lease), $"lease {lease.Id} belongs to a worker that does not know it");
            Demand(lease.Id.Value <= lastLease, $"lease {lease.Id} was never given");
            if (lease.Node.Chain is { } chain) Demand(lease.Items.Start / chain.Length == (lease.Items.End - 1) / chain.Length, $"lease {lease.Id} mixes chains");
        }
        foreach (var worker in workers.Values)
        {
            Demand(worker.Leases.All(l => leases.GetValueOrDefault(l.Id.Value) == l), $"worker {worker.Id} holds a lease that is not out");
            Demand(worker.Leases.Count <= 1 || !worker.Leases.Any(IsAlone), $"worker {worker.Id} cooks a suspect beside other items");
        }
        foreach (var node in nodes)
        {
            Demand(node.Leases == leases.Values.Count(l => l.Node == node), $"{node.Plan.Name}: the number of leases is wrong");
            Demand(node.Plan.MaxParallel == 0 || node.Leases <= node.Plan.MaxParallel, $"{node.Plan.Name}: more leases than max_parallel");
            Demand(node.Known == 0 || node.States.Total(StateMask.Everything) == node.Known, $"{node.Plan.Name}: counters do not add up");
        }
    }

    private void CheckStatus()
    {
        Demand(changed.Count == 0 && growing.Count == 0, $"something was left unsettled");
        if (IsFinished) Demand(leases.Count == 0, $"the run is {Status} and leases are out");
        if (Status is RunStatus.Succeeded or RunStatus.ChecksFailed)
        {
            foreach (var node in nodes)
            {
                Demand(node.Complete && node.States.Total(StateMask.Done | StateMask.Skipped | StateMask.Failed) == node.Known, $"the run is {Status} and {node.Plan.Name} is not through");
                Demand(!node.FailuresExceed, $"the run is {Status} and {node.Plan.Name} failed");
            }
        }
        if (Status is RunStatus.Running or RunStatus.Paused)
            Demand(leases.Count > 0 || backoffs.Count > 0 || HasLeasable(), $"the run goes on and nothing can move");
    }
}
