using System.Globalization;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Workers.Cooking;
using ExampleMlFarm.Workers.Programs;
using ExampleMlFarm.Workers.Reporting;

namespace ExampleMlFarm.Workers.Leases;

/// <summary>
/// One slot: a thread that takes leases and cooks their items one after the other, turning every outcome into a result. Decides nothing about
/// retries.
/// </summary>
/// <remarks>
/// The thread owns everything but the attempt clock and what lies under a lease's gate, which the watch uses too. An item that does nothing costs well below a
/// microsecond and no allocation.
/// </remarks>
public sealed class Slot : IDisposable
{
    private readonly int number;
    private readonly LeaseQueue queue;
    private readonly SlotHost host;
    private readonly SlotBoard board;
    private readonly EarlierResults earlier;
    private readonly ArtifactStore store;
    private readonly TimeProvider time;
    private readonly CookContext context;
    private readonly AttemptClock clock;
    private readonly CancellationTokenSource closed = new();
    private volatile LeaseWork? current;

    /// <summary>A slot that does not run yet.</summary>
    public Slot(int number, LeaseQueue queue, SlotHost host, SlotBoard board, EarlierResults earlier, ArtifactStore store, TimeProvider time)
    {
        this.number = number;
        this.queue = queue;
        this.host = host;
        this.board = board;
        this.earlier = earlier;
        this.store = store;
        this.time = time;
        context = new(host);
        clock = new(time);
    }

    /// <summary>Cooks until the queue is closed. For a thread of its own.</summary>
    public void Run()
    {
        while (queue.Take() is { } work)
        {
            long start = time.GetTimestamp();
            board.Begin(number, work.Session.Run, work.Lease.Id, work.Lease.Items);
            current = work;
            try { Cook(work); }
            finally
            {
                current = null;
                board.End(number);
                work.Session.Measured(time.GetElapsedTime(start).TotalSeconds);
                queue.Release(work);
                work.Session.Nudge();
            }
        }
    }

    /// <summary>Stops the item that cooks; it and the rest of its lease go back.</summary>
    public void Close()
    {
        closed.Cancel();
        clock.Stop(StopReason.Closing);
    }

    /// <summary>
    /// The watch looks in: shows what was logged, reports what is ready, stops what is over its time or revoked. True when the item did not stop although it was told to
    /// long ago; its lease is then reported without it.
    /// </summary>
    public bool Look()
    {
        host.AttemptLog.Flush();
        if (current is not { } work) return false;
        var (item, seconds, reason, asked) = clock.Look();
        if (item >= 0 && work.IsRevoked) clock.Stop(StopReason.Revoked);
        else if (item >= 0 && work.Node.TimeoutSeconds > 0 && seconds > work.Node.TimeoutSeconds) clock.Stop(StopReason.TimedOut);
        bool stuck = item >= 0 && asked > Limits.StuckSeconds;
        lock (work.Gate)
        {
            if (stuck && !work.IsFinished)
            {
                if (reason == StopReason.TimedOut) work.Results?.Failed(item, seconds, TimedOut(work, item, seconds), []);
                work.Report(finished: true, time);
            }
            else if (work.Results is { HasAny: true } && time.GetElapsedTime(work.ReportedAt).TotalSeconds >= Limits.FlushSeconds) work.Report(finished: false, time);
        }
        return stuck;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        host.Dispose();
        clock.Dispose();
        closed.Dispose();
    }

