using System.Collections;

namespace ExampleMlFarm.Core.Items;

/// <summary>
/// A set of item indices as sorted, disjoint, non-touching ranges: its size follows the number of gaps, not of items.
/// </summary>
/// <remarks>
/// Mutable; not safe for several threads. Look-ups are O(log ranges); adding at the end and removing from the front are
/// O(1) amortised, elsewhere O(ranges) in a block move.
/// </remarks>
public sealed class RangeSet : IReadOnlyList<ItemRange>, IEquatable<RangeSet>
{
    private ItemRange[] ranges;
    private int first, count;
    private long items;

    /// <summary>The empty set.</summary>
    public RangeSet() => ranges = [];

    /// <summary>A set of one range (empty when the range is).</summary>
    public RangeSet(ItemRange range) : this() => Add(range);

    /// <summary>A copy.</summary>
    public RangeSet(RangeSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ranges = other.AsSpan().ToArray();
        count = ranges.Length;
        items = other.items;
    }

    /// <summary>The ranges, ascending.</summary>
    public ReadOnlySpan<ItemRange> AsSpan() => ranges.AsSpan(first, count);

    /// <summary>Number of ranges.</summary>
    public int Count => count;

    /// <summary>Number of items in all ranges.</summary>
    public long ItemCount => items;

    /// <summary>True when no item is in it.</summary>
    public bool IsEmpty => count == 0;

    /// <inheritdoc/>
    public ItemRange this[int index] => (uint)index < (uint)count ? ranges[first + index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Adds every index of the range; those already present stay.</summary>
    public void Add(ItemRange range)
    {
        if (range.IsEmpty) return;
        int from = FirstEndingAtOrAfter(range.Start), to = from;
        long start = range.Start, end = range.End;
        for (; to < count && ranges[first + to].Start <= range.End; to++)
        {
            start = Math.Min(start, ranges[first + to].Start);
            end = Math.Max(end, ranges[first + to].End);
            items -= ranges[first + to].Count;
        }
        Replace(from, to - from, [new(start, end)]);
        items += end - start;
    }

    /// <summary>Adds every index of the other set.</summary>
    public void Add(RangeSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var range in other.AsSpan()) Add(range);
    }

    /// <summary>Removes every index of the range; absent ones are no error.</summary>
    public void Remove(ItemRange range)
    {
        if (range.IsEmpty || count == 0) return;
        int from = FirstEndingAfter(range.Start), to = from;
        Span<ItemRange> left = stackalloc ItemRange[2];
        int kept = 0;
        for (; to < count && ranges[first + to].Start < range.End; to++)
        {
            var r = ranges[first + to];
            items -= r.Intersect(range).Count;
            if (r.Start < range.Start) left[kept++] = new(r.Start, range.Start);
            if (r.End > range.End) left[kept++] = new(range.End, r.End);
        }
        Replace(from, to - from, left[..kept]);
    }

    /// <summary>Removes every index of the other set.</summary>
    public void Remove(RangeSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var range in other.AsSpan()) Remove(range);
    }

    /// <summary>True when the index is in the set.</summary>
    public bool Contains(long index)
    {
        int i = FirstEndingAfter(index);
        return i < count && ranges[first + i].Start <= index;
    }

    /// <summary>True when every index of the range is in the set (an empty range always is).</summary>
    public bool Contains(ItemRange range)
    {
        if (range.IsEmpty) return true;
        int i = FirstEndingAfter(range.Start);
        return i < count && ranges[first + i].Start <= range.Start && ranges[first + i].End >= range.End;
    }

    /// <summary>How many indices of the range are in the set.</summary>
    public long CountIn(ItemRange range)
    {
        long sum = 0;
        for (int i = FirstEndingAfter(range.Start); i < count && ranges[first + i].Start < range.End; i++)
            sum += ranges[first + i].Intersect(range).Count;
        return sum;
    }

    /// <summary>The part of the set that lies in the range, as ranges ascending.</summary>
    public RangeSet Intersect(ItemRange range)
    {
        var result = new RangeSet();
        for (int i = FirstEndingAfter(range.Start); i < count && ranges[first + i].Start < range.End; i++)
            result.Add(ranges[first + i].Intersect(range));
        return result;
    }

    /// <summary>What both sets hold.</summary>
    public RangeSet Intersect(RangeSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var result = new RangeSet();
        foreach (var range in other.AsSpan()) result.Add(Intersect(range));
        return result;
    }

    /// <summary>The indices of the range that are not in the set.</summary>
    public RangeSet Missing(ItemRange range)
    {
        var result = new RangeSet(range);
        result.Remove(this.Intersect(range));
        return result;
    }

    /// <summary>Takes up to <paramref name="most"/> items off the front, all from the first range, so that they are contiguous.</summary>
    public ItemRange TakeFirst(long most)
    {
        if (count == 0 || most <= 0) return default;
        var r = ranges[first];
        var taken = new ItemRange(r.Start, Math.Min(r.End, r.Start + most));
        Remove(taken);
        return taken;
    }

    /// <inheritdoc/>
    public bool Equals(RangeSet? other) => other is not null && AsSpan().SequenceEqual(other.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RangeSet);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(count, items);

    /// <inheritdoc/>
    public IEnumerator<ItemRange> GetEnumerator()
    {
        for (int i = 0; i < count; i++) yield return ranges[first + i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary><c>0-36,40,52-63</c>, ends included.</summary>
    public override string ToString() => string.Join(',', this);

    private int FirstEndingAfter(long index)
    {
        int low = 0, high = count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (ranges[first + middle].End <= index) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    // Touching ranges merge, so an added range also meets the one that ends exactly where it starts.
    private int FirstEndingAtOrAfter(long index) => index == long.MinValue ? 0 : FirstEndingAfter(index - 1);

    private void Replace(int at, int removed, ReadOnlySpan<ItemRange> inserted)
    {
        int grow = inserted.Length - removed;
        if (at == 0 && grow <= 0)
        {
            // The front moves instead of the rest: leases eat a ready set from its start.
            first -= grow;
        }
        else if (grow != 0)
        {
            if (first + count + grow > ranges.Length)
            {
                var larger = new ItemRange[Math.Max(4, (count + grow) * 2)];
                AsSpan().CopyTo(larger);
                ranges = larger;
                first = 0;
            }
            Array.Copy(ranges, first + at + removed, ranges, first + at + inserted.Length, count - at - removed);
        }
        count += grow;
        inserted.CopyTo(ranges.AsSpan(first + at));
        if (count == 0) first = 0;
    }
}
