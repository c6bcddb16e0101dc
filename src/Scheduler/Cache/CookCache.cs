using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Journal;
using Microsoft.Data.Sqlite;

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
    // The last entry that starts at or before the first index, and all that start after it: with disjoint entries nothing else can matter.
    private const string RangeQuery = """
        select start, end, payload from cook where key_base = $0
        and start >= coalesce((select max(start) from cook where key_base = $0 and start <= $1), $1) and start < $2 order by start
        """;

    private readonly JournalWriter writer;
    private readonly FarmStore store;

    internal CookCache(JournalWriter writer, FarmStore store)
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
        using var command = FarmStore.Command(connection, RangeQuery, Array.Empty<byte>(), 0L, 0L);
        var answers = new IReadOnlyList<ItemResult>[queries.Count];
        for (int i = 0; i < answers.Length; i++) answers[i] = Find(command, queries[i]);
        return answers;
    });

    /// <summary>What is known of one query.</summary>
    public IReadOnlyList<ItemResult> Find(ContentHash keyBase, long start, long count) => Find([new(keyBase, start, count)])[0];

    /// <summary>Drops every entry that has one of these artifacts among its outputs; returns how many items that were.</summary>
    public async Task<long> Forget(IReadOnlyList<ContentHash> artifacts)
    {
        long items = 0;
        await writer.Enqueue(w =>
        {
            items = 0;
            foreach (var artifact in artifacts) items += CookCacheWriting.Forget(w, artifact);
        });
        return items;
    }

    /// <summary>Drops the entries of these keys, so that the items cook again.</summary>
    public Task Forget(IReadOnlyList<CookQuery> keys) => writer.Enqueue(w =>
    {
        foreach (var key in keys) CookCacheWriting.Cut(w, key.KeyBase, new(key.Start, key.End));
    });

    /// <summary>Stores results outside a run, such as those of an import.</summary>
    public Task Put(IReadOnlyList<ItemResult> results) => writer.Enqueue(w =>
    {
        foreach (var result in results) CookCacheWriting.Put(w, result);
    });

    private static List<ItemResult> Find(SqliteCommand command, CookQuery query)
    {
        if (query.Count <= 0) return [];
        command.Parameters[0].Value = query.KeyBase.ToArray();
        command.Parameters[1].Value = query.Start;
        command.Parameters[2].Value = query.End;
        var wanted = new ItemRange(query.Start, query.End);
        var found = new List<ItemResult>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var entry = new ItemRange(reader.GetInt64(0), reader.GetInt64(1));
            var part = entry.Intersect(wanted);
            if (!part.IsEmpty) found.Add(CookEntry.Decode(query.KeyBase, entry, reader.GetFieldValue<byte[]>(2)).Slice(part));
        }
        return found;
    }
}
