using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Scheduler.Runs;

/// <summary>
/// A run machine with its journal: decide, persist, and only then act. It serves a grain, or the command line when no farm runs. It does not know
/// workers' calls or Orleans.
/// </summary>
/// <remarks>
/// Not safe for several threads; between two awaits of <see cref="Persist"/> other callers may decide further events, which are then written
/// behind the first. After an append has failed the memory is ahead of the journal: every further call throws, and the run has to be loaded again.
/// </remarks>
public sealed class RunShell
{
    private readonly IRunReader reader;
    private readonly IFarmStore? writer;
    private readonly SchedulerOptions options;
    private readonly List<byte[]> events = [];
    private readonly List<ItemResult> cookable = [];
    private readonly List<ContentHash> broken = [];
    private readonly List<StoredOrder> orders = [];
    private readonly WireWriter wire = new(4096);
    private Task lastAppend = Task.CompletedTask;
    private Task lastSnapshot = Task.CompletedTask;
    private long stored, bytesSinceSnapshot, snapshotBytes;

    private RunShell(IRunReader reader, IFarmStore? writer, SchedulerOptions options, RunRecord record, RunMachine machine)
    {
        (this.reader, this.writer, this.options, Record, Machine) = (reader, writer, options, record, machine);
        stored = machine.EventCount;
    }

    /// <summary>The run's name, folder and priority.</summary>
    public RunRecord Record { get; }

    /// <summary>The run's number.</summary>
    public RunId Id => Record.Id;

    /// <summary>The state. To be read only: changes go through <see cref="Decide"/>.</summary>
    public RunMachine Machine { get; }

    /// <summary>Stores a new run.</summary>
    /// <exception cref="FarmException"><c>plan.invalid</c> when the plan is none; <c>farm.database…</c> when it cannot be written.</exception>
    public static async Task<RunShell> Submit(IFarmStore store, SchedulerOptions options, string name, string folder, int priority, byte[] frozen, RunPlan plan, string key = "", string owner = "")
    {
        var now = options.Time.GetUtcNow();
        var machine = new RunMachine();
        var submitted = new RunSubmitted(now, plan);
        machine.Handle(submitted);
        var id = await store.Create(new(name, folder, priority, now, frozen, EventCodec.Encode(submitted), key, owner));
        // Under a key that was used before it is the run of then, which may be far gone.
        return key.Length > 0 ? Load(store, options, id) : new(store, store, options, store.Find(id)!, machine);
    }

    /// <summary>Loads a stored run: the newest snapshot, and the events after it.</summary>
    /// <exception cref="FarmException"><c>run.unknown</c>, <c>journal.corrupt</c>, <c>journal.diverged</c>.</exception>
    public static RunShell Load(IFarmStore store, SchedulerOptions options, RunId run) => Load(store, store, options, run);

    /// <summary>As <see cref="Load(IFarmStore,SchedulerOptions,RunId)"/>, for whoever only looks.</summary>
    public static RunShell LookAt(IRunReader runs, RunId run) => Load(runs, null, new(), run);

    private static RunShell Load(IRunReader store, IFarmStore? writer, SchedulerOptions options, RunId run)
    {
        var kept = store.Load(run);
        var machine = kept.Snapshot is { } snapshot ? Restore(snapshot.Span) : null;
        // A snapshot is a saved replay. One that cannot be read, as that of another version, costs time and nothing else.
        if (machine is null && kept.Snapshot is not null) kept = store.Load(run, fromStart: true);
        machine ??= new();
        long bytes = 0;
        foreach (var entry in kept.Tail)
        {
            machine.Replay(EventCodec.Decode(entry.Payload.Span));
            bytes += entry.Payload.Length;
        }
        return new(store, writer, options, kept.Record, machine) { bytesSinceSnapshot = bytes, snapshotBytes = kept.Snapshot?.Length ?? 0 };
    }

