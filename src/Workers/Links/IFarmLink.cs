using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Workers.Reporting;

namespace ExampleMlFarm.Workers.Links;

/// <summary>
/// What a worker says to the farm and hears from it. Calls that do not get through throw <see cref="FarmUnreachableException"/>, after which the
/// worker goes on cooking and tries again.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
public interface IFarmLink
{
    /// <summary>Offers this worker; answers when its grants change, or after the wait of the offer.</summary>
    Task<Grants> Work(Offer offer, CancellationToken cancellation);

    /// <summary>Results and wants of this worker to one run, and the run's answer.</summary>
    Task<RunReply> Exchange(RunId run, WorkerMessage message, CancellationToken cancellation);

    /// <summary>The frozen recipe and the plan of a run.</summary>
    Task<RunFiles> Load(RunId run, CancellationToken cancellation);

    /// <summary>
    /// Earlier results under these keys; one list per query, its items counted as indices under the key base.
    /// </summary>
    Task<IReadOnlyList<IReadOnlyList<ItemResult>>> Find(IReadOnlyList<KeyRun> queries, CancellationToken cancellation);

    /// <summary>An artifact is gone or damaged: nobody should be sent to it by the cache any more.</summary>
    Task Forget(ContentHash artifact, CancellationToken cancellation);
}

/// <summary>What a worker is and does.</summary>
/// <param name="Busy">Slots that cook, by run.</param>
/// <param name="KnownVersion">Version of the grants it follows; 0 = none.</param>
/// <param name="WaitSeconds">The longest the answer may take.</param>
public sealed record Offer(WorkerId Worker, int Slots, IReadOnlyList<KeyValuePair<RunId, int>> Busy, long KnownVersion, double WaitSeconds);

/// <summary>Runs to work on, the most urgent first, with the slots each may fill. A stopping worker finishes what it cooks.</summary>
public sealed record Grants(long Version, IReadOnlyList<KeyValuePair<RunId, int>> Slots, bool Stop);

/// <summary>A run as it was submitted.</summary>
/// <param name="Frozen">What the recipe's reader needs.</param>
/// <param name="Plan">The plan in Core's encoding.</param>
public sealed record RunFiles(ReadOnlyMemory<byte> Frozen, ReadOnlyMemory<byte> Plan);

/// <summary>The farm cannot be reached now.</summary>
public sealed class FarmUnreachableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The farm knows nothing of that run, or not of this worker in it: what is held for it is void.</summary>
public sealed class RunGoneException(RunId run) : Exception($"run {run} is not active in this farm");
