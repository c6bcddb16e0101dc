using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Core;

/// <summary>Every event in every state: nothing is thrown, what is ignored changes nothing, invariants hold.</summary>
public sealed class TotalityTests
{
    private static readonly DateTimeOffset Later = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static RunPlan Plan => Given.Items("a", 8, n => n with { Batch = new BatchRule.Size(1), Retry = new(2, 10, [FailureClass.Transient]) }).Each("b", "a").Expand("d", "a").Collect("c", "b");


    public static TheoryData<string, string> Situations => new()
    {
        { "fresh", "" },
        { "all states", """
            join w1 9
            cached a 2
            skip a 5
            cancel a 6
            lease w1 9
            ok L2 1
            fail L3 3 permanent
            leaselost L4 crashed
            fail L5 7 transient
            """ },
        { "paused", "join w1 9\nlease w1 2\npause" },
        { "cancelled", "join w1 9\nlease w1 2\nok L1 0\ncancel" },
        { "failed", "join w1 9\nskip a 1-7\nlease w1 1\nfail L1 0 permanent\nskip b 0" },
        { "succeeded", "join w1 9\nskip a 0-7" },
    };

    [Theory]
    [MemberData(nameof(Situations))]
    public void No_event_throws_in_any_state(string name, string table)
    {
        byte[] state = RunSnapshot.Encode(Scenario.Play(Plan, table).Machine);
        int accepted = 0;
        foreach (var happened in Events())
        {
            var machine = RunSnapshot.Decode(state);
            var outcome = machine.Handle(happened);
            RunInvariants.Check(machine);
            byte[] after = RunSnapshot.Encode(machine);
            if (outcome.IsIgnored)
            {
                Assert.NotEqual("", outcome.IgnoredBecause);
                Assert.Equal(state, after);
                continue;
            }
            accepted++;
            // The event count at least has moved on, and the same event is accepted by a copy with the same result.
            Assert.NotEqual(state, after);
            var copy = RunSnapshot.Decode(state);
            copy.Replay(EventCodec.Decode(EventCodec.Encode(happened)));
            Assert.Equal(after, RunSnapshot.Encode(copy));
        }
        Assert.True(accepted > 3, $"only {accepted} events do anything when {name}");
    }

    [Fact]
    public void All_nine_item_states_occur_in_these_situations()
    {
        var seen = new HashSet<ItemState>();
        foreach (var row in Situations)
        {
            var machine = Scenario.Play(Plan, row.Data.Item2).Machine;
            foreach (var node in machine.Nodes) seen.UnionWith(machine.States(node.Id, new(0, 100)).Select(s => s.State));
        }
        Assert.Equal(Enum.GetValues<ItemState>(), seen.Order());
    }

    [Fact]
    public void Before_a_plan_everything_is_ignored()
    {
        foreach (var happened in Events().Where(e => e is not RunSubmitted)) Assert.True(new RunMachine().Handle(happened).IsIgnored);
    }

    private static IEnumerable<RunEvent> Events()
    {
        yield return new RunSubmitted(Later, Plan);
        yield return new TimePassed(Later);
        yield return new RunPaused(Later);
        yield return new RunResumed(Later);
        yield return new RunCancelled(Later);
        yield return new RunReopened(Later, true);
        yield return new RunReopened(Later, false);
        foreach (double amount in (double[])[double.NaN, -1, 0, 1, 1e300, double.PositiveInfinity])
        {
            yield return new LicencesAllowed(Later, [new("licence", amount)]);
            yield return new LicencesAllowed(Later, [new("licence", amount), new("licence", 1)]);
        }
        yield return new WorkerJoined(Later, new("w1"), new(0, Resources.OneCore, []));
        yield return new WorkerJoined(Later, new("w9"), new(2, Resources.OneCore with { Cpu = 2 }, ["x"]));
        foreach (string worker in (string[])["w1", "w2", "nobody"])
        {
            foreach (var cause in Enum.GetValues<LossCause>()) yield return new WorkerLost(Later, new(worker), cause);
            foreach (int wanted in (int[])[-1, 0, 1, 1000]) yield return new LeasesRequested(Later, new(worker), wanted);
            for (long lease = 0; lease < 8; lease++)
            {
                foreach (var kind in Enum.GetValues<ResultKind>())
                {
                    foreach (var failure in (Failure?[])[null, .. Enum.GetValues<FailureClass>().Select(c => new Failure(c, "x", "y")), FailureCodes.Broken(FailureCodes.ArtifactMissing, Scenario.Artifact("q"), "z")])
                        yield return new ResultsReported(Later, new(worker), new(new(lease), 99, [new(new(0, 100), kind, double.NaN, Failure: failure, Expansion: new(2, [new()])), .. lease == 5 ? [new ItemResult(new(3, 3), kind)] : Array.Empty<ItemResult>()], lease % 2 == 0));
                }
            }
        }
        for (long lease = 0; lease < 8; lease++)
        {
            foreach (var cause in Enum.GetValues<LossCause>()) yield return new LeaseLost(Later, new(lease), cause);
        }
        for (int node = -1; node < 6; node++)
        {
            foreach (var items in (RangeSet[])[new(), new(ItemRange.One(900)), new(new ItemRange(0, 1000)), .. Enumerable.Range(0, 8).Select(i => new RangeSet(ItemRange.One(i)))])
            {
                yield return new ItemsCached(Later, new(node), [.. items.Select(r => new ItemResult(r, ResultKind.Failed))]);
                yield return new ItemsCancelled(Later, new(node), items);
                yield return new ItemsRetried(Later, new(node), items);
                yield return new ItemsSkipped(Later, new(node), items);
                yield return new OutputsInvalidated(Later, new(node), items, new(FailureClass.Transient, "x", "y"));
                yield return new OutputsInvalidated(Later, new(node), items, new(FailureClass.Transient, "x", "y"), true);
            }
        }
    }
}
