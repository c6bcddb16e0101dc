using System.Collections.Concurrent;
using ExampleMlFarm.Core;
using Microsoft.Data.Sqlite;

namespace ExampleMlFarm.Scheduler.Journal;

/// <summary>
/// The one thread that writes to the database. Whatever is queued while a commit is on its way to the disk goes into the next
/// transaction together (group commit), so that the cost of an fsync is shared. It knows no rows.
/// </summary>
/// <remarks>
/// A task completes only when its transaction is durable. Writes are committed in the order in which they were queued. When a transaction
/// fails, it is rolled back and its writes are tried one by one, so that one bad write fails alone; the failed ones throw <see cref="FarmException"/>.
/// </remarks>
internal sealed class JournalWriter : IDisposable
{
    /// <summary>Bounds the time to the first acknowledgement; an fsync shared by this many writes costs nothing any more.</summary>
    private const int LargestBatch = 1024;

    private sealed record Write(Action<SqliteWriting> Work, TaskCompletionSource Done);

    private readonly BlockingCollection<Write> queue = [];
    private readonly SqliteWriting writing;
    private readonly string path;
    private readonly Thread thread;

    /// <summary>Opens the database and starts the thread.</summary>
    public JournalWriter(string path)
    {
        this.path = path;
        writing = new SqliteWriting(Database.OpenWriter(path));
        thread = new Thread(Run) { IsBackground = true, Name = "journal" };
        thread.Start();
    }

    /// <summary>Transactions so far.</summary>
    public long Commits { get; private set; }

    /// <summary>Queues one write.</summary>
    public Task Enqueue(Action<SqliteWriting> work)
    {
        var write = new Write(work, new(TaskCreationOptions.RunContinuationsAsynchronously));
        try { queue.Add(write); }
        catch (InvalidOperationException e)
        {
            throw new FarmException(new Failure(FailureClass.Transient, "farm.database_closed", $"{path} was closed; nothing more can be written. Start the farm again."), e);
        }
        return write.Done.Task;
    }

    /// <summary>Writes what is queued, then closes the database.</summary>
    public void Dispose()
    {
        if (queue.IsAddingCompleted) return;
        queue.CompleteAdding();
        thread.Join();
        writing.Dispose();
        queue.Dispose();
    }

    private void Run()
    {
        var batch = new List<Write>();
        foreach (var first in queue.GetConsumingEnumerable())
        {
            batch.Clear();
            batch.Add(first);
            while (batch.Count < LargestBatch && queue.TryTake(out var next)) batch.Add(next);
            if (TryCommit(batch, out _))
            {
                foreach (var write in batch) write.Done.SetResult();
                continue;
            }
            foreach (var write in batch)
            {
                if (TryCommit([write], out var error)) write.Done.SetResult();
                else write.Done.SetException(error!);
            }
        }
    }

    private bool TryCommit(List<Write> batch, out Exception? error)
    {
        error = null;
        try
        {
            writing.Begin();
            foreach (var write in batch) write.Work(writing);
            writing.Commit();
            Commits++;
            return true;
        }
        catch (Exception e)
        {
            error = e is SqliteException sqlite ? Database.Explain(path, sqlite) : e;
            writing.Rollback();
            return false;
        }
    }
}

/// <summary>The writer's connection with its prepared statements; belongs to the writer's thread.</summary>
internal sealed class SqliteWriting(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> prepared = [];
    private SqliteTransaction? transaction;

    /// <summary>A prepared statement with as many parameters (<c>$0</c>, <c>$1</c>, …) as <paramref name="values"/>, bound.</summary>
    public SqliteCommand Statement(string sql, params ReadOnlySpan<object> values)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text comes from this assembly.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (int i = 0; i < values.Length; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            prepared.Add(sql, command);
        }
        command.Transaction = transaction;
        for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command;
    }

    /// <summary>Binds and runs a statement without results.</summary>
    public void Execute(string sql, params ReadOnlySpan<object> values) => Statement(sql, values).ExecuteNonQuery();

    /// <summary>
    /// Number that the next event of each run must have, for the runs met so far. Forgotten when a transaction fails, and then read anew.
    /// </summary>
    public Dictionary<long, long> NextSequences { get; } = [];

    /// <summary>Id of the row that was inserted last.</summary>
    public long LastRowId() => (long)Statement("select last_insert_rowid()").ExecuteScalar()!;

    public void Begin() => transaction = connection.BeginTransaction(deferred: false);

    public void Commit()
    {
        transaction!.Commit();
        transaction.Dispose();
        transaction = null;
    }

    public void Rollback()
    {
        NextSequences.Clear();
        // SQLite has rolled back by itself after the graver errors; then there is nothing left to do here.
        try { transaction?.Rollback(); }
        catch (SqliteException) { }
        catch (InvalidOperationException) { }
        transaction?.Dispose();
        transaction = null;
    }

    public void Dispose()
    {
        foreach (var command in prepared.Values) command.Dispose();
        connection.Dispose();
    }
}
