using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Scheduler.Journal;

/// <summary>Stored runs for whoever only looks: replaying the events of a run gives its state. They may lie in a file, a database, or behind an address.</summary>
/// <remarks>Safe for several threads.</remarks>
public interface IRunReader
{
    /// <summary>Runs with a number below <paramref name="before"/> (null = all), newest first, at most <paramref name="count"/>.</summary>
    IReadOnlyList<RunRecord> List(RunId? before, int count);

    /// <summary>One run; null when there is none with this number.</summary>
    RunRecord? Find(RunId run);

    /// <summary>What was frozen with the run.</summary>
    byte[] Frozen(RunId run);

    /// <summary>What people asked of a run, oldest first.</summary>
    IReadOnlyList<StoredOrder> Orders(RunId run);

    /// <summary>What a run needs to go on. The tail is read while it is walked; it must be walked to its end or disposed.</summary>
    /// <param name="run">The run.</param>
    /// <param name="fromStart">True to leave the snapshot aside and replay every event.</param>
    StoredRun Load(RunId run, bool fromStart = false);

    /// <summary>The events of a run from a number on, in order, read while they are walked.</summary>
    /// <exception cref="FarmException">An event is damaged or missing (<c>journal.corrupt</c>).</exception>
    IEnumerable<StoredEvent> Events(RunId run, long fromSequence);
}
