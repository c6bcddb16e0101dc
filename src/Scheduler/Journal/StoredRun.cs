using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Scheduler.Journal;

/// <summary>A run to be stored.</summary>
/// <param name="Name">As in the recipe.</param>
/// <param name="Folder">Working folder of whoever submitted it.</param>
/// <param name="Priority">Greater goes first.</param>
/// <param name="Submitted">When.</param>
/// <param name="Frozen">The recipe and all it needs, in a form that only workers and the command line read.</param>
/// <param name="FirstEvent">Event 0, encoded: the plan is in it.</param>
/// <param name="Key">Whoever submits again under the same key gets the same run; empty for none.</param>
/// <param name="Owner">Whose it is; runs of one owner share what is his.</param>
public sealed record NewRun(string Name, string Folder, int Priority, DateTimeOffset Submitted, byte[] Frozen, byte[] FirstEvent, string Key = "", string Owner = "");

/// <summary>Something a person asked of a run, kept beside the event that came of it: who, when, and why.</summary>
/// <param name="Sequence">Number of the event.</param>
/// <param name="At">When.</param>
/// <param name="Who">Who asked.</param>
/// <param name="What">What was asked, in words: <c>retry simulate/40-43</c>.</param>
/// <param name="Reason">Why; may be empty.</param>
public sealed record StoredOrder(long Sequence, DateTimeOffset At, string Who, string What, string Reason);

/// <summary>What one append carries.</summary>
/// <param name="FirstSequence">Number of the first event: one more than that of the last event stored. Any other number fails the append.</param>
/// <param name="Events">Encoded events, in order.</param>
/// <param name="Cookable">Results to be found by cook key; those that cannot be cached are left out.</param>
public sealed record JournalEntry(long FirstSequence, IReadOnlyList<byte[]> Events, IReadOnlyList<ItemResult> Cookable)
{
    /// <summary>Artifacts that were found broken: what the cook cache says of them is dropped.</summary>
    public IReadOnlyList<ContentHash> Broken { get; init; } = [];

    /// <summary>What people asked for, if that is where the events come from.</summary>
    public IReadOnlyList<StoredOrder> Orders { get; init; } = [];

    /// <summary>Progress to be shown; null leaves it as it is.</summary>
    public RunProgress? Progress { get; init; }
}

/// <summary>How far a run is, kept beside its events so that a list of runs needs no replay.</summary>
/// <param name="Status">As <c>RunStatus</c>.</param>
/// <param name="Ended">When it ended; null while it goes on.</param>
/// <param name="Items">Items known so far.</param>
/// <param name="Settled">Of these, those that will not change by themselves.</param>
/// <param name="Failed">Of these, those that failed.</param>
public sealed record RunProgress(byte Status, DateTimeOffset? Ended, long Items, long Settled, long Failed);

/// <summary>One line of the list of runs.</summary>
public sealed record RunRecord(RunId Id, string Name, string Folder, int Priority, DateTimeOffset Submitted, RunProgress Progress, string Owner = "");

/// <summary>What a run needs to go on: the newest snapshot (null = from the beginning), and the events after it.</summary>
public sealed record StoredRun(RunRecord Record, ReadOnlyMemory<byte>? Snapshot, long SnapshotSequence, IEnumerable<StoredEvent> Tail);

/// <summary>An event with its number in the run, counted from 0.</summary>
public readonly record struct StoredEvent(long Sequence, ReadOnlyMemory<byte> Payload);

/// <summary>A change that somebody made to the farm.</summary>
/// <param name="Id">Number, growing; 0 for one that is not stored yet.</param>
/// <param name="At">When.</param>
/// <param name="Who">Name of the key, or of the user of this machine.</param>
/// <param name="Address">Where the call came from.</param>
/// <param name="What">What was asked: <c>retry 142/simulate@failed</c>.</param>
/// <param name="Reason">Why; may be empty.</param>
/// <param name="Before">What was before; may be empty.</param>
/// <param name="After">What is now; may be empty.</param>
public sealed record AuditRow(long Id, DateTimeOffset At, string Who, string Address, string What, string Reason, string Before, string After);
