using System.Diagnostics;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Core;

/// <summary>Figures of the machine alone. The bounds are far from what is measured; the measured figures are written to the test output.</summary>
public sealed class FiguresTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private const long Many = 10_000_000;

    private static RunPlan Plan(long items, BatchRule batch) => Given.Items("a", items, n => n with { Batch = batch }).Each("b", "a", n => n with { Batch = batch }).Collect("c", "b");

    [Fact]
    public void Ten_million_items_are_submitted_at_once_and_cost_next_to_nothing_while_idle()
    {
        new RunMachine().Handle(new RunSubmitted(At, Plan(10_000, new BatchRule.Automatic())));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        var machine = new RunMachine();
        machine.Handle(new RunSubmitted(At, Plan(Many, new BatchRule.Automatic())));
        double seconds = clock.Elapsed.TotalSeconds;
        double bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (2.0 * Many);
        output.WriteLine($"2 x {Many} items submitted in {seconds * 1e3:0.0} ms, {bytes:0.0000} bytes per idle item, snapshot {RunSnapshot.Encode(machine).Length} bytes");
        Assert.Equal(2 * Many + 1, machine.TotalCounts().Total);
        Assert.True(seconds < 0.5, $"{seconds} s");
        Assert.True(bytes < 0.1, $"{bytes} bytes per item");
    }

    [Fact]
    public void Items_in_wild_disorder_stay_within_two_bytes()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var machine = new RunMachine();
        machine.Handle(new RunSubmitted(At, Plan(1_000_000, new BatchRule.Automatic())));
        // Every third item cached, without outputs: nothing merges, but states are a byte each.
        for (long start = 0; start < 1_000_000; start += 4096) machine.Handle(new ItemsCached(At, new(0), [new(ItemRange.One(start + 7), ResultKind.Cached)]));
        double bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / 2e6;
        output.WriteLine($"one odd item in each page: {bytes:0.00} bytes per item");
        Assert.True(bytes < 2.2, $"{bytes} bytes per item");
        GC.KeepAlive(machine);
    }

    [Fact]
    public void Leases_and_replay_keep_up_with_a_million_items()
    {
        // Leases of 16: 62,500 leases for each of two nodes, 2 events each.
        var (machine, journal, events, seconds) = Cook(1_000_000, new BatchRule.Size(16));
        output.WriteLine($"leases of 16: {events / seconds:0} events/s, {events / 2 / seconds:0} leases/s, {2_000_000 / seconds:0} items/s, journal {journal.Sum(j => (long)j.Length) / 1e6:0.0} MB");
        var clock = Stopwatch.StartNew();
        var replayed = new RunMachine();
        foreach (byte[] record in journal) replayed.Replay(EventCodec.Decode(record));
        double replay = clock.Elapsed.TotalSeconds;
        output.WriteLine($"replay of {journal.Count} events (2,000,000 items): {replay:0.00} s, {journal.Count / replay:0} events/s");
        Assert.Equal(RunSnapshot.Encode(machine), RunSnapshot.Encode(replayed));
        Assert.True(replay < 10, $"{replay} s");
        clock.Restart();
        byte[] snapshot = RunSnapshot.Encode(machine);
        RunSnapshot.Decode(snapshot);
        output.WriteLine($"snapshot {snapshot.Length} bytes, encoded and decoded in {clock.Elapsed.TotalMilliseconds:0.0} ms");
    }

    [Fact]
    public void Automatic_leases_grow_to_about_a_second_of_work_and_shrink_at_the_tail()
    {
        var (machine, journal, events, seconds) = Cook(10_000_000, new BatchRule.Automatic(), 1e-6);
        output.WriteLine($"automatic, 1 us per item: 20,000,000 items in {events} events, {seconds:0.000} s, {2e7 / seconds:0} items/s");
        Assert.True(events < 8000, $"{events} events");
        var sizes = new List<long>();
        var again = new RunMachine();
        foreach (byte[] record in journal)
        {
            var happened = EventCodec.Decode(record);
            foreach (var grant in again.Handle(happened).Commands.OfType<GrantLease>()) sizes.Add(grant.Lease.Items.Count);
        }
        Assert.Equal([1, 1], sizes.Take(2));
        Assert.Equal(65_536, sizes.Max());
        output.WriteLine($"first leases: {string.Join(' ', sizes.Take(20))}");
        var (_, slow, _, _) = Cook(3000, new BatchRule.Automatic(), 0.02);
        Assert.True(slow.Count > 100, "items of 20 ms each travel 50 at a time");
        GC.KeepAlive(machine);
    }

    /// <summary>Two workers of two slots cook everything, reporting each lease in one piece.</summary>
    private static (RunMachine Machine, List<byte[]> Journal, int Events, double Seconds) Cook(long items, BatchRule batch, double itemSeconds = 1e-6)
    {
        var machine = new RunMachine();
        var journal = new List<byte[]>();
        int events = 0;
        var held = new Queue<(WorkerId Worker, Lease Lease)>();
        long sequence = 0;
        var workers = new[] { new WorkerId("w1"), new WorkerId("w2") };
        var clock = Stopwatch.StartNew();
        Happen(new RunSubmitted(At, Plan(items, batch)));
        foreach (var worker in workers) Happen(new WorkerJoined(At, worker, new(2, Resources.OneCore with { Cpu = 2 }, [])));
        foreach (var worker in workers) Happen(new LeasesRequested(At, worker, 2));
        while (held.TryDequeue(out var next))
        {
            var (worker, lease) = next;
            var output = new OutputRef("geometry", "out", Scenario.Artifact("segment"), 1000, lease.Items.Start);
            Happen(new ResultsReported(At, worker, new(lease.Id, ++sequence, [new(lease.Items, ResultKind.Succeeded, lease.Items.Count * itemSeconds, [output])], true)));
            foreach (var other in workers) Happen(new LeasesRequested(At, other, 2));
        }
        double seconds = clock.Elapsed.TotalSeconds;
        Assert.Equal(RunStatus.Succeeded, machine.Status);
        return (machine, journal, events, seconds);

        void Happen(RunEvent happened)
        {
            var outcome = machine.Handle(happened);
            if (outcome.IsIgnored) return;
            events++;
            journal.Add(EventCodec.Encode(happened));
            foreach (var command in outcome.Commands)
            {
                if (command is GrantLease grant) held.Enqueue((grant.Worker, grant.Lease));
            }
        }
    }
}