    private void Cook(LeaseWork work)
    {
        work.ReportedAt = time.GetTimestamp();
        var found = new RangeSet();
        ILeaseProgram? program = null;
        try
        {
            program = work.Session.Program.Begin(work.Lease, host);
            var results = new LeaseResults(new(store, host.SegmentFolder), program.Keys);
            if (program.ReadsCache && program.Keys.Count > 0)
                foreach (var result in earlier.Find(program.Keys, closed.Token))
                {
                    found.Add(result.Items);
                    results.Cached(result);
                }
            lock (work.Gate)
            {
                work.Results = results;
                if (program.IsChain) work.Published = program.Published;
            }
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            lock (work.Gate) work.Report(finished: true, time);
            return;
        }
#pragma warning disable CA1031 // Whatever is wrong with a lease fails its items, never the worker.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (work.Gate)
            {
                work.Results = new(new(store, host.SegmentFolder), []);
                work.Results.FailedAll(work.Lease.Items, AttemptFailure.Of(e));
                work.Report(finished: true, time);
            }
            return;
        }
        var items = work.Lease.Items;
        for (long item = items.Start; item < items.End; item++)
        {
            if (closed.IsCancellationRequested || work.IsRevoked || work.IsFinished) break;
            if (!found.IsEmpty && found.Contains(item)) continue;
            CookItem(work, program, item);
            // Frames of a chain read the one before, which therefore has to be published.
            if (program.IsChain || time.GetElapsedTime(work.ReportedAt).TotalSeconds >= Limits.FlushSeconds || work.Results.SegmentBytes > Limits.SegmentBytes)
                lock (work.Gate) work.Report(finished: false, time);
        }
        board.Cook(number, -1);
        lock (work.Gate)
        {
            work.Report(finished: true, time);
            work.Results.Dispose();
        }
    }

    private void CookItem(LeaseWork work, ILeaseProgram program, long item)
    {
        var session = work.Session;
        int attempt = work.AttemptOf(item);
        board.Cook(number, item);
        host.AttemptLog.Begin(session.Run, work.Node.Name, item, attempt);
        host.Begin(program, item, work.Node.Resources.MemoryBytes);
        var stop = clock.Begin(item);
        context.Begin(session.Run, work.Node.Name, session.Program.Seed, item, attempt, program.Inputs, stop);
        Exception? thrown = null;
        IReadOnlyList<string>? broken = null;
        try
        {
            program.MoveTo(item);
            program.Cook(context);
            broken = program.Finish(host.Outputs);
        }
#pragma warning disable CA1031 // The one catch-all of the system: what an item does wrong is its failure, whatever it is.
        catch (Exception e)
#pragma warning restore CA1031
        {
            thrown = e;
        }
        var (seconds, reason) = clock.End();
        lock (work.Gate)
        {
            if (!work.IsFinished) thrown = Settle(work, item, seconds, reason, broken, thrown);
        }
        if (thrown is null) host.End(succeeded: true);
        else
        {
            if (reason != StopReason.Revoked) host.Log(AttemptFailure.Of(thrown).ToString());
            host.End(succeeded: false);
        }
        host.AttemptLog.End();
    }

    /// <summary>Notes what became of an item. Returns what it failed with, which may only have come up while its outputs were put away.</summary>
    private Exception? Settle(LeaseWork work, long item, double seconds, StopReason reason, IReadOnlyList<string>? broken, Exception? thrown)
    {
        var results = work.Results!;
        if (thrown is null)
        {
            try
            {
                results.Succeeded(item, seconds, host.Outputs, broken);
                return null;
            }
            catch (Exception e) when (e is FarmException or IOException) { thrown = e; }
        }
        // An item that was told to stop may answer with any exception, not only the one that is meant for it.
        if (reason is StopReason.Revoked or StopReason.Closing && thrown is OperationCanceledException) results.Returned(ItemRange.One(item));
        else results.Failed(item, seconds, reason == StopReason.TimedOut ? TimedOut(work, item, seconds) : FailureOf(thrown), host.Outputs.Metrics);
        return thrown;
    }

    private Failure FailureOf(Exception thrown)
    {
        var failure = AttemptFailure.Of(thrown);
        if (host.LostInput is not { } hash) return failure;
        // Damaged inputs are no fault of this item: the run has the producer cooked again, and this item after it.
        return failure.Code switch
        {
            "artifact.missing" => FailureCodes.Broken(FailureCodes.ArtifactMissing, hash, failure.Message),
            "artifact.truncated" or "artifact.corrupt" or "segment.corrupt" => FailureCodes.Broken(FailureCodes.ArtifactCorrupt, hash, failure.Message),
            _ => failure,
        };
    }

    private static Failure TimedOut(LeaseWork work, long item, double seconds) => new(FailureClass.TimedOut, "item.timed_out", string.Create(CultureInfo.InvariantCulture,
        $"item {work.Node.Name}/{item} was stopped after {seconds:0.#} s; its time-out is {work.Node.TimeoutSeconds:0.#} s: raise 'timeout:', or make the item smaller"));
}
