using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Cache;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Workers.Reporting;

namespace ExampleMlFarm.Workers.Links;

/// <summary>The farm as grains, reached from this process.</summary>
/// <param name="connection">The way to them; it reconnects by itself.</param>
/// <param name="pool">Pool this worker belongs to; empty = the default one.</param>
/// <param name="memoryBytes">Memory it may use; 0 = not stated.</param>
/// <param name="cpu">Cores it may use; 0 = one for each slot.</param>
/// <param name="gpu">GPUs it may use.</param>
public sealed class GrainLink(FarmConnection connection, string pool, long memoryBytes, double cpu = 0, double gpu = 0) : IFarmLink
{
    /// <inheritdoc/>
    public async Task<Grants> Work(Offer offer, CancellationToken cancellation)
    {
        var told = new WorkerPresence(offer.Worker.Value, Environment.MachineName, Environment.ProcessId, pool.Length == 0 ? [] : [pool], offer.Slots, cpu > 0 ? cpu : offer.Slots, gpu, memoryBytes, [],
            [.. offer.Busy.Select(b => new RunUse(b.Key.Value, b.Value))], offer.KnownVersion, offer.WaitSeconds);
        var grants = await Call(grains => grains.GetGrain<IFarmGrain>(0).Work(told), null, cancellation);
        return new(grants.Version, [.. grants.Grants.Select(g => KeyValuePair.Create(new RunId(g.Run), g.Slots))], grants.Stop);
    }

    /// <inheritdoc/>
    public async Task<RunReply> Exchange(RunId run, WorkerMessage message, CancellationToken cancellation)
    {
        var bytes = MessageCodec.Encode(message);
        return MessageCodec.DecodeReply(await Call(grains => grains.GetGrain<IRunGrain>(run.Value).Exchange(bytes), run, cancellation));
    }

    /// <inheritdoc/>
    public async Task<RunFiles> Load(RunId run, CancellationToken cancellation) => new(
        await Call(grains => grains.GetGrain<IRunGrain>(run.Value).Frozen(), run, cancellation),
        await Call(grains => grains.GetGrain<IRunGrain>(run.Value).Plan(), run, cancellation));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IReadOnlyList<ItemResult>>> Find(IReadOnlyList<KeyRun> queries, CancellationToken cancellation)
    {
        var bytes = CookQueryCodec.Encode([.. queries.Select(q => new CookQuery(q.KeyBase, q.KeyIndex, q.Items.Count))]);
        return CookQueryCodec.DecodeAnswers(await Call(grains => grains.GetGrain<ICookCacheGrain>(0).Find(bytes), null, cancellation));
    }

    /// <inheritdoc/>
    public Task Forget(ContentHash artifact, CancellationToken cancellation) =>
        Call(grains => grains.GetGrain<ICookCacheGrain>(0).Forget(artifact.ToArray()), null, cancellation);

    private async Task<T> Call<T>(Func<IGrainFactory, Task<T>> call, RunId? run, CancellationToken cancellation)
    {
        try { return await connection.Call(call, cancellation); }
        catch (FarmException e) when (e.Failure.Code == "run.unknown" && run is { } gone) { throw new RunGoneException(gone); }
        // Whatever else goes wrong on the way or over there (a grain that lost its journal starts over): what the worker holds stays true, and it asks again.
        catch (Exception e) when (e is not OperationCanceledException) { throw new FarmUnreachableException(e.Message, e); }
    }
}
