using Orleans.Concurrency;

namespace ExampleMlFarm.Scheduler.Contracts;

/// <summary>Earlier results by cook key, for workers. Key 0; many calls run side by side.</summary>
[Alias("cook-cache")]
public interface ICookCacheGrain : IGrainWithIntegerKey
{
    /// <summary>What is known of each query: <c>CookQueryCodec</c> in, a list of lists of results out.</summary>
    [Alias("find")]
    Task<byte[]> Find([Immutable] byte[] queries);

    /// <summary>Drops the entries with one of these artifacts (32 bytes each) among their outputs, because it is missing or damaged.</summary>
    [Alias("forget")]
    Task<long> Forget([Immutable] byte[] artifacts);
}
