using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Journal;
using Microsoft.Data.Sqlite;

namespace ExampleMlFarm.Tests.Scheduler.Journal;

/// <summary>What is particular to the SQLite file.</summary>
public sealed class FarmStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private FarmStore store;

    public FarmStoreTests() => store = FarmStore.Open(DatabasePath);

    private string DatabasePath => folder.File("farm.db");

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Failed_append_fails_alone_and_those_queued_behind_it_for_its_run_fail_too()
    {
        var (bad, good) = (await store.Create(FarmStoreContract.Run("bad")), await store.Create(FarmStoreContract.Run("good")));
        // As a full disk would, in the midst of a batch: one row cannot be written.
        using (var other = new SqliteConnection($"Data Source={DatabasePath};Pooling=False"))
        {
            other.Open();
            using var trigger = other.CreateCommand();
            trigger.CommandText = "create trigger broken before insert on event when length(new.payload) = 108 begin select raise(abort, 'broken disk'); end";
            trigger.ExecuteNonQuery();
        }
        var appends = new[]
        {
            store.Append(bad, new(1, [FarmStoreContract.Bytes(1)], [])), store.Append(good, new(1, [FarmStoreContract.Bytes(1)], [])),
            store.Append(bad, new(2, [FarmStoreContract.Bytes(100)], [])), store.Append(good, new(2, [FarmStoreContract.Bytes(2)], [])),
            store.Append(bad, new(3, [FarmStoreContract.Bytes(3)], [])), store.Append(good, new(3, [FarmStoreContract.Bytes(3)], [])),
        };
        await Task.WhenAll(appends.Select(a => a.ContinueWith(_ => { }, TaskScheduler.Default)));

        Assert.Equal(["ok", "ok", "farm.database", "ok", "journal.out_of_order", "ok"], appends.Select(Outcome));
        Assert.Contains("broken disk", appends[2].Exception!.InnerException!.Message);
        Assert.Equal([9, 1], store.Events(bad, 0).Select(e => e.Payload.Length));
        Assert.Equal([10, 1, 2, 3], store.Events(good, 0).Select(e => e.Payload.Length));
        await store.Append(bad, new(2, [FarmStoreContract.Bytes(3)], []));
    }

    [Fact]
    public async Task Flipped_byte_in_an_event_is_reported_with_its_number_and_in_a_snapshot_costs_a_replay_only()
    {
        var run = await store.Create(FarmStoreContract.Run("a"));
        await store.Append(run, new(1, [FarmStoreContract.Bytes(4), FarmStoreContract.Bytes(5)], []));
        await store.SaveSnapshot(run, 3, FarmStoreContract.Bytes(20));
        Corrupt("update snapshot set payload = zeroblob(28)");
        var stored = store.Load(run);
        Assert.Null(stored.Snapshot);
        Assert.Equal(3, stored.Tail.Count());

        Corrupt("update event set payload = zeroblob(13) where id & 3 = 2");
        var thrown = Assert.Throws<FarmException>(() => store.Load(run).Tail.Count());
        Assert.Equal("journal.corrupt", thrown.Failure.Code);
        Assert.Contains("event 2 of run 1", thrown.Message);

        Corrupt("delete from event where id & 3 = 1");
        Assert.Contains("event 1 of run 1", Assert.Throws<FarmException>(() => store.Load(run).Tail.Count()).Message);
    }

    [Fact]
    public async Task Dropped_events_leave_snapshot_and_tail()
    {
        var run = await store.Create(FarmStoreContract.Run("a"));
        await store.Append(run, new(1, [FarmStoreContract.Bytes(1), FarmStoreContract.Bytes(2), FarmStoreContract.Bytes(3)], []));
        await store.SaveSnapshot(run, 3, FarmStoreContract.Bytes(20));
        await store.DropEvents(run);
        Assert.Equal([3], store.Load(run).Tail.Select(e => e.Payload.Length));
        Reopen();
        await store.Append(run, new(4, [FarmStoreContract.Bytes(4)], []));
        await store.SaveSnapshot(run, 5, FarmStoreContract.Bytes(20));
        await store.DropEvents(run);
        Reopen();
        await store.Append(run, new(5, [FarmStoreContract.Bytes(5)], []));
        Assert.Equal([5], store.Load(run).Tail.Select(e => e.Payload.Length));
    }

    [Fact]
    public async Task File_of_the_first_version_is_brought_to_this_one_with_its_runs()
    {
        string old = folder.File("old.db");
        using (var store = FarmStore.Open(old)) await store.Create(new("a", "/work", 0, DateTimeOffset.UnixEpoch, [1], [2]));
        Execute(old, "alter table run drop column owner; drop table run_key; drop table kept; drop table audit; pragma user_version = 1");
        using var reopened = FarmStore.Open(old);
        Assert.Equal("a", reopened.Find(new(1))!.Name);
        Assert.Equal([7], await reopened.Keep("x", [7]));
    }

    [Fact]
    public async Task File_that_many_open_at_once_for_the_first_time_is_made_once()
    {
        for (int round = 0; round < 5; round++)
        {
            string path = folder.File($"new-{round}.db");
            using var together = new Barrier(6);
            await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Factory.StartNew(() =>
            {
                together.SignalAndWait();
                FarmStore.Open(path).Dispose();
            }, default, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            using var store = FarmStore.Open(path);
            Assert.Empty(store.List(null, 1));
        }
    }

    [Fact]
    public void Garbage_foreign_and_newer_files_are_refused_by_name()
    {
        string garbage = folder.File("garbage.db"), foreign = folder.File("foreign.db"), newer = folder.File("newer.db");
        File.WriteAllBytes(garbage, FarmStoreContract.Bytes(9000));
        Execute(foreign, "create table t (x)");
        FarmStore.Open(newer).Dispose();
        Execute(newer, "pragma user_version = 99");

        Assert.Equal("farm.database_corrupt", Assert.Throws<FarmException>(() => FarmStore.Open(garbage)).Failure.Code);
        Assert.Equal("farm.database_foreign", Assert.Throws<FarmException>(() => FarmStore.Open(foreign)).Failure.Code);
        var thrown = Assert.Throws<FarmException>(() => FarmStore.Open(newer));
        Assert.Equal("farm.database_newer", thrown.Failure.Code);
        Assert.Contains("schema 99", thrown.Message);
    }

    [Fact]
    public async Task Damaged_page_is_an_error_that_says_what_to_do()
    {
        var run = await store.Create(FarmStoreContract.Run("a"));
        for (int i = 0; i < 50; i++) await store.Append(run, new(i + 1, [FarmStoreContract.Bytes(2000)], []));
        store.Dispose();
        byte[] content = File.ReadAllBytes(DatabasePath);
        content.AsSpan(8192).Fill(0xff);
        File.WriteAllBytes(DatabasePath, content);
        var thrown = Assert.Throws<FarmException>(() =>
        {
            using var damaged = FarmStore.Open(DatabasePath);
            damaged.Load(run).Tail.Count();
        });
        Assert.Equal("farm.database_corrupt", thrown.Failure.Code);
        Assert.Contains("backup", thrown.Message);
    }

    private void Reopen()
    {
        store.Dispose();
        store = FarmStore.Open(DatabasePath);
    }

    private void Corrupt(string sql) => Execute(DatabasePath, sql);

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static string Outcome(Task append) => append.IsCompletedSuccessfully ? "ok" : ((FarmException)append.Exception!.InnerException!).Failure.Code;
}

/// <summary>The contract, on SQLite.</summary>
public sealed class SqliteFarmStoreContract : FarmStoreContract
{
    private readonly TemporaryFolder folder = new();

    protected override IFarmStore Open() => FarmStore.Open(folder.File("farm.db"));

    protected override long Commits => ((FarmStore)Store).Commits;

    protected override void Discard() => folder.Dispose();
}
