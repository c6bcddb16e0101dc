using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Core.Runs;

/// <summary>The whole state as bytes and back. What can be worked out again (short cuts, sums) is left out, so equal states have equal bytes.</summary>
public sealed partial class RunMachine
{
    internal void Write(WireWriter to)
    {
        to.Byte((byte)Status);
        to.Count(EventCount);
        to.Count(lastLease);
        to.Bool(Plan is not null);
        if (Plan is null) return;
        PlanCodec.Write(to, Plan);
        to.Time(SubmittedAt);
        to.Bool(FinishedAt is not null);
        if (FinishedAt is { } finished) to.Time(finished);
        foreach (var node in nodes) Write(to, node);
        to.List([.. workers.Values.OrderBy(w => w.Id.Value, StringComparer.Ordinal)], static (w, worker) =>
        {
            w.Text(worker.Id.Value);
            EventCodec.WriteOffer(w, worker.Offer);
            w.CountOrNone(worker.LastSequence);
        });
        to.List(Licences, static (w, licence) =>
        {
            w.Text(licence.Key);
            w.Double(licence.Value);
        });
        to.List([.. leases.Values], static (w, lease) =>
        {
            w.Count(lease.Id.Value);
            w.Count(lease.Node.Id.Value);
            w.Text(lease.Worker.Id.Value);
            w.Range(lease.Items);
            w.Ranges(lease.Open);
            w.Time(lease.At);
        });
    }

    internal static RunMachine Read(ref WireReader from)
    {
        var machine = new RunMachine { Status = from.Choice<RunStatus>(), EventCount = from.Count(), lastLease = from.Count() };
        if (!from.Bool()) return machine;
        var plan = PlanCodec.Read(ref from);
        if (PlanCheck.Problems(plan) is { Count: > 0 } problems) throw from.Corrupt(problems[0]);
        machine.Build(plan);
        machine.SubmittedAt = from.Time();
        if (from.Bool()) machine.FinishedAt = from.Time();
        foreach (var node in machine.nodes) machine.Read(ref from, node);
        foreach (var node in machine.nodes)
        {
            node.Told = node.ToTell;
            if (node.Found is { } found && found.Items != node.Known) throw from.Corrupt($"{node.Plan.Name} has {node.Known} items, but {found.Items} were found");
        }
        int workerCount = from.Small();
        for (int i = 0; i < workerCount; i++)
        {
            var worker = new WorkerRun(new(from.Text()));
            worker.Take(EventCodec.ReadOffer(ref from));
            worker.LastSequence = from.CountOrNone();
            if (!machine.workers.TryAdd(worker.Id, worker)) throw from.Corrupt($"worker {worker.Id} is there twice");
        }
        machine.Take(from.List(static (ref WireReader r) => KeyValuePair.Create(r.Text(), r.Double()), 9));
        int leaseCount = from.Small();
        for (int i = 0; i < leaseCount; i++) machine.ReadLease(ref from);
        return machine;
    }

    private void ReadLease(ref WireReader from)
    {
        var id = new LeaseId(from.Count());
        int index = from.Small();
        var worker = new WorkerId(from.Text());
        var items = from.Range();
        var open = from.Ranges();
        if (index >= nodes.Length || !workers.TryGetValue(worker, out var holder) || id.Value > lastLease) throw from.Corrupt($"lease {id} belongs to nobody");
        var node = nodes[index];
        if (open.IsEmpty || open[0].Start < items.Start || open[open.Count - 1].End > Math.Min(items.End, node.Known)) throw from.Corrupt($"lease {id} has items that do not exist");
        var lease = new LeaseRun(id, node, items, holder, from.Time()) { Open = open };
        if (!leases.TryAdd(id.Value, lease)) throw from.Corrupt($"lease {id} is there twice");
        holder.Leases.Add(lease);
        holder.Used.Add(node.Needs);
        node.Leases++;
    }

