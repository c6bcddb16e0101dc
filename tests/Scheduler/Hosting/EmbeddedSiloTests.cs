using System.Diagnostics;
using System.Net.NetworkInformation;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Cache;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Tests.Scheduler.Runs;
using Microsoft.Data.Sqlite;

namespace ExampleMlFarm.Tests.Scheduler.Hosting;

/// <summary>Grains, silo and connection as they run in earnest: real ports, real files, calls over TCP.</summary>
public sealed class EmbeddedSiloTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private EmbeddedSilo silo = null!;
    private FarmConnection link = null!;

    public async ValueTask InitializeAsync()
    {
        silo = await EmbeddedSilo.Start(folder.Path);
        link = await FarmConnection.Connect(folder.Path);
    }

    public async ValueTask DisposeAsync()
    {
        await link.DisposeAsync();
        await silo.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Run_is_submitted_granted_cooked_over_the_wire_and_leaves_the_farm()
    {
        var worker = Worker("w");
        var waiting = link.Call(g => g.GetGrain<IFarmGrain>(0).Work(Presence("w", known: 0, wait: 0)));
        var none = await waiting;
        Assert.Empty(none.Grants);
        var granted = link.Call(g => g.GetGrain<IFarmGrain>(0).Work(Presence("w", none.Version, wait: 9)));
        long run = await Submit(TestPlans.Collected(200, new BatchRule.Size(50)));
        Assert.Equal([new RunGrant(run, 1)], (await granted).Grants);

        var watching = link.Call(g => g.GetGrain<IRunGrain>(run).Watch(1, 9));
        await worker(run).WorkUntilIdle();
        Assert.True((await watching).Sequence > 1);
        var view = await Run(run).State();
        Assert.Equal((byte)RunStatus.Succeeded, view.Status);
        Assert.Equal(200, view.Nodes[0].Counts[(int)ItemState.Succeeded]);
        Assert.Equal(Enumerable.Repeat((byte)ItemState.Succeeded, 200), await Run(run).States(0));
        Assert.Equal("frozen"u8.ToArray(), await Run(run).Frozen());
        Assert.Equal(2, PlanCodec.Decode(await Run(run).Plan()).Nodes.Count);
        var row = (await Farm.Runs(0, 10)).Single();
        Assert.Equal((run, "test", (byte)RunStatus.Succeeded, 201L, false), (row.Run, row.Name, row.Status, row.Settled, row.IsActive));
        Assert.Empty((await Farm.Work(Presence("w", 0, 0))).Grants);
        Assert.Equal("w", (await Farm.Workers()).Single().Worker);
    }

    [Fact]
    public async Task Farm_that_was_given_a_run_meanwhile_does_not_close_and_a_closed_one_takes_none()
    {
        long before = await Farm.Taken();
        long run = await Submit(TestPlans.Collected(2, new BatchRule.Size(1)));
        Assert.False(await Farm.Close(before));
        Assert.True(await Farm.Activate(run));
        Assert.False(await Farm.Close(before + 1));
        Assert.True(await Farm.Close(await Farm.Taken()));
        foreach (Func<Task> giving in (Func<Task>[])[() => Submit(TestPlans.Collected(2, new BatchRule.Size(1))), () => Farm.Activate(run)])
            Assert.Equal("farm.closing", (await Assert.ThrowsAsync<FarmException>(giving)).Failure.Code);
        Assert.Equal(run, (await Farm.Runs(0, 10)).Single().Run);
    }

    [Fact]
    public async Task Second_farm_in_one_folder_is_refused_and_named()
    {
        var thrown = await Assert.ThrowsAsync<FarmException>(() => EmbeddedSilo.Start(folder.Path));
        Assert.Equal("farm.locked", thrown.Failure.Code);
        Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), thrown.Message);
    }

    [Fact]
    public void Silo_listens_on_the_loopback_interface_only_and_its_endpoint_is_private()
    {
        var ports = new[] { silo.Endpoint.SiloPort, silo.Endpoint.GatewayPort };
        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(l => ports.Contains(l.Port)).ToList();
        Assert.Equal(2, listeners.Count);
        Assert.All(listeners, l => Assert.True(System.Net.IPAddress.IsLoopback(l.Address)));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.Path, ".mlfarm", "farm.json")));
    }

    [Fact]
    public async Task Failure_arrives_over_the_wire_with_its_code()
    {
        var thrown = await Assert.ThrowsAsync<FarmException>(() => link.Call(g => g.GetGrain<IRunGrain>(77).State()));
        Assert.Equal("run.unknown", thrown.Failure.Code);
        Assert.Contains("run 77", thrown.Message);
        long run = await Submit(TestPlans.Single(1));
        Assert.Equal("wire.corrupt", (await Assert.ThrowsAsync<FarmException>(() => link.Call(g => g.GetGrain<IRunGrain>(run).Exchange([1, 2, 3])))).Failure.Code);
        Assert.Equal("run.no_such_node", (await Assert.ThrowsAsync<FarmException>(() => link.Call(g => g.GetGrain<IRunGrain>(run).States(5)))).Failure.Code);
    }

    [Fact]
    public async Task Restarted_silo_finds_the_run_and_the_worker_goes_on_with_its_leases()
    {
        await Farm.Work(Presence("w", 0, 0));
        long run = await Submit(TestPlans.Single(40, new BatchRule.Size(10)));
        var worker = Worker("w")(run);
        await worker.Poll();
        worker.CookAll();
        await worker.Poll();
        Assert.Equal((10L, 1), (worker.Acknowledged, worker.Held.Count));

        await silo.DisposeAsync();
        silo = await EmbeddedSilo.Start(folder.Path);
        await silo.Grains.GetGrain<IFarmGrain>(0).Work(Presence("w", 0, 0));
        worker.CookAll();
        await worker.WorkUntilIdle();
        Assert.Equal(40, worker.Acknowledged);
        Assert.Equal((byte)RunStatus.Succeeded, (await silo.Grains.GetGrain<IRunGrain>(run).State()).Status);
    }

    [Fact]
    public async Task Stored_run_is_worked_on_only_after_it_was_activated_not_when_it_is_looked_at()
    {
        long run = await Submit(TestPlans.Single(10));
        await silo.DisposeAsync();
        silo = await EmbeddedSilo.Start(folder.Path);
        Assert.Equal((byte)RunStatus.Running, (await Run(run).State()).Status);
        Assert.Empty((await Farm.Work(Presence("w", 0, 0))).Grants);
        Assert.True(await Farm.Activate(run));
        Assert.Equal([new RunGrant(run, 1)], (await Farm.Work(Presence("w", 0, 0))).Grants);
        Assert.False(await Farm.Activate(77));

        // A finished run leaves, and comes back when somebody retries an item.
        await Run(run).Order(Order(OrderKind.Cancel, -1));
        Assert.Empty((await Farm.Work(Presence("w", 0, 0))).Grants);
        Assert.True((await Run(run).Order(Order(OrderKind.Retry, 0, [0, 1]))).Accepted);
        Assert.Equal([new RunGrant(run, 1)], (await Farm.Work(Presence("w", 0, 0))).Grants);
    }

    [Fact]
    public async Task Exit_of_a_worker_frees_its_items_for_one_that_waits()
    {
        await Farm.Work(Presence("gone", 0, 0));
        await Farm.Work(Presence("w", 0, 0));
        long run = await Submit(TestPlans.Single(10, new BatchRule.Size(10)));
        var (gone, other) = (Worker("gone")(run), Worker("w")(run));
        await gone.Poll();
        var waiting = other.Poll(1, waitSeconds: 9);
        await Farm.WorkerExited("gone", crashed: true);
        var reply = await waiting.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Single(reply.Granted);
        // Its report is late: the fence keeps it out, and it is told so.
        gone.CookAll();
        await gone.Poll(wanted: 0);
        Assert.Equal(1, (await Run(run).State()).Nodes[0].LostAttempts);
    }

    [Fact]
    public async Task Journal_that_cannot_be_written_fails_the_call_and_the_run_is_loaded_again()
    {
        await Farm.Work(Presence("w", 0, 0));
        long run = await Submit(TestPlans.Single(20, new BatchRule.Size(10)));
        var worker = Worker("w")(run);
        await worker.Poll();
        worker.CookAll();
        Execute("create trigger broken before insert on event begin select raise(abort, 'broken disk'); end");
        Assert.Equal("journal.write_failed", (await Assert.ThrowsAsync<FarmException>(() => worker.Poll())).Failure.Code);
        Execute("drop trigger broken");
        await worker.WorkUntilIdle();
        Assert.Equal(20, worker.Acknowledged);
    }

    [Fact]
    public async Task Orders_are_carried_out_and_remembered_with_their_reason()
    {
        long run = await Submit(TestPlans.Single(10));
        Assert.True((await Run(run).Order(Order(OrderKind.Pause, -1))).Accepted);
        Assert.Equal((byte)RunStatus.Paused, (await Run(run).State()).Status);
        var again = await Run(run).Order(Order(OrderKind.Pause, -1));
        Assert.False(again.Accepted);
        Assert.Contains("Paused", again.Message);
        Assert.Equal(3, (await Run(run).Order(Order(OrderKind.Skip, 0, [2, 5]) with { DryRun = true })).Items);
        Assert.Equal(3, (await Run(run).Order(Order(OrderKind.Skip, 0, [2, 5]))).Items);
        Assert.True((await Run(run).Order(Order(OrderKind.Resume, -1))).Accepted);
        var explanation = await Run(run).Explain(0, 3);
        Assert.Equal("SkippedOnRequest", explanation.Code);
        Assert.Contains(explanation.Lines, l => l.Contains("ada: skip a/2-4 (because)", StringComparison.Ordinal));
        Assert.Equal(["pause", "skip a/2-4", "resume"], (await Run(run).Orders()).Select(o => o.What));

        var page = await Run(run).Items(new(0, 0, 2, [(byte)ItemState.Skipped]));
        Assert.Equal(("2 3", 4L, 3L), (string.Join(' ', page.Rows.Select(r => r.Index)), page.NextFrom, page.Total));
        Assert.Equal([4L], (await Run(run).Items(new(0, page.NextFrom, 2, [(byte)ItemState.Skipped]))).Rows.Select(r => r.Index));
    }

    [Fact]
    public async Task Verification_puts_back_exactly_what_lies_in_broken_artifacts()
    {
        await Farm.Work(Presence("w", 0, 0));
        long run = await Submit(TestPlans.Single(30, new BatchRule.Size(10)));
        var stored = Enumerable.Range(0, 3).Select(i => silo.Artifacts.Put(new byte[] { (byte)i, 1, 2, 3 })).ToArray();
        var worker = Worker("w")(run);
        worker.Cook = lease => new(lease.Items, ResultKind.Succeeded, 0.1, [new("geometry", "g", stored[lease.Items.Start / 10].Hash, 4, 0)]);
        await worker.WorkUntilIdle();
        Assert.Equal(new VerifyOutcome(3, 0, 0, []).ToString(), (await Run(run).Verify(true)).ToString());

        using (var file = File.OpenWrite(silo.Artifacts.PathOf(stored[0].Hash))) file.SetLength(3);
        File.WriteAllBytes(silo.Artifacts.PathOf(stored[2].Hash), [9, 9, 9, 9]);
        var outcome = await Run(run).Verify(true);
        Assert.Equal((3L, 2L, 20L), (outcome.Artifacts, outcome.Broken, outcome.Items));
        Assert.Contains("3 of its 4 bytes", outcome.Reasons[0]);
        var states = await Run(run).States(0);
        Assert.Equal(Enumerable.Repeat((byte)ItemState.Succeeded, 10), states[10..20]);
        Assert.DoesNotContain((byte)ItemState.Succeeded, states[..10]);
        Assert.Contains((await Run(run).Explain(0, 25)).Lines, l => l.Contains("holds other bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cook_cache_answers_over_the_wire()
    {
        var key = ContentHash.Of("k"u8);
        await silo.Store.Cache.Put([new(new(0, 7), ResultKind.Succeeded, KeyBase: key)]);
        var answer = CookQueryCodec.DecodeAnswers(await link.Call(g => g.GetGrain<ICookCacheGrain>(0).Find(CookQueryCodec.Encode([new CookQuery(key, 3, 2)]))));
        Assert.Equal(new ItemRange(3, 5), answer.Single().Single().Items);
        Assert.Equal(0, await link.Call(g => g.GetGrain<ICookCacheGrain>(0).Forget(CookQueryCodec.Encode([key]))));
    }

    [Fact]
    public async Task Silo_with_waiting_calls_stops_at_once_and_then_nobody_can_connect()
    {
        long run = await Submit(TestPlans.Single(1));
        await Farm.Work(Presence("w", 0, 0));
        var first = Run(run).Exchange(MessageCodec.Encode(new WorkerMessage(new("first"), [], [], 1, 9)));
        var watch = silo.Grains.GetGrain<IRunGrain>(run).Watch(100, 9);
        var work = silo.Grains.GetGrain<IFarmGrain>(0).Work(Presence("z", (await Farm.Work(Presence("z", 0, 0))).Version, 9));
        var clock = Stopwatch.StartNew();
        await silo.DisposeAsync();
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 4);
        await Task.WhenAll(new Task[] { first, watch, work }.Select(t => t.ContinueWith(_ => { }, TaskScheduler.Default))).WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Null(FarmConnection.TryFindEndpoint(folder.Path));
        Assert.Equal("farm.unreachable", (await Assert.ThrowsAsync<FarmException>(() => FarmConnection.Connect(folder.Path))).Failure.Code);
    }

    private IFarmGrain Farm => silo.Grains.GetGrain<IFarmGrain>(0);

    private IRunGrain Run(long run) => silo.Grains.GetGrain<IRunGrain>(run);

    private Task<long> Submit(RunPlan plan) => Farm.Submit(new("test", folder.Path, "frozen"u8.ToArray(), PlanCodec.Encode(plan), 0));

    private Func<long, FakeWorker> Worker(string name) => run =>
        new(name, async message => MessageCodec.DecodeReply(await link.Call(g => g.GetGrain<IRunGrain>(run).Exchange(MessageCodec.Encode(message)))));

    private static WorkerPresence Presence(string worker, long known, double wait) => new(worker, "here", 1, [], 1, 1, 0, 0, [], [], known, wait);

    private static RunOrder Order(OrderKind kind, int node, long[]? ranges = null) => new(kind, node, ranges ?? [], [], "ada", "because", false);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, ".mlfarm", "farm.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
