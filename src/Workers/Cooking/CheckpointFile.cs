using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Files;

namespace ExampleMlFarm.Workers.Cooking;

/// <summary>
/// The saved partial state of one item: one file, replaced as a whole, named by what decides the item's result, so that whoever cooks the same
/// item next goes on from it.
/// </summary>
public sealed class CheckpointFile
{
    private readonly string path;

    /// <summary>A file in the folder of checkpoints.</summary>
    public CheckpointFile(string folder, string name) => path = Path.Combine(folder, name);

    /// <summary>The state; null when none was saved.</summary>
    public byte[]? Load() => File.Exists(path) ? File.ReadAllBytes(path) : null;

    /// <summary>Replaces the state: temporary file, fsync, rename, fsync of the folder.</summary>
    public void Save(ReadOnlySpan<byte> state)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        PublishedFile.Write(path, state);
    }

    /// <summary>Removes it, if it is there.</summary>
    public void Remove()
    {
        // Most items never save anything; then not even the folder is there.
        if (File.Exists(path)) File.Delete(path);
    }
}
