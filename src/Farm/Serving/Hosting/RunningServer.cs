using System.Net;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Workers.Processes;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Farm.Serving.Hosting;

/// <summary>What <c>mlfarm server start</c> is told.</summary>
/// <param name="Project">The folder with the farm's state: its database, where it has one of its own, artifacts and logs.</param>
/// <param name="Listening">Where it listens.</param>
internal sealed record ServerStart(ProjectFolder Project, Listening Listening)
{
    /// <summary>Connection string of PostgreSQL; null = the folder's SQLite file.</summary>
    public string? Database { get; init; }

    /// <summary>Folder of artifacts; null = that of the project.</summary>
    public string? Artifacts { get; init; }

    /// <summary>Where other servers of the farm reach this one.</summary>
    public IPEndPoint Cluster { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Port for clients within the farm; 0 = a free one.</summary>
    public int GatewayPort { get; init; }

    /// <summary>Name of the farm within the database.</summary>
    public string ClusterName { get; init; } = "mlfarm";

    /// <summary>Worker processes of this machine to start, of one slot each.</summary>
    public int Workers { get; init; }
}

/// <summary>A server at work: scheduler, HTTP, and its own workers where it was told to start some.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly ProjectFolder project;
    private readonly Stack<IAsyncDisposable> parts;

    private RunningServer(ProjectFolder project, ServedFarm farm, Uri url, Stack<IAsyncDisposable> parts) => (this.project, Farm, Url, this.parts) = (project, farm, url, parts);

    /// <summary>The farm.</summary>
    public ServedFarm Farm { get; }

    /// <summary>Where it is reached.</summary>
    public Uri Url { get; }

    /// <summary>Starts it: unfinished runs go on at once.</summary>
    /// <exception cref="CliException">It is told what cannot be.</exception>
    /// <exception cref="Core.FarmException">Folder or database cannot be used.</exception>
    public static async Task<RunningServer> Start(ServerStart start, Action<ILoggingBuilder> logging, CancellationToken cancellation)
    {
        if (start is { Database: null, Artifacts: not null }) throw new CliException(ExitCode.Usage, "--artifacts belongs to --database: a server with a database of its own keeps its artifacts beside it", $"start it in another folder: mlfarm server start -C DIR");
        if (start is { Database: not null, Workers: > 0 }) throw new CliException(ExitCode.Usage, "--workers belongs to a server with a database of its own", "start workers apart: mlfarm worker start --server URL");
        if (start.Workers is < 0 or > 4096) throw new CliException(ExitCode.Usage, $"--workers is {start.Workers}; it must be 0 to 4096");
        var parts = new Stack<IAsyncDisposable>();
        try
        {
            var farm = start.Database is { } database ? await Joined(start, database, parts, cancellation) : await Embedded(start, parts, cancellation);
            // The first call makes the farm's grain, and with it everything unfinished goes on.
            await farm.Farm.Workers();
            var http = await HttpServer.Start(farm, start.Listening, logging, cancellation);
            parts.Push(http);
            if (start.Workers > 0) parts.Push(LocalWorkersOf(start, farm, logging));
            ServerFile.Write(start.Project, http.Url);
            return new(start.Project, farm, http.Url, parts);
        }
        catch
        {
            while (parts.TryPop(out var part)) await part.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops: workers first, so that their last reports still find the journal; unfinished runs go on with the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        ServerFile.Remove(project);
        while (parts.TryPop(out var part)) await part.DisposeAsync();
    }

    private static async Task<ServedFarm> Embedded(ServerStart start, Stack<IAsyncDisposable> parts, CancellationToken cancellation)
    {
        LocalWorkers.CleanUp(start.Project.Root);
        var silo = await EmbeddedSilo.Start(start.Project.Root, new() { ResumesStoredRuns = true }, cancellation);
        parts.Push(silo);
        return new(silo.Grains, silo.Store, silo.Artifacts, LogsOf(start.Project), TimeProvider.System);
    }

    private static async Task<ServedFarm> Joined(ServerStart start, string database, Stack<IAsyncDisposable> parts, CancellationToken cancellation)
    {
        var server = await FarmServer.Start(new(database, start.Artifacts ?? Path.Combine(start.Project.State, "artifacts"))
        {
            Cluster = start.ClusterName, Address = start.Cluster.Address, SiloPort = start.Cluster.Port, GatewayPort = start.GatewayPort,
        }, cancellation: cancellation);
        parts.Push(server);
        return new(server.Grains, server.Store, server.Artifacts, LogsOf(start.Project), TimeProvider.System);
    }

    private static LocalWorkers LocalWorkersOf(ServerStart start, ServedFarm farm, Action<ILoggingBuilder> logging)
    {
        var (program, before) = OwnProgram.Command();
        var whole = LocalOffer.OfThisMachine(start.Workers).Capacity;
        var each = new WorkerStart(start.Project.Root, 1) { Pool = Core.Runs.WorkerOffer.EveryPool, Cpu = whole.Cpu / start.Workers, Gpu = whole.Gpu / start.Workers, MemoryBytes = whole.MemoryBytes / start.Workers };
        return new(program, [.. before, "worker", "start"], start.Workers, each, new GrainFarewells(farm.Grains), LoggerFactory.Create(logging).CreateLogger("workers"));
    }

    private static string LogsOf(ProjectFolder project) => Path.Combine(project.State, "logs");
}
