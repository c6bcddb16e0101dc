using System.Security.Cryptography;
using ExampleMlFarm.Geometry.Files;
using ExampleMlFarm.Workers.Links.Http;

namespace ExampleMlFarm.Workers.Cooking;

/// <summary>
/// The saved partial state of one item: one file, replaced as a whole, named by what decides the item's result, so that whoever cooks the same
/// item next goes on from it. It only ever saves time: a file that cannot be used is as good as none.
/// </summary>
/// <remarks>The file: a mark of 8 bytes, SHA-256 of the state, the state.</remarks>
public sealed class CheckpointFile
{
    private const int HeaderBytes = 8 + SHA256.HashSizeInBytes;
    private readonly string path, name;
    private readonly HttpCheckpoints? elsewhere;

    /// <summary>A file in the folder of checkpoints, and at the farm where that is on another host.</summary>
    public CheckpointFile(string folder, string name, HttpCheckpoints? elsewhere = null) => (path, this.name, this.elsewhere) = (Path.Combine(folder, name), name, elsewhere);

    private static ReadOnlySpan<byte> Mark => "MLCHECK1"u8;

    /// <summary>The state; null when none was saved, or when what was saved cannot be used.</summary>
    /// <param name="damage">Why it cannot be used, for the log; null otherwise.</param>
    public byte[]? Load(out string? damage)
    {
        damage = null;
        // The farm's is the newer one: since this host had the item, another may have gone on with it.
        if (elsewhere?.Get(name) is { } shared && Read(shared, out _) is { } state) return state;
        if (!File.Exists(path)) return null;
        byte[] file;
        try { file = File.ReadAllBytes(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            damage = $"it cannot be read: {e.Message}";
            return null;
        }
        return Read(file, out damage);
    }

    private static byte[]? Read(byte[] file, out string? damage)
    {
        damage = null;
        if (file.Length < HeaderBytes || !file.AsSpan().StartsWith(Mark)) damage = $"its {file.Length} bytes are not a checkpoint";
        else if (!SHA256.HashData(file.AsSpan(HeaderBytes)).AsSpan().SequenceEqual(file.AsSpan(Mark.Length, SHA256.HashSizeInBytes)))
            damage = "its content does not match its checksum";
        return damage is null ? file[HeaderBytes..] : null;
    }

    /// <summary>Replaces the state: temporary file, fsync, rename, fsync of the folder.</summary>
    public void Save(ReadOnlySpan<byte> state)
    {
        using var file = new PublishedFile(path);
        byte[] whole = [.. Mark, .. SHA256.HashData(state), .. state];
        file.Stream.Write(whole);
        file.Publish();
        elsewhere?.Put(name, whole);
    }

    /// <summary>Removes it, if it is there.</summary>
    public void Remove()
    {
        // Most items never save anything; then not even the folder is there.
        if (File.Exists(path)) File.Delete(path);
        elsewhere?.Remove(name);
    }
}
