using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Scheduler.Cache;

/// <summary>The cook cache of a SQLite file.</summary>
public sealed class CookCache : ICookCache
{
    private readonly Func<JournalWriter> writer;
    private readonly FarmStore store;

    internal CookCache(Func<JournalWriter> writer, FarmStore store)
    {
        this.writer = writer;
        this.store = store;
    }

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<ItemResult>> Find(IReadOnlyList<CookQuery> queries) => store.Read(connection =>
    {
        // In one transaction, so that the locks of the file are taken once and not for each query.
        using var transaction = connection.BeginTransaction(deferred: true);
        using var lookup = new CookLookup(connection);
        var answers = new IReadOnlyList<ItemResult>[queries.Count];
        for (int i = 0; i < answers.Length; i++) answers[i] = lookup.Find(queries[i]);
        return answers;
    });

    /// <inheritdoc/>
    public IReadOnlyList<ItemResult> Find(ContentHash keyBase, long start, long count) => Find([new(keyBase, start, count)])[0];

    /// <inheritdoc/>
    public async Task<long> Forget(IReadOnlyList<ContentHash> artifacts)
    {
        long items = 0;
        await writer().Enqueue(w =>
        {
            items = 0;
            foreach (var artifact in artifacts) items += CookCacheWriting.Forget(w, artifact);
        });
        return items;
    }

    /// <inheritdoc/>
    public Task Forget(IReadOnlyList<CookQuery> keys) => writer().Enqueue(w =>
    {
        foreach (var key in keys) CookCacheWriting.Cut(w, key.KeyBase, new(key.Start, key.End));
    });

    /// <inheritdoc/>
    public Task Put(IReadOnlyList<ItemResult> results) => writer().Enqueue(w =>
    {
        foreach (var result in results) CookCacheWriting.Put(w, result);
    });
}
