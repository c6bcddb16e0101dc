using System.Collections.Concurrent;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry;

namespace ExampleMlFarm.Tests.Nodes.World;

/// <summary>What all items of a test have put out, under their hashes. Files lie in a temporary folder, since cooks open them by path.</summary>
internal sealed class MemoryStore : IDisposable
{
    private readonly ConcurrentDictionary<ContentHash, GeometryData> geometry = new();
    private readonly ConcurrentDictionary<(ContentHash, long, Type), Lazy<object>> remembered = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("mlfarm-nodes-");
    private int folders;

    public ConcurrentDictionary<(string Node, long Index), byte[]> Checkpoints { get; } = new();

    public OutputRef Put(string name, GeometryData data)
    {
        geometry[data.Hash] = data;
        return new("geometry", name, data.Hash, 0, Row: 0);
    }

    public OutputRef Put(string tag, string name, ReadOnlySpan<byte> content)
    {
        var hash = ContentHash.Of(content);
        // Another thread may put the same bytes at the same moment.
        string path = PathOf(hash), written = $"{path}.{Interlocked.Increment(ref folders)}";
        File.WriteAllBytes(written, content);
        File.Move(written, path, overwrite: true);
        return new(tag, name, hash, content.Length);
    }

    public GeometryData Geometry(OutputRef output) => geometry[output.Hash];

    public string PathOf(ContentHash hash) => Path.Combine(folder.FullName, hash.ToString());

    public string NewFolder() => folder.CreateSubdirectory($"scratch-{Interlocked.Increment(ref folders)}").FullName;

    public T Remember<T>(ContentHash content, long row, Func<T> decode) where T : class =>
        (T)remembered.GetOrAdd((content, row, typeof(T)), _ => new(() => decode())).Value;

    public void Dispose() => folder.Delete(recursive: true);
}
