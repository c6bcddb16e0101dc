namespace ExampleMlFarm.Core.Items;

/// <summary>The items Start, Start + 1, …, End − 1 of one node. Half open, so that ranges meet without overlap.</summary>
/// <param name="Start">First index, 0 or more.</param>
/// <param name="End">One past the last index; never below <paramref name="Start"/>.</param>
public readonly record struct ItemRange(long Start, long End)
{
    /// <summary>How many items.</summary>
    public long Count => End - Start;

    /// <summary>No items at all.</summary>
    public bool IsEmpty => End <= Start;

    /// <summary>One item.</summary>
    public static ItemRange One(long index) => new(index, index + 1);

    /// <summary>True when the index lies inside.</summary>
    public bool Contains(long index) => index >= Start && index < End;

    /// <summary>What both hold; empty (Start = End) when they do not meet.</summary>
    public ItemRange Intersect(ItemRange other)
    {
        long start = Math.Max(Start, other.Start), end = Math.Min(End, other.End);
        return end > start ? new(start, end) : new(start, start);
    }

    /// <summary><c>17</c> or <c>10-39</c>, both ends included, as addresses are typed.</summary>
    public override string ToString() => Count == 1 ? $"{Start}" : $"{Start}-{End - 1}";
}
