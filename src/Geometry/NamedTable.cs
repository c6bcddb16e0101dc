using System.Collections;

namespace ExampleMlFarm.Geometry;

/// <summary>A small immutable map in ordinal order of the names; a changed copy shares all other values.</summary>
public sealed class NamedTable<T> : IReadOnlyList<KeyValuePair<string, T>> where T : class
{
    public static readonly NamedTable<T> Empty = new([]);
    private readonly KeyValuePair<string, T>[] _entries;

    private NamedTable(KeyValuePair<string, T>[] entries) => _entries = entries;

    public int Count => _entries.Length;

    public KeyValuePair<string, T> this[int index] => _entries[index];

    public IEnumerable<string> Names => _entries.Select(e => e.Key);

    public T? Find(string name)
    {
        var at = IndexOf(name);
        return at >= 0 ? _entries[at].Value : null;
    }

    public bool Contains(string name) => IndexOf(name) >= 0;

    internal NamedTable<T> With(string name, T value)
    {
        if (name.Length is 0 or > Limits.MaxNameLength)
            throw new ArgumentException($"A name has 1 to {Limits.MaxNameLength} characters, not {name.Length}.", nameof(name));
        var at = IndexOf(name);
        if (at >= 0)
        {
            var same = _entries.ToArray();
            same[at] = new(name, value);
            return new(same);
        }
        if (Count >= Limits.MaxTableEntries) throw new ArgumentException($"A geometry has at most {Limits.MaxTableEntries} names of one kind.", nameof(name));
        return new([.. _entries.AsSpan(0, ~at), new(name, value), .. _entries.AsSpan(~at)]);
    }

    internal NamedTable<T> Without(string name)
    {
        var at = IndexOf(name);
        return at < 0 ? this : new([.. _entries.AsSpan(0, at), .. _entries.AsSpan(at + 1)]);
    }

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => _entries.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _entries.GetEnumerator();

    private int IndexOf(string name)
    {
        int low = 0, high = _entries.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(_entries[middle].Key, name);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1; else high = middle - 1;
        }
        return ~low;
    }
}
