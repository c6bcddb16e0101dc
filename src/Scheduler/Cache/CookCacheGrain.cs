using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Journal;
using Orleans.Concurrency;

namespace ExampleMlFarm.Scheduler.Cache;

/// <summary>Carries questions to the cook cache. Keeps nothing, so as many run as there are callers.</summary>
[StatelessWorker]
internal sealed class CookCacheGrain(FarmStore store) : Grain, ICookCacheGrain
{
    public Task<byte[]> Find(byte[] queries) => Task.FromResult(CookQueryCodec.Encode(store.Cache.Find(CookQueryCodec.DecodeQueries(queries))));

    public Task<long> Forget(byte[] artifacts) => store.Cache.Forget(CookQueryCodec.DecodeArtifacts(artifacts));
}
