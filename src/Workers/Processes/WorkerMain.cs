using System.Runtime.InteropServices;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Workers.Children;
using ExampleMlFarm.Workers.Disk;
using ExampleMlFarm.Workers.Links;
using ExampleMlFarm.Workers.Programs;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>A worker process, from its start to its exit code.</summary>
public static partial class WorkerMain
{
    /// <summary>It ended because it was told to.</summary>
    public const int Ended = 0;

    /// <summary>An item could not be stopped; a new process takes over (EX_TEMPFAIL).</summary>
    public const int ItemStuck = 75;

    /// <summary>No farm there (EX_UNAVAILABLE).</summary>
    public const int NoFarm = 69;

    /// <summary>Runs a worker in this process until the farm, a signal or the end of its parent stops it.</summary>
    public static async Task<int> Run(WorkerStart start)
    {
        // One thread per item: libraries that make threads of their own would share the cores with other slots. Set natively, since the runtime's own
        // table of variables is not what they read.
        foreach (var name in new[] { "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS" }) _ = Native.setenv(name, "1", 0);
        using var logs = LoggerFactory.Create(b => b.AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.TimestampFormat = "HH:mm:ss ";
        }).AddFilter("Orleans", LogLevel.Error).SetMinimumLevel(LogLevel.Information));
        var log = logs.CreateLogger("worker");
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        // Ctrl+C goes to all processes of the terminal; what it means is decided by the one that talks with the person.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = start.Parent > 0);
        var parentGone = start.Parent > 0 ? ParentWatch.Begin(start.Parent, Console.OpenStandardInput()) : CancellationToken.None;
        ParentWatch.AdoptOrphans();
        Attachment farm;
        try { farm = await (start.Servers.Count > 0 ? Attachment.ToServers(start, log, stop.Token) : Attachment.ToFolder(start, stop.Token)); }
        catch (Exception e) when (e is Core.FarmException or FarmUnreachableException or OperationCanceledException)
        {
            NotConnected(log, e.Message);
            return NoFarm;
        }
        await using var attached = farm;
        var (id, state, link) = (farm.Options.Id, farm.Options.State, farm.Link);
        void Tell(Notice notice)
        {
            // Whoever started this process shows it to people; one that was started by hand has them in front of it.
            if (start.Parent > 0) Console.Out.WriteLine(notice.ToLine());
            else Told(log, notice.Text);
        }
        var disk = new DiskRoom(state, TimeProvider.System, Tell);
        if (await Begin(() => new Worker(farm.Options, link, (run, token) => Load(link, run, Tell, token), TimeProvider.System, log, disk), disk, stop.Token) is not { } worker) return Ended;
        using var reaping = new Timer(_ => OrphanReaper.Reap(), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        var running = worker.Run(stop.Token);
        var gone = Task.Delay(Timeout.Infinite, parentGone);
        var first = await Task.WhenAny(running, worker.Stuck, gone);
        if (first == gone)
        {
            // Nobody is left to report to, and whoever resumes the farm starts its own workers.
            ParentEnded(log);
            worker.Abandon();
            Salvage.EndSurvivors(new(state, id));
            return Ended;
        }
        if (first == worker.Stuck)
        {
            Stuck(log);
            await stop.CancelAsync();
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(Limits.LeaveSeconds), CancellationToken.None));
            Salvage.EndSurvivors(new(state, id));
            await farm.Leave();
            return ItemStuck;
        }
        await running;
        await worker.DisposeAsync();
        await farm.Leave();
        return Ended;
    }

    /// <summary>Makes the worker; on a full disk as soon as there is room for its own files. Null when it is told to stop before.</summary>
    private static async Task<Worker?> Begin(Func<Worker> make, DiskRoom disk, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try { return make(); }
            catch (IOException e) when (FullDisk.IsCauseOf(e))
            {
                disk.Hit(disk.LastFreeBytes);
                await Task.Delay(TimeSpan.FromSeconds(1), stop).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
        return null;
    }

    private static async Task<IRunProgram> Load(IFarmLink link, RunId run, Action<Notice> tell, CancellationToken cancellation)
    {
        var files = await link.Load(run, cancellation);
        try { return new RecipeRunProgram(run, FrozenRun.Thaw(files.Frozen.Span, Catalogue.Descriptors)); }
        catch (Core.FarmException e)
        {
            // It would never become readable by waiting: its items say why, and the run ends.
            tell(new($"run {run}", $"run {run} cannot be cooked by this program: {e.Message}", false));
            return new UnreadableRunProgram(PlanCodec.Decode(files.Plan.Span), e.Failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Notice}")]
    private static partial void Told(ILogger log, string notice);

    [LoggerMessage(Level = LogLevel.Error, Message = "no farm to work for: {Reason}")]
    private static partial void NotConnected(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the process that started this worker has ended")]
    private static partial void ParentEnded(ILogger log);

    [LoggerMessage(Level = LogLevel.Error, Message = "an item does not stop although it was told to; this process ends to free its slot")]
    private static partial void Stuck(ILogger log);
}