    private static void Write(WireWriter to, NodeRun node)
    {
        to.Bool(node.Complete);
        to.Bool(node.WasComplete);
        var runs = node.States.Runs(new(0, node.Known)).ToList();
        to.List(runs, static (w, run) =>
        {
            w.Byte((byte)run.State);
            w.Count(run.Items.Count);
        });
        to.List([.. node.Results.In(new(0, node.Known))], ResultCodec.Write);
        to.List([.. node.Troubles.OrderBy(t => t.Key)], static (w, entry) =>
        {
            var trouble = entry.Value;
            w.Count(entry.Key);
            w.Count(trouble.Attempts);
            w.Count(trouble.Failures);
            w.Count(trouble.Losses);
            w.Count(trouble.InputFaults);
            w.Count(trouble.InputFaultsInAll);
            w.Hash(trouble.BrokenInput);
            w.Bool(trouble.Last is not null);
            if (trouble.Last is { } failure) ResultCodec.WriteFailure(w, failure);
            w.Count(trouble.RetryAtTicks);
        });
        to.Ranges(node.SkippedByRequest);
        to.Ranges(node.Suspects);
        to.List(node.Notes, static (w, note) =>
        {
            w.Time(note.At);
            w.Ranges(note.Items);
            ResultCodec.WriteFailure(w, note.Reason);
        });
        to.Count(node.Found?.Count ?? 0);
        for (int i = 0; i < (node.Found?.Count ?? 0); i++)
        {
            to.Bool(node.Found!.IsAssumed(i));
            ResultCodec.WriteExpansion(to, node.Found[i]);
        }
        to.Double(node.SecondsPerItem);
        to.Double(node.SecondsPerCachedItem);
        to.Double(node.Seconds);
        to.Count(node.LargestMeasured);
        to.Count(node.FailedAttempts);
        to.Count(node.LostAttempts);
    }

    private void Read(ref WireReader from, NodeRun node)
    {
        node.Complete = from.Bool();
        node.WasComplete = from.Bool();
        foreach (var (state, count) in from.List(static (ref WireReader r) => (r.Choice<ItemState>(), r.Count()), 2))
        {
            if (count > PlanCheck.MostItemsPerNode - node.Known) throw from.Corrupt($"{node.Plan.Name} has too many items");
            node.States.Extend(node.Known + count, state);
        }
        long end = 0;
        foreach (var result in from.List(ResultCodec.Read, 4))
        {
            if (result.Items.Start < end || result.Items.End > node.Known) throw from.Corrupt($"a result of {node.Plan.Name} is out of place");
            node.Results.Add(result);
            end = result.Items.End;
        }
        int troubled = from.Small();
        for (int i = 0; i < troubled; i++)
        {
            long item = from.Count();
            var trouble = new Trouble { Attempts = from.Small(), Failures = from.Small(), Losses = from.Small(), InputFaults = from.Small(), InputFaultsInAll = from.Small(), BrokenInput = from.Hash(), Last = from.Bool() ? ResultCodec.ReadFailure(ref from) : null, RetryAtTicks = from.Count() };
            if (item >= node.Known || !node.Troubles.TryAdd(item, trouble)) throw from.Corrupt($"item {item} of {node.Plan.Name} is out of place");
            if (trouble.RetryAtTicks == 0) continue;
            if (trouble.RetryAtTicks > DateTime.MaxValue.Ticks) throw from.Corrupt($"{trouble.RetryAtTicks} is no time");
            node.BackingOff.Add(ItemRange.One(item));
            backoffs.Add((trouble.RetryAtTicks, node.Id.Value, item));
        }
        node.SkippedByRequest.Add(from.Ranges());
        node.Suspects.Add(from.Ranges());
        node.Notes.AddRange(from.List(static (ref WireReader r) => new RerunNote(r.Time(), r.Ranges(), ResultCodec.ReadFailure(ref r)), 13));
        int found = from.Small();
        if (found > 0 && node.Found is null) throw from.Corrupt($"{node.Plan.Name} has finds but no expander");
        for (int i = 0; i < found; i++)
        {
            bool isAssumed = from.Bool();
            var expansion = ResultCodec.ReadExpansion(ref from);
            if (expansion.Count > PlanCheck.MostItemsPerNode || (expansion.Members is { } members && members.Count != expansion.Count)) throw from.Corrupt($"a find of {node.Plan.Name} makes no sense");
            node.Found!.Append(expansion, isAssumed);
        }
        node.SecondsPerItem = from.Double();
        node.SecondsPerCachedItem = from.Double();
        node.Seconds = from.Double();
        node.LargestMeasured = from.Count();
        node.FailedAttempts = from.Count();
        node.LostAttempts = from.Count();
    }
}
