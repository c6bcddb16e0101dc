using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Core.Runs;

/// <summary>
/// One run: which items stand where, who holds which lease, what may start next. Knows no clock, no storage, no network and no node
/// type; all it does follows from the events it is given, so a replayed journal gives the same state to the bit.
/// </summary>
/// <remarks>
/// Not safe for several threads. Late, repeated and senseless events are ignored with a reason, never thrown; only a plan that
/// <see cref="PlanCheck"/> rejects throws, at submission. Parts: this file is the door and the books, <c>Settling</c> what follows from a
/// change, <c>Granting</c> who gets what, <c>Reporting</c> results and losses, <c>Control</c> what people ask for, <c>Queries</c> and
/// <c>Explaining</c> what people see.
/// </remarks>
public sealed partial class RunMachine
{
    private NodeRun[] nodes = [];
    private NodeRun[] byUrgency = [];
    private readonly SortedDictionary<long, LeaseRun> leases = [];
    private readonly Dictionary<WorkerId, WorkerRun> workers = [];
    private readonly SortedSet<(long Ticks, int Node, long Item)> backoffs = [];
    private readonly List<RunCommand> commands = [];
    private long lastLease;
    private bool replaying;
    private DateTimeOffset now;

    /// <summary>The plan; null before <see cref="RunSubmitted"/>.</summary>
    public RunPlan? Plan { get; private set; }

    /// <summary>Where the run stands.</summary>
    public RunStatus Status { get; private set; }

    /// <summary>When it was submitted.</summary>
    public DateTimeOffset SubmittedAt { get; private set; }

    /// <summary>When it finished last; null while it goes on.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>Events accepted so far: the position in the journal.</summary>
    public long EventCount { get; private set; }

    /// <summary>When the earliest back-off ends: the <see cref="CallAt"/> that a shell needs after a restart. Null when none waits.</summary>
    public DateTimeOffset? NextCallAt => backoffs.Count == 0 ? null : new DateTimeOffset(backoffs.Min.Ticks, TimeSpan.Zero);

    /// <summary>True when nothing moves until somebody asks for it.</summary>
    public bool IsFinished => Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled or RunStatus.ChecksFailed;

    /// <summary>The one door. Decides; the shell then stores the event, unless it was ignored, and after that carries out the commands.</summary>
    public RunOutcome Handle(RunEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        commands.Clear();
        now = happened.At;
        var call = NextCallAt;
        var status = Status;
        string? ignored = Dispatch(happened);
        if (ignored is not null) return RunOutcome.Ignored(ignored);
        Settle();
        Conclude();
        EventCount++;
        if (happened is not LeasesRequested && Status == RunStatus.Running && HasLeasable()) commands.Add(Wake.Now);
        if (NextCallAt is { } next && next != call) commands.Add(new CallAt(next));
        if (IsFinished && status != Status) commands.Add(new FinishRun(Status));
        return RunOutcome.Accepted(commands.ToArray());
    }

    /// <summary>Handles an event from the journal: the same decisions, without putting together commands that nobody will carry out.</summary>
    public void Replay(RunEvent happened)
    {
        replaying = true;
        try
        {
            var outcome = Handle(happened);
            if (outcome.IsIgnored)
                throw new FarmException(new(FailureClass.Permanent, "journal.diverged",
                    $"Event {EventCount} of the journal, {happened.GetType().Name}, was accepted when it was written and is ignored now: {outcome.IgnoredBecause}. The journal belongs to another version, or events are missing."));
        }
        finally
        {
            replaying = false;
        }
    }

    private string? Dispatch(RunEvent happened)
    {
        if (happened is RunSubmitted submitted) return On(submitted);
        if (Plan is null) return "no plan was submitted yet";
        return happened switch
        {
            ItemsCached e => On(e),
            WorkerJoined e => On(e),
            WorkerLost e => On(e),
            LeasesRequested e => On(e),
            ResultsReported e => On(e),
            LeaseLost e => On(e),
            TimePassed e => On(e),
            RunPaused => OnPaused(),
            RunResumed => OnResumed(),
            RunCancelled => OnCancelled(),
            ItemsCancelled e => On(e),
            ItemsRetried e => On(e),
            ItemsSkipped e => On(e),
            OutputsInvalidated e => On(e),
            RunReopened e => On(e),
            LicencesAllowed e => On(e),
            _ => $"unknown event {happened.GetType().Name}",
        };
    }

