using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Geometry;

/// <summary>A subset of points, vertices or primitives. Knows neither its name nor its class.</summary>
/// <remarks>Immutable: ascending, distinct indices.</remarks>
public sealed class ElementGroup
{
    private readonly int[] _indices;
    private object? _hash;

    private ElementGroup(int[] indices) => _indices = indices;

    public static ElementGroup Of(IEnumerable<int> indices)
    {
        var sorted = indices.Distinct().Order().ToArray();
        if (sorted.Length > 0 && sorted[0] < 0)
            throw new ArgumentOutOfRangeException(nameof(indices), sorted[0], "A group index is not negative.");
        return new(sorted);
    }

    /// <summary>The first <paramref name="count"/> elements.</summary>
    public static ElementGroup All(int count) => new(Enumerable.Range(0, count).ToArray());

    /// <summary>Takes an ascending array over without a copy; false when it is not strictly ascending from 0 up.</summary>
    internal static bool TryAdopt(int[] ascending, out ElementGroup group)
    {
        group = new(ascending);
        var last = -1;
        foreach (var index in ascending)
        {
            if (index <= last) return false;
            last = index;
        }
        return true;
    }

    public int Count => _indices.Length;

    public ReadOnlySpan<int> Indices => _indices;

    /// <summary>The smallest element count this group fits into.</summary>
    public int Extent => _indices.Length == 0 ? 0 : _indices[^1] + 1;

    public bool Contains(int index) => Array.BinarySearch(_indices, index) >= 0;

    public ContentHash Hash
    {
        get
        {
            if (Volatile.Read(ref _hash) is ContentHash known) return known;
            using var hasher = new ContentHasher("group");
            hasher.Add<int>(_indices);
            var hash = hasher.Finish();
            Volatile.Write(ref _hash, hash);
            return hash;
        }
    }
}
