using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Scheduler.Hosting.Postgres;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Journal.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Messaging;

namespace ExampleMlFarm.Scheduler.Hosting;

/// <summary>
/// One server of a farm of several: an Orleans silo whose journal, membership and gateways are in PostgreSQL. Runs move to the other servers when it dies, which these
/// notice in about three seconds. It starts no workers.
/// </summary>
public sealed class FarmServer : IAsyncDisposable
{
    private readonly IHost host;
    private readonly PostgresFarmStore store;
    private readonly CancellationTokenSource stopping;
    private bool stopped;

    private FarmServer(IHost host, PostgresFarmStore store, ArtifactStore artifacts, CancellationTokenSource stopping)
    {
        (this.host, this.store, this.stopping, Artifacts) = (host, store, stopping, artifacts);
        Grains = host.Services.GetRequiredService<IGrainFactory>();
    }

    /// <summary>The way to the grains of the whole farm from within this process.</summary>
    public IGrainFactory Grains { get; }

    /// <summary>The farm's store.</summary>
    public IFarmStore Store => store;

    /// <summary>This server's artifacts.</summary>
    public ArtifactStore Artifacts { get; }

    /// <summary>Joins the farm.</summary>
    /// <exception cref="FarmException"><c>farm.database…</c> when the database cannot be used.</exception>
    public static async Task<FarmServer> Start(ServerOptions server, SchedulerOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        options = (options ?? new()) with { ResumesStoredRuns = true };
        var store = await PostgresFarmStore.Open(server.Database, cancellation);
        var stopping = new CancellationTokenSource();
        IHost? host = null;
        try
        {
            var artifacts = new ArtifactStore(server.ArtifactFolder);
            for (int attempt = 1; ; attempt++)
            {
                host = Build(server, store, artifacts, options, stopping.Token);
                try
                {
                    await host.StartAsync(cancellation);
                    return new(host, store, artifacts, stopping);
                }
                catch (Exception e) when (attempt < FreePorts.Attempts && server is { SiloPort: 0, GatewayPort: 0 } && FreePorts.IsTaken(e)) { await Discard(host); }
            }
        }
        catch
        {
            if (host is not null) await Discard(host);
            store.Dispose();
            stopping.Dispose();
            throw;
        }
    }

    /// <summary>Leaves the farm: runs move to the other servers at once, and what is queued is written.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopped) return;
        stopped = true;
        await stopping.CancelAsync();
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10)))
        {
            try { await host.StopAsync(limit.Token); }
            catch (OperationCanceledException) { }
        }
        await Discard(host);
        store.Dispose();
        stopping.Dispose();
    }

    private static IHost Build(ServerOptions server, PostgresFarmStore store, ArtifactStore artifacts, SchedulerOptions options, CancellationToken stopping)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        EmbeddedSilo.QuietLogging(builder.Logging);
        var membership = new PostgresMembership(store.Source, server.Cluster);
        builder.Services.AddSingleton<IFarmStore>(store).AddSingleton(artifacts).AddSingleton(options).AddSingleton(new FarmStopping(stopping));
        builder.Services.AddSingleton<IMembershipTable>(membership).AddSingleton<IGatewayListProvider>(membership);
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (server.Cluster, server.Cluster));
            silo.ConfigureEndpoints(server.Address, server.SiloPort == 0 ? FreePorts.Next() : server.SiloPort, server.GatewayPort == 0 ? FreePorts.Next() : server.GatewayPort, listenOnAnyHostAddress: false);
            silo.Configure<ClusterMembershipOptions>(o =>
            {
                // A dead server is declared so after two missed probes by one other: about three seconds instead of fifteen.
                (o.ProbeTimeout, o.NumMissedProbesLimit, o.NumVotesForDeathDeclaration) = (TimeSpan.FromSeconds(1), 2, 1);
                (o.TableRefreshTimeout, o.IAmAliveTablePublishTimeout) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
                o.DefunctSiloExpiration = TimeSpan.FromHours(1);
            });
            // A call that was under way to a server when it died must not wait for half a minute.
            silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(10));
            silo.Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromHours(12));
        });
        return builder.Build();
    }

    private static async Task Discard(IHost host)
    {
        if (host is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
        else host.Dispose();
    }
}
