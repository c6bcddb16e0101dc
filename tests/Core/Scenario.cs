using System.Globalization;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Core;

/// <summary>
/// Plays a table: one event per line, and after <c>-></c> all that is expected of it: commands (all but <c>wake</c> must be named), states of nodes
/// as letters, the status of the run, or <c>ignored</c>. Invariants hold after each line, and a replay of the journal gives the same state.
/// </summary>
/// <remarks>
/// Letters: w waiting, r ready, C cooking, s succeeded, h cached (hit), F failed, L lost, k skipped, x cancelled. Events: <c>join w1 slots [pool]</c>,
/// <c>lost w1 cause</c>, <c>lease w1 n</c>, <c>ok L1 items [seconds]</c>, <c>hit L1 items</c>, <c>fail L1 items class</c>, <c>corrupt L1 item artifact</c>, <c>back L1 items</c>,
/// <c>find L1 item count</c>, <c>end L1</c>, <c>leaselost L1 cause</c>, <c>time +s</c>, <c>pause</c>, <c>resume</c>, <c>cancel [node items]</c>, <c>retry node items</c>, <c>skip node items</c>,
/// <c>cached node items</c>, <c>invalidate node items [down]</c>, <c>reopen [keep]</c>, <c>licences name=amount …</c>. A report comes from the worker that holds the lease, or from <c>w2:L1</c>, or again with the number
/// <c>ok#7</c>.
/// </remarks>
public sealed class Scenario
{
    private static readonly string Letters = "wrCshFLkx";

    private readonly RunPlan plan;
    private readonly List<byte[]> journal = [];
    private readonly Dictionary<string, long> sequences = [];
    private readonly Dictionary<string, string> holders = [];
    private DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private Scenario(RunPlan plan) => this.plan = plan;

    public RunMachine Machine { get; } = new();

