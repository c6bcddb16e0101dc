using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Runs;

/// <summary>The failure codes that mean something to a run; all others are for people.</summary>
public static class FailureCodes
{
    /// <summary>An input artifact is not in the store. The failure's detail is its SHA-256, <c>sha256:…</c>.</summary>
    public const string ArtifactMissing = "artifact.missing";

    /// <summary>An input artifact has other bytes than its name says. The failure's detail is its SHA-256, <c>sha256:…</c>.</summary>
    public const string ArtifactCorrupt = "artifact.corrupt";

    /// <summary>A failure of one of these kinds, in the form that a run understands.</summary>
    public static Failure Broken(string code, ContentHash artifact, string message)
        => new(FailureClass.InvalidInput, code, message, $"sha256:{artifact}");

    /// <summary>True when a failure says that an input artifact is broken, and which.</summary>
    public static bool NamesArtifact(Failure failure, out ContentHash artifact)
    {
        artifact = default;
        return failure.Code is ArtifactMissing or ArtifactCorrupt && ContentHash.TryParse(failure.Detail, out artifact);
    }
}
