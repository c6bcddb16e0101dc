using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Ledger;

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

    [Fact]
    public async Task Submission_that_is_sent_again_gets_the_number_of_the_first_and_another_one_under_its_token_is_refused()
    {
        var sent = Run("a") with { Token = new("sam:1", Bytes(32)) };
        var first = await Store.Create(sent);
        Reopen();
        Assert.Equal([first, first, first], await Task.WhenAll(Store.Create(sent), Store.Create(sent), Store.Create(sent)));
        Assert.Equal("submission.reused", (await Assert.ThrowsAsync<FarmException>(() => Store.Create(sent with { Token = new("sam:1", Bytes(31)) }))).Failure.Code);
        var second = await Store.Create(sent with { Token = new("sam:2", Bytes(32)) });
        Assert.Equal([second, first], Store.List(null, 10).Select(r => r.Id));
        Assert.Equal([7], Store.Events(first, 0).Select(e => e.Payload.Length));
    }

    [Fact]
    public async Task Keys_are_found_touched_and_end_once()
    {
        var key = new StoredKey("abc", "sam", "operator", Bytes(32), Noon, "root");
        await Store.Ledger.AddKey(key);
        await Store.Ledger.AddKey(key with { Id = "def", Created = Noon.AddSeconds(1) });
        await Assert.ThrowsAnyAsync<FarmException>(() => Store.Ledger.AddKey(key));
        await Store.Ledger.TouchKey("abc", Noon.AddMinutes(2));
        await Store.Ledger.TouchKey("abc", Noon.AddMinutes(1));
        await Store.Ledger.RevokeKey("abc", Noon.AddHours(1));
        await Store.Ledger.RevokeKey("abc", Noon.AddHours(2));
        Reopen();
        Assert.Equal(["abc", "def"], Store.Ledger.Keys().Select(k => k.Id));
        var found = Store.Ledger.FindKey("abc")!;
        Assert.Equal(Bytes(32), found.SecretHash);
        Assert.Equal(("sam", "operator", Noon, "root", Noon.AddHours(1), Noon.AddMinutes(2)), (found.Name, found.Role, found.Created, found.CreatedBy, found.Revoked, found.LastUsed));
        Assert.Null(Store.Ledger.FindKey("def")!.Revoked);
        Assert.Null(Store.Ledger.FindKey("ghi"));
    }

    [Fact]
    public async Task Changes_are_written_down_and_read_newest_first_page_by_page()
    {
        for (int i = 0; i < 5; i++) await Store.Ledger.Record(new(Noon.AddSeconds(i), "sam", "10.0.0.7", "retry", $"1/simulate/{i}", "licence", "failed", "ready"));
        Reopen();
        var page = Store.Ledger.Audit(null, 2);
        Assert.Equal([5L, 4], page.Select(l => l.Number));
        Assert.Equal(new(Noon.AddSeconds(4), "sam", "10.0.0.7", "retry", "1/simulate/4", "licence", "failed", "ready"), page[0].Entry);
        Assert.Equal([3L, 2, 1], Store.Ledger.Audit(4, 10).Select(l => l.Number));
    }

    [Fact]
    public async Task First_answer_under_a_token_stays()
    {
        Assert.Null(Store.Ledger.FindAnswer("t"));
        await Store.Ledger.KeepAnswer("t", new(Bytes(32), Noon, Bytes(3)));
        await Store.Ledger.KeepAnswer("t", new(Bytes(31), Noon, Bytes(4)));
        Reopen();
        var kept = Store.Ledger.FindAnswer("t")!;
        Assert.Equal(Bytes(32), kept.BodyHash);
        Assert.Equal(Bytes(3), kept.Payload);
        Assert.Equal(Noon, kept.At);
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
