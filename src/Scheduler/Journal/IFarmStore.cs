using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Cache;
using ExampleMlFarm.Scheduler.Ledger;

namespace ExampleMlFarm.Scheduler.Journal;

/// <summary>
/// Runs, their events and snapshots, and the cook cache: a SQLite file for one server, PostgreSQL for several. It does not know what an event means.
/// </summary>
/// <remarks>
/// Safe for several threads. A task that a write returns completes when the bytes are durable, in the order of the calls, and throws <see cref="FarmException"/>
/// otherwise. Events stay after a snapshot covers them: <c>explain</c> reads the history, and a snapshot that cannot be read is then no loss.
/// </remarks>
public interface IFarmStore : IRunReader, IDisposable
{
    /// <summary>Earlier results by cook key.</summary>
    ICookCache Cache { get; }

    /// <summary>Keys, changes and kept answers of a served farm.</summary>
    IFarmLedger Ledger { get; }

    /// <summary>Stores a run and gives it its number. A submission that comes again gets the number that it got before, and nothing is stored.</summary>
    /// <exception cref="FarmException"><c>submission.reused</c>: another run was submitted under the same token.</exception>
    Task<RunId> Create(NewRun run);

    /// <summary>
    /// Appends events, with the results among them that later runs may reuse and the run's new progress, in one transaction. Fails with
    /// <c>journal.out_of_order</c> when they do not follow what is stored: an append before them failed, or another owner writes to the run.
    /// </summary>
    Task Append(RunId run, JournalEntry entry);

    /// <summary>Changes a run's priority for the time after the next start of the farm.</summary>
    Task SetPriority(RunId run, int priority);

    /// <summary>Stores the state after the events below <paramref name="sequence"/>, in place of an earlier snapshot.</summary>
    Task SaveSnapshot(RunId run, long sequence, byte[] payload);
}
