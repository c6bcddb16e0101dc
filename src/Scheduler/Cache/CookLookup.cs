using ExampleMlFarm.Core.Items;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ExampleMlFarm.Scheduler.Cache;

/// <summary>
/// Finds entries of the cook cache on one connection. It speaks to SQLite itself: a planner asks once for every item, and the
/// objects around a command would cost more than the look-up.
/// </summary>
internal sealed class CookLookup : IDisposable
{
    // The last entry that starts at or before the first index, and all that start after it: with disjoint entries nothing else can matter.
    private const string RangeQuery = """
        select start, end, payload from cook where key_base = ?1
        and start >= coalesce((select max(start) from cook where key_base = ?1 and start <= ?2), ?2) and start < ?3 order by start
        """;

    // The same for a single index, which only the last entry that starts at or before it can hold.
    private const string SingleQuery = "select start, end, payload from cook where key_base = ?1 and start <= ?2 order by start desc limit 1";

    private readonly sqlite3 database;
    private readonly sqlite3_stmt ranges, singles;

    public CookLookup(SqliteConnection connection)
    {
        database = connection.Handle!;
        ranges = Prepare(RangeQuery);
        singles = Prepare(SingleQuery);
    }

    /// <summary>What is known of a query, ascending and cut to it.</summary>
    public List<ItemResult> Find(CookQuery query)
    {
        var found = new List<ItemResult>();
        if (query.Count <= 0) return found;
        var statement = query.Count == 1 ? singles : ranges;
        Span<byte> key = stackalloc byte[32];
        query.KeyBase.CopyTo(key);
        raw.sqlite3_bind_blob(statement, 1, key);
        raw.sqlite3_bind_int64(statement, 2, query.Start);
        if (query.Count > 1) raw.sqlite3_bind_int64(statement, 3, query.End);
        var wanted = new ItemRange(query.Start, query.End);
        int step;
        while ((step = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
        {
            var entry = new ItemRange(raw.sqlite3_column_int64(statement, 0), raw.sqlite3_column_int64(statement, 1));
            var part = entry.Intersect(wanted);
            if (!part.IsEmpty) found.Add(CookEntry.Decode(query.KeyBase, entry, raw.sqlite3_column_blob(statement, 2)).Slice(part));
        }
        raw.sqlite3_reset(statement);
        SqliteException.ThrowExceptionForRC(step == raw.SQLITE_DONE ? raw.SQLITE_OK : step, database);
        return found;
    }

    public void Dispose()
    {
        ranges.Dispose();
        singles.Dispose();
    }

    private sqlite3_stmt Prepare(string sql)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out var statement), database);
        return statement;
    }
}
