using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Tests.Scheduler.Journal;

/// <summary>What every store of a farm promises, whatever it is kept in.</summary>
public abstract class FarmStoreContract : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    protected FarmStoreContract() => Store = Open();

    /// <summary>The store under test.</summary>
    protected IFarmStore Store { get; private set; }

    /// <summary>Opens the test's store, once more as well.</summary>
    protected abstract IFarmStore Open();

    /// <summary>Transactions so far.</summary>
    protected abstract long Commits { get; }

    public void Dispose()
    {
        Store.Dispose();
        Discard();
        GC.SuppressFinalize(this);
    }

    protected abstract void Discard();

    [Fact]
    public async Task Runs_are_numbered_from_one_and_listed_newest_first_page_by_page()
    {
        for (int i = 0; i < 5; i++) Assert.Equal(new RunId(i + 1), await Store.Create(Run($"r{i}")));
        Assert.Equal([5L, 4], Store.List(null, 2).Select(r => r.Id.Value));
        Assert.Equal([3L, 2, 1], Store.List(new RunId(4), 10).Select(r => r.Id.Value));
        var first = Store.Find(new(1))!;
        Assert.Equal(("r0", "/work", 7, Noon), (first.Name, first.Folder, first.Priority, first.Submitted));
        Assert.Null(first.Progress.Ended);
        Assert.Equal("frozen r0"u8.ToArray(), Store.Frozen(new(1)));
        Assert.Equal("first r0"u8.ToArray(), Store.Events(new(1), 0).Single().Payload.ToArray());
    }

    [Fact]
    public async Task Submission_that_is_sent_again_under_its_key_gives_the_same_run()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Store.Create(Run("a") with { Key = "once" })));
        Assert.Equal(new RunId(1), Assert.Single(ids.Distinct()));
        Assert.Equal(new RunId(1), await Store.Create(Run("b") with { Key = "once" }));
        Assert.NotEqual(new RunId(1), await Store.Create(Run("b") with { Key = "twice" }));
        Assert.NotEqual(await Store.Create(Run("c")), await Store.Create(Run("c")));
    }

    [Fact]
    public async Task Named_values_are_kept_the_first_wins_until_it_is_replaced_or_dropped()
    {
        Assert.Equal("a"u8.ToArray(), await Store.Keep("key/1", "a"u8.ToArray()));
        Assert.Equal("a"u8.ToArray(), await Store.Keep("key/1", "b"u8.ToArray()));
        Assert.Equal("c"u8.ToArray(), await Store.Keep("key/1", "c"u8.ToArray(), replace: true));
        await Store.Keep("key/0", [0]);
        await Store.Keep("keys", [1]);
        Reopen();
        Assert.Equal(["key/0", "key/1"], Store.Kept("key/").Select(k => k.Key));
        Assert.Equal("c"u8.ToArray(), Store.Kept("key/1").Single().Value);
        Assert.True(await Store.Drop("key/1"));
        Assert.False(await Store.Drop("key/1"));
        Assert.Equal(["key/0", "keys"], Store.Kept("key").Select(k => k.Key));
    }

    [Fact]
    public async Task Changes_are_written_down_and_listed_newest_first_page_by_page()
    {
        for (int i = 0; i < 3; i++) await Store.Audit(new(0, Noon.AddSeconds(i), "ada", "10.0.0.7", $"retry {i}", "again", "failed", "ready"));
        Reopen();
        var rows = Store.Audits(null, 2);
        Assert.Equal(["retry 2", "retry 1"], rows.Select(r => r.What));
        Assert.Equal(new AuditRow(rows[0].Id, Noon.AddSeconds(2), "ada", "10.0.0.7", "retry 2", "again", "failed", "ready"), rows[0]);
        Assert.Equal(["retry 0"], Store.Audits(rows[1].Id, 10).Select(r => r.What));
    }

    [Fact]
    public void Unknown_run_is_named()
    {
        Assert.Null(Store.Find(new(9)));
        var thrown = Assert.Throws<FarmException>(() => Store.Load(new(9)));
        Assert.Equal("run.unknown", thrown.Failure.Code);
        Assert.Contains("run 9", thrown.Message);
    }

    [Fact]
    public async Task Events_progress_and_snapshot_survive_reopening()
    {
        var run = await Store.Create(Run("a"));
        var other = await Store.Create(Run("b"));
        await Store.Append(run, new(1, [Bytes(1), Bytes(2)], []) { Progress = new(1, null, 10, 2, 0) });
        await Store.Append(other, new(1, [Bytes(9)], []));
        await Store.SaveSnapshot(run, 3, Bytes(50));
        await Store.Append(run, new(3, [Bytes(3)], []) { Progress = new(3, Noon, 10, 10, 1) });
        Reopen();

        var stored = Store.Load(run);
        Assert.Equal(3, stored.SnapshotSequence);
        Assert.Equal(Bytes(50), stored.Snapshot!.Value.ToArray());
        var tail = Assert.Single(stored.Tail);
        Assert.Equal((3L, 3), (tail.Sequence, tail.Payload.Length));
        Assert.Equal([7, 1, 2, 3], Store.Load(run, fromStart: true).Tail.Select(e => e.Payload.Length));
        Assert.Equal(new RunProgress(3, Noon, 10, 10, 1), Store.Find(run)!.Progress);
        Assert.Equal([7, 9], Store.Load(other).Tail.Select(e => e.Payload.Length));
    }

    [Fact]
    public async Task Concurrent_appends_share_commits()
    {
        var runs = new List<RunId>();
        for (int i = 0; i < 4; i++) runs.Add(await Store.Create(Run($"r{i}")));
        long before = Commits;
        var appends = new List<Task>();
        for (int i = 0; i < 400; i++) appends.Add(Store.Append(runs[i % 4], new(i / 4 + 1, [Bytes(10)], [])));
        await Task.WhenAll(appends);
        Assert.All(runs, r => Assert.Equal(101, Store.Events(r, 0).Count()));
        Assert.InRange(Commits - before, 1, 200);
    }

    [Fact]
    public async Task Second_owner_of_a_run_cannot_write_over_the_first()
    {
        var run = await Store.Create(Run("a"));
        await Store.Append(run, new(1, [Bytes(1), Bytes(1)], []));
        Assert.Equal("journal.out_of_order", Assert.Throws<FarmException>(() => Store.Append(run, new(2, [Bytes(7)], [])).GetAwaiter().GetResult()).Failure.Code);
        using var second = Open();
        await second.Append(run, new(3, [Bytes(2)], []));
        Assert.ThrowsAny<FarmException>(() => Store.Append(run, new(3, [Bytes(3)], [])).GetAwaiter().GetResult());
        Assert.Equal([7, 1, 1, 2], Store.Events(run, 0).Select(e => e.Payload.Length));
    }

    [Fact]
    public async Task Snapshot_ahead_of_the_journal_is_refused()
    {
        var run = await Store.Create(Run("a"));
        await Assert.ThrowsAsync<FarmException>(() => Store.SaveSnapshot(run, 2, Bytes(5)));
        Assert.Null(Store.Load(run).Snapshot);
    }

    [Fact]
    public async Task Orders_of_people_are_kept_with_who_when_and_why()
    {
        var run = await Store.Create(Run("a"));
        var order = new StoredOrder(1, Noon, "ada", "retry simulate/3", "fixed the licence");
        await Store.Append(run, new(1, [Bytes(1)], []) { Orders = [order] });
        Reopen();
        Assert.Equal([order], Store.Orders(run));
        Assert.Empty(Store.Orders(new(2)));
    }

    protected void Reopen()
    {
        Store.Dispose();
        Store = Open();
    }

    internal static NewRun Run(string name) =>
        new(name, "/work", 7, Noon, System.Text.Encoding.UTF8.GetBytes($"frozen {name}"), System.Text.Encoding.UTF8.GetBytes($"first {name}"));

    internal static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (int i = 0; i < count; i++) bytes[i] = (byte)(i * 7 + count + 1);
        return bytes;
    }
}
