using ExampleMlFarm.Core;
using Npgsql;

namespace ExampleMlFarm.Scheduler.Journal.Postgres;

/// <summary>The farm's tables in PostgreSQL, all of them in one schema of that database, and what is said when the database cannot be used.</summary>
internal static class PostgresSchema
{
    /// <summary>Version of the tables. A program refuses those of a later one and migrates those of an earlier.</summary>
    public const int Version = 2;

    // Servers that start at once must not migrate side by side: an arbitrary number of our own for the advisory lock ("MLfm").
    private const long MigrationLock = 0x4d4c666d;

    // Migration n brings version n to n + 1. What was released is never edited, only added to.
    private static readonly string[] Migrations =
    [
        """
        create table run (
            id bigint generated always as identity primary key,
            name text not null, folder text not null, priority integer not null, submitted_ms bigint not null,
            status smallint not null, ended_ms bigint not null,
            items bigint not null, settled bigint not null, failed bigint not null, next_sequence bigint not null);
        create table run_frozen (run bigint primary key, frozen bytea not null);
        create table event (run bigint not null, sequence bigint not null, payload bytea not null, primary key (run, sequence));
        create table person_order (run bigint not null, sequence bigint not null, at_ms bigint not null, who text not null, what text not null, reason text not null);
        create index person_order_run on person_order (run, sequence);
        create table snapshot (run bigint primary key, sequence bigint not null, payload bytea not null);
        create table cook (key_base bytea not null, start bigint not null, "end" bigint not null, payload bytea not null, primary key (key_base, start));
        create table cook_output (output bigint not null, key_base bytea not null, start bigint not null, primary key (output, key_base, start));
        create table member_version (cluster text primary key, version integer not null);
        create table member (
            cluster text not null, silo text not null, status integer not null, alive timestamptz not null, entry text not null, etag integer not null,
            primary key (cluster, silo));
        """,
        """
        alter table run add column owner text not null default '';
        create table run_key (key text primary key, run bigint not null);
        create table kept (name text primary key, value bytea not null);
        create table audit (
            id bigint generated always as identity primary key, at_ms bigint not null, who text not null, address text not null, what text not null, reason text not null, before text not null, after text not null);
        """,
    ];

    /// <summary>Brings the tables to this program's version, making them in an empty database. Servers that do it at once wait for each other.</summary>
    /// <exception cref="FarmException"><c>farm.database_newer</c>, or <c>farm.database</c> when it cannot be reached or changed.</exception>
    public static async Task Migrate(NpgsqlDataSource source, CancellationToken cancellation = default)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await Execute($"select pg_advisory_xact_lock({MigrationLock})");
            await Execute("create table if not exists farm_version (version integer not null)");
            await using var asking = new NpgsqlCommand("select version from farm_version", connection, transaction);
            int version = await asking.ExecuteScalarAsync(cancellation) is int known ? known : 0;
            if (version > Version)
                throw FarmException.Invalid("farm.database_newer", $"the farm's tables in {Name(source)} have version {version}; this program knows versions up to {Version}. Use the newer mlfarm.");
            if (version == Version) return;
            for (int from = version; from < Version; from++) await Execute(Migrations[from]);
            await Execute("delete from farm_version");
            await Execute($"insert into farm_version values ({Version})");
            await transaction.CommitAsync(cancellation);

            async Task Execute(string sql)
            {
#pragma warning disable CA2100 // Every text comes from this file.
                await using var command = new NpgsqlCommand(sql, connection, transaction);
#pragma warning restore CA2100
                await command.ExecuteNonQueryAsync(cancellation);
            }
        }
        catch (NpgsqlException e) { throw Explain(source, e); }
    }

    /// <summary>What an error means for a person.</summary>
    public static FarmException Explain(NpgsqlDataSource source, NpgsqlException e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new(new Failure(FailureClass.Transient, "farm.disk_full",
            $"{Name(source)} cannot grow: its disk is full. Free some space, then resume."), e),
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } => new(new Failure(FailureClass.Permanent, "farm.database_login",
            $"{Name(source)} refuses the login: {e.Message} Check user and password of the connection string."), e),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => new(new Failure(FailureClass.Permanent, "farm.database_missing",
            $"{Name(source)} does not exist: create it (createdb), the tables are made by the program."), e),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => new(new Failure(FailureClass.Permanent, "farm.database_rights",
            $"the user may not make or change the farm's tables in {Name(source)}: {e.Message}"), e),
        _ => new(new Failure(FailureClass.Transient, "farm.database", $"{Name(source)} could not be read or written: {e.Message.TrimEnd('.')}. Check that PostgreSQL runs there and can be reached."), e),
    };

    /// <summary>Host and database, without user and password.</summary>
    public static string Name(NpgsqlDataSource source)
    {
        var parts = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        return $"the database {parts.Database} on {parts.Host}:{parts.Port}";
    }
}
