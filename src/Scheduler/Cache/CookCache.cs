using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Scheduler.Cache;

/// <summary>A question to the cook cache: the items <paramref name="Start"/> … <paramref name="Start"/> + <paramref name="Count"/> − 1 under one key.</summary>
public readonly record struct CookQuery(ContentHash KeyBase, long Start, long Count)
{
    internal long End => Start + Count;
}

/// <summary>
/// Earlier results by cook key. A key is a base and an index, so that a million items of one node are a handful of entries. It does not look
/// whether the artifacts are still there.
/// </summary>
/// <remarks>
/// Entries under one base never overlap: a newer result cuts what it covers out of older ones. So a look-up is one descent of the tree. Safe for
/// several threads; entries are written together with the events that carry the results.
/// </remarks>
public sealed class CookCache
{
    private readonly Func<JournalWriter> writer;
    private readonly FarmStore store;

    internal CookCache(Func<JournalWriter> writer, FarmStore store)
    {
        this.writer = writer;
        this.store = store;
    }

    /// <summary>
    /// What is known of each query: results ascending, cut to the query, gaps left out. <see cref="ItemResult.Items"/> counts under the key base, as
    /// <see cref="ItemResult.KeyIndex"/> does.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<ItemResult>> Find(IReadOnlyList<CookQuery> queries) => store.Read(connection =>
    {
        // In one transaction, so that the locks of the file are taken once and not for each query.
        using var transaction = connection.BeginTransaction(deferred: true);
        using var lookup = new CookLookup(connection);
        var answers = new IReadOnlyList<ItemResult>[queries.Count];
        for (int i = 0; i < answers.Length; i++) answers[i] = lookup.Find(queries[i]);
        return answers;
    });

    /// <summary>What is known of one query.</summary>
    public IReadOnlyList<ItemResult> Find(ContentHash keyBase, long start, long count) => Find([new(keyBase, start, count)])[0];

    /// <summary>Drops every entry that has one of these artifacts among its outputs; returns how many items that were.</summary>
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

    /// <summary>Drops the entries of these keys, so that the items cook again.</summary>
    public Task Forget(IReadOnlyList<CookQuery> keys) => writer().Enqueue(w =>
    {
        foreach (var key in keys) CookCacheWriting.Cut(w, key.KeyBase, new(key.Start, key.End));
    });

    /// <summary>Stores results outside a run, such as those of an import.</summary>
    public Task Put(IReadOnlyList<ItemResult> results) => writer().Enqueue(w =>
    {
        foreach (var result in results) CookCacheWriting.Put(w, result);
    });
}
