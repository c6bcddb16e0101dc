using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Workers.Cooking;
using ExampleMlFarm.Workers.Links;
using ExampleMlFarm.Workers.Links.Http;
using ExampleMlFarm.Workers.Logs;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>How a worker process belongs to its farm: whose folder it works in, what it is called, and what there is to do when it goes.</summary>
internal sealed class Attachment : IAsyncDisposable
{
    private readonly Func<Task> leave;
    private readonly Func<ValueTask> release;

    private Attachment(WorkerOptions options, IFarmLink link, Func<Task> leave, Func<ValueTask> release) => (Options, Link, this.leave, this.release) = (options, link, leave, release);

    /// <summary>What the worker is told.</summary>
    public WorkerOptions Options { get; }

    /// <summary>The way to the farm.</summary>
    public IFarmLink Link { get; }

    /// <summary>To the farm of a folder of this machine, whose folder the worker uses too.</summary>
    /// <exception cref="FarmException">None runs there.</exception>
    public static async Task<Attachment> ToFolder(WorkerStart start, CancellationToken stop)
    {
        var connection = await FarmConnection.Connect(start.Folder, cancellation: stop);
        return new(new(FarmEndpoint.FarmFolder(start.Folder), WorkerName.OfThisProcess(), start.Slots) { IdleExitSeconds = start.IdleExitSeconds },
            new GrainLink(connection, start.Pool, start.MemoryBytes, start.Cpu, start.Gpu), () => Task.CompletedTask, connection.DisposeAsync);
    }

    /// <summary>To the servers of a farm elsewhere, with a folder of its own. What an earlier life of the worker left there is delivered first.</summary>
    /// <exception cref="FarmException"><c>farm.refused</c>; or <c>worker.folder_in_use</c>: another worker works there.</exception>
    /// <exception cref="FarmUnreachableException">No server answers.</exception>
    public static async Task<Attachment> ToServers(WorkerStart start, ILogger log, CancellationToken stop)
    {
        string state = Path.GetFullPath(start.Folder);
        Directory.CreateDirectory(state);
        var held = Hold(state);
        var client = new FarmClient(start.Servers, start.Key, TimeProvider.System);
        try
        {
            var cache = new ArtifactCache(start.CacheBytes, TimeProvider.System);
            var store = new ArtifactStore(new WorkerFolders(state, new("")).Artifacts, client.Artifacts) { Used = cache.Touch };
            var traits = new WorkerTraits(Environment.MachineName, start.Pool.Length == 0 ? [] : start.Pool.Split(','), start.Tags, start.Cpu, start.Gpu, start.MemoryBytes, start.Custom, HostFacts.Measure());
            var session = await Register(client, log, stop);
            await LeftBehind.Deliver(state, client, traits, store, log, stop);
            var folders = new WorkerFolders(state, new(session.Worker));
            LeftBehind.Remember(folders, session);
            var checkpoints = new HttpCheckpoints(client, session);
            var sender = new LogSender(client, session, folders.Logs);
            var ending = new CancellationTokenSource();
            var sending = sender.Run(TimeProvider.System, ending.Token);
            var options = new WorkerOptions(state, folders.Id, start.Slots) { IdleExitSeconds = start.IdleExitSeconds, Artifacts = store, Cache = cache, Checkpoints = checkpoints };
            return new(options, new HttpLink(client, session, traits, store, TimeProvider.System, log), Leave, Release);

            async Task Leave()
            {
                await ending.CancelAsync();
                await sending;
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(Limits.LeaveSeconds));
                try
                {
                    await checkpoints.Sent().WaitAsync(limit.Token);
                    if (await sender.Send(limit.Token)) LeftBehind.RemoveLogs(folders);
                    await client.Post("worker/exit?crashed=false", [], session, null, limit.Token);
                }
                // The farm notices by itself, and the next worker in this folder delivers what is left.
                catch (Exception e) when (e is FarmUnreachableException or FarmException or OperationCanceledException) { }
            }

            async ValueTask Release()
            {
                await ending.CancelAsync();
                await sending;
                ending.Dispose();
                client.Dispose();
                await held.DisposeAsync();
            }
        }
        catch
        {
            client.Dispose();
            await held.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says good-bye: what was logged is sent, and the farm need not wait to learn that the worker is gone.</summary>
    public Task Leave() => leave();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => release();

    // A worker may be started before its farm.
    private static async Task<SessionWords> Register(FarmClient client, ILogger log, CancellationToken stop)
    {
        for (int failures = 0; ; failures++)
        {
            try { return await client.Register(Environment.MachineName, stop); }
            catch (FarmUnreachableException e)
            {
                if (failures == 0) log.Log(LogLevel.Warning, "waiting for the farm: {Reason}", e.Message);
                await Task.Delay(Leases.BackOff.After(failures), TimeProvider.System, stop);
            }
        }
    }

    private static FileStream Hold(string state)
    {
        try { return new FileStream(Path.Combine(state, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0); }
        catch (IOException e) { throw new FarmException(Failure.Invalid("worker.folder_in_use", $"another worker works in {state}: give this one a folder of its own with --state"), e); }
    }
}
