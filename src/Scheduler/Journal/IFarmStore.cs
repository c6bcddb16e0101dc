using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Cache;

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

    /// <summary>Stores a run and gives it its number.</summary>
    Task<RunId> Create(NewRun run);

    /// <summary>
    /// Appends events, with the results among them that later runs may reuse and the run's new progress, in one transaction. Fails with
    /// <c>journal.out_of_order</c> when they do not follow what is stored: an append before them failed, or another owner writes to the run.
    /// </summary>
    Task Append(RunId run, JournalEntry entry);

    /// <summary>Keeps a named value of the farm: a key, a secret, a pool. The first value wins unless it is to be replaced; what is kept afterwards comes back.</summary>
    Task<byte[]> Keep(string name, byte[] value, bool replace = false);

    /// <summary>Drops a named value; false when there was none.</summary>
    Task<bool> Drop(string name);

    /// <summary>Named values whose names begin so, in the order of their names.</summary>
    IReadOnlyList<KeyValuePair<string, byte[]>> Kept(string prefix);

    /// <summary>Writes down a change that somebody made.</summary>
    Task Audit(AuditRow change);

    /// <summary>Changes with numbers below <paramref name="before"/> (null = all), newest first, at most <paramref name="count"/>.</summary>
    IReadOnlyList<AuditRow> Audits(long? before, int count);

    /// <summary>Changes a run's priority for the time after the next start of the farm.</summary>
    Task SetPriority(RunId run, int priority);

    /// <summary>Stores the state after the events below <paramref name="sequence"/>, in place of an earlier snapshot.</summary>
    Task SaveSnapshot(RunId run, long sequence, byte[] payload);
}
