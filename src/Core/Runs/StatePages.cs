using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Runs;

/// <summary>
/// One state byte per item of a node, in pages; a page whose items all stand alike is one byte in all. Counts per state are kept as it
/// changes. Knows nothing of why an item stands where it stands.
/// </summary>
/// <remarks>Ten million idle items take 22 KB; ten million in wild disorder take 10 MB. Not safe for several threads.</remarks>
internal sealed class StatePages
{
    /// <summary>Items per page: a page of bytes stays below what an allocator calls large, and a node of 10^10 items has a small table.</summary>
    public const int PageItems = 4096;

    private sealed class Page
    {
        public readonly byte[] States = GC.AllocateUninitializedArray<byte>(PageItems);
        public readonly ushort[] Counts = new ushort[StateMask.States];
    }

    private readonly long[] totals = new long[StateMask.States];
    private Page?[] pages = [];
    private byte[] uniform = [];

    /// <summary>Number of items.</summary>
    public long Count { get; private set; }

    /// <summary>How many items stand there.</summary>
    public long this[ItemState state] => totals[(int)state];

    /// <summary>How many items stand in any of these states.</summary>
    public long Total(ushort mask)
    {
        long sum = 0;
        for (int state = 0; state < StateMask.States; state++)
        {
            if ((mask & (1 << state)) != 0) sum += totals[state];
        }
        return sum;
    }

    /// <summary>The state of one item, which must exist.</summary>
    public ItemState Of(long item)
    {
        if ((ulong)item >= (ulong)Count) throw new ArgumentOutOfRangeException(nameof(item), item, $"the node has {Count} items");
        var page = pages[item / PageItems];
        return (ItemState)(page is null ? uniform[item / PageItems] : page.States[item % PageItems]);
    }

    /// <summary>Adds items at the end.</summary>
    public void Extend(long newCount, ItemState state)
    {
        if (newCount <= Count) return;
        long old = Count;
        int pageCount = checked((int)((newCount + PageItems - 1) / PageItems));
        if (pageCount > pages.Length)
        {
            int size = Math.Max(pageCount, pages.Length * 2);
            Array.Resize(ref pages, size);
            Array.Resize(ref uniform, size);
        }
        int firstNew = (int)((old + PageItems - 1) / PageItems);
        uniform.AsSpan(firstNew, pageCount - firstNew).Fill((byte)state);
        totals[(int)state] += newCount - old;
        int last = (int)(old / PageItems), offset = (int)(old % PageItems);
        if (offset > 0 && (pages[last] is not null || uniform[last] != (byte)state))
        {
            var page = Open(last);
            int added = (int)Math.Min(newCount - old, PageItems - offset);
            page.States.AsSpan(offset, added).Fill((byte)state);
            page.Counts[(int)state] += (ushort)added;
        }
        Count = newCount;
    }

    /// <summary>Drops the items from <paramref name="newCount"/> on.</summary>
    public void Truncate(long newCount)
    {
        if (newCount >= Count) return;
        Set(new(newCount, Count), ItemState.Waiting);
        totals[(int)ItemState.Waiting] -= Count - newCount;
        int last = (int)(newCount / PageItems), offset = (int)(newCount % PageItems);
        if (offset > 0 && pages[last] is { } page) page.Counts[(int)ItemState.Waiting] -= (ushort)(Math.Min(Count - newCount, PageItems - offset));
        int firstGone = (int)((newCount + PageItems - 1) / PageItems);
        pages.AsSpan(firstGone).Clear();
        Count = newCount;
        if (offset > 0) Close(last);
    }

    /// <summary>Moves every item of the range, all of which must exist, to one state.</summary>
    public void Set(ItemRange range, ItemState state)
    {
        if (range.Start < 0 || range.End > Count) throw new ArgumentOutOfRangeException(nameof(range), range, $"the node has {Count} items");
        for (long at = range.Start; at < range.End;)
        {
            int index = (int)(at / PageItems), from = (int)(at % PageItems), length = Length(index);
            int to = (int)Math.Min(length, range.End - (long)index * PageItems);
            at = (long)index * PageItems + to;
            if (pages[index] is null && uniform[index] == (byte)state) continue;
            if (from == 0 && to == length)
            {
                if (pages[index] is { } old)
                {
                    for (int s = 0; s < StateMask.States; s++) totals[s] -= old.Counts[s];
                }
                else totals[uniform[index]] -= length;
                pages[index] = null;
                uniform[index] = (byte)state;
                totals[(int)state] += length;
                continue;
            }
            var page = Open(index);
            foreach (byte was in page.States.AsSpan(from, to - from))
            {
                page.Counts[was]--;
                totals[was]--;
            }
            page.States.AsSpan(from, to - from).Fill((byte)state);
            page.Counts[(int)state] += (ushort)(to - from);
            totals[(int)state] += to - from;
            Close(index);
        }
    }

    /// <summary>The first item of [from, to) in any of these states; <paramref name="to"/> when there is none. Indices beyond the last item are in no state.</summary>
    public long FirstIn(ushort mask, long from, long to)
    {
        long last = Math.Min(to, Count);
        while (from < last)
        {
            int index = (int)(from / PageItems);
            long start = (long)index * PageItems, end = Math.Min(start + PageItems, last);
            if (pages[index] is not { } page)
            {
                if ((mask & (1 << uniform[index])) != 0) return from;
            }
            else if (Any(page, mask))
            {
                int at = page.States.AsSpan((int)(from - start), (int)(end - from)).IndexOfAny(StateMask.Search(mask));
                if (at >= 0) return from + at;
            }
            from = end;
        }
        return to;
    }

    /// <summary>The first index of [from, to) in none of these states, which the first index without an item is; <paramref name="to"/> when all are.</summary>
    public long FirstNotIn(ushort mask, long from, long to)
        => FirstIn((ushort)(~mask & StateMask.Everything), from, Math.Min(to, Math.Max(from, Count)));

    /// <summary>The runs of equal state in a range, ascending.</summary>
    public IEnumerable<(ItemRange Items, ItemState State)> Runs(ItemRange range)
    {
        for (long at = range.Start; at < range.End;)
        {
            var state = Of(at);
            long end = FirstNotIn(StateMask.Of(state), at, range.End);
            yield return (new(at, end), state);
            at = end;
        }
    }

    private static bool Any(Page page, ushort mask)
    {
        for (int state = 0; state < StateMask.States; state++)
        {
            if ((mask & (1 << state)) != 0 && page.Counts[state] != 0) return true;
        }
        return false;
    }

    private int Length(int page) => (int)Math.Min(PageItems, Count - (long)page * PageItems);

    private Page Open(int index)
    {
        if (pages[index] is { } open) return open;
        var page = new Page();
        int length = Length(index);
        page.States.AsSpan(0, length).Fill(uniform[index]);
        page.Counts[uniform[index]] = (ushort)length;
        return pages[index] = page;
    }

    private void Close(int index)
    {
        if (pages[index] is not { } page) return;
        byte state = page.States[0];
        if (page.Counts[state] != Length(index)) return;
        pages[index] = null;
        uniform[index] = state;
    }
}
