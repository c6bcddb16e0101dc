using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Journal;
using Orleans.Concurrency;

namespace ExampleMlFarm.Scheduler.Cache;

/// <summary>Carries questions to the cook cache. Keeps nothing, so as many run as there are callers; they wait for the disk away from the silo's own threads.</summary>
[StatelessWorker]
internal sealed class CookCacheGrain(IFarmStore store) : Grain, ICookCacheGrain
{
    public Task<byte[]> Find(byte[] queries) => Task.Run(() => CookQueryCodec.Encode(store.Cache.Find(CookQueryCodec.DecodeQueries(queries))));

    public Task<long> Forget(byte[] artifacts) => store.Cache.Forget(CookQueryCodec.DecodeArtifacts(artifacts));
}
