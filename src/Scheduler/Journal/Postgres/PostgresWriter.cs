using System.Threading.Channels;
using ExampleMlFarm.Core;
using Npgsql;

namespace ExampleMlFarm.Scheduler.Journal.Postgres;

/// <summary>
/// The one loop of a server that writes to the database. Whatever is queued while a commit is on its way goes into the next transaction together (group
/// commit), so that the cost of a round trip and an fsync is shared. It knows no rows.
/// </summary>
/// <remarks>
/// A task completes only when its transaction is durable. Writes are committed in the order in which they were queued. When a transaction fails, its writes
/// are tried one by one, so that one bad write fails alone. After a lost connection it is unknown whether the last transaction was committed; what was then
/// is tried again and fails as out of order, and its run is loaded anew: nothing is lost and nothing is written twice.
/// </remarks>
internal sealed class PostgresWriter : IDisposable
{
    private const int LargestBatch = 1024;

    private sealed record Write(Func<PostgresWriting, Task> Work, TaskCompletionSource Done);

    private readonly Channel<Write> queue = Channel.CreateUnbounded<Write>(new() { SingleReader = true });
    private readonly NpgsqlDataSource source;
    private readonly Task running;
    private NpgsqlConnection? connection;

    public PostgresWriter(NpgsqlDataSource source)
    {
        this.source = source;
        running = Task.Run(Run);
    }

    /// <summary>Transactions so far.</summary>
    public long Commits { get; private set; }

    /// <summary>Queues one write.</summary>
    public Task Enqueue(Func<PostgresWriting, Task> work)
    {
        var write = new Write(work, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!queue.Writer.TryWrite(write))
            throw new FarmException(new Failure(FailureClass.Transient, "farm.database_closed", $"{PostgresSchema.Name(source)} was closed; nothing more can be written. Start the server again."));
        return write.Done.Task;
    }

    /// <summary>Writes what is queued, then closes the connection.</summary>
    public void Dispose()
    {
        queue.Writer.TryComplete();
        running.Wait();
        connection?.Dispose();
    }

    private async Task Run()
    {
        var batch = new List<Write>();
        while (await queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < LargestBatch && queue.Reader.TryRead(out var next)) batch.Add(next);
            if (await Commit(batch) is null)
            {
                foreach (var write in batch) write.Done.SetResult();
                continue;
            }
            foreach (var write in batch)
            {
                if (await Commit([write]) is { } error) write.Done.SetException(error);
                else write.Done.SetResult();
            }
        }
    }

    private async Task<Exception?> Commit(List<Write> batch)
    {
        try
        {
            if (connection is not { State: System.Data.ConnectionState.Open })
            {
                if (connection is not null) await connection.DisposeAsync();
                connection = await source.OpenConnectionAsync();
            }
            await using var transaction = await connection.BeginTransactionAsync();
            var writing = new PostgresWriting(connection, transaction);
            foreach (var write in batch) await write.Work(writing);
            await transaction.CommitAsync();
            Commits++;
            return null;
        }
        catch (NpgsqlException e) { return PostgresSchema.Explain(source, e); }
        catch (Exception e) when (e is not OutOfMemoryException) { return e; }
    }
}

/// <summary>The writer's connection within one transaction.</summary>
internal sealed class PostgresWriting(NpgsqlConnection connection, NpgsqlTransaction transaction)
{
    /// <summary>A command with its parameters <c>$1</c>, <c>$2</c>, …; the driver prepares those that come again.</summary>
    public NpgsqlCommand Statement(string sql, params ReadOnlySpan<object> values)
    {
#pragma warning disable CA2100 // Every text comes from this assembly.
        var command = new NpgsqlCommand(sql, connection, transaction);
#pragma warning restore CA2100
        foreach (object value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    /// <summary>Runs a statement; returns how many rows it changed.</summary>
    public async Task<int> Execute(NpgsqlCommand statement)
    {
        await using (statement) return await statement.ExecuteNonQueryAsync();
    }
}
