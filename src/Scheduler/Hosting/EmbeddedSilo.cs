using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Scheduler.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace ExampleMlFarm.Scheduler.Hosting;

/// <summary>Tells grains that the process stops: their waiting calls must end, or the silo would wait for them.</summary>
internal sealed record FarmStopping(CancellationToken Token);

/// <summary>
/// A farm of one process over one folder: an Orleans silo on the loopback interface, with the folder's journal and artifacts. It starts no workers.
/// </summary>
public sealed class EmbeddedSilo : IAsyncDisposable
{
    /// <summary>Other programs take ports too; that a fresh one is taken in the meantime this many times over does not happen.</summary>
    private const int PortAttempts = 5;

    private readonly IHost host;
    private readonly FarmLock folderLock;
    private readonly string folder;
    private readonly CancellationTokenSource stopping;
    private bool stopped;

    private EmbeddedSilo(IHost host, FarmLock folderLock, FarmStore store, ArtifactStore artifacts, FarmEndpoint endpoint, string folder, CancellationTokenSource stopping)
    {
        (this.host, this.folderLock, this.folder, this.stopping) = (host, folderLock, folder, stopping);
        (Store, Artifacts, Endpoint) = (store, artifacts, endpoint);
        Grains = host.Services.GetRequiredService<IGrainFactory>();
    }

    /// <summary>The way to the grains from within this process.</summary>
    public IGrainFactory Grains { get; }

    /// <summary>The folder's journal.</summary>
    public FarmStore Store { get; }

    /// <summary>The folder's artifacts.</summary>
    public ArtifactStore Artifacts { get; }

    /// <summary>Where other processes reach it.</summary>
    public FarmEndpoint Endpoint { get; }

    /// <summary>Opens the folder's farm and listens.</summary>
    /// <param name="folder">The folder that holds <c>.mlfarm</c>, which is made when it is not there.</param>
    /// <param name="options">Settings; null = the defaults.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="FarmException"><c>farm.locked</c> when another process has it open; <c>farm.database…</c> when its journal cannot be used.</exception>
    public static async Task<EmbeddedSilo> Start(string folder, SchedulerOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var folderLock = FarmLock.Take(folder);
        FarmStore? store = null;
        try
        {
            string farmFolder = FarmEndpoint.FarmFolder(folder);
            store = FarmStore.Open(Path.Combine(farmFolder, "farm.db"));
            var artifacts = new ArtifactStore(Path.Combine(farmFolder, "artifacts"));
            for (int attempt = 1; ; attempt++)
            {
                var endpoint = new FarmEndpoint(ProcessIdentity.Current.ToString(), FreePort(), FreePort(), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
                var stopping = new CancellationTokenSource();
                var host = Build(endpoint, store, artifacts, options, stopping.Token);
                try
                {
                    await host.StartAsync(cancellation);
                    endpoint.Write(folder);
                    return new(host, folderLock, store, artifacts, endpoint, folder, stopping);
                }
                catch (Exception e) when (attempt < PortAttempts && IsPortTaken(e)) { await DisposeHost(host); }
                catch
                {
                    await DisposeHost(host);
                    throw;
                }
            }
        }
        catch
        {
            store?.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Stops listening, writes what is queued and gives the folder back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopped) return;
        stopped = true;
        File.Delete(FarmEndpoint.PathIn(folder));
        await stopping.CancelAsync();
        // Orleans reports errors of its own when a host is disposed before it is stopped.
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5))) await host.StopAsync(limit.Token);
        await DisposeHost(host);
        Store.Dispose();
        stopping.Dispose();
        folderLock.Dispose();
    }

    private static IHost Build(FarmEndpoint endpoint, FarmStore store, ArtifactStore artifacts, SchedulerOptions options, CancellationToken stopping)
    {
        // Empty: no configuration files to watch, no console life time; this host is a part of a program.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        QuietLogging(builder.Logging);
        builder.Services.AddSingleton<IFarmStore>(store).AddSingleton(artifacts).AddSingleton(options).AddSingleton(new FarmStopping(stopping));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(endpoint.SiloPort, endpoint.GatewayPort, null, endpoint.Cluster, endpoint.Cluster);
            silo.Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromHours(12));
        });
        return builder.Build();
    }

    internal static void QuietLogging(ILoggingBuilder logging) => logging
        .SetMinimumLevel(LogLevel.Error)
        // The watchdog takes the machine's up time for its own at the first look, and says so as an error.
        .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Critical);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool IsPortTaken(Exception e) => e is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || (e.InnerException is { } inner && IsPortTaken(inner));

    private static async Task DisposeHost(IHost host)
    {
        if (host is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
        else host.Dispose();
    }
}
