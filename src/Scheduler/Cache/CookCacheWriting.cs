using System.Buffers.Binary;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Scheduler.Cache;

/// <summary>A cached result in bytes: without its key, which the row has already, and counted under the key base.</summary>
internal static class CookEntry
{
    public static byte[] Encode(ItemResult result)
    {
        var to = new WireWriter();
        ResultCodec.Write(to, result with { Items = new(0, result.Items.Count), KeyBase = default, KeyIndex = 0 });
        return to.ToArray();
    }

    public static ItemResult Decode(ContentHash keyBase, ItemRange range, ReadOnlySpan<byte> payload)
    {
        var from = new WireReader(payload);
        var result = ResultCodec.Read(ref from);
        from.End("a cached result");
        return result with { Items = range, KeyBase = keyBase, KeyIndex = range.Start };
    }

    /// <summary>Eight bytes of an artifact's hash, by which entries are found.</summary>
    public static long OutputNumber(ContentHash hash)
    {
        Span<byte> bytes = stackalloc byte[32];
        hash.CopyTo(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }
}

/// <summary>The statements that keep the cook cache's entries disjoint. Run on the writer's thread, inside a transaction.</summary>
internal static class CookCacheWriting
{
    /// <summary>Stores a result under its key, in place of what was there; does nothing with one that cannot be cached.</summary>
    public static void Put(SqliteWriting w, ItemResult result)
    {
        if (result.Kind != ResultKind.Succeeded || result.KeyBase == default || result.Items.IsEmpty) return;
        var range = new ItemRange(result.KeyIndex, result.KeyIndex + result.Items.Count);
        Cut(w, result.KeyBase, range);
        Insert(w, result with { Items = range });
    }

    /// <summary>Removes the indices of a range from every entry under the key base.</summary>
    public static void Cut(SqliteWriting w, ContentHash keyBase, ItemRange range)
    {
        byte[] key = keyBase.ToArray();
        var met = new List<ItemResult>();
        using (var reader = w.Statement("select start, end, payload from cook where key_base = $0 and start < $1 order by start desc", key, range.End).ExecuteReader())
        {
            // Going down from the end, the first entry that ends before the range is the last that needs to be looked at.
            while (reader.Read() && reader.GetInt64(1) > range.Start)
                met.Add(CookEntry.Decode(keyBase, new(reader.GetInt64(0), reader.GetInt64(1)), reader.GetFieldValue<byte[]>(2)));
        }
        foreach (var old in met)
        {
            Remove(w, key, old);
            var (before, after) = (new ItemRange(old.Items.Start, range.Start), new ItemRange(range.End, old.Items.End));
            if (!before.IsEmpty) Insert(w, old.Slice(before));
            if (!after.IsEmpty) Insert(w, old.Slice(after));
        }
    }

    /// <summary>Removes the entries with this artifact among their outputs; returns their items.</summary>
    public static long Forget(SqliteWriting w, ContentHash artifact)
    {
        var entries = new List<(byte[] Key, long Start)>();
        using (var reader = w.Statement("select key_base, start from cook_output where output = $0", CookEntry.OutputNumber(artifact)).ExecuteReader())
            while (reader.Read()) entries.Add((reader.GetFieldValue<byte[]>(0), reader.GetInt64(1)));
        long items = 0;
        foreach (var (key, start) in entries)
        {
            ItemResult? entry = null;
            using (var reader = w.Statement("select end, payload from cook where key_base = $0 and start = $1", key, start).ExecuteReader())
                if (reader.Read()) entry = CookEntry.Decode(new(key), new(start, reader.GetInt64(0)), reader.GetFieldValue<byte[]>(1));
            // The index holds eight bytes of the hash only, so another artifact may answer to it.
            if (entry?.Outputs is null || !entry.Outputs.Any(o => o.Hash == artifact)) continue;
            Remove(w, key, entry);
            items += entry.Items.Count;
        }
        return items;
    }

    private static void Insert(SqliteWriting w, ItemResult entry)
    {
        byte[] key = entry.KeyBase.ToArray();
        w.Execute("insert into cook (key_base, start, end, payload) values ($0, $1, $2, $3)", key, entry.Items.Start, entry.Items.End, CookEntry.Encode(entry));
        foreach (var output in entry.Outputs ?? [])
            w.Execute("insert or ignore into cook_output (output, key_base, start) values ($0, $1, $2)", CookEntry.OutputNumber(output.Hash), key, entry.Items.Start);
    }

    private static void Remove(SqliteWriting w, byte[] key, ItemResult entry)
    {
        w.Execute("delete from cook where key_base = $0 and start = $1", key, entry.Items.Start);
        foreach (var output in entry.Outputs ?? [])
            w.Execute("delete from cook_output where output = $0 and key_base = $1 and start = $2", CookEntry.OutputNumber(output.Hash), key, entry.Items.Start);
    }
}
