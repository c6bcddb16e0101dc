using System.Collections.Concurrent;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Segments;

namespace ExampleMlFarm.Workers.Cooking;

/// <summary>
/// What this process has opened and decoded of inputs, for the items that follow: segment readers, and whatever cooks asked to remember. The least
/// recently used go first.
/// </summary>
/// <remarks>Safe for several threads; the same input is decoded once although two slots ask at the same time.</remarks>
public sealed class InputCache : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<(ContentHash, long, Type), Entry> remembered = [];
    private readonly Dictionary<ContentHash, ReaderEntry> readers = [];
    private long clock;

    /// <summary>The remembered form of an input, decoded now if it is not there.</summary>
    public T Remember<T>(ContentHash content, long row, Func<T> decode) where T : class
    {
        Entry? entry;
        lock (gate)
        {
            if (!remembered.TryGetValue((content, row, typeof(T)), out entry))
            {
                if (remembered.Count >= Limits.RememberedInputs)
                    remembered.Remove(remembered.MinBy(e => e.Value.LastUse).Key);
                remembered[(content, row, typeof(T))] = entry = new();
            }
            entry.LastUse = ++clock;
        }
        lock (entry)
        {
            // Decoding may fail; the next one to ask then tries again.
            return (T)(entry.Value ??= decode());
        }
    }

    /// <summary>A row of a segment whose file lies at <paramref name="path"/>.</summary>
    public GeometryData ReadRow(ContentHash segment, Func<string> path, long row)
    {
        var entry = Acquire(segment, path);
        try { return entry.Reader.Row(checked((int)row)); }
        finally { Release(entry); }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var entry in readers.Values) entry.Reader.Dispose();
        readers.Clear();
    }

    private ReaderEntry Acquire(ContentHash segment, Func<string> path)
    {
        lock (gate)
        {
            if (!readers.TryGetValue(segment, out var entry))
            {
                if (readers.Count >= Limits.RememberedInputs && readers.Where(r => r.Value.Users == 0).MinBy(r => r.Value.LastUse) is { Value: not null } oldest)
                {
                    readers.Remove(oldest.Key);
                    oldest.Value.Reader.Dispose();
                }
                readers[segment] = entry = new(SegmentReader.Open(path()));
            }
            entry.Users++;
            entry.LastUse = ++clock;
            return entry;
        }
    }

    private void Release(ReaderEntry entry)
    {
        lock (gate) entry.Users--;
    }

    private sealed class Entry
    {
        public object? Value;
        public long LastUse;
    }

    private sealed class ReaderEntry(SegmentReader reader)
    {
        public SegmentReader Reader { get; } = reader;
        public int Users;
        public long LastUse;
    }
}
