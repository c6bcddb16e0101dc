using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Tests.Scheduler.Runs;
using ExampleMlFarm.Tests.Scheduler.World;

namespace ExampleMlFarm.Tests.Scheduler.Hosting;

/// <summary>Several servers over one PostgreSQL: real silos, real ports, calls over TCP between them.</summary>
public sealed class FarmServerTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly List<FarmServer> servers = [];
    private string database = null!;

    public ValueTask InitializeAsync()
    {
        database = PostgresServer.NewDatabase();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers) await server.DisposeAsync();
        if (database is not null) PostgresServer.Drop(database);
        folder.Dispose();
    }

    [Fact]
    public async Task Runs_move_when_their_server_leaves_and_nothing_acknowledged_is_cooked_again()
    {
        var staying = await Start();
        var leaving = await Start();
        var runs = new List<long>();
        for (int i = 0; i < 6; i++)
            runs.Add(await (i % 2 == 0 ? staying : leaving).Grains.GetGrain<IFarmGrain>(0).Submit(new($"r{i}", folder.Path, [1], PlanCodec.Encode(TestPlans.Single(40, new BatchRule.Size(10))), 0)));
        var workers = runs.Select(run => new FakeWorker("w", message => Patiently(async () =>
            MessageCodec.DecodeReply(await staying.Grains.GetGrain<IRunGrain>(run).Exchange(MessageCodec.Encode(message)))))).ToList();
        await staying.Grains.GetGrain<IFarmGrain>(0).Work(Presence());
        foreach (var worker in workers)
        {
            await worker.Poll();
            worker.CookAll();
            await worker.Poll();
            Assert.Equal(10, worker.Acknowledged);
        }
        servers.Remove(leaving);
        await leaving.DisposeAsync();
        await Patiently(() => staying.Grains.GetGrain<IFarmGrain>(0).Work(Presence()));
        foreach (var worker in workers)
        {
            worker.CookAll();
            await worker.WorkUntilIdle();
            Assert.Equal(40, worker.Acknowledged);
        }
        foreach (long run in runs)
        {
            var view = await staying.Grains.GetGrain<IRunGrain>(run).State();
            Assert.Equal((byte)RunStatus.Succeeded, view.Status);
            Assert.Equal(40, view.Nodes[0].Counts[(int)ItemState.Succeeded]);
        }
    }

    [Fact]
    public async Task Farm_that_starts_anew_goes_on_with_every_unfinished_run_and_leaves_finished_ones_alone()
    {
        var first = await Start();
        long done = await first.Grains.GetGrain<IFarmGrain>(0).Submit(new("done", folder.Path, [1], PlanCodec.Encode(TestPlans.Single(5)), 0));
        long open = await first.Grains.GetGrain<IFarmGrain>(0).Submit(new("open", folder.Path, [1], PlanCodec.Encode(TestPlans.Single(5)), 3));
        await first.Grains.GetGrain<IFarmGrain>(0).Work(Presence());
        var worker = new FakeWorker("w", async message => MessageCodec.DecodeReply(await first.Grains.GetGrain<IRunGrain>(done).Exchange(MessageCodec.Encode(message))));
        await worker.WorkUntilIdle();
        servers.Remove(first);
        await first.DisposeAsync();

        var second = await Start();
        Assert.Equal([(open, true), (done, false)], (await second.Grains.GetGrain<IFarmGrain>(0).Runs(0, 10)).Select(r => (r.Run, r.IsActive)));
        var grants = await second.Grains.GetGrain<IFarmGrain>(0).Work(Presence());
        Assert.Equal([open], grants.Grants.Select(g => g.Run));
    }

    private async Task<FarmServer> Start()
    {
        var server = await FarmServer.Start(new(database, folder.File($"artifacts-{servers.Count}")));
        servers.Add(server);
        return server;
    }

    private static WorkerPresence Presence() => new("w", "here", 1, [], 1, 1, 0, 0, [], [], 0, 0);

    // Calls may meet a server that goes: whoever calls asks again, as workers do.
    private static async Task<T> Patiently<T>(Func<Task<T>> call)
    {
        for (int attempt = 0; ; attempt++)
        {
            try { return await call(); }
            catch (Exception e) when (attempt < 50 && e is OrleansException or TimeoutException) { await Task.Delay(100); }
        }
    }
}
