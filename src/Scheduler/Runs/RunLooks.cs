using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Contracts;

namespace ExampleMlFarm.Scheduler.Runs;

/// <summary>What people see of a run, in the form that travels. Changes nothing.</summary>
public static class RunLooks
{
    private const int MostRows = 10_000;

    /// <summary>Counters and failures.</summary>
    public static RunView View(RunShell shell)
    {
        var machine = shell.Machine;
        return new(shell.Id.Value, shell.Record.Name, shell.Record.Folder, (byte)machine.Status, machine.SubmittedAt, machine.FinishedAt, machine.EventCount,
            [.. machine.Nodes.Select(Row)], [.. machine.Failures(RunView.MostFailures).Select(f => Row(f.Node.Value, f.Index, f.Attempts, f.Failure))]);
    }

    /// <summary>The plan in bytes.</summary>
    public static byte[] Plan(RunShell shell) => PlanCodec.Encode(shell.Machine.Plan!);

    /// <summary>One byte per item.</summary>
    public static byte[] States(RunShell shell, int node)
    {
        var all = Demand(shell, node);
        var states = new byte[all.End];
        foreach (var (items, state) in shell.Machine.States(new(node), all)) states.AsSpan((int)items.Start, (int)items.Count).Fill((byte)state);
        return states;
    }

    /// <summary>A page of items.</summary>
    public static ItemPage Items(RunShell shell, ItemQuery query)
    {
        var all = Demand(shell, query.Node);
        var asked = InStates(shell, query.Node, new(all), query.States);
        int count = Math.Clamp(query.Count, 1, MostRows);
        var rows = new List<ItemRow>();
        long next = -1;
        foreach (var range in asked)
        {
            var part = range.Intersect(new(query.From, all.End));
            if (part.IsEmpty) continue;
            if (rows.Count == count)
            {
                next = part.Start;
                break;
            }
            int take = (int)Math.Min(part.Count, count - rows.Count);
            foreach (var item in shell.Machine.Items(new(query.Node), part.Start, take)) rows.Add(Row(query.Node, item));
            if (take < part.Count)
            {
                next = part.Start + take;
                break;
            }
        }
        return new([.. rows], next, asked.ItemCount);
    }

    /// <summary>Why an item stands where it stands.</summary>
    public static Explanation Explain(RunShell shell, int node, long item)
    {
        Demand(shell, node);
        var reason = shell.Machine.Explain(new(node), item);
        var lines = new List<string> { reason.ToString()! };
        foreach (var rerun in shell.Machine.Reruns())
            if (rerun.Node.Value == node && rerun.Items.Contains(item)) lines.Add($"{rerun.At:u}  cooked again: {rerun.Reason.Message}");
        string name = shell.Machine.Plan!.Nodes[node].Name;
        foreach (var order in shell.Orders())
            if (!order.What.Contains('/') || order.What.Contains($" {name}/", StringComparison.Ordinal)) lines.Add($"{order.At:u}  {order.Who}: {order.What}{(order.Reason.Length > 0 ? $" ({order.Reason})" : "")}");
        return new(reason.GetType().Name, [.. lines]);
    }

    /// <summary>Those of the items that stand in one of the states; all of them when none is named.</summary>
    internal static RangeSet InStates(RunShell shell, int node, RangeSet items, byte[] states)
    {
        if (states.Length == 0) return items;
        var result = new RangeSet();
        foreach (var range in items)
            foreach (var (part, state) in shell.Machine.States(new(node), range))
                if (Array.IndexOf(states, (byte)state) >= 0) result.Add(part);
        return result;
    }

    /// <summary>All items of a node.</summary>
    /// <exception cref="FarmException"><c>run.no_such_node</c>.</exception>
    internal static ItemRange Demand(RunShell shell, int node)
    {
        var nodes = shell.Machine.Plan!.Nodes;
        if ((uint)node >= (uint)nodes.Count)
            throw FarmException.Invalid("run.no_such_node", $"run {shell.Id} has no node #{node}; it has {nodes.Count}: {string.Join(", ", nodes.Where(n => !n.IsExpander).Select(n => n.Name))}.");
        return new(0, shell.Machine.Counts(new(node)).Total);
    }

    private static NodeRow Row(NodeView n) => new(n.Plan.Name, n.Plan.IsExpander, n.Plan.IsVirtual,
        [n.Counts.Waiting, n.Counts.Ready, n.Counts.Cooking, n.Counts.Succeeded, n.Counts.Cached, n.Counts.Failed, n.Counts.Lost, n.Counts.Skipped, n.Counts.Cancelled],
        n.CountIsFinal, n.Seconds, n.SecondsPerItem ?? -1, n.Leases, n.FailedAttempts, n.LostAttempts, n.FailuresAllowed, n.BrokenChecks);

    private static ItemRow Row(int node, ItemView item) => new(item.Index, (byte)item.State, item.Attempts, item.Losses, item.Worker?.Value ?? "", item.RetryAt,
        item.LastFailure is { } failure ? Row(node, item.Index, item.Attempts, failure) : null, item.Result is { } result ? Bytes(result) : null);

    private static FailureRow Row(int node, long item, int attempts, Failure f) => new(node, item, attempts, (byte)f.Class, f.Code, f.Message, f.Detail ?? "");

    private static byte[] Bytes(ItemResult result)
    {
        var to = new WireWriter();
        ResultCodec.Write(to, result);
        return to.ToArray();
    }
}
