using ExampleMlFarm.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Polly;
using Polly.Retry;

namespace ExampleMlFarm.Scheduler.Hosting;

/// <summary>
/// A way to a folder's farm from another process. It follows the farm when that is started again on other ports. It does not start a farm.
/// </summary>
public sealed class FarmConnection : IAsyncDisposable
{
    private readonly string folder;
    private readonly SemaphoreSlim changing = new(1, 1);
    private readonly ResiliencePipeline retrying;
    private Link? link;
    private bool closed;

    private sealed record Link(FarmEndpoint Endpoint, IHost Host, IClusterClient Client);

    private FarmConnection(string folder, double patienceSeconds, TimeProvider time)
    {
        this.folder = folder;
        // Every call may meet a silo that goes away: such calls are tried again for a while, ever more slowly. What the farm itself answers is not.
        retrying = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<Exception>(e => IsPassing(e) || (e is ObjectDisposedException && !closed)),
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(50),
                MaxDelay = TimeSpan.FromSeconds(1),
                MaxRetryAttempts = Math.Max(1, (int)Math.Ceiling(patienceSeconds) + 4),
            })
            .Build();
    }

    /// <summary>The way to the grains. Calls through it are not tried again; those through <see cref="Call{T}"/> are.</summary>
    public IGrainFactory Grains => link?.Client ?? throw new InvalidOperationException("the connection is closed");

    /// <summary>Connects to the farm of a folder.</summary>
    /// <param name="folder">The folder that holds <c>.mlfarm</c>.</param>
    /// <param name="patienceSeconds">How long a call waits for a farm that has gone away to come back.</param>
    /// <param name="cancellation">Gives up connecting.</param>
    /// <exception cref="FarmException"><c>farm.unreachable</c>: no farm runs there, or it does not answer.</exception>
    public static async Task<FarmConnection> Connect(string folder, double patienceSeconds = 20, CancellationToken cancellation = default)
    {
        var connection = new FarmConnection(Path.GetFullPath(folder), patienceSeconds, TimeProvider.System);
        try
        {
            await connection.Follow(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where the folder's farm listens; null when none runs.</summary>
    public static FarmEndpoint? TryFindEndpoint(string folder) => FarmEndpoint.Find(folder);

    /// <summary>Calls a grain; when the farm cannot be reached, connects anew and calls again, so the call must bear being made twice.</summary>
    /// <exception cref="FarmException"><c>farm.unreachable</c> when the farm did not come back in time.</exception>
    public async Task<T> Call<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellation = default)
    {
        try
        {
            return await retrying.ExecuteAsync(async token =>
            {
                var client = await Follow(token);
                return await call(client).WaitAsync(token);
            }, cancellation);
        }
        catch (Exception e) when (IsPassing(e) && e is not FarmException) { throw Unreachable(e.Message, e); }
    }

    /// <summary>As <see cref="Call{T}"/>, without a result.</summary>
    public Task Call(Func<IGrainFactory, Task> call, CancellationToken cancellation = default) => Call(async grains =>
    {
        await call(grains);
        return true;
    }, cancellation);

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (closed) return;
        closed = true;
        await changing.WaitAsync();
        try { await Drop(); }
        finally { changing.Release(); }
    }

    // The client in use, or a new one when the farm listens elsewhere now.
    private async Task<IClusterClient> Follow(CancellationToken cancellation)
    {
        var current = link;
        var endpoint = FarmEndpoint.Find(folder) ?? throw Unreachable("none is running there", null);
        if (current is not null && current.Endpoint == endpoint) return current.Client;
        await changing.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(closed, this);
            if (link is not null && link.Endpoint == endpoint) return link.Client;
            await Drop();
            return (link = await Open(endpoint, cancellation)).Client;
        }
        finally { changing.Release(); }
    }

    private async Task Drop()
    {
        var old = link;
        link = null;
        if (old is null) return;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try { await old.Host.StopAsync(limit.Token); }
        catch (Exception e) when (e is OperationCanceledException or AggregateException) { }
        if (old.Host is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
        else old.Host.Dispose();
    }

    private async Task<Link> Open(FarmEndpoint endpoint, CancellationToken cancellation)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        EmbeddedSilo.QuietLogging(builder.Logging);
        builder.UseOrleansClient(client => client
            .UseLocalhostClustering(endpoint.GatewayPort, endpoint.Cluster, endpoint.Cluster)
            .Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(20)));
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellation);
            return new(endpoint, host, host.Services.GetRequiredService<IClusterClient>());
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            host.Dispose();
            throw Unreachable(e.Message, e);
        }
    }

    private static bool IsPassing(Exception e) => e is OrleansMessageRejectionException or TimeoutException or ConnectionFailedException or SiloUnavailableException
        or OrleansConfigurationException or ClientNotAvailableException or FarmException { Failure.Code: "farm.unreachable" };

    private FarmException Unreachable(string why, Exception? cause) => new(new Failure(FailureClass.Transient, "farm.unreachable",
        $"the farm of {folder} cannot be reached: {why.TrimEnd('.')}. Start one with mlfarm run or mlfarm resume."), cause);
}
