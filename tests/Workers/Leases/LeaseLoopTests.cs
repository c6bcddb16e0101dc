using System.Collections.Concurrent;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Tests.Workers.World;
using ExampleMlFarm.Workers.Reporting;

namespace ExampleMlFarm.Tests.Workers.Leases;

public sealed class LeaseLoopTests
{
    private static GeometryData PointAt(float x) => GeometryData.PointCloud([x, 0, 0]);

    [Fact]
    public async Task Every_item_of_a_run_is_cooked_once()
    {
        var cooked = new ConcurrentBag<long>();
        await using var world = new TestWorld(new([TestWorld.Node("a", 5000)]), plan => new TestProgram(plan, cook => cooked.Add(cook.Index)), slots: 2);
        await world.Finished();
        Assert.Equal(RunStatus.Succeeded, world.Farm.Ask(m => m.Status));
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => (long)i), cooked.Order());
    }

    [Fact]
    public async Task Results_are_reported_while_the_lease_goes_on()
    {
        using var go = new ManualResetEventSlim();
        await using var world = new TestWorld(new([TestWorld.Node("a", 10) with { Batch = new BatchRule.Size(10) }]),
            plan => new TestProgram(plan, cook => { if (cook.Index == 4) go.Wait(cook.Cancellation); }));
        await world.Until(() => world.StateOf(0, 3) == ItemState.Succeeded, "four of ten are reported");
        Assert.Equal(ItemState.Cooking, world.StateOf(0, 4));
        go.Set();
        await world.Finished();
    }

    [Fact]
    public async Task Worker_that_was_with_another_run_comes_back_and_its_results_count()
    {
        using var go = new ManualResetEventSlim();
        await using var world = new TestWorld(new([TestWorld.Node("a", 40) with { Batch = new BatchRule.Size(4) }]),
            plan => new TestProgram(plan, cook => { if (cook.Index == 20) go.Wait(cook.Cancellation); }));
        await world.Until(() => world.StateOf(0, 20) == ItemState.Cooking && world.StateOf(0, 19) == ItemState.Succeeded, "half of the run is reported");
        world.Farm.IsGranted = false;
        world.Farm.Wake();
        await world.Until(() => world.Farm.FollowedVersion == 2, "the worker goes");
        go.Set();
        await world.Until(() => world.Farm.Ask(m => m.Leases.Count == 0), "it has handed back what it held");
        world.Farm.IsGranted = true;
        world.Farm.Wake();
        await world.Finished();
        Assert.Equal(40, world.Farm.Ask(m => m.Counts(new(0)).Succeeded));
    }

    [Fact]
    public async Task Alike_neighbours_are_one_result()
    {
        await using var world = new TestWorld(new([TestWorld.Node("a", 1000) with { Batch = new BatchRule.Size(1000) }]), plan => new TestProgram(plan, _ => { }));
        await world.Finished();
        Assert.True(world.Farm.Reports.Sum(r => r.Results.Count) <= world.Farm.Reports.Count, "each report holds one range at most");
    }

    [Fact]
    public async Task Geometry_becomes_rows_that_downstream_reads_back()
    {
        var read = new ConcurrentDictionary<long, float>();
        var plan = new RunPlan([TestWorld.Node("make", 6) with { Batch = new BatchRule.Size(3) },
            TestWorld.Node("use", 6, new Dependency(new(0), "from", new Mapping.OneToOne()))]);
        await using var world = new TestWorld(plan, p => new TestProgram(p,
            cook => cook.EmitGeometry(PointAt(cook.Index)),
            cook => read[cook.Index] = cook.From.Single().Geometry().Positions[0]));
        await world.Finished();
        Assert.Equal(RunStatus.Succeeded, world.Farm.Ask(m => m.Status));
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal(i, read[i]));
        Assert.Equal(2, world.Results(0, 6).SelectMany(r => r.Outputs!).Select(o => o.Hash).Distinct().Count());
    }

    [Fact]
    public async Task A_million_results_are_enumerated_by_a_collect_without_a_list_of_them()
    {
        const long count = 200_000;
        long seen = 0, sum = 0, allocated = 0;
        var plan = new RunPlan([TestWorld.Node("make", count) with { Batch = new BatchRule.Size(count) },
            TestWorld.Node("all", 1, new Dependency(new(0), "collect", new Mapping.All(), AcceptsFailures: true))]);
        await using var world = new TestWorld(plan, p => new TestProgram(p, _ => { }, cook =>
        {
            long before = GC.GetTotalMemory(true);
            foreach (var item in cook.From) { seen++; sum += item.Index; }
            allocated = GC.GetTotalMemory(false) - before;
        }));
        await world.Finished();
        Assert.Equal(count, seen);
        Assert.Equal(count * (count - 1) / 2, sum);
        Assert.True(allocated < 64 << 20, $"{allocated} bytes");
    }

    [Fact]
    public async Task An_item_over_its_time_is_stopped_and_fails_as_timed_out()
    {
        var plan = new RunPlan([TestWorld.Node("slow", 2) with { TimeoutSeconds = 5, AllowFailed = new(2, 0) }]);
        await using var world = new TestWorld(plan, p => new TestProgram(p, cook =>
        {
            if (cook.Index == 0) { cook.Cancellation.WaitHandle.WaitOne(); cook.ThrowIfCancelled(); }
        }));
        await world.Finished();
        Assert.Equal(ItemState.Failed, world.StateOf(0, 0));
        Assert.Equal(ItemState.Succeeded, world.StateOf(0, 1));
        Assert.Contains(world.Farm.Reports.SelectMany(r => r.Results), r => r.Failure is { Class: FailureClass.TimedOut, Code: "item.timed_out" });
    }

    [Fact]
    public async Task An_item_that_ignores_its_end_is_given_up_and_reported()
    {
        using var go = new ManualResetEventSlim();
        var plan = new RunPlan([TestWorld.Node("deaf", 2) with { TimeoutSeconds = 1, AllowFailed = new(2, 0), Batch = new BatchRule.Size(2) }]);
        await using var world = new TestWorld(plan, p => new TestProgram(p, cook => { if (cook.Index == 0) go.Wait(TimeSpan.FromSeconds(30)); }));
        await world.Until(() => world.Worker.Stuck.IsCompleted, "the worker says that it is stuck");
        await world.Until(() => world.StateOf(0, 0) == ItemState.Failed, "the deaf item has failed");
        Assert.NotEqual(ItemState.Failed, world.StateOf(0, 1));
        go.Set();
    }

    [Theory]
    [InlineData("farm", FailureClass.InvalidInput, "mesh.empty")]
    [InlineData("bug", FailureClass.Permanent, "node.bug")]
    [InlineData("io", FailureClass.Transient, "item.io")]
    [InlineData("memory", FailureClass.OutOfMemory, "item.out_of_memory")]
    public async Task What_a_cook_throws_is_its_failure(string thrown, FailureClass expected, string code)
    {
        await using var world = new TestWorld(new([TestWorld.Node("a", 3) with { Batch = new BatchRule.Size(3) }]), p => new TestProgram(p, cook =>
        {
            if (cook.Index == 1)
                throw thrown switch
                {
                    "farm" => FarmException.Invalid("mesh.empty", "no points"),
                    "io" => new IOException("busy"),
#pragma warning disable CA2201 // What the runtime would throw.
                    "memory" => new OutOfMemoryException(),
#pragma warning restore CA2201
                    _ => new InvalidOperationException("oops"),
                };
        }));
        await world.Finished();
        var failure = Assert.Single(world.Farm.Reports.SelectMany(r => r.Results), r => r.Kind == ResultKind.Failed).Failure!;
        Assert.Equal((expected, code), (failure.Class, failure.Code));
        Assert.Equal(ItemState.Succeeded, world.StateOf(0, 0));
        Assert.Equal(ItemState.Succeeded, world.StateOf(0, 2));
    }

    [Fact]
    public async Task A_cancelled_item_stops_and_its_lease_ends()
    {
        var started = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        await using var world = new TestWorld(new([TestWorld.Node("a", 1)]), p => new TestProgram(p, cook =>
        {
            started.TrySetResult();
            cook.Cancellation.WaitHandle.WaitOne();
            stopped.TrySetResult();
            cook.ThrowIfCancelled();
        }));
        await world.Until(() => started.Task.IsCompleted, "the item starts");
        world.Farm.Tell(new RunCancelled(world.Time.GetUtcNow()));
        await world.Until(() => stopped.Task.IsCompleted, "the item stops");
        Assert.Equal(ItemState.Cancelled, world.StateOf(0, 0));
    }

    [Fact]
    public async Task Results_made_while_the_farm_is_away_arrive_when_it_is_back()
    {
        using var go = new ManualResetEventSlim();
        await using var world = new TestWorld(new([TestWorld.Node("a", 4) with { Batch = new BatchRule.Size(4) }]), p => new TestProgram(p, cook => go.Wait(cook.Cancellation)));
        await world.Until(() => world.StateOf(0, 0) == ItemState.Cooking, "the lease arrives");
        world.Farm.IsUnreachable = true;
        world.Farm.Wake();
        go.Set();
        await world.Until(() => Outbox.Read(world.Folders.Outbox).Count > 0, "the report lies in the outbox");
        world.Farm.IsUnreachable = false;
        await world.Finished();
        Assert.Equal(RunStatus.Succeeded, world.Farm.Ask(m => m.Status));
        await world.Until(() => Outbox.Read(world.Folders.Outbox).Count == 0, "the outbox is empty after the acknowledgement");
    }

    [Fact]
    public async Task Stopping_a_worker_hands_its_items_back_uncharged()
    {
        var started = new TaskCompletionSource();
        await using var world = new TestWorld(new([TestWorld.Node("a", 3) with { Batch = new BatchRule.Size(3) }]), p => new TestProgram(p, cook =>
        {
            started.TrySetResult();
            cook.Cancellation.WaitHandle.WaitOne();
            cook.ThrowIfCancelled();
        }));
        await world.Until(() => started.Task.IsCompleted, "the item starts");
        await world.Stop();
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(ItemState.Ready, world.StateOf(0, i)));
        Assert.Equal(0, world.Farm.Ask(m => m.Items(new(0), 0, 1)).Single().Attempts);
    }

    [Fact]
    public async Task An_earlier_result_is_taken_instead_of_cooking()
    {
        int cooked = 0;
        var key = ContentHash.Of("key"u8);
        OutputRef? output = null;
        await using var world = new TestWorld(new([TestWorld.Node("a", 4) with { Batch = new BatchRule.Size(4) }]),
            p => new TestProgram(p, _ => Interlocked.Increment(ref cooked)) { Keys = lease => [new(lease.Items, key, 100 + lease.Items.Start)] },
            prepare: farm => farm.Cache = query => [new(new(101, 103), ResultKind.Succeeded, Outputs: output is null ? null : [output], KeyBase: key, KeyIndex: 101)]);
        await world.Finished();
        Assert.Equal(2, cooked);
        Assert.Equal([ItemState.Succeeded, ItemState.Cached, ItemState.Cached, ItemState.Succeeded], Enumerable.Range(0, 4).Select(i => world.StateOf(0, i)));
        Assert.Equal(101, world.Results(0, 4).First(r => r.Items.Contains(1)).KeyIndex);
    }

    [Fact]
    public async Task An_earlier_result_whose_artifact_is_gone_is_cooked_and_forgotten()
    {
        int cooked = 0;
        var key = ContentHash.Of("key"u8);
        var gone = new OutputRef("file", "f", ContentHash.Of("gone"u8), 4);
        await using var world = new TestWorld(new([TestWorld.Node("a", 1)]),
            p => new TestProgram(p, _ => Interlocked.Increment(ref cooked)) { Keys = lease => [new(lease.Items, key, 0)] },
            prepare: farm => farm.Cache = _ => [new(new(0, 1), ResultKind.Succeeded, Outputs: [gone], KeyBase: key)]);
        await world.Finished();
        Assert.Equal(1, cooked);
        Assert.Equal(gone.Hash, Assert.Single(world.Farm.Forgotten));
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("truncated")]
    [InlineData("flipped")]
    public async Task A_damaged_input_has_its_producer_cooked_again(string damage)
    {
        int made = 0, used = 0;
        TestWorld? world = null;
        var plan = new RunPlan([TestWorld.Node("make", 1), TestWorld.Node("use", 1, new Dependency(new(0), "from", new Mapping.OneToOne()))]);
        world = new TestWorld(plan, p => new TestProgram(p,
            cook => { Interlocked.Increment(ref made); cook.EmitBytes("file", "f", "some bytes"u8); },
            cook =>
            {
                // The file is damaged between the first look and the use.
                var path = world!.Store.PathOf(cook.From.Single().Output("f").Hash);
                if (Interlocked.Increment(ref used) == 1)
                {
                    if (damage == "deleted") File.Delete(path);
                    else if (damage == "truncated") { using var file = File.OpenWrite(path); file.SetLength(3); }
                    else { using var file = File.OpenWrite(path); file.WriteByte((byte)'X'); }
                }
                cook.From.Single().Open("f").Dispose();
            }));
        await using (world)
        {
            await world.Finished();
            Assert.Equal(RunStatus.Succeeded, world.Farm.Ask(m => m.Status));
            Assert.Equal((2, 2), (made, used));
        }
    }

    [Fact]
    public async Task A_checkpoint_outlives_a_failed_attempt_and_ends_with_success()
    {
        var found = new ConcurrentQueue<string>();
        var plan = new RunPlan([TestWorld.Node("train", 1) with { Retry = new(3, 0.1, [FailureClass.Transient]) }]);
        await using var world = new TestWorld(plan, p => new TestProgram(p, cook =>
        {
            found.Enqueue(cook.LoadCheckpoint() is { } state ? System.Text.Encoding.UTF8.GetString(state) : "none");
            cook.SaveCheckpoint(System.Text.Encoding.UTF8.GetBytes($"epoch {cook.Attempt}"));
            if (cook.Attempt < 3) throw new IOException("busy");
        }));
        await world.Finished();
        Assert.Equal(["none", "epoch 1", "epoch 2"], found);
        Assert.Empty(Directory.EnumerateFiles(world.Folders.Checkpoints));
    }

    [Fact]
    public async Task Scratch_is_empty_for_each_item_and_gone_afterwards()
    {
        var folders = new ConcurrentBag<string>();
        await using var world = new TestWorld(new([TestWorld.Node("a", 3)]), p => new TestProgram(p, cook =>
        {
            Assert.Empty(Directory.EnumerateFileSystemEntries(cook.Scratch));
            File.WriteAllText(Path.Combine(cook.Scratch, "left"), "x");
            folders.Add(cook.Scratch);
        }));
        await world.Finished();
        Assert.Equal(RunStatus.Succeeded, world.Farm.Ask(m => m.Status));
        Assert.All(folders, f => Assert.False(Directory.Exists(f)));
    }

    [Fact]
    public async Task Metrics_attributes_and_files_come_with_their_item()
    {
        await using var world = new TestWorld(new([TestWorld.Node("a", 2) with { Batch = new BatchRule.Size(2) }]), p => new TestProgram(p, cook =>
        {
            cook.Metric("loss", 1, step: 0);
            cook.Metric("loss", 0.5, step: 1);
            cook.EmitBytes("report", "r.txt", System.Text.Encoding.UTF8.GetBytes($"item {cook.Index}"));
        }));
        await world.Finished();
        var results = world.Results(0, 2);
        Assert.Equal(2, results.Count);
        Assert.All(results, r => Assert.Equal(new Metric("loss", 0.5), Assert.Single(r.Metrics!)));
        Assert.Equal("item 1", File.ReadAllText(world.Store.PathOf(results[1].Outputs!.Single().Hash)));
    }

    [Fact]
    public async Task A_run_that_is_no_longer_granted_gets_its_waiting_leases_back()
    {
        using var begun = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        await using var world = new TestWorld(new([TestWorld.Node("a", 4) with { Batch = new BatchRule.Size(1) }]), p => new TestProgram(p, cook =>
        {
            begun.Set();
            go.Wait(cook.Cancellation);
        }));
        // Leased is not begun: what no slot has begun is handed back.
        await world.Until(() => begun.IsSet, "the first item cooks");
        world.Farm.IsGranted = false;
        world.Farm.Wake();
        await world.Until(() => world.Farm.FollowedVersion == 2, "the worker follows the new grants");
        await world.Until(() => world.Farm.Ask(m => m.LeasesOf(world.Id).Count) == 1, "only the cooking lease is kept");
        go.Set();
        await world.Until(() => world.StateOf(0, 0) == ItemState.Succeeded, "what cooked is reported");
        Assert.Equal(ItemState.Ready, world.StateOf(0, 1));
    }

    [Fact]
    public async Task A_run_that_could_not_be_loaded_because_the_farm_was_away_is_tried_again()
    {
        int loads = 0;
        await using var world = new TestWorld(new([TestWorld.Node("a", 3)]), p => new TestProgram(p, _ => { }),
            loading: () => { if (loads++ < 2) throw new ExampleMlFarm.Workers.Links.FarmUnreachableException("the line is cut"); });
        await world.Finished();
        Assert.Equal(3, loads);
    }
}
