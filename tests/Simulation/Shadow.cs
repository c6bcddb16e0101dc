using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Simulation;

/// <summary>
/// A second, simple-minded book of who holds what and what is done, kept from what became durable alone. It knows no dependencies; it only sees
/// that no item is given or taken twice.
/// </summary>
public sealed class Shadow
{
    private sealed record Out(WorkerId Worker, NodeId Node, HashSet<long> Open);

    private readonly Dictionary<long, Out> leases = [];
    private readonly HashSet<(int Node, long Item)> done = [];
    private long newestLease;

    public int Accepted { get; private set; }

    public void Durable(RunEvent happened, IReadOnlyList<RunCommand> commands, IReadOnlyList<RerunView> reruns, ItemRange returned)
    {
        foreach (var rerun in reruns)
        {
            foreach (var range in rerun.Items)
            {
                for (long i = range.Start; i < range.End; i++) done.Remove((rerun.Node.Value, i));
            }
        }
        if (happened is ItemsCached cached)
        {
            foreach (var result in cached.Results) Done(cached.Node, result.Items, "the cache");
        }
        if (happened is ResultsReported reported) Take(reported, returned);
        if (happened is WorkerLost lost)
        {
            foreach (var (id, lease) in leases.ToArray())
            {
                if (lease.Worker == lost.Worker) leases.Remove(id);
            }
        }
        foreach (var command in commands)
        {
            if (command is RevokeLease revoked) leases.Remove(revoked.Lease.Value);
            if (command is GrantLease granted) Give(granted);
        }
    }

    private void Take(ResultsReported reported, ItemRange returned)
    {
        var report = reported.Report;
        if (!leases.TryGetValue(report.Lease.Value, out var lease) || lease.Worker != reported.Worker)
            throw new InvalidOperationException($"a report of {reported.Worker} about lease {report.Lease}, which it does not hold, was accepted");
        foreach (var result in report.Results)
        {
            for (long i = result.Items.Start; i < result.Items.End; i++)
            {
                if (!lease.Open.Remove(i)) continue;
                if (result.Kind is ResultKind.Succeeded or ResultKind.Cached && !returned.Contains(i)) Done(lease.Node, ItemRange.One(i), $"lease {report.Lease}");
            }
        }
        if (report.Finished || lease.Open.Count == 0) leases.Remove(report.Lease.Value);
    }

    private void Done(NodeId node, ItemRange items, string by)
    {
        for (long i = items.Start; i < items.End; i++)
        {
            if (!done.Add((node.Value, i))) throw new InvalidOperationException($"item {i} of node {node} got a second result, from {by}");
            Accepted++;
        }
    }

    private void Give(GrantLease granted)
    {
        var lease = granted.Lease;
        if (lease.Id.Value <= newestLease) throw new InvalidOperationException($"lease {lease.Id} was given twice");
        newestLease = lease.Id.Value;
        var open = new HashSet<long>();
        for (long i = lease.Items.Start; i < lease.Items.End; i++)
        {
            open.Add(i);
            if (done.Contains((lease.Node.Value, i))) throw new InvalidOperationException($"item {i} of node {lease.Node} was acknowledged and is cooked again without a reason");
            var holder = leases.FirstOrDefault(l => l.Value.Node == lease.Node && l.Value.Open.Contains(i));
            if (holder.Value is not null) throw new InvalidOperationException($"item {i} of node {lease.Node} is in leases L{holder.Key} and {lease.Id}");
        }
        leases[lease.Id.Value] = new(granted.Worker, lease.Node, open);
    }
}
