using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Segments;

namespace ExampleMlFarm.Workers.Reporting;

/// <summary>
/// The open segments of one lease, one per output name. Rows are appended as items succeed; publishing makes artifacts of them, after which the next
/// row starts another segment.
/// </summary>
/// <remarks>The bytes of a segment follow from its rows; which rows share one does not matter to what is read back.</remarks>
public sealed class LeaseSegments(ArtifactStore store, string folder) : IDisposable
{
    private readonly Dictionary<string, (SegmentWriter Writer, string Path)> open = new(StringComparer.Ordinal);
    private int made;

    /// <summary>Bytes of all open segments.</summary>
    public long SizeBytes => open.Values.Sum(s => s.Writer.SizeBytes);

    /// <summary>Appends a row and says which it is.</summary>
    public long Append(string name, long item, GeometryData geometry)
    {
        if (!open.TryGetValue(name, out var segment))
        {
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, $"segment-{made++}.arrow");
            open[name] = segment = (new SegmentWriter(path), path);
        }
        return segment.Writer.Append(item, geometry);
    }

    /// <summary>Ends the open segments and puts them into the store, durably; by output name.</summary>
    public IReadOnlyDictionary<string, StoredArtifact> Publish()
    {
        var published = new Dictionary<string, StoredArtifact>(StringComparer.Ordinal);
        foreach (var (name, (writer, path)) in open.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            writer.Publish();
            writer.Dispose();
            published[name] = store.PutFile(path, move: true);
        }
        open.Clear();
        return published;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (writer, path) in open.Values)
        {
            writer.Dispose();
            // The folder may be gone as well: a program can remove more than its own.
            if (File.Exists(path)) File.Delete(path);
        }
        open.Clear();
    }
}
