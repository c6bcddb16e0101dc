namespace ExampleMlFarm.Scheduler.Contracts;

/// <summary>A run as people see it.</summary>
/// <param name="Run">Number.</param>
/// <param name="Name">Name.</param>
/// <param name="Folder">Working folder of whoever submitted it.</param>
/// <param name="Status">As <c>RunStatus</c>.</param>
/// <param name="Submitted">When.</param>
/// <param name="Finished">When it finished last; null while it goes on.</param>
/// <param name="Sequence">Grows with every change.</param>
/// <param name="Nodes">All nodes, in plan order.</param>
/// <param name="Failures">Failed items, the first <see cref="MostFailures"/> in node and item order.</param>
[GenerateSerializer, Immutable, Alias("run-view")]
public sealed record RunView(
    long Run, string Name, string Folder, byte Status, DateTimeOffset Submitted, DateTimeOffset? Finished, long Sequence, NodeRow[] Nodes, FailureRow[] Failures)
{
    /// <summary>Enough for a screen; all of them are asked for with <c>Items</c>.</summary>
    public const int MostFailures = 20;
}

/// <summary>A node's counters.</summary>
/// <param name="Name">As in the plan.</param>
/// <param name="IsExpander">True for hidden nodes that find items of others.</param>
/// <param name="IsVirtual">True for nodes that are not cooked.</param>
/// <param name="Counts">Items by <c>ItemState</c>.</param>
/// <param name="CountIsFinal">False while more items may be found.</param>
/// <param name="Seconds">Cooking time so far.</param>
/// <param name="SecondsPerItem">Measured lately; −1 before the first result.</param>
/// <param name="Leases">Leases that are out.</param>
/// <param name="FailedAttempts">Attempts that ended in a failure.</param>
/// <param name="LostAttempts">Attempts that ended with their worker.</param>
/// <param name="FailuresAllowed">True while no more items failed than may.</param>
/// <param name="BrokenChecks">Items whose <c>require:</c> did not hold.</param>
[GenerateSerializer, Immutable, Alias("node-row")]
public sealed record NodeRow(
    string Name, bool IsExpander, bool IsVirtual, long[] Counts, bool CountIsFinal, double Seconds, double SecondsPerItem, int Leases,
    long FailedAttempts, long LostAttempts, bool FailuresAllowed, int BrokenChecks);

/// <summary>A failure with the item that it belongs to.</summary>
/// <param name="Node">Node number.</param>
/// <param name="Item">Item index.</param>
/// <param name="Attempts">Attempts so far.</param>
/// <param name="Class">As <c>FailureClass</c>.</param>
/// <param name="Code">Stable and dotted.</param>
/// <param name="Message">One sentence.</param>
/// <param name="Detail">More, or empty.</param>
[GenerateSerializer, Immutable, Alias("failure-row")]
public sealed record FailureRow(int Node, long Item, int Attempts, byte Class, string Code, string Message, string Detail);

/// <summary>Which items to list.</summary>
/// <param name="Node">Node number.</param>
/// <param name="From">First index.</param>
/// <param name="Count">Most rows; 1 to 10,000.</param>
/// <param name="States">Only items in these states (<c>ItemState</c>); empty = all.</param>
[GenerateSerializer, Immutable, Alias("item-query")]
public sealed record ItemQuery(int Node, long From, int Count, byte[] States);

/// <summary>A page of items.</summary>
/// <param name="Rows">Ascending.</param>
/// <param name="NextFrom">Where the next page starts; −1 when this was the last.</param>
/// <param name="Total">Items of the node in the asked states.</param>
[GenerateSerializer, Immutable, Alias("item-page")]
public sealed record ItemPage(ItemRow[] Rows, long NextFrom, long Total);

/// <summary>One item.</summary>
/// <param name="Index">Its index.</param>
/// <param name="State">As <c>ItemState</c>.</param>
/// <param name="Attempts">Attempts so far, the present one included.</param>
/// <param name="Losses">Workers that died on it.</param>
/// <param name="Worker">Who cooks it; empty when nobody does.</param>
/// <param name="RetryAt">When its back-off ends.</param>
/// <param name="LastFailure">The newest failure, also of items that succeeded later.</param>
/// <param name="Result">Its result in the bytes of <c>ResultCodec</c>; null when it has none.</param>
[GenerateSerializer, Immutable, Alias("item-row")]
public sealed record ItemRow(long Index, byte State, int Attempts, int Losses, string Worker, DateTimeOffset? RetryAt, FailureRow? LastFailure, byte[]? Result);

/// <summary>Why an item stands where it stands.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Lines">For people; the first is the answer.</param>
[GenerateSerializer, Immutable, Alias("explanation")]
public sealed record Explanation(string Code, string[] Lines);

/// <summary>What can be asked of a run.</summary>
[GenerateSerializer, Alias("order-kind")]
public enum OrderKind : byte
{
    /// <summary>Nothing new starts; what cooks goes on.</summary>
    Pause = 0,
    /// <summary>A paused run goes on; a finished one is opened again: cancelled and failed items come back.</summary>
    Resume = 1,
    /// <summary>The run ends now; what cooks is stopped.</summary>
    Cancel = 2,
    /// <summary>The items end now.</summary>
    CancelItems = 3,
    /// <summary>The items are tried again with a fresh budget of attempts; done ones are cooked once more.</summary>
    Retry = 4,
    /// <summary>The run goes on without the items.</summary>
    Skip = 5,
    /// <summary>The items' results are no longer true: they are cooked again.</summary>
    Invalidate = 6,
    /// <summary>As <see cref="Invalidate"/>, with all that was made from them.</summary>
    InvalidateDownstream = 7,
}

/// <summary>What a person asks of a run.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">Node number; −1 for the run as a whole.</param>
/// <param name="Ranges">Start and end (exclusive) of each range of items, one after the other; empty = all items of the node.</param>
/// <param name="States">Only items in these states (<c>ItemState</c>); empty = all.</param>
/// <param name="Who">Who asks.</param>
/// <param name="Reason">Why; may be empty.</param>
/// <param name="DryRun">True to count only.</param>
[GenerateSerializer, Immutable, Alias("run-order")]
public sealed record RunOrder(OrderKind Kind, int Node, long[] Ranges, byte[] States, string Who, string Reason, bool DryRun);

/// <summary>What came of an order.</summary>
/// <param name="Accepted">False when it changed nothing.</param>
/// <param name="Message">What happened, or why nothing did.</param>
/// <param name="Items">Items that it was about.</param>
[GenerateSerializer, Immutable, Alias("order-outcome")]
public sealed record OrderOutcome(bool Accepted, string Message, long Items);

/// <summary>An order that was given.</summary>
[GenerateSerializer, Immutable, Alias("order-row")]
public sealed record OrderRow(long Sequence, DateTimeOffset At, string Who, string What, string Reason);

/// <summary>What was found when the artifacts of a run were looked at.</summary>
/// <param name="Artifacts">Different artifacts looked at.</param>
/// <param name="Broken">Of these, missing or damaged.</param>
/// <param name="Items">Items put back.</param>
/// <param name="Reasons">One sentence for each broken artifact, the first hundred.</param>
[GenerateSerializer, Immutable, Alias("verify-outcome")]
public sealed record VerifyOutcome(long Artifacts, long Broken, long Items, string[] Reasons);
