using System.Collections.Concurrent;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Cache;
using Microsoft.Data.Sqlite;

namespace ExampleMlFarm.Scheduler.Journal;

/// <summary>
/// Runs, their events and snapshots, and the cook cache, in one SQLite file. It does not know what an event means.
/// </summary>
/// <remarks>
/// Safe for several threads. All writes go through one thread with group commit; a returned task completes when the bytes are durable, in the
/// order of the calls, and throws <see cref="FarmException"/> otherwise. Reads run beside it on connections of their own. Events stay after a
/// snapshot covers them, because <c>explain</c> reads the history, and a snapshot that cannot be read is then no loss: the run is replayed from its
/// first event. <see cref="DropEvents"/> removes them on request.
/// </remarks>
public sealed class FarmStore : IFarmStore
{
    private const int SequenceBits = 40;
    private const string RunColumns = "select id, name, folder, priority, submitted_ms, status, ended_ms, items, settled, failed, owner from run";

    private readonly Lazy<JournalWriter> openWriter;
    private string? columns;
    private readonly ConcurrentBag<SqliteConnection> idleReaders = [];
    private readonly string path;
    private bool closed;

    private FarmStore(string path)
    {
        this.path = path;
        openWriter = new(() => new JournalWriter(path));
        Cache = new CookCache(() => Writer, this);
    }

    private JournalWriter Writer => openWriter.Value;

    /// <summary>Opens the file, making it when it is not there.</summary>
    /// <exception cref="FarmException">The file is damaged, of a newer program, or of another one.</exception>
    public static FarmStore Open(string path)
    {
        var store = new FarmStore(Path.GetFullPath(path));
        _ = store.Writer;
        return store;
    }

    /// <summary>
    /// Opens the file for whoever mostly looks: nothing is made or migrated, and a folder without the right to write will do. It opens for writing with the
    /// first write.
    /// </summary>
    /// <exception cref="FarmException">The file is damaged, of a newer program, or of another one: with the first read.</exception>
    public static FarmStore OpenToRead(string path) => new(Path.GetFullPath(path));

    /// <summary>Earlier results by cook key.</summary>
    public CookCache Cache { get; }

    ICookCache IFarmStore.Cache => Cache;

    /// <summary>Transactions since it was opened: with the number of appends, how well commits are shared.</summary>
    public long Commits => Writer.Commits;

    /// <summary>Stores a run and gives it its number.</summary>
    public async Task<RunId> Create(NewRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        long id = 0;
        await Writer.Enqueue(w =>
        {
            if (run.Key.Length > 0 && w.Statement("select run from run_key where key = $0", run.Key).ExecuteScalar() is long earlier)
            {
                id = earlier;
                return;
            }
            w.Execute("insert into run (name, folder, priority, submitted_ms, status, ended_ms, items, settled, failed, owner) values ($0, $1, $2, $3, 0, 0, 0, 0, 0, $4)",
                run.Name, run.Folder, run.Priority, run.Submitted.ToUnixTimeMilliseconds(), run.Owner);
            id = w.LastRowId();
            if (run.Key.Length > 0) w.Execute("insert into run_key (key, run) values ($0, $1)", run.Key, id);
            w.Execute("insert into run_frozen (run, frozen) values ($0, $1)", id, run.Frozen);
            w.Execute("insert into event (id, payload) values ($0, $1)", EventId(new(id), 0), Sealed.Seal(run.FirstEvent));
        });
        return new(id);
    }

    /// <summary>Appends events, with the results among them that later runs may reuse and the run's new progress, in one transaction.</summary>
    public Task Append(RunId run, JournalEntry entry) => Writer.Enqueue(w =>
    {
        TakeSequences(w, run, entry.FirstSequence, entry.Events.Count);
        for (int i = 0; i < entry.Events.Count; i++)
            w.Execute("insert into event (id, payload) values ($0, $1)", EventId(run, entry.FirstSequence + i), Sealed.Seal(entry.Events[i]));
        foreach (var result in entry.Cookable) CookCacheWriting.Put(w, result);
        foreach (var artifact in entry.Broken) CookCacheWriting.Forget(w, artifact);
        foreach (var order in entry.Orders)
            w.Execute("insert into person_order (run, sequence, at_ms, who, what, reason) values ($0, $1, $2, $3, $4, $5)",
                run.Value, order.Sequence, order.At.ToUnixTimeMilliseconds(), order.Who, order.What, order.Reason);
        if (entry.Progress is { } progress)
            w.Execute("update run set status = $1, ended_ms = $2, items = $3, settled = $4, failed = $5 where id = $0",
                run.Value, (long)progress.Status, progress.Ended?.ToUnixTimeMilliseconds() ?? 0, progress.Items, progress.Settled, progress.Failed);
    });

    /// <inheritdoc/>
    public async Task<byte[]> Keep(string name, byte[] value, bool replace = false)
    {
        byte[] kept = value;
        await Writer.Enqueue(w =>
        {
            w.Execute($"insert or {(replace ? "replace" : "ignore")} into kept (name, value) values ($0, $1)", name, value);
            kept = (byte[])w.Statement("select value from kept where name = $0", name).ExecuteScalar()!;
        });
        return kept;
    }