    /// <summary>Asks the machine. What it accepts will be written by the next <see cref="Persist"/>; the commands may be carried out only after that.</summary>
    public RunOutcome Decide(RunEvent happened)
    {
        if (lastAppend.IsFaulted) throw Failed(lastAppend.Exception!.InnerException!);
        var outcome = Machine.Handle(happened);
        if (outcome.IsIgnored) return outcome;
        wire.Clear();
        EventCodec.Encode(wire, happened);
        events.Add(wire.ToArray());
        switch (happened)
        {
            case ResultsReported reported:
                foreach (var result in reported.Report.Results) Remember(result);
                break;
            case OutputsInvalidated invalidated when FailureCodes.NamesArtifact(invalidated.Reason, out var artifact):
                broken.Add(artifact);
                break;
        }
        return outcome;
    }

    /// <summary>As <see cref="Decide(RunEvent)"/>, for what a person asks: who and why are kept with the event.</summary>
    public RunOutcome Decide(RunEvent happened, string who, string what, string reason)
    {
        long sequence = Machine.EventCount;
        var outcome = Decide(happened);
        if (!outcome.IsIgnored) orders.Add(new(sequence, happened.At, who, what, reason));
        return outcome;
    }

    /// <summary>
    /// Completes when everything decided so far is durable, also what earlier calls are still writing: an answer may tell of any of it.
    /// </summary>
    /// <exception cref="FarmException">The journal could not be written.</exception>
    public async Task Persist()
    {
        if (events.Count > 0)
        {
            var counts = Machine.VisibleCounts();
            var entry = new JournalEntry(stored, events.ToArray(), cookable.ToArray())
            {
                Broken = broken.ToArray(),
                Orders = orders.ToArray(),
                Progress = new((byte)Machine.Status, Machine.FinishedAt, counts.Total, counts.Done + counts.Failed + counts.Skipped + counts.Cancelled, counts.Failed),
            };
            stored += events.Count;
            foreach (byte[] written in events) bytesSinceSnapshot += written.Length;
            events.Clear();
            cookable.Clear();
            broken.Clear();
            orders.Clear();
            lastAppend = lastAppend.IsFaulted ? lastAppend : Writer.Append(Id, entry);
        }
        var mine = lastAppend;
        try { await mine; }
        catch (FarmException e) { throw Failed(e); }
        SnapshotWhenDue();
    }

    /// <summary>Saves the state, so that the next start need not replay. Everything decided must have been persisted.</summary>
    public Task SaveSnapshot()
    {
        if (events.Count > 0) throw new InvalidOperationException("what was decided has to be persisted before a snapshot is taken");
        byte[] snapshot = RunSnapshot.Encode(Machine);
        (bytesSinceSnapshot, snapshotBytes) = (0, snapshot.Length);
        return Writer.SaveSnapshot(Id, Machine.EventCount, snapshot);
    }

    /// <summary>What people asked of the run, oldest first.</summary>
    public IReadOnlyList<StoredOrder> Orders() => reader.Orders(Id);

    /// <summary>What was frozen with it.</summary>
    public byte[] Frozen() => reader.Frozen(Id);

    // Replaying the tail must stay cheap, and so must writing snapshots: each is due when as much was written as the last one took.
    private void SnapshotWhenDue()
    {
        if (events.Count > 0 || !lastSnapshot.IsCompleted) return;
        // A finished run is looked at often and changes no more.
        long due = Machine.IsFinished ? options.SnapshotAfterBytes / 64 : Math.Max(options.SnapshotAfterBytes, snapshotBytes);
        if (bytesSinceSnapshot <= due) return;
        lastSnapshot = SaveSnapshot();
    }

    private void Remember(ItemResult result)
    {
        if (result.Kind == ResultKind.Succeeded && result.KeyBase != default) cookable.Add(result);
        if (result.Failure is { } failure && FailureCodes.NamesArtifact(failure, out var artifact)) broken.Add(artifact);
    }

    private IFarmStore Writer => writer ?? throw new InvalidOperationException($"run {Id} was opened to look at");

    private static RunMachine? Restore(ReadOnlySpan<byte> snapshot)
    {
        try { return RunSnapshot.Decode(snapshot); }
        catch (FarmException) { return null; }
    }

    private FarmException Failed(Exception cause) => new(new Failure(FailureClass.Transient, "journal.write_failed",
        $"run {Id} could not be written down, so nothing of it was acknowledged: {cause.Message} It is loaded again with the next call."), cause);
}
