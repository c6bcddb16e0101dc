using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Core;

/// <summary>One of everything, with every optional part set somewhere.</summary>
public static class Samples
{
    public static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly Failure Failure = new(FailureClass.OutOfMemory, "a.b", "Zu groß.", "tail");

    public static RangeSet Set { get; } = new(new ItemRange(3, 7)) { };

    public static ItemResult FullResult { get; } = new(new(5, 6), ResultKind.Failed, 1.5, [new("file/onnx", "model", Scenario.Artifact("x"), 300, 7), new("report", "r", Scenario.Artifact("y"), 0)],
        Scenario.Artifact("key"), 9, [new("loss", 0.25)], new(2, [new(new ItemRange(1, 2)), Holed()]), Failure, ["gain > 0.5"], "{\"a\":1}");

    public static RunPlan Plan { get; } = new([
        new("a", new ItemRule.Fixed(300), []) { Batch = new BatchRule.Size(4), Resources = new(0.5, 1, 1 << 20, [new("licence", 2)]), Retry = new(3, 1.5, [FailureClass.Transient, FailureClass.TimedOut]), TimeoutSeconds = 60, AllowFailed = new(1, 0.05), MaxParallel = 7, Priority = -3, Pool = "gpu" },
        new("b?", new ItemRule.FollowsInput(), [new(new(0), "from", new Mapping.OneToOne())]) { IsExpander = true, Batch = new BatchRule.Whole() },
        new("b", new ItemRule.FoundBy(new(1)), [new(new(0), "from", new Mapping.Expanded()), new(new(0), "needs", new Mapping.All(), OrderOnly: true)]) { IsVirtual = true },
        new("c", new ItemRule.FollowsInput(), [new(new(0), "collect", new Mapping.Groups([Holed(), new()]), AcceptsFailures: true), new(new(0), "x", new Mapping.Repeat(3)), new(new(0), "y", new Mapping.Blocks(4, 2)), new(new(3), "z", new Mapping.Previous(5))]),
    ]);

    public static IReadOnlyList<RunEvent> Events { get; } = [
        new RunSubmitted(At, Plan),
        new ItemsCached(At, new(2), [new(new(0, 9), ResultKind.Cached), FullResult]),
        new WorkerJoined(At, new("w1"), new(3, new(4, 0, 1 << 30, [new("licence", 1)]), ["gpu", "big"])),
        new WorkerLost(At, new("w1"), LossCause.Vanished),
        new LeasesRequested(At, new("w1"), 5),
        new ResultsReported(At, new("w1"), new(new(77), 12, [new(new(0, 64), ResultKind.Succeeded, 0.5, [new("geometry", "out", Scenario.Artifact("s"), 4096, 0)]), FullResult], true)),
        new LeaseLost(At, new(300), LossCause.Crashed),
        new TimePassed(At),
        new RunPaused(At),
        new RunResumed(At),
        new RunCancelled(At),
        new ItemsCancelled(At, new(1), Holed()),
        new ItemsRetried(At, new(1), Set),
        new ItemsSkipped(At, new(1), Set),
        new OutputsInvalidated(At, new(1), Set, Failure, true),
        new RunReopened(At, true),
        new LicencesAllowed(At, [new("licence", 2.5), new("nuke", 0)]),
    ];

    public static WorkerMessage Message { get; } = new(new("w1"), [new(new(77), 12, [FullResult], false), new(new(78), 13, [], true)], [new(77), new(900)], 4, 2.5);

    public static RunReply Reply { get; } = new(-1, [new(new(5), new(1), new(0, 64), [new(3, 2)], [new(0, null, [FullResult]), new(2, [Holed()], [])])], [new(4)], true);

    public static RangeSet Holed()
    {
        var set = new RangeSet(new ItemRange(0, 2));
        set.Add(new ItemRange(200, 201));
        return set;
    }
}
