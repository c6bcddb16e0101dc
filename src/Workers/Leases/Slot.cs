using System.Globalization;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Workers.Cooking;
using ExampleMlFarm.Workers.Disk;
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
    private readonly DiskRoom disk;
    private readonly CookContext context;
    private readonly AttemptClock clock;
    private readonly CancellationTokenSource closed = new();
    private volatile LeaseWork? current;
    private long busySince = long.MaxValue;

    /// <summary>A slot that does not run yet.</summary>
    public Slot(int number, LeaseQueue queue, SlotHost host, SlotBoard board, EarlierResults earlier, ArtifactStore store, DiskRoom disk, TimeProvider time)
    {
        this.number = number;
        this.queue = queue;
        this.host = host;
        this.board = board;
        this.earlier = earlier;
        this.store = store;
        this.disk = disk;
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
            Volatile.Write(ref busySince, start);
            current = work;
            try { Cook(work); }
            finally
            {
                current = null;
                Volatile.Write(ref busySince, long.MaxValue);
                board.End(number);
                work.Session.Measured(time.GetElapsedTime(start).TotalSeconds);
                queue.Release(work);
                work.Session.Nudge();
            }
        }
    }

    /// <summary>When the lease that cooks was begun; later than any time when there is none.</summary>
    public long BusySince => Volatile.Read(ref busySince);

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
        if (!HasRoom(work))
        {
            lock (work.Gate) work.Report(finished: true, time);
            return;
        }
        try
        {
            program = work.Session.Program.Begin(work.Lease, host);
            var results = new LeaseResults(new(store, host.SegmentFolder), program.Keys) { ShortOfSpace = () => disk.Hit(disk.LastFreeBytes) };
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
        catch (FarmException e) when (IsCutOff(e))
        {
            // What it reads is at the farm, and so is whoever could be told that it failed.
            lock (work.Gate) work.Report(finished: true, time);
            return;
        }
        catch (Exception e) when (FullDisk.IsCauseOf(e))
        {
            // No fault of its items: they go back, and the slot waits before it takes the next lease.
            disk.Hit(disk.LastFreeBytes);
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
            if (!HasRoom(work)) break;
            while (!TryCookItem(work, program, item))
            {
                board.Cook(number, -1);
                if (!HasRoom(work)) break;
            }
            // Frames of a chain read the one before, which therefore has to be published.
            if (program.IsChain || time.GetElapsedTime(work.ReportedAt).TotalSeconds >= Limits.FlushSeconds || work.Results.SegmentBytes > Limits.SegmentBytes)
                lock (work.Gate) work.Report(finished: false, time);
            // The next frame would read one that went back.
            if (program.IsChain && work.Results.WasAbandoned) break;
        }
        board.Cook(number, -1);
        lock (work.Gate)
        {
            work.Report(finished: true, time);
            work.Results.Dispose();
        }
    }

    /// <summary>True as soon as the disk has room for an item; false when the lease need not be cooked any more.</summary>
    private bool HasRoom(LeaseWork work)
    {
        while (disk.IsShort)
        {
            if (closed.IsCancellationRequested || work.IsRevoked || work.IsFinished) return false;
            closed.Token.WaitHandle.WaitOne(100);
        }
        return true;
    }

    /// <summary>Cooks an item; false when it came to nothing for want of space, so that it should be cooked again when there is some.</summary>
    private bool TryCookItem(LeaseWork work, ILeaseProgram program, long item)
    {
        var session = work.Session;
        long freeBytes = disk.LastFreeBytes;
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
        bool lacksSpace = thrown is not null && reason == StopReason.None && LacksSpace(thrown);
        lock (work.Gate)
        {
            if (!work.IsFinished && !lacksSpace) thrown = Settle(work, item, seconds, reason, broken, thrown, out lacksSpace);
        }
        if (thrown is not null && reason != StopReason.Revoked) host.Log(AttemptFailure.Of(thrown).ToString());
        if (lacksSpace) host.Log("mlfarm: the disk is full; the item is cooked again when there is room, and this try does not count");
        host.End(succeeded: thrown is null);
        host.AttemptLog.End();
        if (!lacksSpace) return true;
        // Only now has the item given back what it used, and it can be seen whether more is needed than there was.
        disk.Hit(freeBytes);
        return false;
    }

    // A program says in many ways that it could not write, or does not say it at all; what is left on the disk tells.
    private bool LacksSpace(Exception thrown) =>
        FullDisk.IsCauseOf(thrown) || (AttemptFailure.Of(thrown).Class is FailureClass.Transient or FailureClass.Permanent or FailureClass.OutOfMemory && disk.IsBelowReserve);

    /// <summary>Notes what became of an item. Returns what it failed with, which may only have come up while its outputs were put away.</summary>
    private Exception? Settle(LeaseWork work, long item, double seconds, StopReason reason, IReadOnlyList<string>? broken, Exception? thrown, out bool lacksSpace)
    {
        var results = work.Results!;
        lacksSpace = false;
        if (thrown is null)
        {
            try
            {
                results.Succeeded(item, seconds, host.Outputs, broken);
                return null;
            }
            catch (Exception e) when (FullDisk.IsCauseOf(e))
            {
                // Half a row may be in a segment that earlier items share.
                results.Abandon();
                lacksSpace = true;
                return e;
            }
            catch (Exception e) when (e is FarmException or IOException) { thrown = e; }
        }
        // The farm could not be reached for an input: no fault of the item, and no try of it.
        if (reason == StopReason.None && IsCutOff(thrown))
        {
            results.Returned(ItemRange.One(item));
            return thrown;
        }
        // An item that was told to stop may answer with any exception, not only the one that is meant for it.
        if (reason is StopReason.Revoked or StopReason.Closing && thrown is OperationCanceledException) results.Returned(ItemRange.One(item));
        else results.Failed(item, seconds, reason == StopReason.TimedOut ? TimedOut(work, item, seconds) : FailureOf(thrown), host.Outputs.Metrics);
        return thrown;
    }

    private static bool IsCutOff(Exception thrown) => AttemptFailure.Of(thrown).Code == "farm.unreachable";

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
