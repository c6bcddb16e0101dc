using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Workers.Links;
using ExampleMlFarm.Workers.Programs;
using ExampleMlFarm.Workers.Reporting;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Workers.Leases;

/// <summary>
/// This worker's conversation with one run: reports go out as soon as they are made and again until they are acknowledged, new leases come in with the
/// answers. When there is nothing to report it leaves a call at the run that is answered when there is work.
/// </summary>
/// <remarks>One asynchronous loop; slots and the watch call <see cref="Report"/> and <see cref="Ended"/> from their threads.</remarks>
public sealed partial class RunSession
{
    private readonly WorkerId worker;
    private readonly IFarmLink link;
    private readonly LeaseQueue queue;
    private readonly Outbox outbox;
    private readonly ReportNumbers numbers;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly Lock gate = new();
    private readonly Dictionary<LeaseId, LeaseWork> held = [];
    private readonly LinkedList<LeaseReport> unacknowledged = [];
    private readonly WakeSignal signal = new();
    private readonly HashSet<LeaseId> ended = [];
    private readonly Queue<LeaseId> endedOrder = [];
    private long sentUpTo = -1;
    private double leaseSeconds = double.PositiveInfinity;
    private volatile bool leaving;

    /// <summary>A conversation about a run, whose program is loaded.</summary>
    public RunSession(RunId run, IRunProgram program, WorkerId worker, IFarmLink link, LeaseQueue queue, Outbox outbox, ReportNumbers numbers, TimeProvider time, ILogger log)
    {
        Run = run;
        Program = program;
        this.worker = worker;
        this.link = link;
        this.queue = queue;
        this.outbox = outbox;
        this.numbers = numbers;
        this.time = time;
        this.log = log;
    }

    /// <summary>Number of the run.</summary>
    public RunId Run { get; }

    /// <summary>Its frozen recipe.</summary>
    public IRunProgram Program { get; }

    /// <summary>The link, for look-ups in the cook cache.</summary>
    public IFarmLink Link => link;

    /// <summary>Takes no more leases; hands back those that no slot has begun. What cooks is reported still.</summary>
    public void Leave()
    {
        leaving = true;
        foreach (var work in queue.Withdraw(w => w.Session == this))
            lock (work.Gate) work.Report(finished: true, time);
        signal.Set();
    }

    /// <summary>Takes leases again, if it was leaving and has not left.</summary>
    public void Return() => leaving = false;

    /// <summary>Something may have changed that lets more leases be taken.</summary>
    public void Nudge() => signal.Set();

    /// <summary>A slot or the watch has results.</summary>
    public void Report(LeaseWork work, IReadOnlyList<ItemResult> results, bool finished)
    {
        lock (gate)
        {
            var report = new LeaseReport(work.Lease.Id, numbers.Next(), results, finished);
            outbox.Append(Run, report.Sequence, ReportBytes.Write(report));
            unacknowledged.AddLast(report);
        }
        signal.Set();
    }

    /// <summary>Artifacts that reports name which the run has not acknowledged: they must stay until it has.</summary>
    public IReadOnlyList<ContentHash> Named()
    {
        lock (gate) return [.. unacknowledged.SelectMany(r => r.Results).SelectMany(r => r.Outputs ?? []).Select(o => o.Hash)];
    }

    /// <summary>A revoked lease is not worked on any more.</summary>
    public void Ended(LeaseWork work)
    {
        lock (gate) Forget(work.Lease.Id);
        signal.Set();
    }

    /// <summary>A slot has finished a lease in this time.</summary>
    public void Measured(double seconds) => leaseSeconds = double.IsFinite(leaseSeconds) ? 0.5 * leaseSeconds + 0.5 * seconds : seconds;

