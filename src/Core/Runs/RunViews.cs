using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Core.Runs;

/// <summary>Items of a node by state.</summary>
public readonly record struct ItemCounts(long Waiting, long Ready, long Cooking, long Succeeded, long Cached, long Failed, long Lost, long Skipped, long Cancelled)
{
    /// <summary>All items known so far.</summary>
    public long Total => Waiting + Ready + Cooking + Succeeded + Cached + Failed + Lost + Skipped + Cancelled;

    /// <summary>Items with a result.</summary>
    public long Done => Succeeded + Cached;

    /// <summary>Sum of two nodes.</summary>
    public static ItemCounts operator +(ItemCounts a, ItemCounts b) => new(a.Waiting + b.Waiting, a.Ready + b.Ready, a.Cooking + b.Cooking,
        a.Succeeded + b.Succeeded, a.Cached + b.Cached, a.Failed + b.Failed, a.Lost + b.Lost, a.Skipped + b.Skipped, a.Cancelled + b.Cancelled);

    /// <summary>Sum of two nodes.</summary>
    public static ItemCounts Add(ItemCounts left, ItemCounts right) => left + right;
}

/// <summary>One node as people see it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Plan">Name and policies.</param>
/// <param name="Counts">Items by state.</param>
/// <param name="CountIsFinal">False while more items may be found.</param>
/// <param name="Seconds">Cooking time spent so far, failures included.</param>
/// <param name="SecondsPerItem">Measured lately; null before the first result.</param>
/// <param name="Leases">Leases that are out.</param>
/// <param name="FailedAttempts">Attempts that ended in a failure.</param>
/// <param name="LostAttempts">Attempts that ended with their worker.</param>
/// <param name="FailuresAllowed">True while no more items failed than may.</param>
/// <param name="BrokenChecks">Items whose <c>require:</c> did not hold.</param>
public sealed record NodeView(NodeId Id, PlanNode Plan, ItemCounts Counts, bool CountIsFinal, double Seconds, double? SecondsPerItem, int Leases, long FailedAttempts, long LostAttempts, bool FailuresAllowed, int BrokenChecks);

/// <summary>One item as people see it.</summary>
/// <param name="Index">Its index.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempts">Attempts so far, the present one included.</param>
/// <param name="Losses">Workers that died while it was cooking, since it was last retried.</param>
/// <param name="LastFailure">The newest failure, also of items that succeeded later.</param>
/// <param name="Result">Outputs, metrics, seconds and key; null when it has no result.</param>
/// <param name="Lease">The lease it is in, while it cooks.</param>
/// <param name="Worker">Who holds that lease.</param>
/// <param name="RetryAt">When its back-off ends.</param>
public sealed record ItemView(long Index, ItemState State, int Attempts, int Losses, Failure? LastFailure, ItemResult? Result, LeaseId? Lease, WorkerId? Worker, DateTimeOffset? RetryAt);

/// <summary>An item that failed.</summary>
public sealed record FailedItem(NodeId Node, long Index, int Attempts, Failure Failure);

/// <summary>A lease that is out.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Node">The node.</param>
/// <param name="Items">All its items.</param>
/// <param name="Open">Those without a result.</param>
/// <param name="Worker">Who holds it.</param>
/// <param name="GrantedAt">Since when.</param>
public sealed record LeaseView(LeaseId Id, NodeId Node, ItemRange Items, RangeSet Open, WorkerId Worker, DateTimeOffset GrantedAt);

/// <summary>A worker of the run.</summary>
public sealed record WorkerView(WorkerId Id, WorkerOffer Offer, IReadOnlyList<LeaseId> Leases);

/// <summary>Why items were cooked again.</summary>
public sealed record RerunView(NodeId Node, DateTimeOffset At, RangeSet Items, Failure Reason);

/// <summary>An artifact that results of a node lie in.</summary>
public sealed record ArtifactUse(NodeId Node, ItemRange Items, OutputRef Output);
