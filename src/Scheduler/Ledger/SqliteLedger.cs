using ExampleMlFarm.Scheduler.Journal;
using Microsoft.Data.Sqlite;

namespace ExampleMlFarm.Scheduler.Ledger;

/// <summary>The ledger of a SQLite file.</summary>
internal sealed class SqliteLedger(Func<JournalWriter> writer, FarmStore store) : IFarmLedger
{
    /// <summary>Its tables.</summary>
    public const string Schema = """
        create table api_key (
            id text primary key, name text not null, role text not null, secret_hash blob not null, created_ms integer not null, created_by text not null,
            revoked_ms integer not null default 0, used_ms integer not null default 0) without rowid;
        create table audit (
            id integer primary key autoincrement, at_ms integer not null, who text not null, address text not null, what text not null, target text not null,
            reason text not null, before text not null, after text not null);
        create table answer (token text primary key, body_hash blob not null, at_ms integer not null, payload blob not null) without rowid;
        create table submission (token text primary key, body_hash blob not null, run integer not null) without rowid;
        """;

    private const string KeyColumns = "select id, name, role, secret_hash, created_ms, created_by, revoked_ms, used_ms from api_key";

    public IReadOnlyList<StoredKey> Keys() => Rows(KeyColumns + " order by created_ms, id", KeyOf);

    public StoredKey? FindKey(string id) => Rows(KeyColumns + " where id = $0", KeyOf, id).FirstOrDefault();

    public Task AddKey(StoredKey key) => writer().Enqueue(w => w.Execute("insert into api_key (id, name, role, secret_hash, created_ms, created_by) values ($0, $1, $2, $3, $4, $5)",
        key.Id, key.Name, key.Role, key.SecretHash, key.Created.ToUnixTimeMilliseconds(), key.CreatedBy));

    public Task RevokeKey(string id, DateTimeOffset at) => writer().Enqueue(w => w.Execute("update api_key set revoked_ms = $1 where id = $0 and revoked_ms = 0", id, at.ToUnixTimeMilliseconds()));

    public Task TouchKey(string id, DateTimeOffset at) => writer().Enqueue(w => w.Execute("update api_key set used_ms = $1 where id = $0 and used_ms < $1", id, at.ToUnixTimeMilliseconds()));

    public IReadOnlyList<AuditLine> Audit(long? before, int count) => Rows(
        "select id, at_ms, who, address, what, target, reason, before, after from audit where id < $0 order by id desc limit $1",
        r => new AuditLine(r.GetInt64(0), new(Time(r.GetInt64(1)), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5), r.GetString(6), r.GetString(7), r.GetString(8))),
        before ?? long.MaxValue, count);

    public Task Record(AuditEntry e) => writer().Enqueue(w => w.Execute(
        "insert into audit (at_ms, who, address, what, target, reason, before, after) values ($0, $1, $2, $3, $4, $5, $6, $7)",
        e.At.ToUnixTimeMilliseconds(), e.Who, e.From, e.What, e.Target, e.Reason, e.Before, e.After));

    public KeptAnswer? FindAnswer(string token) => Rows("select body_hash, at_ms, payload from answer where token = $0",
        r => new KeptAnswer(r.GetFieldValue<byte[]>(0), Time(r.GetInt64(1)), r.GetFieldValue<byte[]>(2)), token).FirstOrDefault();

    public Task KeepAnswer(string token, KeptAnswer answer) => writer().Enqueue(w => w.Execute("insert or ignore into answer (token, body_hash, at_ms, payload) values ($0, $1, $2, $3)",
        token, answer.BodyHash, answer.At.ToUnixTimeMilliseconds(), answer.Payload));

    private List<T> Rows<T>(string sql, Func<SqliteDataReader, T> row, params object[] values) => store.Read(connection =>
    {
        using var command = FarmStore.Command(connection, sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(row(reader));
        return rows;
    });

    private static StoredKey KeyOf(SqliteDataReader r) => new(r.GetString(0), r.GetString(1), r.GetString(2), r.GetFieldValue<byte[]>(3), Time(r.GetInt64(4)), r.GetString(5))
    {
        Revoked = r.GetInt64(6) == 0 ? null : Time(r.GetInt64(6)), LastUsed = r.GetInt64(7) == 0 ? null : Time(r.GetInt64(7)),
    };

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