    /// <summary>Talks with the run until it is left and everything is acknowledged, or the run is gone.</summary>
    public async Task Converse(CancellationToken cancellation)
    {
        Task<RunReply>? parked = null;
        using var stopParked = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        int parkedWants = 0;
        long lastSent = 0;
        try
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var woken = signal.Next();
                var (reports, leases) = Unsent();
                if (leaving && reports.Count == 0 && leases.Count == 0) return;
                int wanted = leaving ? 0 : Math.Max(0, Wanted() - parkedWants);
                bool due = lastSent == 0 || time.GetElapsedTime(lastSent).TotalSeconds >= Limits.HeartbeatSeconds;
                if (reports.Count > 0 || (due && leases.Count > 0))
                {
                    lastSent = time.GetTimestamp();
                    Apply(await Exchange(reports, leases, wanted, 0, cancellation));
                    continue;
                }
                if (parked is null && wanted > 0)
                {
                    lastSent = time.GetTimestamp();
                    parkedWants = wanted;
                    parked = Exchange([], leases, wanted, Limits.PollSeconds, stopParked.Token);
                }
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                var heartbeat = Task.Delay(TimeSpan.FromSeconds(Limits.HeartbeatSeconds), time, waiting.Token);
                var first = await (parked is null ? Task.WhenAny(woken, heartbeat) : Task.WhenAny(parked, woken, heartbeat));
                await waiting.CancelAsync();
                if (first != parked) continue;
                parked = null;
                parkedWants = 0;
                Apply(await (Task<RunReply>)first);
            }
        }
        catch (RunGoneException)
        {
            Gone(log, Run);
            foreach (var work in Held())
            {
                work.Revoke();
                outbox.Acknowledge(Run, long.MaxValue);
            }
            Leave();
        }
        finally
        {
            await stopParked.CancelAsync();
        }
    }

    private async Task<RunReply> Exchange(IReadOnlyList<LeaseReport> reports, IReadOnlyList<LeaseId> leases, int wanted, double wait, CancellationToken cancellation)
    {
        var message = new WorkerMessage(worker, reports, leases, wanted, wait);
        for (int failures = 0; ; failures++)
        {
            try
            {
                return await link.Exchange(Run, message, cancellation);
            }
            catch (FarmUnreachableException e)
            {
                if (failures == 0) Unreachable(log, Run, e.Message);
                await Task.Delay(BackOff.After(failures), time, cancellation);
                // Meanwhile more may have been cooked: the next message says all of it.
                if (reports.Count > 0 || wait == 0)
                {
                    lock (gate) sentUpTo = -1;
                    (var again, leases) = Unsent();
                    message = message with { Reports = again, Held = leases };
                }
            }
        }
    }

    private void Apply(RunReply reply)
    {
        lock (gate)
        {
            while (unacknowledged.First is { } first && first.Value.Sequence <= reply.AcknowledgedSequence)
            {
                if (first.Value.Finished) Forget(first.Value.Lease);
                unacknowledged.RemoveFirst();
            }
        }
        if (reply.AcknowledgedSequence >= 0) outbox.Acknowledge(Run, reply.AcknowledgedSequence);
        foreach (var id in reply.Revoked)
        {
            LeaseWork? work;
            lock (gate) held.TryGetValue(id, out work);
            if (work is null) continue;
            work.Revoke();
            if (queue.Withdraw(w => w == work).Count > 0) Ended(work);
        }
        foreach (var lease in reply.Granted)
        {
            LeaseWork work;
            lock (gate)
            {
                // A grant may come twice: with the answer to a parked call, and with that of a call sent before it arrived.
                if (held.ContainsKey(lease.Id) || ended.Contains(lease.Id)) continue;
                var node = Program.Plan.Nodes[lease.Node.Value];
                work = new(this, lease, node, Math.Clamp((int)Math.Ceiling(node.Resources.Cpu - 1e-9), 1, queue.Slots));
                held[lease.Id] = work;
            }
            if (leaving) lock (work.Gate) work.Report(finished: true, time);
            else queue.Add(work);
        }
    }

    /// <summary>Reports to be sent now, and all leases held.</summary>
    private (IReadOnlyList<LeaseReport> Reports, IReadOnlyList<LeaseId> Leases) Unsent()
    {
        lock (gate)
        {
            var reports = new List<LeaseReport>();
            foreach (var report in unacknowledged)
                if (report.Sequence > sentUpTo) reports.Add(report);
            if (reports.Count > 0) sentUpTo = reports[^1].Sequence;
            // What was sent and answered without being acknowledged goes out again with the next message.
            if (reports.Count == 0 && unacknowledged.Count > 0) reports = [.. unacknowledged];
            return (reports, [.. held.Keys]);
        }
    }

    /// <summary>Leases this run could have more, with one in reserve per slot when they are so short that the round trip matters.</summary>
    private int Wanted()
    {
        var (granted, _, waiting) = queue.Of(this);
        int cooking;
        lock (gate) cooking = held.Values.Count(w => !w.IsFinished) - waiting;
        int reserve = leaseSeconds < 2 * Limits.FlushSeconds ? granted * Limits.PrefetchedLeasesPerSlot : 0;
        return Math.Max(0, granted + reserve - Math.Max(0, cooking) - waiting);
    }

    // Answers overtake each other by seconds at most, so a few thousand ended leases are remembered.
    private void Forget(LeaseId lease)
    {
        held.Remove(lease);
        if (!ended.Add(lease)) return;
        endedOrder.Enqueue(lease);
        if (endedOrder.Count > 4096) ended.Remove(endedOrder.Dequeue());
    }

    private List<LeaseWork> Held()
    {
        lock (gate) return [.. held.Values];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "run {RunId} cannot be reached, going on cooking: {Reason}")]
    private static partial void Unreachable(ILogger log, RunId runId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "run {RunId} is gone; its leases are dropped")]
    private static partial void Gone(ILogger log, RunId runId);
}