    private string? On(RunSubmitted e)
    {
        if (Plan is not null) return "a plan was submitted already";
        PlanCheck.Demand(e.Plan);
        Build(e.Plan);
        SubmittedAt = e.At;
        Status = RunStatus.Running;
        foreach (var node in nodes)
        {
            if (node.Plan.Items is ItemRule.Fixed(var count)) GrowTo(node, count, complete: true);
            else growing.Add(node.Id.Value);
        }
        return null;
    }

    private void Build(RunPlan plan)
    {
        Plan = plan;
        nodes = [.. plan.Nodes.Select((node, i) => new NodeRun(new(i), node))];
        foreach (var node in nodes)
        {
            node.Readings = [.. node.Plan.Dependencies.Select((d, i) => Reading.Of(node, i, d, nodes[d.Upstream.Value]))];
            foreach (var reading in node.Readings) reading.Upstream.Readers.Add(reading);
            node.Chain = node.Readings.OfType<PreviousReading>().FirstOrDefault();
            if (node.Plan.Items is ItemRule.FollowsInput) node.CountedBy = node.Readings.First(r => !r.Dependency.OrderOnly && r is not PreviousReading);
            if (node.Plan.Items is ItemRule.FoundBy(var expander))
            {
                node.Expander = nodes[expander.Value];
                node.Expander.FoundNodes.Add(node);
                node.Found = new();
            }
        }
        // Equal priorities: downstream first, so that results come out early and little lies in between.
        byUrgency = [.. nodes.OrderByDescending(n => n.Plan.Priority).ThenByDescending(n => n.Id.Value)];
    }

    private void Conclude()
    {
        if (Status is not (RunStatus.Running or RunStatus.Paused) || leases.Count > 0 || backoffs.Count > 0 || HasLeasable()) return;
        bool beyond = false, waiting = false, cancelled = false, broken = false;
        foreach (var node in nodes)
        {
            beyond |= node.FailuresExceed;
            waiting |= !node.Complete || node.States[ItemState.Waiting] > 0;
            cancelled |= node.States[ItemState.Cancelled] > 0;
            broken |= node.Results.BrokenCheckItems > 0;
        }
        Status = beyond || (waiting && !cancelled) ? RunStatus.Failed
            : cancelled ? RunStatus.Cancelled
            : broken ? RunStatus.ChecksFailed
            : RunStatus.Succeeded;
        FinishedAt = now;
        // Others may have them from now on. A run that goes on again asks anew.
        Take([.. Licences.Select(l => KeyValuePair.Create(l.Key, 0.0))]);
    }

    private bool HasLeasable()
    {
        foreach (var node in nodes)
        {
            if (node.States[ItemState.Ready] > 0 || node.States[ItemState.Lost] > 0) return true;
        }
        return false;
    }

    private bool TryNode(NodeId id, out NodeRun node, out string missing)
    {
        bool exists = (uint)id.Value < (uint)nodes.Length;
        node = exists ? nodes[id.Value] : null!;
        missing = exists ? "" : $"there is no node {id}; the plan has {nodes.Length}";
        return exists;
    }
}

/// <summary>A lease that is out.</summary>
internal sealed class LeaseRun(LeaseId id, NodeRun node, ItemRange items, WorkerRun worker, DateTimeOffset at)
{
    public LeaseId Id { get; } = id;
    public NodeRun Node { get; } = node;
    public ItemRange Items { get; } = items;
    public WorkerRun Worker { get; } = worker;
    public DateTimeOffset At { get; } = at;

    /// <summary>Items without a result.</summary>
    public RangeSet Open { get; init; } = new(items);
}

/// <summary>A worker that joined.</summary>
internal sealed class WorkerRun(WorkerId id)
{
    public WorkerId Id { get; } = id;
    public WorkerOffer Offer { get; private set; } = new(1, Plans.Resources.OneCore, []);
    public Amounts Capacity { get; private set; } = new();
    public Amounts Used { get; } = new();

    /// <summary>In the order in which they were given, which is the order in which a worker starts them.</summary>
    public List<LeaseRun> Leases { get; } = [];

    public long LastSequence { get; set; } = -1;

    public void Take(WorkerOffer offer)
    {
        Offer = offer;
        Capacity = Amounts.Of(offer.Capacity);
    }
}
