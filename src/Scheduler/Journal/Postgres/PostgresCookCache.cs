using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Cache;
using Npgsql;

namespace ExampleMlFarm.Scheduler.Journal.Postgres;

/// <summary>The cook cache in PostgreSQL. Many queries travel in one statement.</summary>
internal sealed class PostgresCookCache(NpgsqlDataSource source, PostgresWriter writer) : ICookCache
{
    // With disjoint entries, those that meet a range are the last one that starts at or before it, and all that start inside it.
    private const string Meeting = """
        select q.n, c.start, c."end", c.payload
        from unnest($1, $2, $3) with ordinality as q(key, first, past, n)
        cross join lateral (
            select start, "end", payload from cook
            where key_base = q.key and start < q.past and start >= coalesce((select max(start) from cook where key_base = q.key and start <= q.first), q.first)) c
        where c."end" > q.first
        order by q.n, c.start
        """;

    public IReadOnlyList<IReadOnlyList<ItemResult>> Find(IReadOnlyList<CookQuery> queries)
    {
        var answers = new List<ItemResult>[queries.Count];
        for (int i = 0; i < answers.Length; i++) answers[i] = [];
        if (queries.Count == 0) return answers;
        try
        {
            using var connection = source.OpenConnection();
            using var command = new NpgsqlCommand(Meeting, connection);
            foreach (object column in Columns(queries)) command.Parameters.Add(new NpgsqlParameter { Value = column });
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                int query = (int)reader.GetInt64(0) - 1;
                var entry = new ItemRange(reader.GetInt64(1), reader.GetInt64(2));
                var part = entry.Intersect(new(queries[query].Start, queries[query].End));
                if (!part.IsEmpty) answers[query].Add(CookEntry.Decode(queries[query].KeyBase, entry, reader.GetFieldValue<byte[]>(3)).Slice(part));
            }
        }
        catch (NpgsqlException e) { throw PostgresSchema.Explain(source, e); }
        return answers;
    }

    public async Task<long> Forget(IReadOnlyList<ContentHash> artifacts)
    {
        long items = 0;
        await writer.Enqueue(async w =>
        {
            items = 0;
            foreach (var artifact in artifacts) items += await Forget(w, artifact);
        });
        return items;
    }

    public Task Forget(IReadOnlyList<CookQuery> keys) => writer.Enqueue(w => Cut(w, keys));

    public Task Put(IReadOnlyList<ItemResult> results) => writer.Enqueue(w => Put(w, results));

    /// <summary>Stores results under their keys, in place of what was there; leaves out those that cannot be cached.</summary>
    public static async Task Put(PostgresWriting w, IReadOnlyList<ItemResult> results)
    {
        var fresh = new List<ItemResult>();
        foreach (var result in results)
            if (result.Kind == ResultKind.Succeeded && result.KeyBase != default && !result.Items.IsEmpty)
                fresh.Add(result with { Items = new(result.KeyIndex, result.KeyIndex + result.Items.Count) });
        // Among themselves they may meet as well; the later one counts, so each round takes those that do not meet an earlier one of the round.
        while (fresh.Count > 0)
        {
            var round = new List<ItemResult>();
            var later = new List<ItemResult>();
            var taken = new Dictionary<ContentHash, RangeSet>();
            foreach (var result in fresh)
            {
                if (!taken.TryGetValue(result.KeyBase, out var set)) taken[result.KeyBase] = set = new();
                if (set.CountIn(result.Items) > 0) later.Add(result);
                else round.Add(result);
                set.Add(result.Items);
            }
            await Cut(w, [.. round.Select(r => new CookQuery(r.KeyBase, r.Items.Start, r.Items.Count))]);
            await Insert(w, round);
            fresh = later;
        }
    }

    /// <summary>Removes the entries with this artifact among their outputs; returns their items.</summary>
    public static async Task<long> Forget(PostgresWriting w, ContentHash artifact)
    {
        var entries = new List<ItemResult>();
        await using (var statement = w.Statement("select c.key_base, c.start, c.\"end\", c.payload from cook_output o join cook c on c.key_base = o.key_base and c.start = o.start where o.output = $1 for update of c",
            CookEntry.OutputNumber(artifact)))
        await using (var reader = await statement.ExecuteReaderAsync())
            while (await reader.ReadAsync())
            {
                var entry = CookEntry.Decode(new(reader.GetFieldValue<byte[]>(0)), new(reader.GetInt64(1), reader.GetInt64(2)), reader.GetFieldValue<byte[]>(3));
                // The index holds eight bytes of the hash only, so another artifact may answer to it.
                if (entry.Outputs?.Any(o => o.Hash == artifact) == true) entries.Add(entry);
            }
        await Remove(w, entries);
        return entries.Sum(e => e.Items.Count);
    }

    /// <summary>Removes ranges, which do not meet each other, from every entry under their keys.</summary>
    private static async Task Cut(PostgresWriting w, IReadOnlyList<CookQuery> ranges)
    {
        if (ranges.Count == 0) return;
        var met = new Dictionary<(ContentHash Key, long Start), (ItemResult Entry, RangeSet Cut)>();
        await using (var statement = w.Statement(Meeting, Columns(ranges)))
        await using (var reader = await statement.ExecuteReaderAsync())
            while (await reader.ReadAsync())
            {
                var range = ranges[(int)reader.GetInt64(0) - 1];
                long start = reader.GetInt64(1);
                if (!met.TryGetValue((range.KeyBase, start), out var entry))
                    met[(range.KeyBase, start)] = entry = (CookEntry.Decode(range.KeyBase, new(start, reader.GetInt64(2)), reader.GetFieldValue<byte[]>(3)), new());
                entry.Cut.Add(new ItemRange(range.Start, range.End));
            }
        if (met.Count == 0) return;
        await Remove(w, [.. met.Values.Select(m => m.Entry)]);
        await Insert(w, [.. met.Values.SelectMany(m => m.Cut.Missing(m.Entry.Items).Select(m.Entry.Slice))]);
    }

    private static async Task Insert(PostgresWriting w, List<ItemResult> entries)
    {
        if (entries.Count == 0) return;
        await w.Execute(w.Statement("insert into cook (key_base, start, \"end\", payload) select * from unnest($1, $2, $3, $4)",
            entries.Select(e => e.KeyBase.ToArray()).ToArray(), entries.Select(e => e.Items.Start).ToArray(), entries.Select(e => e.Items.End).ToArray(), entries.Select(CookEntry.Encode).ToArray()));
        var outputs = entries.SelectMany(e => (e.Outputs ?? []).Select(o => (Number: CookEntry.OutputNumber(o.Hash), e.KeyBase, e.Items.Start))).Distinct().ToList();
        if (outputs.Count > 0)
            await w.Execute(w.Statement("insert into cook_output (output, key_base, start) select * from unnest($1, $2, $3) on conflict do nothing",
                outputs.Select(o => o.Number).ToArray(), outputs.Select(o => o.KeyBase.ToArray()).ToArray(), outputs.Select(o => o.Start).ToArray()));
    }

    private static async Task Remove(PostgresWriting w, List<ItemResult> entries)
    {
        if (entries.Count == 0) return;
        byte[][] keys = [.. entries.Select(e => e.KeyBase.ToArray())];
        long[] starts = [.. entries.Select(e => e.Items.Start)];
        await w.Execute(w.Statement("delete from cook c using unnest($1, $2) as gone(key, start) where c.key_base = gone.key and c.start = gone.start", keys, starts));
        await w.Execute(w.Statement("delete from cook_output o using unnest($1, $2) as gone(key, start) where o.key_base = gone.key and o.start = gone.start and o.output = any($3)",
            keys, starts, entries.SelectMany(e => e.Outputs ?? []).Select(o => CookEntry.OutputNumber(o.Hash)).Distinct().ToArray()));
    }

    private static object[] Columns(IReadOnlyList<CookQuery> ranges) =>
        [ranges.Select(r => r.KeyBase.ToArray()).ToArray(), ranges.Select(r => r.Start).ToArray(), ranges.Select(r => r.End).ToArray()];
}
