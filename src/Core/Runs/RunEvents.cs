using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Core.Runs;

/// <summary>
/// Something that happened to a run. The time is the shell's; the machine has none of its own. What a run machine did not ignore is
/// exactly what its journal holds.
/// </summary>
/// <param name="At">When the shell saw it.</param>
public abstract record RunEvent(DateTimeOffset At);

/// <summary>A frozen plan was handed in. The first event of every run.</summary>
public sealed record RunSubmitted(DateTimeOffset At, RunPlan Plan) : RunEvent(At);

/// <summary>The cache held results for these items of a node.</summary>
/// <param name="Results">Ranges, ascending; their kind is taken to be <see cref="ResultKind.Cached"/>.</param>
public sealed record ItemsCached(DateTimeOffset At, NodeId Node, IReadOnlyList<ItemResult> Results) : RunEvent(At);

/// <summary>A worker came to this run, or announced another capacity.</summary>
public sealed record WorkerJoined(DateTimeOffset At, WorkerId Worker, WorkerOffer Offer) : RunEvent(At);

/// <summary>A worker is gone, with all its leases.</summary>
public sealed record WorkerLost(DateTimeOffset At, WorkerId Worker, LossCause Cause) : RunEvent(At);

/// <summary>A worker would take up to <paramref name="Wanted"/> leases.</summary>
public sealed record LeasesRequested(DateTimeOffset At, WorkerId Worker, int Wanted) : RunEvent(At);

/// <summary>A worker told what became of items of a lease.</summary>
public sealed record ResultsReported(DateTimeOffset At, WorkerId Worker, LeaseReport Report) : RunEvent(At);

/// <summary>A lease came to nothing although its worker may live: it never arrived there, or was overdue.</summary>
public sealed record LeaseLost(DateTimeOffset At, LeaseId Lease, LossCause Cause) : RunEvent(At);

/// <summary>The moment of a <see cref="CallAt"/> has come.</summary>
public sealed record TimePassed(DateTimeOffset At) : RunEvent(At);

/// <summary>Somebody paused the run: what cooks goes on, nothing new starts.</summary>
public sealed record RunPaused(DateTimeOffset At) : RunEvent(At);

/// <summary>The pause is over.</summary>
public sealed record RunResumed(DateTimeOffset At) : RunEvent(At);

/// <summary>Somebody cancelled the run: leases end, open items are cancelled; <see cref="RunReopened"/> puts them back.</summary>
public sealed record RunCancelled(DateTimeOffset At) : RunEvent(At);

/// <summary>Somebody cancelled items that are not done.</summary>
public sealed record ItemsCancelled(DateTimeOffset At, NodeId Node, RangeSet Items) : RunEvent(At);

/// <summary>
/// Somebody wants items tried again, with a fresh budget of attempts: failed, skipped, cancelled or backing off ones, and done ones, which
/// then are cooked once more. A finished run goes on.
/// </summary>
public sealed record ItemsRetried(DateTimeOffset At, NodeId Node, RangeSet Items) : RunEvent(At);

/// <summary>Somebody wants the run to go on without items that are not done.</summary>
public sealed record ItemsSkipped(DateTimeOffset At, NodeId Node, RangeSet Items) : RunEvent(At);

/// <summary>
/// Results of done items are gone or no longer true. The items are cooked again; what was made from them stays, because the same bytes
/// will come back, unless <paramref name="Downstream"/> says that it goes too.
/// </summary>
public sealed record OutputsInvalidated(DateTimeOffset At, NodeId Node, RangeSet Items, Failure Reason, bool Downstream = false) : RunEvent(At);

/// <summary>A finished run goes on: cancelled items come back, and failed ones too when <paramref name="RetryFailed"/>.</summary>
public sealed record RunReopened(DateTimeOffset At, bool RetryFailed = true) : RunEvent(At);

/// <summary>
/// What the farm allows the run of its licences: all of them, each with the amount that leases of the run may hold together. Nothing is taken from leases that are
/// out: an amount below what they hold becomes that.
/// </summary>
/// <param name="Amounts">By name, sorted; 0 for a licence of which the run may have none now.</param>
public sealed record LicencesAllowed(DateTimeOffset At, IReadOnlyList<KeyValuePair<string, double>> Amounts) : RunEvent(At);

/// <summary>What a worker brings.</summary>
/// <param name="Slots">Leases it cooks at once, 1 or more.</param>
/// <param name="Capacity">What it has in all; memory 0 = not stated, then not checked.</param>
/// <param name="Pools">Pools it belongs to; <see cref="EveryPool"/> among them for all there are.</param>
public sealed record WorkerOffer(int Slots, Resources Capacity, IReadOnlyList<string> Pools)
{
    /// <summary>Stands for every pool: the workers of a farm on one machine serve all of them.</summary>
    public const string EveryPool = "*";

    /// <summary>True when it cooks for that pool; null = items that name none.</summary>
    public bool Serves(string? pool) => pool is null || Pools.Contains(pool) || Pools.Contains(EveryPool);

    /// <inheritdoc/>
    public bool Equals(WorkerOffer? other) => other is not null && Slots == other.Slots && Capacity == other.Capacity && Pools.SequenceEqual(other.Pools);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Slots, Capacity, Pools.Count);
}

/// <summary>Why a worker or a lease is gone. Decides whether the item that was cooking comes under suspicion.</summary>
public enum LossCause : byte
{
    /// <summary>It ended on purpose, or together with its scheduler: nobody is to blame.</summary>
    Stopped = 0,
    /// <summary>Its process died: the items that were cooking are suspects.</summary>
    Crashed = 1,
    /// <summary>It was not heard of for too long: treated like a crash.</summary>
    Vanished = 2,
}
