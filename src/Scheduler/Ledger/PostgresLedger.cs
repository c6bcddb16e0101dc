using ExampleMlFarm.Scheduler.Journal.Postgres;
using Npgsql;

namespace ExampleMlFarm.Scheduler.Ledger;

/// <summary>The ledger in PostgreSQL: keys and answers are those of all servers.</summary>
internal sealed class PostgresLedger(PostgresFarmStore store, PostgresWriter writer) : IFarmLedger
{
    /// <summary>Its tables.</summary>
    public const string Schema = """
        create table api_key (
            id text primary key, name text not null, role text not null, secret_hash bytea not null, created_ms bigint not null, created_by text not null,
            revoked_ms bigint not null default 0, used_ms bigint not null default 0);
        create table audit (
            id bigint generated always as identity primary key, at_ms bigint not null, who text not null, address text not null, what text not null, target text not null,
            reason text not null, before text not null, after text not null);
        create table answer (token text primary key, body_hash bytea not null, at_ms bigint not null, payload bytea not null);
        create table submission (token text primary key, body_hash bytea not null, run bigint not null);
        """;

    private const string KeyColumns = "select id, name, role, secret_hash, created_ms, created_by, revoked_ms, used_ms from api_key";

    public IReadOnlyList<StoredKey> Keys() => Rows(KeyColumns + " order by created_ms, id", KeyOf);

    public StoredKey? FindKey(string id) => Rows(KeyColumns + " where id = $1", KeyOf, id).FirstOrDefault();

    public Task AddKey(StoredKey key) => writer.Enqueue(w => w.Execute(w.Statement("insert into api_key (id, name, role, secret_hash, created_ms, created_by) values ($1, $2, $3, $4, $5, $6)",
        key.Id, key.Name, key.Role, key.SecretHash, key.Created.ToUnixTimeMilliseconds(), key.CreatedBy)));

    public Task RevokeKey(string id, DateTimeOffset at) => writer.Enqueue(w => w.Execute(w.Statement("update api_key set revoked_ms = $2 where id = $1 and revoked_ms = 0", id, at.ToUnixTimeMilliseconds())));

    public Task TouchKey(string id, DateTimeOffset at) => writer.Enqueue(w => w.Execute(w.Statement("update api_key set used_ms = $2 where id = $1 and used_ms < $2", id, at.ToUnixTimeMilliseconds())));

    public IReadOnlyList<AuditLine> Audit(long? before, int count) => Rows(
        "select id, at_ms, who, address, what, target, reason, before, after from audit where id < $1 order by id desc limit $2",
        r => new AuditLine(r.GetInt64(0), new(Time(r.GetInt64(1)), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5), r.GetString(6), r.GetString(7), r.GetString(8))),
        before ?? long.MaxValue, count);

    public Task Record(AuditEntry e) => writer.Enqueue(w => w.Execute(w.Statement(
        "insert into audit (at_ms, who, address, what, target, reason, before, after) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        e.At.ToUnixTimeMilliseconds(), e.Who, e.From, e.What, e.Target, e.Reason, e.Before, e.After)));

    public KeptAnswer? FindAnswer(string token) => Rows("select body_hash, at_ms, payload from answer where token = $1",
        r => new KeptAnswer(r.GetFieldValue<byte[]>(0), Time(r.GetInt64(1)), r.GetFieldValue<byte[]>(2)), token).FirstOrDefault();

    public Task KeepAnswer(string token, KeptAnswer answer) => writer.Enqueue(w => w.Execute(w.Statement("insert into answer (token, body_hash, at_ms, payload) values ($1, $2, $3, $4) on conflict do nothing",
        token, answer.BodyHash, answer.At.ToUnixTimeMilliseconds(), answer.Payload)));

    private List<T> Rows<T>(string sql, Func<NpgsqlDataReader, T> row, params object[] values) => store.Read(sql, reader =>
    {
        var rows = new List<T>();
        while (reader.Read()) rows.Add(row(reader));
        return rows;
    }, values);

    private static StoredKey KeyOf(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1), r.GetString(2), r.GetFieldValue<byte[]>(3), Time(r.GetInt64(4)), r.GetString(5))
    {
        Revoked = r.GetInt64(6) == 0 ? null : Time(r.GetInt64(6)), LastUsed = r.GetInt64(7) == 0 ? null : Time(r.GetInt64(7)),
    };

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
