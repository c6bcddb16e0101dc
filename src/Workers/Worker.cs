using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Workers.Cooking;
using ExampleMlFarm.Workers.Disk;
using ExampleMlFarm.Workers.Leases;
using ExampleMlFarm.Workers.Links;
using ExampleMlFarm.Workers.Links.Http;
using ExampleMlFarm.Workers.Logs;
using ExampleMlFarm.Workers.Programs;
using ExampleMlFarm.Workers.Reporting;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Workers;

/// <summary>What a worker is told when it starts.</summary>
/// <param name="State">The farm's state folder, <c>.mlfarm</c>.</param>
/// <param name="Id">Its name during its life.</param>
/// <param name="Slots">Items it cooks at once.</param>
public sealed record WorkerOptions(string State, WorkerId Id, int Slots)
{
    /// <summary>It ends when it had nothing to do for so long; 0 = it waits for ever. Seconds.</summary>
    public double IdleExitSeconds { get; init; }

    /// <summary>Its artifacts, where these are not all there are; null for the folder that the farm itself uses.</summary>
    public ArtifactStore? Artifacts { get; init; }

    /// <summary>What limits these; null when they are the farm's own.</summary>
    public ArtifactCache? Cache { get; init; }

    /// <summary>Where partial states of items are kept for other hosts; null when the folder is the farm's own.</summary>
    public HttpCheckpoints? Checkpoints { get; init; }
}

/// <summary>
/// A worker: slots that cook, a conversation with each run it was granted, and a watch over both. It does not know what is cooked, nor how the farm is reached.
/// </summary>
/// <remarks>Threads: one per slot, the watch's timer, and whatever the link's answers come on.</remarks>
public sealed partial class Worker : IAsyncDisposable
{
    private readonly WorkerOptions options;
    private readonly IFarmLink link;
    private readonly Func<RunId, CancellationToken, Task<IRunProgram>> load;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly LeaseQueue queue;
    private readonly Outbox outbox;
    private readonly ReportNumbers numbers = new();
    private readonly SlotBoard board;
    private readonly DiskRoom disk;
    private readonly InputCache cache = new();
    private readonly Slot[] slots;
    private readonly Thread[] threads;
    private readonly Dictionary<RunId, (RunSession Session, Task Ended)> sessions = [];
    private readonly ITimer watch;
    private readonly WorkerFolders folders;
    private readonly TaskCompletionSource stuck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ArtifactStore store;
    private volatile RunSession[] talking = [];
    private int looking;
    private long lastBusy, lastSweep;

    /// <summary>A worker whose slots wait for leases.</summary>
    /// <param name="options">What it was told.</param>
    /// <param name="link">The farm.</param>
    /// <param name="load">Makes the program of a run.</param>
    /// <param name="time">Clock, also of the watch.</param>
    /// <param name="log">The worker's own log.</param>
    /// <param name="disk">Whether there is room for what is cooked; a look at the disk of the state folder unless given.</param>
    public Worker(WorkerOptions options, IFarmLink link, Func<RunId, CancellationToken, Task<IRunProgram>> load, TimeProvider time, ILogger log, DiskRoom? disk = null)
    {
        this.disk = disk ??= new(Path.GetFullPath(options.State), time, notice => Told(log, notice.Text));
        this.options = options;
        this.link = link;
        this.load = load;
        this.time = time;
        this.log = log;
        folders = new(Path.GetFullPath(options.State), options.Id);
        store = options.Artifacts ?? new ArtifactStore(folders.Artifacts);
        lastBusy = lastSweep = time.GetTimestamp();
        var kept = new KeptFiles(store, folders.Kept);
        queue = new(options.Slots);
        outbox = new(folders.Outbox);
        board = new(folders.Slots, options.Slots);
        var earlier = new EarlierResults(link, store);
        slots = new Slot[options.Slots];
        threads = new Thread[options.Slots];
        for (int i = 0; i < slots.Length; i++)
        {
            var host = new SlotHost(folders, store, cache, kept, new AttemptLog(folders.Logs, $"{options.Id}-{i}", time), i, options.Checkpoints);
            slots[i] = new(i, queue, host, board, earlier, store, disk, time);
            // Geometry and expressions nest; a megabyte of stack is little for that.
            threads[i] = new(slots[i].Run, maxStackSize: 16 << 20) { Name = $"slot {i}", IsBackground = true };
            threads[i].Start();
        }
        var every = TimeSpan.FromSeconds(Limits.WatchSeconds);
        watch = time.CreateTimer(_ => Look(), null, every, every);
    }

    /// <summary>Completes when an item could not be stopped: its results are reported, and only the end of the process frees the slot.</summary>
    public Task Stuck => stuck.Task;

