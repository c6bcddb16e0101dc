using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Journal;
using Microsoft.Data.Sqlite;

namespace ExampleMlFarm.Tests.Scheduler.Journal;

public sealed class FarmStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
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
    public async Task Runs_are_numbered_from_one_and_listed_newest_first_page_by_page()
    {
        for (int i = 0; i < 5; i++) Assert.Equal(new RunId(i + 1), await store.Create(Run($"r{i}")));
        Assert.Equal([5L, 4], store.List(null, 2).Select(r => r.Id.Value));
        Assert.Equal([3L, 2, 1], store.List(new RunId(4), 10).Select(r => r.Id.Value));
        var first = store.Find(new(1))!;
        Assert.Equal(("r0", "/work", 7, Noon), (first.Name, first.Folder, first.Priority, first.Submitted));
        Assert.Null(first.Progress.Ended);
        Assert.Equal("frozen r0"u8.ToArray(), store.Frozen(new(1)));
        Assert.Equal("first r0"u8.ToArray(), store.Events(new(1), 0).Single().Payload.ToArray());
    }

    [Fact]
    public void Unknown_run_is_named()
    {
        Assert.Null(store.Find(new(9)));
        var thrown = Assert.Throws<FarmException>(() => store.Load(new(9)));
        Assert.Equal("run.unknown", thrown.Failure.Code);
        Assert.Contains("run 9", thrown.Message);
    }

    [Fact]
    public async Task Events_progress_and_snapshot_survive_reopening()
    {
        var run = await store.Create(Run("a"));
        var other = await store.Create(Run("b"));
        await store.Append(run, new(1, [Bytes(1), Bytes(2)], []) { Progress = new(1, null, 10, 2, 0) });
        await store.Append(other, new(1, [Bytes(9)], []));
        await store.SaveSnapshot(run, 3, Bytes(50));
        await store.Append(run, new(3, [Bytes(3)], []) { Progress = new(3, Noon, 10, 10, 1) });
        Reopen();

        var stored = store.Load(run);
        Assert.Equal(3, stored.SnapshotSequence);
        Assert.Equal(Bytes(50), stored.Snapshot!.Value.ToArray());
        var tail = Assert.Single(stored.Tail);
        Assert.Equal((3L, 3), (tail.Sequence, tail.Payload.Length));
        Assert.Equal([7, 1, 2, 3], store.Load(run, fromStart: true).Tail.Select(e => e.Payload.Length));
        Assert.Equal(new RunProgress(3, Noon, 10, 10, 1), store.Find(run)!.Progress);
        Assert.Equal([7, 9], store.Load(other).Tail.Select(e => e.Payload.Length));
    }

    [Fact]
    public async Task Concurrent_appends_share_commits()
    {
        var runs = new List<RunId>();
        for (int i = 0; i < 4; i++) runs.Add(await store.Create(Run($"r{i}")));
        long before = store.Commits;
        var appends = new List<Task>();
        for (int i = 0; i < 400; i++) appends.Add(store.Append(runs[i % 4], new(i / 4 + 1, [Bytes(10)], [])));
        await Task.WhenAll(appends);
        Assert.All(runs, r => Assert.Equal(101, store.Events(r, 0).Count()));
        Assert.InRange(store.Commits - before, 1, 200);
    }

    [Fact]
    public async Task Failed_append_fails_alone_and_those_queued_behind_it_for_its_run_fail_too()
    {
        var (bad, good) = (await store.Create(Run("bad")), await store.Create(Run("good")));
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
            store.Append(bad, new(1, [Bytes(1)], [])), store.Append(good, new(1, [Bytes(1)], [])),
            store.Append(bad, new(2, [Bytes(100)], [])), store.Append(good, new(2, [Bytes(2)], [])),
            store.Append(bad, new(3, [Bytes(3)], [])), store.Append(good, new(3, [Bytes(3)], [])),
        };
        await Task.WhenAll(appends.Select(a => a.ContinueWith(_ => { }, TaskScheduler.Default)));

        Assert.Equal(["ok", "ok", "farm.database", "ok", "journal.out_of_order", "ok"], appends.Select(Outcome));
        Assert.Contains("broken disk", appends[2].Exception!.InnerException!.Message);
        Assert.Equal([9, 1], store.Events(bad, 0).Select(e => e.Payload.Length));
        Assert.Equal([10, 1, 2, 3], store.Events(good, 0).Select(e => e.Payload.Length));
        await store.Append(bad, new(2, [Bytes(3)], []));
    }

    [Fact]
    public async Task Second_owner_of_a_run_cannot_write_over_the_first()
    {
        var run = await store.Create(Run("a"));
        await store.Append(run, new(1, [Bytes(1), Bytes(1)], []));
        Assert.Equal("journal.out_of_order", Assert.Throws<FarmException>(() => store.Append(run, new(2, [Bytes(7)], [])).GetAwaiter().GetResult()).Failure.Code);
        using var second = FarmStore.Open(DatabasePath);
        await second.Append(run, new(3, [Bytes(2)], []));
        Assert.ThrowsAny<FarmException>(() => store.Append(run, new(3, [Bytes(3)], [])).GetAwaiter().GetResult());
        Assert.Equal([7, 1, 1, 2], store.Events(run, 0).Select(e => e.Payload.Length));
    }

    [Fact]
    public async Task Flipped_byte_in_an_event_is_reported_with_its_number_and_in_a_snapshot_costs_a_replay_only()
    {
        var run = await store.Create(Run("a"));
        await store.Append(run, new(1, [Bytes(4), Bytes(5)], []));
        await store.SaveSnapshot(run, 3, Bytes(20));
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
        var run = await store.Create(Run("a"));
        await store.Append(run, new(1, [Bytes(1), Bytes(2), Bytes(3)], []));
        await store.SaveSnapshot(run, 3, Bytes(20));
        await store.DropEvents(run);
        Assert.Equal([3], store.Load(run).Tail.Select(e => e.Payload.Length));
        Reopen();
        await store.Append(run, new(4, [Bytes(4)], []));
        await store.SaveSnapshot(run, 5, Bytes(20));
        await store.DropEvents(run);
        Reopen();
        await store.Append(run, new(5, [Bytes(5)], []));
        Assert.Equal([5], store.Load(run).Tail.Select(e => e.Payload.Length));
    }

    [Fact]
    public async Task Snapshot_ahead_of_the_journal_is_refused()
    {
        var run = await store.Create(Run("a"));
        await Assert.ThrowsAsync<FarmException>(() => store.SaveSnapshot(run, 2, Bytes(5)));
        Assert.Null(store.Load(run).Snapshot);
    }

    [Fact]
    public async Task Orders_of_people_are_kept_with_who_when_and_why()
    {
        var run = await store.Create(Run("a"));
        var order = new StoredOrder(1, Noon, "ada", "retry simulate/3", "fixed the licence");
        await store.Append(run, new(1, [Bytes(1)], []) { Orders = [order] });
        Reopen();
        Assert.Equal([order], store.Orders(run));
        Assert.Empty(store.Orders(new(2)));
    }

    [Fact]
    public void Garbage_foreign_and_newer_files_are_refused_by_name()
    {
        string garbage = folder.File("garbage.db"), foreign = folder.File("foreign.db"), newer = folder.File("newer.db");
        File.WriteAllBytes(garbage, Bytes(9000));
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
        var run = await store.Create(Run("a"));
        for (int i = 0; i < 50; i++) await store.Append(run, new(i + 1, [Bytes(2000)], []));
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

    internal static NewRun Run(string name) =>
        new(name, "/work", 7, Noon, System.Text.Encoding.UTF8.GetBytes($"frozen {name}"), System.Text.Encoding.UTF8.GetBytes($"first {name}"));

    internal static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (int i = 0; i < count; i++) bytes[i] = (byte)(i * 7 + count + 1);
        return bytes;
    }
}
