using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Cache;
using Npgsql;

namespace ExampleMlFarm.Scheduler.Journal.Postgres;

/// <summary>The farm's store in PostgreSQL, shared by any number of servers.</summary>
/// <remarks>
/// A run belongs to one server at a time. The number of its next event lies in the run's row and moves with every append, so that a server which lost the run
/// without knowing it yet cannot write to it: its append changes no row and fails as out of order.
/// </remarks>
public sealed class PostgresFarmStore : IFarmStore
{
    private const string RunColumns = "select id, name, folder, priority, submitted_ms, status, ended_ms, items, settled, failed, owner from run";

    private readonly NpgsqlDataSource source;
    private readonly PostgresWriter writer;

    private PostgresFarmStore(NpgsqlDataSource source)
    {
        this.source = source;
        writer = new(source);
        Cache = new PostgresCookCache(source, writer);
    }

    /// <summary>Opens the database and brings its tables to this program's version.</summary>
    /// <param name="connectionString">As Npgsql takes it: <c>Host=db;Database=mlfarm;Username=mlfarm;Password=…</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FarmException">It cannot be reached, refuses the login, or is of a newer program.</exception>
    public static async Task<PostgresFarmStore> Open(string connectionString, CancellationToken cancellation = default)
    {
        NpgsqlConnectionStringBuilder settings;
        try { settings = new(connectionString); }
        catch (ArgumentException e)
        {
            throw new FarmException(Failure.Invalid("farm.connection_string", $"the connection string of the database cannot be read: {e.Message} It looks like Host=db;Database=mlfarm;Username=mlfarm;Password=…"), e);
        }
        if (settings.MaxAutoPrepare == 0) settings.MaxAutoPrepare = 64;
        if (string.IsNullOrEmpty(settings.ApplicationName)) settings.ApplicationName = "mlfarm";
        var source = NpgsqlDataSource.Create(settings);
        try
        {
            await PostgresSchema.Migrate(source, cancellation);
            return new(source);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ICookCache Cache { get; }

    /// <summary>The connections, for what else lies in the database.</summary>
    internal NpgsqlDataSource Source => source;

    /// <summary>Transactions since it was opened.</summary>
    public long Commits => writer.Commits;

    /// <inheritdoc/>
    public async Task<RunId> Create(NewRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        long id = 0;
        await writer.Enqueue(async w =>
        {
            if (run.Key.Length > 0)
            {
                // Whoever comes second with a key waits here until the first has committed.
                await w.Execute(w.Statement("select pg_advisory_xact_lock(hashtextextended($1, 0))", run.Key));
                await using var earlier = w.Statement("select run from run_key where key = $1", run.Key);
                if (await earlier.ExecuteScalarAsync() is long there)
                {
                    id = there;
                    return;
                }
            }
            await using (var insert = w.Statement("insert into run (name, folder, priority, submitted_ms, status, ended_ms, items, settled, failed, next_sequence, owner) values ($1, $2, $3, $4, 0, 0, 0, 0, 0, 1, $5) returning id",
                run.Name, run.Folder, run.Priority, run.Submitted.ToUnixTimeMilliseconds(), run.Owner))
                id = (long)(await insert.ExecuteScalarAsync())!;
            if (run.Key.Length > 0) await w.Execute(w.Statement("insert into run_key (key, run) values ($1, $2)", run.Key, id));
            await w.Execute(w.Statement("insert into run_frozen (run, frozen) values ($1, $2)", id, run.Frozen));
            await w.Execute(w.Statement("insert into event (run, sequence, payload) values ($1, 0, $2)", id, Sealed.Seal(run.FirstEvent)));
        });
        return new(id);
    }

    /// <inheritdoc/>
    public Task Append(RunId run, JournalEntry entry) => writer.Enqueue(async w =>
    {
        long next = entry.FirstSequence + entry.Events.Count;
        int moved = entry.Progress is { } progress
            ? await w.Execute(w.Statement("update run set next_sequence = $3, status = $4, ended_ms = $5, items = $6, settled = $7, failed = $8 where id = $1 and next_sequence = $2",
                run.Value, entry.FirstSequence, next, (short)progress.Status, progress.Ended?.ToUnixTimeMilliseconds() ?? 0, progress.Items, progress.Settled, progress.Failed))
            : await w.Execute(w.Statement("update run set next_sequence = $3 where id = $1 and next_sequence = $2", run.Value, entry.FirstSequence, next));
        if (moved != 1) throw OutOfOrder(run, entry.FirstSequence);
        if (entry.Events.Count > 0)
            await w.Execute(w.Statement("insert into event (run, sequence, payload) select $1, $2 + n - 1, payload from unnest($3) with ordinality as e(payload, n)",
                run.Value, entry.FirstSequence, entry.Events.Select(e => Sealed.Seal(e)).ToArray()));
        await PostgresCookCache.Put(w, entry.Cookable);
        foreach (var artifact in entry.Broken) await PostgresCookCache.Forget(w, artifact);
        foreach (var order in entry.Orders)
            await w.Execute(w.Statement("insert into person_order (run, sequence, at_ms, who, what, reason) values ($1, $2, $3, $4, $5, $6)",
                run.Value, order.Sequence, order.At.ToUnixTimeMilliseconds(), order.Who, order.What, order.Reason));
    });

    /// <inheritdoc/>
    public async Task<byte[]> Keep(string name, byte[] value, bool replace = false)
    {
        byte[] kept = value;
        await writer.Enqueue(async w =>
        {
            await w.Execute(w.Statement($"insert into kept (name, value) values ($1, $2) on conflict (name) do {(replace ? "update set value = excluded.value" : "nothing")}", name, value));
            await using var asking = w.Statement("select value from kept where name = $1", name);
            kept = (byte[])(await asking.ExecuteScalarAsync())!;
        });
        return kept;
    }

    /// <inheritdoc/>
    public async Task<bool> Drop(string name)
    {
        bool was = false;
        await writer.Enqueue(async w => was = await w.Execute(w.Statement("delete from kept where name = $1", name)) > 0);
        return was;
    }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Kept(string prefix) => Read("select name, value from kept where starts_with(name, $1) order by name collate \"C\"", reader =>
    {
        var kept = new List<KeyValuePair<string, byte[]>>();
        while (reader.Read()) kept.Add(new(reader.GetString(0), reader.GetFieldValue<byte[]>(1)));
        return kept;
    }, prefix);

    /// <inheritdoc/>
    public Task Audit(AuditRow change) => writer.Enqueue(w => w.Execute(w.Statement("insert into audit (at_ms, who, address, what, reason, before, after) values ($1, $2, $3, $4, $5, $6, $7)",
        change.At.ToUnixTimeMilliseconds(), change.Who, change.Address, change.What, change.Reason, change.Before, change.After)));

    /// <inheritdoc/>
    public IReadOnlyList<AuditRow> Audits(long? before, int count) => Read("select id, at_ms, who, address, what, reason, before, after from audit where id < $1 order by id desc limit $2", reader =>
    {
        var rows = new List<AuditRow>();
        while (reader.Read())
            rows.Add(new(reader.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5), reader.GetString(6), reader.GetString(7)));
        return rows;
    }, before ?? long.MaxValue, count);

    /// <inheritdoc/>
    public Task SetPriority(RunId run, int priority) => writer.Enqueue(w => w.Execute(w.Statement("update run set priority = $2 where id = $1", run.Value, priority)));

    /// <inheritdoc/>
    public Task SaveSnapshot(RunId run, long sequence, byte[] payload) => writer.Enqueue(async w =>
    {
        // A snapshot must not be ahead of the journal, as it would be when the append before it failed.
        int saved = await w.Execute(w.Statement("""
            insert into snapshot (run, sequence, payload) select $1, $2, $3 from run where id = $1 and next_sequence >= $2
            on conflict (run) do update set sequence = excluded.sequence, payload = excluded.payload
            """, run.Value, sequence, Sealed.Seal(payload)));
        if (saved != 1) throw OutOfOrder(run, sequence);
    });

    /// <inheritdoc/>
    public IReadOnlyList<RunRecord> List(RunId? before, int count) => Read(RunColumns + " where id < $1 order by id desc limit $2", reader =>
    {
        var rows = new List<RunRecord>();
        while (reader.Read()) rows.Add(RecordOf(reader));
        return rows;
    }, before?.Value ?? long.MaxValue, count);

    /// <inheritdoc/>
    public RunRecord? Find(RunId run) => Read(RunColumns + " where id = $1", reader => reader.Read() ? RecordOf(reader) : null, run.Value);

    /// <inheritdoc/>
    public byte[] Frozen(RunId run) => Read("select frozen from run_frozen where run = $1", reader => reader.Read() ? reader.GetFieldValue<byte[]>(0) : throw NoSuchRun(run), run.Value);

    /// <inheritdoc/>
    public IReadOnlyList<StoredOrder> Orders(RunId run) => Read("select sequence, at_ms, who, what, reason from person_order where run = $1 order by sequence", reader =>
    {
        var orders = new List<StoredOrder>();
        while (reader.Read()) orders.Add(new(reader.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)), reader.GetString(2), reader.GetString(3), reader.GetString(4)));
        return orders;
    }, run.Value);

    /// <inheritdoc/>
    public StoredRun Load(RunId run, bool fromStart = false)
    {
        var record = Find(run) ?? throw NoSuchRun(run);
        (long Sequence, ReadOnlyMemory<byte> Payload)? snapshot = fromStart ? null : Read<(long, ReadOnlyMemory<byte>)?>("select sequence, payload from snapshot where run = $1",
            reader => reader.Read() && Sealed.TryOpen(reader.GetFieldValue<byte[]>(1), out var payload) ? (reader.GetInt64(0), payload) : null, run.Value);
        long sequence = snapshot?.Sequence ?? 0;
        return new(record, snapshot?.Payload, sequence, Events(run, sequence));
    }

    /// <inheritdoc/>
    public IEnumerable<StoredEvent> Events(RunId run, long fromSequence)
    {
        using var connection = Guarded(source.OpenConnection);
        using var command = Command(connection, "select sequence, payload from event where run = $1 and sequence >= $2 order by sequence", run.Value, fromSequence);
        // Row by row: a long run's history need not be held at once.
        using var reader = Guarded(() => command.ExecuteReader());
        long expected = fromSequence;
        while (Guarded(reader.Read))
        {
            long sequence = reader.GetInt64(0);
            if (sequence != expected++) throw Damaged(run, sequence - 1, "is missing");
            if (!Sealed.TryOpen(reader.GetFieldValue<byte[]>(1), out var payload)) throw Damaged(run, sequence, "holds other bytes than were written");
            yield return new(sequence, payload);
        }
    }

    /// <summary>Writes what is queued and closes the connections.</summary>
    public void Dispose()
    {
        writer.Dispose();
        source.Dispose();
    }

    private T Read<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] values) => Guarded(() =>
    {
        using var connection = source.OpenConnection();
        using var command = Command(connection, sql, values);
        using var reader = command.ExecuteReader();
        return read(reader);
    });

    private T Guarded<T>(Func<T> work)
    {
        try { return work(); }
        catch (NpgsqlException e) { throw PostgresSchema.Explain(source, e); }
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> values)
    {
#pragma warning disable CA2100 // Every text comes from this assembly.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (object value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private static RunRecord RecordOf(NpgsqlDataReader r) => new(
        new(r.GetInt64(0)), r.GetString(1), r.GetString(2), r.GetInt32(3), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(4)),
        new((byte)r.GetInt16(5), r.GetInt64(6) == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(6)), r.GetInt64(7), r.GetInt64(8), r.GetInt64(9)), r.GetString(10));

    private static FarmException NoSuchRun(RunId run) => FarmException.Invalid("run.unknown", $"there is no run {run} on this farm. List them with: mlfarm runs");

    private FarmException OutOfOrder(RunId run, long sequence) => new(new Failure(FailureClass.Transient, "journal.out_of_order",
        $"event {sequence} of run {run} does not follow what {PostgresSchema.Name(source)} holds of it: another server has the run, or a write before it failed. The run has to be loaded again."));

    private FarmException Damaged(RunId run, long sequence, string how) => new(new Failure(FailureClass.Permanent, "journal.corrupt",
        $"event {sequence} of run {run} in {PostgresSchema.Name(source)} {how}. The run cannot go on from here; submit its recipe again, finished items come from the cache."));
}
