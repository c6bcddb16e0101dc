using ExampleMlFarm.Core;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Journal.Postgres;
using ExampleMlFarm.Tests.Scheduler.World;

namespace ExampleMlFarm.Tests.Scheduler.Journal;

/// <summary>The contract, on PostgreSQL, and what is particular to it.</summary>
public sealed class PostgresFarmStoreTests : FarmStoreContract
{
    private string? database;

    protected override IFarmStore Open() => PostgresFarmStore.Open(database ??= PostgresServer.NewDatabase()).GetAwaiter().GetResult();

    protected override long Commits => ((PostgresFarmStore)Store).Commits;

    protected override void Discard() => PostgresServer.Drop(database!);

    [Fact]
    public async Task Failed_append_fails_alone_and_those_queued_behind_it_for_its_run_fail_too()
    {
        var (bad, good) = (await Store.Create(Run("bad")), await Store.Create(Run("good")));
        PostgresServer.Execute(database!, "alter table event add constraint broken check (length(payload) <> 108)");
        var appends = new[]
        {
            Store.Append(bad, new(1, [Bytes(1)], [])), Store.Append(good, new(1, [Bytes(1)], [])),
            Store.Append(bad, new(2, [Bytes(100)], [])), Store.Append(good, new(2, [Bytes(2)], [])),
            Store.Append(bad, new(3, [Bytes(3)], [])), Store.Append(good, new(3, [Bytes(3)], [])),
        };
        await Task.WhenAll(appends.Select(a => a.ContinueWith(_ => { }, TaskScheduler.Default)));
        Assert.Equal(["ok", "ok", "farm.database", "ok", "journal.out_of_order", "ok"], appends.Select(a => a.IsCompletedSuccessfully ? "ok" : ((FarmException)a.Exception!.InnerException!).Failure.Code));
        Assert.Equal([10, 1, 2, 3], Store.Events(good, 0).Select(e => e.Payload.Length));
    }

    [Fact]
    public async Task Damaged_or_missing_event_is_named_and_a_damaged_snapshot_costs_a_replay_only()
    {
        var run = await Store.Create(Run("a"));
        await Store.Append(run, new(1, [Bytes(4), Bytes(5)], []));
        await Store.SaveSnapshot(run, 3, Bytes(20));
        PostgresServer.Execute(database!, "update snapshot set payload = set_byte(payload, 3, 77)");
        Assert.Null(Store.Load(run).Snapshot);
        Assert.Equal(3, Store.Load(run).Tail.Count());
        PostgresServer.Execute(database!, "update event set payload = set_byte(payload, 1, 99) where sequence = 2");
        Assert.Contains("event 2 of run 1", Assert.Throws<FarmException>(() => Store.Load(run).Tail.Count()).Message);
        PostgresServer.Execute(database!, "delete from event where sequence = 1");
        Assert.Contains("event 1 of run 1", Assert.Throws<FarmException>(() => Store.Load(run).Tail.Count()).Message);
    }

    [Fact]
    public async Task Servers_that_start_at_once_make_the_tables_together_and_share_runs()
    {
        string fresh = PostgresServer.NewDatabase();
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostgresFarmStore.Open(fresh)));
        try
        {
            var ids = await Task.WhenAll(stores.Select((s, i) => s.Create(Run($"r{i}"))));
            Assert.Equal(4, ids.Distinct().Count());
            Assert.All(stores, s => Assert.Equal(4, s.List(null, 10).Count));
        }
        finally
        {
            foreach (var each in stores) each.Dispose();
            PostgresServer.Drop(fresh);
        }
    }

    [Fact]
    public async Task Acknowledged_appends_survive_a_crash_of_the_database_and_the_store_goes_on()
    {
        using var cluster = PostgresCluster.Start();
        Assert.SkipUnless(cluster is not null, PostgresCluster.Missing);
        using var store = await PostgresFarmStore.Open(cluster!.To("postgres"), TestContext.Current.CancellationToken);
        var run = await store.Create(Run("a"));
        long next = 1, acknowledged = 0;
        for (int round = 0; round < 3; round++)
        {
            var crash = Task.Run(async () =>
            {
                await Task.Delay(30, TestContext.Current.CancellationToken);
                cluster.Crash();
            }, TestContext.Current.CancellationToken);
            while (!crash.IsCompleted)
            {
                try
                {
                    await store.Append(run, new(next, [Bytes((int)(next % 50) + 1)], []));
                    acknowledged = next++;
                }
                catch (FarmException)
                {
                    // As the run's shell does: what is stored says where to go on.
                    try { next = store.Events(run, 0).Count(); }
                    catch (FarmException) { await Task.Delay(5, TestContext.Current.CancellationToken); }
                }
            }
            await crash;
            Assert.InRange(store.Events(run, 0).Count(), acknowledged + 1, acknowledged + 2);
            next = store.Events(run, 0).Count();
        }
        Assert.True(acknowledged > 3);
        Assert.Equal([7, .. Enumerable.Range(1, (int)next - 1).Select(i => i % 50 + 1)], store.Events(run, 0).Select(e => e.Payload.Length));
    }

    [Fact]
    public async Task Database_that_cannot_be_used_is_named_without_its_password()
    {
        Assert.Equal("farm.connection_string", (await Assert.ThrowsAsync<FarmException>(() => PostgresFarmStore.Open("nonsense"))).Failure.Code);
        var nobody = await Assert.ThrowsAsync<FarmException>(() => PostgresFarmStore.Open("Host=127.0.0.1;Port=1;Database=mlfarm;Username=a;Password=geheim;Timeout=2"));
        Assert.Equal("farm.database", nobody.Failure.Code);
        Assert.DoesNotContain("geheim", nobody.Message);
        var missing = await Assert.ThrowsAsync<FarmException>(() => PostgresFarmStore.Open(database!.Replace("test_", "none_", StringComparison.Ordinal)));
        Assert.Equal("farm.database_missing", missing.Failure.Code);
        PostgresServer.Execute(database!, "update farm_version set version = 99");
        Assert.Equal("farm.database_newer", (await Assert.ThrowsAsync<FarmException>(() => PostgresFarmStore.Open(database!))).Failure.Code);
    }
}
