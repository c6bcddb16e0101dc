using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Cache;
using ExampleMlFarm.Workers.Reporting;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Workers.Links.Http;

/// <summary>What a worker elsewhere says of itself with every offer.</summary>
/// <param name="Host">Its machine.</param>
/// <param name="Pools">Pools it belongs to.</param>
/// <param name="Tags">Words that recipes may ask for, with their values.</param>
/// <param name="Cpu">Cores; 0 = one for each slot.</param>
/// <param name="Gpu">GPUs.</param>
/// <param name="MemoryBytes">Memory; 0 = not stated.</param>
/// <param name="Custom">Further amounts by name.</param>
/// <param name="Facts">What was measured, for people.</param>
public sealed record WorkerTraits(string Host, IReadOnlyList<string> Pools, IReadOnlyDictionary<string, string> Tags, double Cpu, double Gpu, long MemoryBytes,
    IReadOnlyDictionary<string, double> Custom, IReadOnlyDictionary<string, string> Facts);

/// <summary>
/// The farm over HTTP, with no folder shared: outputs are sent to it before the report that names them.
/// </summary>
/// <param name="client">The way to its servers.</param>
/// <param name="session">Who this worker is.</param>
/// <param name="traits">What it says of itself.</param>
/// <param name="store">Where this worker's outputs lie.</param>
/// <param name="time">Clock.</param>
/// <param name="log">The worker's own log.</param>
public sealed partial class HttpLink(FarmClient client, SessionWords session, WorkerTraits traits, ArtifactStore store, TimeProvider time, ILogger log) : IFarmLink
{
    // Enough to fill a fast line with small files; more would only take turns on the disk.
    private const int UploadsAtOnce = 8;

    /// <inheritdoc/>
    public Task<Grants> Work(Offer offer, CancellationToken cancellation) => Patiently(async () =>
    {
        var told = new OfferWords(traits.Host, Environment.ProcessId, traits.Pools, traits.Tags, offer.Slots, traits.Cpu > 0 ? traits.Cpu : offer.Slots, traits.Gpu, traits.MemoryBytes, traits.Custom, traits.Facts,
            [.. offer.Busy.Select(b => new UseWords(b.Key.Value, b.Value))], offer.KnownVersion, offer.WaitSeconds);
        var grants = await client.Json("worker/work", told, HttpWordsJson.Default.OfferWords, HttpWordsJson.Default.GrantWords, session, cancellation);
        return new Grants(grants.Version, [.. grants.Grants.Select(g => KeyValuePair.Create(new RunId(g.Run), g.Slots))], grants.Stop);
    });

    /// <inheritdoc/>
    public Task<RunReply> Exchange(RunId run, WorkerMessage message, CancellationToken cancellation) => Patiently(async () =>
    {
        if (message.Reports.Count > 0) await Deliver(run, message, cancellation);
        return await Say(run, message, cancellation);
    });

    /// <inheritdoc/>
    public Task<RunFiles> Load(RunId run, CancellationToken cancellation) => Patiently(async () => new RunFiles(
        (await client.Get($"worker/runs/{run}/frozen", session, run, cancellation))!,
        (await client.Get($"worker/runs/{run}/plan", session, run, cancellation))!));

    /// <inheritdoc/>
    public Task<IReadOnlyList<IReadOnlyList<ItemResult>>> Find(IReadOnlyList<KeyRun> queries, CancellationToken cancellation) => Patiently(async () =>
    {
        var bytes = CookQueryCodec.Encode([.. queries.Select(q => new CookQuery(q.KeyBase, q.KeyIndex, q.Items.Count))]);
        var found = CookQueryCodec.DecodeAnswers(await client.Post("worker/find", bytes, session, null, cancellation));
        // The farm has just looked at the artifacts of what it answers.
        foreach (var results in found)
            foreach (var result in results)
                foreach (var output in result.Outputs ?? [])
                    client.Artifacts.Believe(output.Hash, output.SizeBytes);
        return found;
    });

    /// <inheritdoc/>
    public Task Forget(ContentHash artifact, CancellationToken cancellation) => Patiently(() => client.Post($"worker/forget/{artifact}", [], session, null, cancellation));

    private async Task<RunReply> Say(RunId run, WorkerMessage message, CancellationToken cancellation) =>
        MessageCodec.DecodeReply(await client.Post($"worker/runs/{run}/exchange", MessageCodec.Encode(message), session, run, cancellation));

    /// <summary>Sends the outputs that the reports name. Meanwhile the run hears that the worker lives, or it would give the leases to others.</summary>
    private async Task Deliver(RunId run, WorkerMessage message, CancellationToken cancellation)
    {
        var outputs = message.Reports.SelectMany(r => r.Results).SelectMany(r => r.Outputs ?? []).Select(o => o.Hash).Distinct().Where(store.IsHere).ToList();
        if (outputs.Count == 0) return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var delivery = Parallel.ForEachAsync(outputs, new ParallelOptions { MaxDegreeOfParallelism = UploadsAtOnce, CancellationToken = stop.Token }, Deliver);
        try
        {
            var living = message with { Reports = [], Wanted = 0, WaitSeconds = 0 };
            while (await Task.WhenAny(delivery, Task.Delay(TimeSpan.FromSeconds(Limits.HeartbeatSeconds), time, stop.Token)) != delivery)
            {
                // What it answers comes again with the answer to the reports.
                try { await Say(run, living, stop.Token); }
                catch (FarmUnreachableException) { }
                stop.Token.ThrowIfCancellationRequested();
            }
        }
        catch
        {
            await stop.CancelAsync();
            await delivery.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
        await stop.CancelAsync();
        await delivery;
    }

    private async ValueTask Deliver(ContentHash output, CancellationToken cancellation)
    {
        try { await client.Artifacts.Upload(store, output, cancellation); }
        // Its bytes are gone: whoever needs them finds that they are missing, and the item is cooked again.
        catch (FarmException e) when (e.Failure.Code is not "farm.unreachable") { NotDelivered(log, output, e.Message); }
    }

    // What the worker holds stays true whatever is wrong over there: it goes on cooking, and asks again.
    private static async Task<T> Patiently<T>(Func<Task<T>> call)
    {
        try { return await call(); }
        catch (FarmException e) { throw new FarmUnreachableException(e.Message, e); }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "output {Artifact} is reported, but could not be sent: {Reason}")]
    private static partial void NotDelivered(ILogger log, ContentHash artifact, string reason);
}
