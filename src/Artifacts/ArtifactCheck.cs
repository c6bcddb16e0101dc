using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;

namespace ExampleMlFarm.Artifacts;

/// <summary>What became of a stored file.</summary>
public enum ArtifactVerdict : byte
{
    /// <summary>Its bytes have the hash that it is named after.</summary>
    Intact = 0,
    /// <summary>No such file.</summary>
    Missing = 1,
    /// <summary>Shorter than it was when published.</summary>
    Truncated = 2,
    /// <summary>Other bytes than were published.</summary>
    Corrupt = 3,
}

/// <summary>Result of looking at a stored file.</summary>
/// <param name="Verdict">The word.</param>
/// <param name="Reason">One sentence for people; empty when intact.</param>
public readonly record struct ArtifactCheck(ArtifactVerdict Verdict, string Reason)
{
    /// <summary>Nothing is wrong.</summary>
    public static ArtifactCheck Intact { get; } = new(ArtifactVerdict.Intact, "");

    /// <summary>True when the file may be used.</summary>
    public bool IsIntact => Verdict == ArtifactVerdict.Intact;

    /// <summary>The same as a failure that a run understands: it has the artifact made again. Must not be asked of an intact file.</summary>
    public Failure ToFailure(ContentHash hash) => Verdict switch
    {
        ArtifactVerdict.Missing => FailureCodes.Broken(FailureCodes.ArtifactMissing, hash, Reason),
        ArtifactVerdict.Truncated or ArtifactVerdict.Corrupt => FailureCodes.Broken(FailureCodes.ArtifactCorrupt, hash, Reason),
        _ => throw new InvalidOperationException($"artifact {hash} is intact, so there is no failure to tell of"),
    };
}

/// <summary>A file in the store: its name and its size.</summary>
public readonly record struct StoredArtifact(ContentHash Hash, long SizeBytes);
