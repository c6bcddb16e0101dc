using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Wire;

/// <summary>
/// What a worker says to a run in one exchange: results so far, and how much more it can take. The same bytes lie in its outbox
/// until they are acknowledged.
/// </summary>
/// <param name="Worker">Who speaks.</param>
/// <param name="Reports">Results, oldest first. Sent again until acknowledged; the run ignores what it already has.</param>
/// <param name="Held">Every lease the worker holds, finished ones with unacknowledged reports included: proof that it lives.</param>
/// <param name="Wanted">Leases it would take now (free slots and prefetch).</param>
/// <param name="WaitSeconds">The longest the run may hold the reply back when it has nothing to say; 0 = answer at once.</param>
public sealed record WorkerMessage(
    WorkerId Worker,
    IReadOnlyList<LeaseReport> Reports,
    IReadOnlyList<LeaseId> Held,
    int Wanted,
    double WaitSeconds);

/// <summary>Results of one lease, or of a part of it.</summary>
/// <param name="Lease">Its number, which is the fence.</param>
/// <param name="Sequence">Number of this report within the worker's life, growing; acknowledged as a prefix.</param>
/// <param name="Results">What happened, in item order.</param>
/// <param name="Finished">True when nothing more comes for this lease; items without a result go back.</param>
public sealed record LeaseReport(LeaseId Lease, long Sequence, IReadOnlyList<ItemResult> Results, bool Finished);

/// <summary>What the run answers.</summary>
/// <param name="AcknowledgedSequence">Reports up to and including this one are durable; −1 when none was sent.</param>
/// <param name="Granted">New leases.</param>
/// <param name="Revoked">Leases to stop: cancelled, or given to somebody else.</param>
/// <param name="Idle">True when this run has nothing for the worker now and it should ask the farm for another.</param>
public sealed record RunReply(long AcknowledgedSequence, IReadOnlyList<Lease> Granted, IReadOnlyList<LeaseId> Revoked, bool Idle);

/// <summary>The right to cook a range of items of one node.</summary>
/// <param name="Id">Its number: the fence.</param>
/// <param name="Node">The node.</param>
/// <param name="Items">The items; contiguous.</param>
/// <param name="Attempts">Attempt number of each item where it is not 1, as (index, attempt).</param>
/// <param name="Inputs">For each dependency that is not order-only, in plan order, what its upstream items put out.</param>
public sealed record Lease(LeaseId Id, NodeId Node, ItemRange Items, IReadOnlyList<KeyValuePair<long, int>> Attempts, IReadOnlyList<LeaseInput> Inputs);

/// <summary>The upstream results a lease needs for one of its dependencies.</summary>
/// <param name="Dependency">Position in the node's list of dependencies.</param>
/// <param name="Members">
/// For each item of the lease, in order, the upstream items it reads; null when the mapping is one that the worker can work out
/// from the plan (one-to-one, all, repeat, blocks, previous) and, for a collect, no member failed. Members that failed are left out of
/// <see cref="Results"/>.
/// </param>
/// <param name="Results">Results of the upstream items that any item of the lease reads, ascending, cut to what is needed.</param>
/// <param name="FirstPosition">
/// For the dependency on an expander: the position of the lease's first item among the items that its expander item found.
/// </param>
public sealed record LeaseInput(int Dependency, IReadOnlyList<RangeSet>? Members, IReadOnlyList<ItemResult> Results, long FirstPosition = 0);
