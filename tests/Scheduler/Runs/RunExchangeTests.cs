using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Runs;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace ExampleMlFarm.Tests.Scheduler.Runs;

/// <summary>A run and its workers over the real store, with a clock by hand and without Orleans.</summary>
public sealed class RunExchangeTests : IDisposable
{
    private static readonly BatchRule Tens = new BatchRule.Size(10);
    private readonly ConcurrentExclusiveSchedulerPair turns = new();
    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider time = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly SchedulerOptions options;
    private readonly FarmStore store;
    private RunShell shell = null!;
    private RunExchange exchange = null!;
    private (bool Active, long Ready) demand;

    public RunExchangeTests()
    {
        options = new() { Time = time, SnapshotAfterBytes = 300 };
        store = FarmStore.Open(folder.File("farm.db"));
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Run_is_cooked_to_its_end_and_replay_snapshot_and_memory_agree_to_the_byte()
    {
        await Submit(TestPlans.Collected(200, Tens));
        await Worker("w").WorkUntilIdle();

        Assert.Equal(RunStatus.Succeeded, shell.Machine.Status);
        Assert.Equal((false, 0), demand);
        Assert.True(store.Load(shell.Id).SnapshotSequence > 0);
        byte[] live = RunSnapshot.Encode(shell.Machine);
        Assert.Equal(live, RunSnapshot.Encode(RunShell.Load(store, options, shell.Id).Machine));
        var replayed = new RunMachine();
        foreach (var entry in store.Load(shell.Id, fromStart: true).Tail) replayed.Replay(EventCodec.Decode(entry.Payload.Span));
        Assert.Equal(live, RunSnapshot.Encode(replayed));
        var progress = store.Find(shell.Id)!.Progress;
        Assert.Equal(((byte)RunStatus.Succeeded, 201L, 201L, 0L), (progress.Status, progress.Items, progress.Settled, progress.Failed));
        Assert.NotNull(progress.Ended);
    }

    [Fact]
    public async Task Snapshot_of_another_version_costs_a_replay_and_nothing_else()
    {
        await Submit(TestPlans.Single(50, Tens));
        await Worker("w").WorkUntilIdle();
        byte[] live = RunSnapshot.Encode(shell.Machine);
        await store.SaveSnapshot(shell.Id, 3, [99, 1, 2, 3]);
        Assert.Equal(live, RunSnapshot.Encode(RunShell.Load(store, options, shell.Id).Machine));
    }

    [Fact]
    public async Task Waiting_worker_is_woken_when_another_makes_its_item_ready()
    {
        await Submit(TestPlans.Collected(10, Tens));
        var (first, second) = (Worker("first"), Worker("second"));
        await first.Poll();
        var waiting = second.Poll(wanted: 1, waitSeconds: 9);
        await Parked();
        Assert.False(waiting.IsCompleted);
        first.CookAll();
        await first.Poll(wanted: 0);
        var reply = await Soon(waiting);
        Assert.Equal(new NodeId(1), Assert.Single(reply.Granted).Node);
        Assert.Equal(10, reply.Granted[0].Inputs.Single().Results.Sum(r => r.Items.Count));
    }

    [Fact]
    public async Task Waiting_worker_goes_home_empty_at_its_time_and_at_once_when_it_speaks_again()
    {
        await Submit(TestPlans.Single(10, Tens));
        await Worker("other").Poll();
        var worker = Worker("w");
        var timed = worker.Poll(1, waitSeconds: 5);
        await Parked();
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(timed.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True((await Soon(timed)).Idle);

        var older = worker.Poll(1, waitSeconds: 9);
        await Parked();
        var newer = worker.Poll(1, waitSeconds: 9);
        Assert.Empty((await Soon(older)).Granted);
        await Parked();
        Assert.False(newer.IsCompleted);
        await Turn(() => { exchange.Close(); return Task.CompletedTask; });
        Assert.Empty((await Soon(newer)).Granted);
    }

    [Fact]
    public async Task Call_that_a_newer_one_overtook_before_it_waited_goes_home_too()
    {
        await Submit(TestPlans.Single(10, Tens));
        await Worker("other").Poll();
        var worker = Worker("w");
        var (older, newer) = (worker.Poll(1, waitSeconds: 9), worker.Poll(1, waitSeconds: 9));
        Assert.Empty((await Soon(older)).Granted);
        Assert.False(newer.IsCompleted);
        await Turn(() => { exchange.Close(); return Task.CompletedTask; });
        await Soon(newer);
    }

    [Fact]
    public async Task Silent_worker_is_lost_its_items_go_on_and_its_late_report_changes_nothing()
    {
        await Submit(TestPlans.Single(10, Tens));
        var (silent, other) = (Worker("silent"), Worker("other"));
        await silent.Poll();
        await other.Poll();
        Assert.Empty(other.Held);
        time.Advance(TimeSpan.FromSeconds(20));
        await other.Poll();
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(exchange.NextTickAt <= time.GetUtcNow());
        await Turn(exchange.Tick);
        await other.WorkUntilIdle();
        Assert.Equal(RunStatus.Succeeded, shell.Machine.Status);

        long events = shell.Machine.EventCount;
        silent.CookAll();
        var reply = await silent.Poll(wanted: 0);
        Assert.Equal(1, reply.AcknowledgedSequence);
        Assert.Equal(10, shell.Machine.Counts(new(0)).Succeeded);
        // Only that it is back is news.
        Assert.InRange(shell.Machine.EventCount, events, events + 1);
    }

    [Fact]
    public async Task Late_holder_of_a_lease_is_told_to_stop()
    {
        await Submit(TestPlans.Single(10, Tens));
        var silent = Worker("silent");
        await silent.Poll();
        await Turn(() => exchange.Lose(silent.Id, LossCause.Vanished));
        var lease = silent.Held.Single().Id;
        var reply = await silent.Poll(wanted: 0);
        Assert.Equal([lease], reply.Revoked);
    }

    [Fact]
    public async Task Lease_whose_grant_was_lost_on_the_way_is_granted_again_and_not_twice()
    {
        await Submit(TestPlans.Single(10, Tens));
        var first = await Say(new(new("w"), [], [], 1, 0));
        var again = await Say(new(new("w"), [], [], 1, 0));
        Assert.Equal(first.Granted.Single().Id, again.Granted.Single().Id);
        Assert.Empty((await Say(new(new("w"), [], [first.Granted[0].Id], 1, 0))).Granted);
    }

    [Fact]
    public async Task Lease_that_never_arrived_and_whose_input_is_gone_goes_back_at_once()
    {
        await Submit(TestPlans.Collected(10, Tens));
        var (first, second) = (Worker("first"), new WorkerId("second"));
        await first.Poll();
        first.CookAll();
        await first.Poll(wanted: 0);
        Assert.Single((await Say(new(second, [], [], 1, 0))).Granted);
        var gone = shell.Decide(new OutputsInvalidated(time.GetUtcNow(), new(0), new(new ItemRange(0, 10)), Failure.Invalid("artifact.missing", "gone")));
        await Turn(() => exchange.Follow(gone.Commands));

        var reply = await Say(new(second, [], [], 0, 0));
        Assert.Empty(reply.Granted);
        Assert.True(reply.Idle);
        await first.WorkUntilIdle();
        Assert.Equal(RunStatus.Succeeded, shell.Machine.Status);
        Assert.Equal(0, shell.Machine.Nodes[1].LostAttempts);
    }

    [Fact]
    public async Task Restarted_scheduler_takes_up_held_leases_and_repeats_nothing_acknowledged()
    {
        await Submit(TestPlans.Single(100, Tens));
        var worker = Worker("w");
        for (int i = 0; i < 4; i++)
        {
            await worker.Poll();
            worker.CookAll();
        }
        await worker.Poll();
        Assert.Equal(40, worker.Acknowledged);
        Restart();

        worker.CookAll();
        var reply = await worker.Poll();
        Assert.Equal(5, reply.AcknowledgedSequence);
        await worker.WorkUntilIdle();
        Assert.Equal(100, worker.Acknowledged);
        Assert.Equal(0, shell.Machine.Nodes[0].LostAttempts);
    }

    [Fact]
    public async Task Leases_of_a_process_that_died_with_the_scheduler_are_free_at_once_and_blame_nobody()
    {
        await Submit(TestPlans.Single(10, Tens));
        var me = ExampleMlFarm.Artifacts.ProcessIdentity.Current;
        var dead = Worker((me with { Start = me.Start + 1 }).ToString());
        var alive = Worker(me.ToString());
        await dead.Poll();
        Restart();
        await Turn(exchange.ForgetDeadWorkers);
        await alive.WorkUntilIdle();
        Assert.Equal(10, alive.Acknowledged);
        Assert.Equal(0, shell.Machine.Nodes[0].LostAttempts);
    }

    [Fact]
    public async Task Failed_write_acknowledges_nothing_stops_the_run_and_reloading_goes_on()
    {
        await Submit(TestPlans.Single(30, Tens));
        var worker = Worker("w");
        await worker.Poll();
        worker.CookAll();
        Execute("create trigger broken before insert on event begin select raise(abort, 'broken disk'); end");
        var thrown = await Assert.ThrowsAsync<FarmException>(() => worker.Poll());
        Assert.Equal("journal.write_failed", thrown.Failure.Code);
        Assert.Contains("broken disk", thrown.Message);
        Assert.Equal(0, worker.Acknowledged);
        Execute("drop trigger broken");
        // The memory is ahead of the journal now, so nothing may be built on it.
        await Assert.ThrowsAsync<FarmException>(() => worker.Poll());

        Restart();
        Assert.Equal(10, shell.Machine.Counts(new(0)).Cooking);
        await worker.WorkUntilIdle();
        Assert.Equal(30, worker.Acknowledged);
        Assert.Equal(RunStatus.Succeeded, shell.Machine.Status);
    }

    [Fact]
    public async Task Backed_off_item_comes_back_at_its_time()
    {
        await Submit(TestPlans.Single(1, retry: new(3, 8, [FailureClass.Transient])));
        var worker = Worker("w");
        worker.Cook = lease => new(lease.Items, ResultKind.Failed, Failure: new(FailureClass.Transient, "licence.none", "No licence."));
        await worker.Poll();
        worker.CookAll();
        Assert.Empty((await worker.Poll()).Granted);
        Assert.Equal(time.GetUtcNow().AddSeconds(8), exchange.NextTickAt);
        var waiting = worker.Poll(1, waitSeconds: 9);
        await Parked();
        time.Advance(TimeSpan.FromSeconds(8));
        await Turn(exchange.Tick);
        Assert.Equal(2, Assert.Single((await Soon(waiting)).Granted).Attempts.Single().Value);
    }

    [Fact]
    public async Task Worker_that_nobody_knows_gets_nothing()
    {
        await Submit(TestPlans.Single(10));
        var reply = await Say(new(new("stranger"), [], [], 1, 0));
        Assert.Empty(reply.Granted);
        Assert.True(reply.Idle);
        Assert.Empty(shell.Machine.Workers);
    }

    [Fact]
    public async Task Results_with_a_cook_key_are_cached_and_a_report_of_a_broken_input_drops_them()
    {
        var key = ContentHash.Of("k"u8);
        var output = new OutputRef("geometry", "g", ContentHash.Of("segment"u8), 5, 0);
        await Submit(TestPlans.Collected(10, Tens));
        var worker = Worker("w");
        worker.Cook = lease => new(lease.Items, ResultKind.Succeeded, 1, [output], key, lease.Items.Start);
        await worker.Poll();
        worker.CookAll();
        await worker.Poll();
        Assert.Equal(10, store.Cache.Find(key, 0, 100).Sum(r => r.Items.Count));

        worker.Cook = lease => new(lease.Items, ResultKind.Failed, Failure: FailureCodes.Broken(FailureCodes.ArtifactCorrupt, output.Hash, "flipped"));
        Assert.Equal(new NodeId(1), worker.Held.Single().Node);
        worker.CookAll();
        var reply = await worker.Poll();
        Assert.Equal(new NodeId(0), reply.Granted.Single().Node);
        Assert.Empty(store.Cache.Find(key, 0, 100));
    }

    private async Task Submit(RunPlan plan)
    {
        shell = await RunShell.Submit(store, options, "test", folder.Path, 0, [], plan);
        exchange = NewExchange();
    }

    private void Restart()
    {
        shell = RunShell.Load(store, options, shell.Id);
        exchange = NewExchange();
    }

    private RunExchange NewExchange() => new(shell, options,
        worker => Task.FromResult(worker.Value == "stranger" ? null : TestPlans.OneSlot), (active, ready, _) => demand = (active, ready), CancellationToken.None);

    private FakeWorker Worker(string name) => new(name, Say);

    private async Task<RunReply> Say(WorkerMessage message)
    {
        RunReply? reply = null;
        await Turn(async () => reply = await exchange.Exchange(message));
        return reply!;
    }

    private async Task Parked()
    {
        while (exchange.Waiting == 0) await Task.Delay(1, TestContext.Current.CancellationToken);
    }

    /// <summary>As a grain does it: calls overlap at awaits and never run side by side.</summary>
    private Task Turn(Func<Task> call) => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.DenyChildAttach, turns.ExclusiveScheduler).Unwrap();

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={folder.File("farm.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static async Task<RunReply> Soon(Task<RunReply> reply) => await reply.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
}
