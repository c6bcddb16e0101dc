using ExampleMlFarm.Core;
using Microsoft.Data.Sqlite;

namespace ExampleMlFarm.Scheduler.Journal;

/// <summary>
/// Opens the farm's SQLite file: its schema, its pragmas, and what is said when the file cannot be used. It knows no rows.
/// </summary>
internal static class Database
{
    /// <summary>Version of the schema below. A program refuses a file of a later one, and migrates one of an earlier.</summary>
    public const int SchemaVersion = 2;

    /// <summary>"MLfm": tells our file from any other SQLite file.</summary>
    private const int ApplicationId = 0x4d4c666d;

    // One row per event: its id is run << 40 | sequence, so that appending is always at the end of a run's part of the tree and no second
    // index is needed. What is frozen lies apart from the run's row, because an update rewrites the whole row.
    private const string Schema = """
        create table run (
            id integer primary key autoincrement,
            name text not null, folder text not null, priority integer not null, submitted_ms integer not null,
            status integer not null, ended_ms integer not null,
            items integer not null, settled integer not null, failed integer not null);
        create table run_frozen (run integer primary key, frozen blob not null);
        create table event (id integer primary key, payload blob not null);
        create table person_order (run integer not null, sequence integer not null, at_ms integer not null, who text not null, what text not null, reason text not null);
        create index person_order_run on person_order (run, sequence);
        create table snapshot (run integer primary key, sequence integer not null, payload blob not null);
        create table cook (
            key_base blob not null, start integer not null, end integer not null, payload blob not null,
            primary key (key_base, start)) without rowid;
        create table cook_output (
            output integer not null, key_base blob not null, start integer not null,
            primary key (output, key_base, start)) without rowid;
        """;

    // What version 2 has more than version 1: submissions that are sent twice, named values, who changed what.
    private const string Second = """
        alter table run add column owner text not null default '';
        create table run_key (key text primary key, run integer not null);
        create table kept (name text primary key, value blob not null);
        create table audit (
            id integer primary key autoincrement, at_ms integer not null, who text not null, address text not null, what text not null, reason text not null, before text not null, after text not null);
        """;

    /// <summary>Opens for writing, makes the schema in an empty file, migrates an older one.</summary>
    public static SqliteConnection OpenWriter(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return Guarded(path, () =>
        {
            var connection = Connect(path, SqliteOpenMode.ReadWriteCreate);
            try
            {
                // FULL: a commit is on the disk when it returns. The page size matters only before the first table.
                Execute(connection, "pragma page_size=8192; pragma journal_mode=wal; pragma synchronous=full; pragma wal_autocheckpoint=2000; pragma journal_size_limit=67108864;");
                Migrate(connection, path);
                return connection;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        });
    }

    /// <summary>Opens for reading beside the writer, in this process or another.</summary>
    public static SqliteConnection OpenReader(string path) => Guarded(path, () =>
    {
        try { return Reader(path, Connect(path, SqliteOpenMode.ReadWrite)); }
        // Readers share an index file beside the database. Where it can neither be made nor is there, nobody can be writing either, and the file can be
        // read as one that does not change.
        catch (SqliteException e) when (e.SqliteErrorCode is CannotOpen or ReadOnly && !File.Exists(path + "-wal"))
        {
            return Reader(path, Connect($"file:{Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1", SqliteOpenMode.ReadOnly));
        }
    });

    private const int ReadOnly = 8, CannotOpen = 14;

    private static SqliteConnection Reader(string path, SqliteConnection connection)
    {
        try
        {
            Execute(connection, "pragma query_only=1; pragma mmap_size=1073741824;");
            Demand(path, Number(connection, "pragma application_id"), Number(connection, "pragma user_version"));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs something on the file and turns SQLite's errors into failures that say what to do.</summary>
    public static T Guarded<T>(string path, Func<T> work)
    {
        try { return work(); }
        catch (SqliteException e) { throw Explain(path, e); }
    }

    /// <summary>What a SQLite error means for a person.</summary>
    public static FarmException Explain(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        11 or 26 => new(new Failure(FailureClass.Permanent, "farm.database_corrupt",
            $"{path} is damaged or no SQLite file ({e.Message.TrimEnd('.')}). Move it away with its -wal and -shm files, or put a backup in its place; artifacts are kept apart and stay usable."), e),
        5 or 6 => new(new Failure(FailureClass.Transient, "farm.database_busy", $"{path} is held by another program. Close it, then try again."), e),
        13 => new(new Failure(FailureClass.Transient, "farm.disk_full", $"{path} cannot grow: the disk is full. Free some space, then resume."), e),
        _ => new(new Failure(FailureClass.Transient, "farm.database", $"{path} could not be read or written: {e.Message}. Check the disk and the rights on the folder."), e),
    };

    /// <summary>Runs statements without results.</summary>
    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text comes from this assembly.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>Version of a file's schema; 0 when there is none.</summary>
    public static long VersionOf(string path)
    {
        if (!File.Exists(path)) return 0;
        return Guarded(path, () =>
        {
            using var connection = Connect(path, SqliteOpenMode.ReadWrite);
            return VersionOf(connection);
        });
    }

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        // Pooling off: a closed database must let go of its file, and we keep our connections anyway. Ten seconds wait out a checkpoint.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 10 }.ToString());
        connection.Open();
        return connection;
    }

    private static void Migrate(SqliteConnection connection, string path)
    {
        long version = Number(connection, "pragma user_version"), owner = Number(connection, "pragma application_id");
        if (owner != 0 || version != 0) Demand(path, owner, version);
        if (version == SchemaVersion) return;
        // Another process may do the same: whoever has the lock looks again whether there is still something to do.
        Execute(connection, "begin immediate");
        try
        {
            (version, owner) = (Number(connection, "pragma user_version"), Number(connection, "pragma application_id"));
            bool isNew = version == 0 && owner == 0 && Number(connection, "select count(*) from sqlite_schema") == 0;
            if (!isNew) Demand(path, owner, version);
            string missing = isNew ? $"{Schema} {Second} pragma application_id={ApplicationId};" : version < SchemaVersion ? Second : "";
            Execute(connection, $"{missing} pragma user_version={SchemaVersion}; commit;");
        }
        catch
        {
            Execute(connection, "rollback");
            throw;
        }
    }

    private static void Demand(string path, long owner, long version)
    {
        if (owner != ApplicationId)
            throw FarmException.Invalid("farm.database_foreign", $"{path} is a SQLite file of another program. Move it away or choose another folder.");
        if (version > SchemaVersion)
            throw FarmException.Invalid("farm.database_newer", $"{path} has schema {version}; this program knows schemas up to {SchemaVersion}. Use the newer mlfarm, or another folder.");
    }

    /// <summary>Version of the schema of a file.</summary>
    public static long VersionOf(SqliteConnection connection) => Number(connection, "pragma user_version");

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
