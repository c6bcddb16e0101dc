using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Core;

/// <summary>The mappings against lists of edges: what reads what, and what is ready when.</summary>
public sealed class MappingTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static Gen<Mapping> Mappings(int upstream) => Gen.OneOf(
        Gen.Const((Mapping)new Mapping.OneToOne()),
        Gen.Const((Mapping)new Mapping.All()),
        Gen.Long[1, 4].Select(t => (Mapping)new Mapping.Repeat(t)),
        Gen.Select(Gen.Long[1, 5], Gen.Long[1, 7], (size, step) => (Mapping)new Mapping.Blocks(size, step)),
        Gen.Int[0, upstream - 1].List[0, 20].Select(Members).List[1, 5].Select(m => (Mapping)new Mapping.Groups(m)));

    private static RangeSet Members(List<int> items)
    {
        var set = new RangeSet();
        foreach (int i in items) set.Add(ItemRange.One(i));
        return set;
    }

    /// <summary>The members by the words of the mapping's summary, item by item.</summary>
    private static long[] Edges(Mapping mapping, long item, long upstream) => mapping switch
    {
        Mapping.OneToOne => [item],
        Mapping.All => [.. Numbers(0, upstream)],
        Mapping.Repeat(var times) => [item / times],
        Mapping.Blocks(var size, var step) => [.. Numbers(item * step, item * step + size).Where(i => i < upstream)],
        Mapping.Groups(var members) => [.. members[(int)item].SelectMany(r => Numbers(r.Start, r.End))],
        _ => throw new InvalidOperationException(),
    };

    private static IEnumerable<long> Numbers(long from, long to)
    {
        for (long i = from; i < to; i++) yield return i;
    }

    [Fact]
    public void An_item_is_ready_exactly_when_all_it_reads_is_done_and_skipped_when_some_of_it_may_fail()
    {
        var cases = Gen.Int[1, 24].SelectMany(n => Gen.Select(Gen.Const(n), Mappings(n), Gen.Bool, Gen.Int[0, 9].Array[n], Gen.Shuffle(Enumerable.Range(0, n).ToArray())));
        cases.Sample((n, mapping, accepts, fates, order) =>
        {
            RunPlan plan = Given.Items("a", n, node => node with { Batch = new BatchRule.Size(1), AllowFailed = new(n, 0) }).Reading("b", "a", mapping, accepts);
            var machine = new RunMachine();
            machine.Handle(new RunSubmitted(At, plan));
            long count = machine.Counts(new(1)).Total;
            Assert.Equal(MappingRules.Count(mapping, n), count);
            var done = new HashSet<long>();
            var failed = new HashSet<long>();
            foreach (int item in order)
            {
                if (fates[item] == 0) machine.Handle(new ItemsSkipped(At, new(0), new(ItemRange.One(item))));
                else machine.Handle(new ItemsCached(At, new(0), [new(ItemRange.One(item), ResultKind.Cached)]));
                (fates[item] == 0 ? failed : done).Add(item);
                RunInvariants.Check(machine);
                for (long i = 0; i < count; i++) Assert.Equal(Expected(Edges(mapping, i, n), accepts, done, failed), machine.StateOf(new(1), i));
            }
        }, iter: 600);
    }

    private static ItemState Expected(long[] edges, bool accepts, HashSet<long> done, HashSet<long> failed)
    {
        if (accepts)
        {
            if (!edges.All(e => done.Contains(e) || failed.Contains(e))) return ItemState.Waiting;
            return edges.Length == 0 || edges.Any(done.Contains) ? ItemState.Ready : ItemState.Skipped;
        }
        foreach (long e in edges)
        {
            if (!done.Contains(e)) return failed.Contains(e) ? ItemState.Skipped : ItemState.Waiting;
        }
        return ItemState.Ready;
    }

    [Fact]
    public void What_a_lease_carries_is_what_its_items_read()
    {
        var cases = Gen.Int[1, 24].SelectMany(n => Gen.Select(Gen.Const(n), Mappings(n)));
        cases.Sample((n, mapping) =>
        {
            RunPlan plan = Given.Items("a", n).Reading("b", "a", mapping);
            var machine = new RunMachine();
            machine.Handle(new RunSubmitted(At, plan));
            machine.Handle(new ItemsCached(At, new(0), [new(new(0, n), ResultKind.Cached, Outputs: [new("geometry", "out", Scenario.Artifact("seg"), 8, 0)])]));
            machine.Handle(new WorkerJoined(At, new("w"), new(1, Resources.OneCore, [])));
            var lease = machine.Handle(new LeasesRequested(At, new("w"), 1)).Commands.OfType<GrantLease>().Single().Lease;
            var input = Assert.Single(lease.Inputs);
            var expected = Numbers(lease.Items.Start, lease.Items.End).SelectMany(i => Edges(mapping, i, n)).Distinct().Order();
            Assert.Equal(expected, input.Results.SelectMany(r => Numbers(r.Items.Start, r.Items.End)));
            foreach (var result in input.Results) Assert.Equal(result.Items.Start, result.Outputs![0].Row);
            for (long i = lease.Items.Start; i < lease.Items.End; i++)
            {
                var read = MappingRules.Reads(mapping, i, n) is { } span ? new RangeSet(span) : input.Members![(int)(i - lease.Items.Start)];
                Assert.Equal(Edges(mapping, i, n).Order(), read.SelectMany(r => Numbers(r.Start, r.End)));
            }
        }, iter: 600);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    public void Lease_of_a_collect_names_its_members_when_one_of_them_failed(long failed)
    {
        RunPlan plan = Given.Items("a", 6, n => n with { AllowFailed = new(1, 0) }).Collect("all", "a", acceptsFailures: true);
        var machine = new RunMachine();
        machine.Handle(new RunSubmitted(At, plan));
        machine.Handle(new WorkerJoined(At, new("w"), new(1, Resources.OneCore, [])));
        var first = machine.Handle(new LeasesRequested(At, new("w"), 1)).Commands.OfType<GrantLease>().Single().Lease;
        var results = Numbers(0, 6).Select(i => i == failed
            ? new ItemResult(ItemRange.One(i), ResultKind.Failed, Failure: new(FailureClass.Permanent, "test.failed", "told to"))
            : new ItemResult(ItemRange.One(i), ResultKind.Succeeded)).ToList();
        machine.Handle(new ResultsReported(At, new("w"), new(first.Id, 1, results, true)));
        var lease = machine.Handle(new LeasesRequested(At, new("w"), 1)).Commands.OfType<GrantLease>().Single().Lease;
        var input = Assert.Single(MessageCodec.DecodeReply(MessageCodec.Encode(new RunReply(-1, [lease], [], false))).Granted.Single().Inputs);
        if (failed < 0) Assert.Null(input.Members);
        else Assert.Equal(new RangeSet(new ItemRange(0, 6)), Assert.Single(input.Members!));
        Assert.Equal(failed < 0 ? 6 : 5, input.Results.Sum(r => r.Items.Count));
    }

    [Fact]
    public void Block_counts_end_with_the_first_block_that_reaches_the_last_item()
    {
        Gen.Select(Gen.Long[0, 40], Gen.Long[1, 8], Gen.Long[1, 10]).Sample((n, size, step) =>
        {
            long count = 0;
            while (count * step < n && (count == 0 || (count - 1) * step + size < n)) count++;
            Assert.Equal(count, MappingRules.Count(new Mapping.Blocks(size, step), n));
        });
    }

    [Fact]
    public void A_plan_that_cannot_run_is_refused_with_all_its_problems()
    {
        var plan = new RunPlan([
            new("a", new ItemRule.Fixed(-1), []),
            new("b", new ItemRule.FollowsInput(), [new(new(5), "from", new Mapping.OneToOne())]),
            new("c", new ItemRule.FoundBy(new(0)), [new(new(0), "from", new Mapping.Blocks(0, 1))]) { MaxParallel = -1 },
        ]);
        var failure = Assert.Throws<FarmException>(() => new RunMachine().Handle(new RunSubmitted(At, plan))).Failure;
        Assert.Equal("plan.invalid", failure.Code);
        foreach (string word in (string[])["node 0 (a): -1 items", "node 1 (b): reads node 5", "no expander", "block size", "max_parallel"]) Assert.Contains(word, failure.Message, StringComparison.Ordinal);
    }
}
