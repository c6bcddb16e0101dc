using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>What became of items of a node at one time.</summary>
/// <param name="At">When it was written down.</param>
/// <param name="Node">The node.</param>
/// <param name="Items">The items.</param>
/// <param name="Word"><c>done</c>, <c>cached</c>, <c>failed</c>, <c>returned</c> or <c>lost</c>.</param>
/// <param name="Seconds">Cooking time of all of them together.</param>
/// <param name="Worker">Who told; null when the cache did.</param>
/// <param name="Failure">How it failed.</param>
internal sealed record AttemptRow(DateTimeOffset At, NodeId Node, ItemRange Items, string Word, double Seconds, WorkerId? Worker, Failure? Failure);

/// <summary>
/// Every attempt of a run, read from its journal: who cooked what, when, and how it ended. The run machine keeps only what it decides by.
/// </summary>
internal sealed class AttemptHistory
{
    private readonly ILookup<NodeId, AttemptRow> rows;

    private AttemptHistory(IEnumerable<AttemptRow> rows) => this.rows = rows.ToLookup(r => r.Node);

    /// <summary>Reads the whole journal of a run. Events that were dropped leave a history without a beginning: then it is empty.</summary>
    public static AttemptHistory Read(IRunReader store, RunId run)
    {
        var machine = new RunMachine();
        var nodeOf = new Dictionary<LeaseId, NodeId>();
        var rows = new List<AttemptRow>();
        try
        {
            foreach (var stored in store.Events(run, 0))
            {
                var happened = EventCodec.Decode(stored.Payload.Span);
                var ended = happened switch
                {
                    WorkerLost lost => machine.Leases.Where(l => l.Worker == lost.Worker).ToArray(),
                    LeaseLost lost => machine.Leases.Where(l => l.Id == lost.Lease).ToArray(),
                    _ => [],
                };
                foreach (var lease in ended)
                    foreach (var range in lease.Open) rows.Add(new(happened.At, lease.Node, range, "lost", 0, lease.Worker, null));
                if (happened is ItemsCached cached)
                    foreach (var result in cached.Results) rows.Add(new(cached.At, cached.Node, result.Items, "cached", 0, null, null));
                if (happened is ResultsReported reported && nodeOf.TryGetValue(reported.Report.Lease, out var node))
                    foreach (var result in reported.Report.Results)
                        rows.Add(new(reported.At, node, result.Items, Word(result.Kind), result.Seconds, reported.Worker, result.Failure));
                machine.Replay(happened);
                if (happened is LeasesRequested)
                    foreach (var lease in machine.Leases) nodeOf[lease.Id] = lease.Node;
            }
        }
        catch (FarmException)
        {
            return new([]);
        }
        return new(rows);
    }

    /// <summary>What became of one item, oldest first.</summary>
    public IEnumerable<AttemptRow> Of(NodeId node, long item) => rows[node].Where(r => r.Items.Contains(item));

    /// <summary>The newest of it; null when nothing is known.</summary>
    public AttemptRow? Newest(NodeId node, long item) => rows[node].LastOrDefault(r => r.Items.Contains(item));

    private static string Word(ResultKind kind) => kind switch
    {
        ResultKind.Succeeded => "done",
        ResultKind.Cached => "cached",
        ResultKind.Failed => "failed",
        _ => "returned",
    };
}
