using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;

namespace ExampleMlFarm.Bench.Scheduler;

/// <summary>
/// A worker process that cooks nothing: it reports each lease as soon as it has it, with one result per item or one for the whole lease. What it measures is
/// the wire, the run and the journal.
/// </summary>
internal static class NoOpWorker
{
    /// <summary>Connects to the folder's farm and works until its run has nothing more.</summary>
    /// <param name="folder">The farm's folder.</param>
    /// <param name="run">The run.</param>
    /// <param name="perItem">True for one result per item, as items with metrics or files of their own have.</param>
    /// <param name="limit">Ends after this many items; 0 = none.</param>
    public static async Task<long> Work(string folder, long run, bool perItem, long limit = 0)
    {
        await using var link = await FarmConnection.Connect(folder);
        var id = WorkerName.OfThisProcess();
        await link.Call(g => g.GetGrain<IFarmGrain>(0).Work(new(id.Value, "here", Environment.ProcessId, [], 2, 2, 0, 0, [], [], 0, 0)));
        var grain = link.Grains.GetGrain<IRunGrain>(run);
        var held = new List<Lease>();
        var reports = new List<LeaseReport>();
        long sequence = 0, items = 0;
        while (true)
        {
            var reply = MessageCodec.DecodeReply(await grain.Exchange(MessageCodec.Encode(new WorkerMessage(id, reports, [.. held.Select(l => l.Id)], 4, 5))));
            reports = [];
            held.Clear();
            held.AddRange(reply.Granted);
            if (held.Count == 0 && reply.Idle) return items;
            foreach (var lease in held)
            {
                reports.Add(new(lease.Id, ++sequence, perItem ? Each(lease.Items) : [new(lease.Items, ResultKind.Succeeded, 1e-7 * lease.Items.Count)], true));
                items += lease.Items.Count;
            }
            held.Clear();
            if (limit > 0 && items >= limit) return items;
        }
    }

    private static ItemResult[] Each(ItemRange items)
    {
        var results = new ItemResult[items.Count];
        for (int i = 0; i < results.Length; i++) results[i] = new(ItemRange.One(items.Start + i), ResultKind.Succeeded, 1e-7);
        return results;
    }
}