    /// <inheritdoc/>
    public async Task<bool> Drop(string name)
    {
        bool was = false;
        await Writer.Enqueue(w => was = w.Statement("delete from kept where name = $0 returning 1", name).ExecuteScalar() is not null);
        return was;
    }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Kept(string prefix) => Read(connection =>
    {
        using var command = Command(connection, "select name, value from kept where substr(name, 1, length($0)) = $0 order by name", prefix);
        using var reader = command.ExecuteReader();
        var kept = new List<KeyValuePair<string, byte[]>>();
        while (reader.Read()) kept.Add(new(reader.GetString(0), reader.GetFieldValue<byte[]>(1)));
        return kept;
    });

    /// <inheritdoc/>
    public Task Audit(AuditRow change) => Writer.Enqueue(w => w.Execute("insert into audit (at_ms, who, address, what, reason, before, after) values ($0, $1, $2, $3, $4, $5, $6)",
        change.At.ToUnixTimeMilliseconds(), change.Who, change.Address, change.What, change.Reason, change.Before, change.After));

    /// <inheritdoc/>
    public IReadOnlyList<AuditRow> Audits(long? before, int count) => Read(connection =>
    {
        using var command = Command(connection, "select id, at_ms, who, address, what, reason, before, after from audit where id < $0 order by id desc limit $1", before ?? long.MaxValue, count);
        using var reader = command.ExecuteReader();
        var rows = new List<AuditRow>();
        while (reader.Read())
            rows.Add(new(reader.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5), reader.GetString(6), reader.GetString(7)));
        return rows;
    });

    /// <summary>Changes a run's priority for the time after the next start of the farm.</summary>
    public Task SetPriority(RunId run, int priority) => Writer.Enqueue(w => w.Execute("update run set priority = $1 where id = $0", run.Value, priority));

    /// <summary>Stores the state after the events below <paramref name="sequence"/>, in place of an earlier snapshot.</summary>
    public Task SaveSnapshot(RunId run, long sequence, byte[] payload) =>
        Writer.Enqueue(w =>
        {
            // A snapshot must not be ahead of the journal, as it would be when the append before it failed.
            if (NextSequence(w, run) < sequence) throw OutOfOrder(run, sequence, NextSequence(w, run));
            w.Execute("insert or replace into snapshot (run, sequence, payload) values ($0, $1, $2)", run.Value, sequence, Sealed.Seal(payload));
        });

    /// <summary>Removes the events that the newest snapshot covers. Afterwards the run cannot be explained further back, nor replayed from its beginning.</summary>
    public Task DropEvents(RunId run) => Writer.Enqueue(w =>
        w.Execute("delete from event where id >= $0 and id < $0 + (select sequence from snapshot where run = $1)", EventId(run, 0), run.Value));

    /// <summary>Runs with a number below <paramref name="before"/> (null = all), newest first, at most <paramref name="count"/>.</summary>
    public IReadOnlyList<RunRecord> List(RunId? before, int count) => Read(connection =>
    {
        using var command = Command(connection, ColumnsIn(connection) + " where id < $0 order by id desc limit $1", before?.Value ?? long.MaxValue, count);
        using var reader = command.ExecuteReader();
        var rows = new List<RunRecord>();
        while (reader.Read()) rows.Add(RecordOf(reader));
        return rows;
    });

    /// <summary>One run; null when there is none with this number.</summary>
    public RunRecord? Find(RunId run) => Read(connection =>
    {
        using var command = Command(connection, ColumnsIn(connection) + " where id = $0", run.Value);
        using var reader = command.ExecuteReader();
        return reader.Read() ? RecordOf(reader) : null;
    });

    /// <summary>What was frozen with the run.</summary>
    public byte[] Frozen(RunId run) => Blob(run, "select frozen from run_frozen where run = $0");

    /// <summary>What people asked of a run, oldest first.</summary>
    public IReadOnlyList<StoredOrder> Orders(RunId run) => Read(connection =>
    {
        using var command = Command(connection, "select sequence, at_ms, who, what, reason from person_order where run = $0 order by sequence", run.Value);
        using var reader = command.ExecuteReader();
        var orders = new List<StoredOrder>();
        while (reader.Read()) orders.Add(new(reader.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)), reader.GetString(2), reader.GetString(3), reader.GetString(4)));
        return orders;
    });

    /// <summary>What a run needs to go on. The tail is read while it is walked; it must be walked to its end or disposed.</summary>
    /// <param name="run">The run.</param>
    /// <param name="fromStart">True to leave the snapshot aside and replay every event.</param>
    public StoredRun Load(RunId run, bool fromStart = false)
    {
        var record = Find(run) ?? throw NoSuchRun(run);
        var snapshot = fromStart ? null : NewestSnapshot(run);
        long sequence = snapshot?.Sequence ?? 0;
        return new(record, snapshot?.Payload, sequence, Events(run, sequence));
    }

    /// <summary>The events of a run from a number on, in order, read while they are walked.</summary>
    /// <exception cref="FarmException">An event is damaged or missing (<c>journal.corrupt</c>).</exception>
    public IEnumerable<StoredEvent> Events(RunId run, long fromSequence)
    {
        var connection = RentReader();
        try
        {
            using var command = Command(connection, "select id, payload from event where id >= $0 and id < $1 order by id", EventId(run, fromSequence), EventId(new(run.Value + 1), 0));
            using var reader = command.ExecuteReader();
            long expected = fromSequence;
            while (Database.Guarded(path, reader.Read))
            {
                long sequence = reader.GetInt64(0) - EventId(run, 0);
                if (sequence != expected++) throw Damaged(run, sequence - 1, "is missing");
                if (!Sealed.TryOpen(reader.GetFieldValue<byte[]>(1), out var payload)) throw Damaged(run, sequence, "does not match its checksum");
                yield return new(sequence, payload);
            }
        }
        finally { ReturnReader(connection); }
    }

    /// <summary>Writes what is queued and closes the file.</summary>
    public void Dispose()
    {
        if (closed) return;
        closed = true;
        if (openWriter.IsValueCreated) Writer.Dispose();
        while (idleReaders.TryTake(out var reader)) reader.Dispose();
    }

    /// <summary>Runs a query on a connection of its own.</summary>
    internal T Read<T>(Func<SqliteConnection, T> query)
    {
        var connection = RentReader();
        try { return Database.Guarded(path, () => query(connection)); }
        finally { ReturnReader(connection); }
    }

    internal static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text comes from this assembly.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (int i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i}", values[i]);
        return command;
    }

    // When one append of a run fails, those queued behind it must fail as well, or the journal would have a gap; and whoever lost a run to another owner
    // must not write to it any more. Both show as a number that does not follow.
    private void TakeSequences(SqliteWriting w, RunId run, long first, int count)
    {
        long next = NextSequence(w, run);
        if (first != next) throw OutOfOrder(run, first, next);
        w.NextSequences[run.Value] = next + count;
    }

    private static long NextSequence(SqliteWriting w, RunId run) => w.NextSequences.TryGetValue(run.Value, out long next) ? next
        : (long)w.Statement("select coalesce((select max(id) - $0 + 1 from event where id >= $0 and id < $1), (select sequence from snapshot where run = $2), 0)",
            EventId(run, 0), EventId(new(run.Value + 1), 0), run.Value).ExecuteScalar()!;

    private FarmException OutOfOrder(RunId run, long sequence, long next) => new(new Failure(FailureClass.Transient, "journal.out_of_order",
        $"event {sequence} of run {run} does not follow the {next} events in {path}; the run has to be loaded again."));

    private static long EventId(RunId run, long sequence) => (run.Value << SequenceBits) + sequence;

    private (long Sequence, ReadOnlyMemory<byte> Payload)? NewestSnapshot(RunId run) => Read<(long, ReadOnlyMemory<byte>)?>(connection =>
    {
        using var command = Command(connection, "select sequence, payload from snapshot where run = $0", run.Value);
        using var reader = command.ExecuteReader();
        if (!reader.Read()) return null;
        long sequence = reader.GetInt64(0);
        return Sealed.TryOpen(reader.GetFieldValue<byte[]>(1), out var payload) ? (sequence, payload) : null;
    });

    private byte[] Blob(RunId run, string sql) => Read(connection =>
    {
        using var command = Command(connection, sql, run.Value);
        using var reader = command.ExecuteReader();
        return reader.Read() ? reader.GetFieldValue<byte[]>(0) : throw NoSuchRun(run);
    });

    private static RunRecord RecordOf(SqliteDataReader r) => new(
        new(r.GetInt64(0)), r.GetString(1), r.GetString(2), r.GetInt32(3), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(4)),
        new(r.GetByte(5), r.GetInt64(6) == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(6)), r.GetInt64(7), r.GetInt64(8), r.GetInt64(9)), r.GetString(10));

    // A folder of the first version that may only be read cannot be migrated, and need not be.
    private string ColumnsIn(SqliteConnection connection) => columns ??= Database.VersionOf(connection) >= 2 ? RunColumns : RunColumns.Replace("owner", "''", StringComparison.Ordinal);

    private SqliteConnection RentReader()
    {
        ObjectDisposedException.ThrowIf(closed, this);
        return idleReaders.TryTake(out var reader) ? reader : Database.OpenReader(path);
    }

    private void ReturnReader(SqliteConnection reader)
    {
        if (closed) reader.Dispose();
        else idleReaders.Add(reader);
    }

    private static FarmException NoSuchRun(RunId run) => FarmException.Invalid("run.unknown", $"there is no run {run} in this folder. List them with: mlfarm runs");

    private FarmException Damaged(RunId run, long sequence, string how) => new(new Failure(FailureClass.Permanent, "journal.corrupt",
        $"event {sequence} of run {run} in {path} {how}. The run cannot go on from here; submit its recipe again, finished items come from the cache."));
}
