using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Scheduler.Contracts;

namespace ExampleMlFarm.Scheduler.Runs;

/// <summary>What people ask of a run, turned into events; who asked and why is kept with them.</summary>
public static class RunOrders
{
    private const int MostReasons = 100;

    /// <summary>Does what is asked, as far as deciding: the caller persists and carries out the commands.</summary>
    public static (OrderOutcome Outcome, IReadOnlyList<RunCommand> Commands) Decide(RunShell shell, RunOrder order, DateTimeOffset now)
    {
        if (order.Kind is OrderKind.Pause or OrderKind.Resume or OrderKind.Cancel)
        {
            long open = OpenItems(shell);
            if (order.DryRun) return (new(true, $"would {Word(order.Kind)} run {shell.Id}", open), []);
            RunEvent happened = order.Kind switch
            {
                OrderKind.Pause => new RunPaused(now),
                OrderKind.Cancel => new RunCancelled(now),
                _ when shell.Machine.IsFinished => new RunReopened(now),
                _ => new RunResumed(now),
            };
            return Outcome(shell, happened, order, Word(order.Kind), open);
        }
        var all = RunLooks.Demand(shell, order.Node);
        var items = RunLooks.InStates(shell, order.Node, Ranges(order, all), order.States);
        string what = $"{Word(order.Kind)} {shell.Machine.Plan!.Nodes[order.Node].Name}/{items}";
        if (items.IsEmpty) return (new(false, $"{what}: no such items; the node has {all.End}", 0), []);
        if (order.DryRun) return (new(true, $"would {what}", items.ItemCount), []);
        var node = new NodeId(order.Node);
        return Outcome(shell, order.Kind switch
        {
            OrderKind.CancelItems => new ItemsCancelled(now, node, items),
            OrderKind.Retry => new ItemsRetried(now, node, items),
            OrderKind.Skip => new ItemsSkipped(now, node, items),
            OrderKind.Invalidate or OrderKind.InvalidateDownstream => new OutputsInvalidated(now, node, items,
                new(FailureClass.Permanent, "output.invalidated", order.Reason.Length > 0 ? order.Reason : $"{order.Who} asked for it."), order.Kind == OrderKind.InvalidateDownstream),
            _ => throw new ArgumentOutOfRangeException(nameof(order), order.Kind, "no such order"),
        }, order, what, items.ItemCount);
    }

    /// <summary>
    /// Looks at every artifact of the run's results, and decides that what lies in missing or damaged ones is cooked again. The files are read on other
    /// threads; the caller persists and carries out the commands.
    /// </summary>
    public static async Task<(VerifyOutcome Outcome, IReadOnlyList<RunCommand> Commands)> Verify(RunShell shell, ArtifactStore artifacts, bool readBytes, TimeProvider time)
    {
        var uses = shell.Machine.Artifacts().GroupBy(u => u.Output.Hash).Select(g => (Hash: g.Key, g.First().Output.SizeBytes, Uses: g.Select(u => (u.Node, u.Items)).ToList())).ToList();
        var found = new ArtifactCheck[uses.Count];
        await Task.Run(() => Parallel.For(0, uses.Count, i => found[i] = readBytes ? artifacts.CheckAndSetAside(uses[i].Hash, uses[i].SizeBytes) : artifacts.Glance(uses[i].Hash, uses[i].SizeBytes)));
        var commands = new List<RunCommand>();
        var reasons = new List<string>();
        long broken = 0, items = 0;
        for (int i = 0; i < uses.Count; i++)
        {
            if (found[i].IsIntact) continue;
            broken++;
            var failure = found[i].ToFailure(uses[i].Hash);
            if (reasons.Count < MostReasons) reasons.Add(failure.Message);
            foreach (var node in uses[i].Uses.GroupBy(u => u.Node))
            {
                var gone = new RangeSet();
                foreach (var use in node) gone.Add(use.Items);
                var outcome = shell.Decide(new OutputsInvalidated(time.GetUtcNow(), node.Key, gone, failure));
                if (outcome.IsIgnored) continue;
                items += gone.ItemCount;
                commands.AddRange(outcome.Commands);
            }
        }
        return (new(uses.Count, broken, items, [.. reasons]), commands);
    }

    private static (OrderOutcome, IReadOnlyList<RunCommand>) Outcome(RunShell shell, RunEvent happened, RunOrder order, string what, long items)
    {
        var outcome = shell.Decide(happened, order.Who, what, order.Reason);
        return (outcome.IsIgnored ? new(false, $"{what}: {outcome.IgnoredBecause}", 0) : new(true, what, items), outcome.Commands);
    }

    private static long OpenItems(RunShell shell)
    {
        var counts = shell.Machine.TotalCounts();
        return counts.Waiting + counts.Ready + counts.Cooking + counts.Lost;
    }

    private static RangeSet Ranges(RunOrder order, ItemRange all)
    {
        if (order.Ranges.Length == 0) return new(all);
        if (order.Ranges.Length % 2 != 0) throw FarmException.Invalid("order.ranges", $"ranges come in pairs of start and end; {order.Ranges.Length} numbers were given.");
        var items = new RangeSet();
        for (int i = 0; i < order.Ranges.Length; i += 2) items.Add(new ItemRange(order.Ranges[i], order.Ranges[i + 1]).Intersect(all));
        return items;
    }

    private static string Word(OrderKind kind) => kind switch
    {
        OrderKind.Pause => "pause",
        OrderKind.Resume => "resume",
        OrderKind.Cancel or OrderKind.CancelItems => "cancel",
        OrderKind.Retry => "retry",
        OrderKind.Skip => "skip",
        OrderKind.Invalidate => "cook again",
        _ => "cook again with all that follows",
    };
}