    public static Scenario Play(RunPlan plan, string table)
    {
        var scenario = new Scenario(plan);
        scenario.Send(new RunSubmitted(scenario.now, plan));
        int number = 0;
        foreach (string line in table.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            if (line.StartsWith("//", StringComparison.Ordinal)) continue;
            string[] halves = line.Split("->", 2, StringSplitOptions.TrimEntries);
            try
            {
                scenario.Line(halves[0], halves.Length > 1 ? halves[1] : null);
            }
            catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"line {number}: {line}\n{e.Message}", e);
            }
        }
        scenario.CheckReplay();
        return scenario;
    }

    private void Line(string text, string? expected)
    {
        now = now.AddMilliseconds(1);
        var outcome = text.Length == 0 ? null : Send(Parse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        if (expected is null)
        {
            Assert.False(outcome?.IsIgnored, outcome?.IgnoredBecause);
            return;
        }
        var said = expected.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToList();
        var did = outcome is null ? [] : outcome.IsIgnored ? ["ignored"] : outcome.Commands.Select(Name).ToList();
        if (!said.Contains("wake")) did.Remove("wake");
        foreach (string states in said.Where(s => s.Contains('=', StringComparison.Ordinal)))
        {
            string[] sides = states.Split('=');
            Assert.Equal(states, $"{sides[0]}={Shown(sides[0])}");
        }
        foreach (string status in said.Where(s => Enum.TryParse<RunStatus>(s, out _))) Assert.Equal(status, Machine.Status.ToString());
        Assert.Equal(said.Where(s => !s.Contains('=', StringComparison.Ordinal) && !Enum.TryParse<RunStatus>(s, out _)).ToList(), did);
    }

    public string Shown(string node) => string.Concat(Machine.States(Machine.Find(node)!.Value, new(0, 1000)).SelectMany(r => Enumerable.Repeat(Letters[(int)r.State], (int)r.Items.Count)));

    public RunOutcome Send(RunEvent happened)
    {
        byte[] before = RunSnapshot.Encode(Machine);
        var outcome = Machine.Handle(happened);
        RunInvariants.Check(Machine);
        if (outcome.IsIgnored) Assert.Equal(before, RunSnapshot.Encode(Machine));
        else journal.Add(EventCodec.Encode(happened));
        foreach (var grant in outcome.Commands.OfType<GrantLease>()) holders[grant.Lease.Id.ToString()] = grant.Worker.Value;
        return outcome;
    }

    public string Explain(string node, long item) => Machine.Explain(Machine.Find(node)!.Value, item).ToString()!;

    private void CheckReplay()
    {
        byte[] end = RunSnapshot.Encode(Machine);
        for (int cut = 0; cut <= journal.Count; cut++)
        {
            var replayed = new RunMachine();
            foreach (byte[] record in journal.Take(cut)) replayed.Replay(EventCodec.Decode(record));
            var restored = RunSnapshot.Decode(RunSnapshot.Encode(replayed));
            RunInvariants.Check(restored);
            foreach (byte[] record in journal.Skip(cut))
            {
                replayed.Replay(EventCodec.Decode(record));
                restored.Replay(EventCodec.Decode(record));
            }
            Assert.Equal(end, RunSnapshot.Encode(replayed));
            Assert.Equal(end, RunSnapshot.Encode(restored));
        }
    }

    private string Name(RunCommand command) => command switch
    {
        GrantLease g => $"grant {g.Worker} {g.Lease.Id} {plan.Nodes[g.Lease.Node.Value].Name}[{g.Lease.Items}]{string.Concat(g.Lease.Attempts.Select(a => $" try{a.Value}"))}",
        RevokeLease r => $"revoke {r.Worker} {r.Lease}",
        Wake => "wake",
        CallAt c => string.Create(CultureInfo.InvariantCulture, $"call +{(c.Time - now).TotalSeconds:0.###}"),
        FinishRun f => $"finish {f.Status}",
        _ => command.ToString(),
    };

    private RunEvent Parse(string[] words)
    {
        string verb = words[0];
        long? number = null;
        if (verb.Contains('#', StringComparison.Ordinal)) (verb, number) = (verb.Split('#')[0], long.Parse(verb.Split('#')[1], CultureInfo.InvariantCulture));
        return verb switch
        {
            "join" => new WorkerJoined(now, new(words[1]), new(int.Parse(words[2], CultureInfo.InvariantCulture), Resources.OneCore with { Cpu = double.Parse(words[2], CultureInfo.InvariantCulture) }, [.. words.Skip(3)])),
            "lost" => new WorkerLost(now, new(words[1]), Enum.Parse<LossCause>(words[2], true)),
            "lease" => new LeasesRequested(now, new(words[1]), int.Parse(words[2], CultureInfo.InvariantCulture)),
            "leaselost" => new LeaseLost(now, Lease(words[1]), Enum.Parse<LossCause>(words[2], true)),
            "ok" => Report(words, number, new(Items(words[2]), ResultKind.Succeeded, words.Length > 3 ? double.Parse(words[3], CultureInfo.InvariantCulture) : 1,
                words.Length > 4 ? [new("file", "out", Artifact(words[4]), 8)] : null)),
            "hit" => Report(words, number, new(Items(words[2]), ResultKind.Cached)),
            "back" => Report(words, number, new(Items(words[2]), ResultKind.Returned)),
            "find" => Report(words, number, new(Items(words[2]), ResultKind.Succeeded, 1, Expansion: new(long.Parse(words[3], CultureInfo.InvariantCulture), null))),
            "check" => Report(words, number, new(Items(words[2]), ResultKind.Succeeded, 1, BrokenChecks: ["gain > 0.5"])),
            "fail" => Report(words, number, new(Items(words[2]), ResultKind.Failed, 1, Failure: new(Enum.Parse<FailureClass>(words[3], true), "test", "it broke"))),
            "corrupt" => Report(words, number, new(Items(words[2]), ResultKind.Failed, 1, Failure: FailureCodes.Broken(FailureCodes.ArtifactCorrupt, Artifact(words[3]), "other bytes"))),
            "end" => new ResultsReported(now, Holder(words[1]), new(Lease(words[1]), Next(words[1], number), [], true)),
            "time" => new TimePassed(now = now.AddSeconds(double.Parse(words[1], CultureInfo.InvariantCulture))),
            "pause" => new RunPaused(now),
            "resume" => new RunResumed(now),
            "cancel" when words.Length == 1 => new RunCancelled(now),
            "cancel" => new ItemsCancelled(now, Node(words[1]), new(Items(words[2]))),
            "retry" => new ItemsRetried(now, Node(words[1]), new(Items(words[2]))),
            "skip" => new ItemsSkipped(now, Node(words[1]), new(Items(words[2]))),
            "cached" => new ItemsCached(now, Node(words[1]), [new(Items(words[2]), ResultKind.Cached)]),
            "invalidate" => new OutputsInvalidated(now, Node(words[1]), new(Items(words[2])), new(FailureClass.Transient, "artifact.missing", "The file is gone."), words.Length > 3),
            "licences" => new LicencesAllowed(now, [.. words.Skip(1).Select(w => KeyValuePair.Create(w.Split('=')[0], double.Parse(w.Split('=')[1], CultureInfo.InvariantCulture)))]),
            "reopen" => new RunReopened(now, words.Length == 1),
            _ => throw new InvalidOperationException($"no event is called {verb}"),
        };
    }

    public static ContentHash Artifact(string name) => ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(name));

    private ResultsReported Report(string[] words, long? number, ItemResult result)
        => new(now, Holder(words[1]), new(Lease(words[1]), Next(words[1], number), [result], false));

    private long Next(string lease, long? number)
    {
        string worker = Holder(lease).Value;
        return number ?? (sequences[worker] = sequences.GetValueOrDefault(worker) + 1);
    }

    private WorkerId Holder(string lease) => new(lease.Contains(':', StringComparison.Ordinal) ? lease.Split(':')[0] : holders.GetValueOrDefault(lease, "nobody"));

    private static LeaseId Lease(string text) => new(long.Parse(text[(text.IndexOf('L', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture));

    private NodeId Node(string name) => Machine.Find(name)!.Value;

    private static ItemRange Items(string text)
    {
        string[] ends = text.Split('-');
        return new(long.Parse(ends[0], CultureInfo.InvariantCulture), long.Parse(ends[^1], CultureInfo.InvariantCulture) + 1);
    }
}

/// <summary>Plans in a line: <c>Given.Node("b", from: "a")</c>.</summary>
public sealed class Given
{
    private readonly List<PlanNode> nodes = [];

    public static Given Items(string name, long count, Func<PlanNode, PlanNode>? with = null) => new Given().AndItems(name, count, with);

    public Given AndItems(string name, long count, Func<PlanNode, PlanNode>? with = null) => Add(new(name, new ItemRule.Fixed(count), []), with);

    public Given Each(string name, string from, Func<PlanNode, PlanNode>? with = null) => Reading(name, from, new Mapping.OneToOne(), false, with);

    public Given Collect(string name, string from, bool acceptsFailures = false, Mapping? mapping = null, Func<PlanNode, PlanNode>? with = null)
        => Reading(name, from, mapping ?? new Mapping.All(), acceptsFailures, with);

    public Given Reading(string name, string from, Mapping mapping, bool acceptsFailures = false, Func<PlanNode, PlanNode>? with = null)
        => Add(new(name, new ItemRule.FollowsInput(), [new(Id(from), from, mapping, AcceptsFailures: acceptsFailures)]), with);

    public Given Chain(string name, long count, long length, string? after = null, Func<PlanNode, PlanNode>? with = null)
        => Add(new(name, new ItemRule.Fixed(count), [new(new(nodes.Count), "previous", new Mapping.Previous(length)), .. after is null ? Array.Empty<Dependency>() : [new(Id(after), after, new Mapping.All())]]), with);

    public Given Expand(string name, string from, Func<PlanNode, PlanNode>? with = null)
    {
        Add(new(name + "?", new ItemRule.FollowsInput(), [new(Id(from), from, new Mapping.OneToOne())]) { IsExpander = true, Batch = new BatchRule.Size(1) }, null);
        return Add(new(name, new ItemRule.FoundBy(Id(name + "?")), [new(Id(from), from, new Mapping.Expanded())]), with);
    }

    public static implicit operator RunPlan(Given given) => given.ToRunPlan();

    public RunPlan ToRunPlan() => new(nodes);

    private NodeId Id(string name) => new(nodes.FindIndex(n => n.Name == name));

    private Given Add(PlanNode node, Func<PlanNode, PlanNode>? with)
    {
        node = node with { Batch = node.IsExpander ? node.Batch : new BatchRule.Size(64) };
        nodes.Add(with is null ? node : with(node));
        return this;
    }
}