    /// <summary>Works until the farm says stop, or the token does.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        long version = 0;
        int failures = 0, unloaded = 0;
        while (!cancellation.IsCancellationRequested)
        {
            Grants grants;
            try
            {
                grants = await link.Work(new(options.Id, options.Slots, Busy(), version, version == 0 ? 0 : LongestWait()), cancellation);
                failures = 0;
            }
            catch (FarmUnreachableException e)
            {
                if (failures == 0) FarmUnreachable(log, e.Message);
                version = 0;
                await Task.Delay(BackOff.After(failures++), time, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
                continue;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested) { break; }
            if (grants.Version == version || await Follow(grants, cancellation))
            {
                version = grants.Version;
                unloaded = 0;
            }
            else
            {
                // Asked without a version, the farm answers at once, and the runs that are missing are tried again.
                version = 0;
                await Task.Delay(BackOff.After(unloaded++), time, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            if (grants.Stop || IsIdle()) break;
        }
        await Leave(cancellation);
    }

    /// <summary>Stops all items at once and waits a moment for the programs they run to be ended. The process must end now.</summary>
    public void Abandon()
    {
        queue.Close();
        foreach (var slot in slots) slot.Close();
        foreach (var thread in threads) thread.Join(TimeSpan.FromSeconds(1));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await watch.DisposeAsync();
        queue.Close();
        foreach (var slot in slots) slot.Close();
        bool all = true;
        foreach (var thread in threads) all &= thread.Join(TimeSpan.FromSeconds(5));
        // A slot that hangs still uses its things; the process is about to end anyway.
        if (!all) return;
        foreach (var slot in slots) slot.Dispose();
        cache.Dispose();
        board.Dispose();
        outbox.Dispose();
        if (Outbox.Read(folders.Outbox).Count == 0 && Directory.Exists(folders.Worker)) Directory.Delete(folders.Worker, recursive: true);
    }

    /// <summary>Works on the runs of the grants, and on no others. False when one of them could not be loaded and should be tried again.</summary>
    private async Task<bool> Follow(Grants grants, CancellationToken cancellation)
    {
        bool all = true;
        foreach (var (run, (_, ended)) in sessions.ToList())
            if (ended.IsCompleted) sessions.Remove(run);
        foreach (var (run, _) in grants.Slots)
        {
            if (sessions.ContainsKey(run)) continue;
            try
            {
                var program = await load(run, cancellation);
                var session = new RunSession(run, program, options.Id, link, queue, outbox, numbers, time, log);
                sessions[run] = (session, Task.Run(() => session.Converse(CancellationToken.None), CancellationToken.None));
            }
            catch (Exception e) when (e is Core.FarmException or RunGoneException or FarmUnreachableException)
            {
                RunNotLoaded(log, run, e.Message);
                all = false;
            }
        }
        talking = [.. sessions.Values.Select(s => s.Session)];
        queue.Grant([.. grants.Slots.Where(g => sessions.ContainsKey(g.Key)).Select(g => KeyValuePair.Create(sessions[g.Key].Session, g.Value))]);
        foreach (var (run, (session, _)) in sessions)
        {
            if (grants.Slots.Any(g => g.Key == run)) session.Return();
            else session.Leave();
            session.Nudge();
        }
        return all;
    }

    /// <summary>
    /// Hands back what no slot has begun, finishes what cooks unless the token says that there is no time for it, and waits until the reports are
    /// acknowledged or the farm cannot be reached.
    /// </summary>
    private async Task Leave(CancellationToken cancellation)
    {
        foreach (var (session, _) in sessions.Values) session.Leave();
        var ended = Task.WhenAll(sessions.Values.Select(s => s.Ended));
        var hurry = Task.Delay(Timeout.Infinite, cancellation);
        if (await Task.WhenAny(ended, hurry) == ended) return;
        foreach (var slot in slots) slot.Close();
        await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(Limits.LeaveSeconds), time, CancellationToken.None));
    }

    private double LongestWait() => options.IdleExitSeconds > 0 ? Math.Clamp(options.IdleExitSeconds - time.GetElapsedTime(Volatile.Read(ref lastBusy)).TotalSeconds, 0.1, Limits.PollSeconds) : Limits.PollSeconds;

    private bool IsIdle() => options.IdleExitSeconds > 0 && slots.All(s => s.BusySince == long.MaxValue) && time.GetElapsedTime(Volatile.Read(ref lastBusy)).TotalSeconds >= options.IdleExitSeconds;

    private List<KeyValuePair<RunId, int>> Busy()
    {
        var busy = new List<KeyValuePair<RunId, int>>();
        foreach (var (run, (session, ended)) in sessions)
            if (!ended.IsCompleted) busy.Add(new(run, queue.Of(session).Busy));
        return busy;
    }

    private void Look()
    {
        // A look may publish a segment and take longer than the time between two looks.
        if (Interlocked.Exchange(ref looking, 1) != 0) return;
        try
        {
            disk.Look();
            foreach (var slot in slots)
            {
                if (slot.Look()) stuck.TrySetResult();
                if (slot.BusySince != long.MaxValue) Volatile.Write(ref lastBusy, time.GetTimestamp());
            }
            if (options.Cache is null || time.GetElapsedTime(lastSweep).TotalSeconds < Limits.CacheLookSeconds) return;
            lastSweep = time.GetTimestamp();
            // In this order: a lease that ends in between has put what it made among the reports before.
            long since = slots.Min(s => s.BusySince);
            options.Cache.Sweep(store, since, talking.SelectMany(s => s.Named()).ToHashSet());
        }
        finally { Volatile.Write(ref looking, 0); }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Notice}")]
    private static partial void Told(ILogger log, string notice);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the farm cannot be reached: {Reason}")]
    private static partial void FarmUnreachable(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "run {RunId} cannot be worked on: {Reason}")]
    private static partial void RunNotLoaded(ILogger log, RunId runId, string reason);
}
