using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Artifacts;

/// <summary>Where a store gets artifacts that it does not have: the farm, for a worker or a command on another host.</summary>
/// <remarks>Safe for several threads.</remarks>
public interface IArtifactOrigin
{
    /// <summary>Size of an artifact there; null when it is not there.</summary>
    long? SizeOf(ContentHash hash);

    /// <summary>Appends to a file what it lacks of an artifact; false when it is not there. The bytes are checked by whoever asks.</summary>
    /// <exception cref="Core.FarmException"><c>farm.unreachable</c>: the origin did not answer; what came before stays in the file.</exception>
    bool Fetch(ContentHash hash, Stream into);
}
