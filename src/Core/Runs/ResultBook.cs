using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Runs;

/// <summary>
/// The results of a node's done items as ranges, ascending and disjoint. Neighbours that say the same are one, so the size follows leases
/// or fewer. Knows no states.
/// </summary>
/// <remarks>Chunks of at most <see cref="ChunkResults"/> results: finding is O(log), adding anywhere moves one chunk at most.</remarks>
internal sealed class ResultBook
{
    private const int ChunkResults = 512;

    private readonly List<List<ItemResult>> chunks = [];

    /// <summary>Number of ranges.</summary>
    public int Count { get; private set; }

    /// <summary>Items whose <c>require:</c> lines did not all hold.</summary>
    public int BrokenCheckItems { get; private set; }

    /// <summary>Puts in a result for items that have none.</summary>
    public void Add(ItemResult result)
    {
        var (chunk, at) = FirstEndingAfter(result.Items.Start);
        if (chunk < chunks.Count && chunks[chunk][at].Items.Start < result.Items.End)
            throw new InvalidOperationException($"items {result.Items} already have a result: {chunks[chunk][at].Items}");
        bool joinsNext = chunk < chunks.Count && Continues(result, chunks[chunk][at]);
        if (Before(chunk, at) is { } previous && Continues(previous.Result, result))
        {
            var joined = Join(previous.Result, result);
            chunks[previous.Chunk][previous.At] = joinsNext ? Join(joined, chunks[chunk][at]) : joined;
            if (joinsNext) RemoveAt(chunk, at);
        }
        else if (joinsNext) chunks[chunk][at] = Join(result, chunks[chunk][at]);
        else InsertAt(chunk, at, result);
    }

    /// <summary>Takes out whatever is said of these items.</summary>
    public void Remove(ItemRange items)
    {
        if (items.IsEmpty) return;
        while (true)
        {
            var (chunk, at) = FirstEndingAfter(items.Start);
            if (chunk >= chunks.Count || chunks[chunk][at].Items.Start >= items.End) return;
            var result = chunks[chunk][at];
            RemoveAt(chunk, at);
            // Put back in what lies outside; both pieces are out of the way of the next look.
            if (result.Items.Start < items.Start) Add(result.Slice(new(result.Items.Start, items.Start)));
            if (result.Items.End > items.End) Add(result.Slice(new(items.End, result.Items.End)));
        }
    }

    /// <summary>What is said of one item; null when nothing is.</summary>
    public ItemResult? Of(long item)
    {
        var (chunk, at) = FirstEndingAfter(item);
        return chunk < chunks.Count && chunks[chunk][at].Items.Start <= item ? chunks[chunk][at].Slice(ItemRange.One(item)) : null;
    }

    /// <summary>What is said of these items, cut at their edges.</summary>
    public IEnumerable<ItemResult> In(ItemRange items)
    {
        var (chunk, at) = FirstEndingAfter(items.Start);
        for (; chunk < chunks.Count; chunk++, at = 0)
        {
            for (; at < chunks[chunk].Count; at++)
            {
                var result = chunks[chunk][at];
                if (result.Items.Start >= items.End) yield break;
                yield return result.Slice(result.Items.Intersect(items));
            }
        }
    }

    private static bool Continues(ItemResult a, ItemResult b)
    {
        if (a.Items.End != b.Items.Start || a.Kind != b.Kind || a.KeyBase != b.KeyBase || !IsPlain(a) || !IsPlain(b)) return false;
        if (a.KeyBase != default && b.KeyIndex != a.KeyIndex + a.Items.Count) return false;
        int outputs = a.Outputs?.Count ?? 0;
        if (outputs != (b.Outputs?.Count ?? 0)) return false;
        for (int i = 0; i < outputs; i++)
        {
            if (a.Outputs![i].Row < 0 || a.Outputs[i].Skip(a.Items.Count) != b.Outputs![i]) return false;
        }
        return true;
    }

    // What only single items carry keeps them apart.
    private static bool IsPlain(ItemResult r)
        => r.Metrics is null or [] && r.BrokenChecks is null or [] && r.Expansion is null && r.Failure is null && r.Attributes is null;

    private static ItemResult Join(ItemResult a, ItemResult b)
        => a with { Items = new(a.Items.Start, b.Items.End), Seconds = a.Seconds + b.Seconds };

    private (int Chunk, int At) FirstEndingAfter(long item)
    {
        int low = 0, high = chunks.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (chunks[middle][^1].Items.End <= item) low = middle + 1;
            else high = middle;
        }
        if (low == chunks.Count) return (low, 0);
        var chunk = chunks[low];
        int from = 0, to = chunk.Count;
        while (from < to)
        {
            int middle = (from + to) >>> 1;
            if (chunk[middle].Items.End <= item) from = middle + 1;
            else to = middle;
        }
        return (low, from);
    }

    private (ItemResult Result, int Chunk, int At)? Before(int chunk, int at)
    {
        if (at > 0) return (chunks[chunk][at - 1], chunk, at - 1);
        return chunk > 0 ? (chunks[chunk - 1][^1], chunk - 1, chunks[chunk - 1].Count - 1) : null;
    }

    private void InsertAt(int chunk, int at, ItemResult result)
    {
        Count++;
        if (result.BrokenChecks is { Count: > 0 }) BrokenCheckItems++;
        if (chunk == chunks.Count)
        {
            if (chunk == 0 || chunks[chunk - 1].Count >= ChunkResults) chunks.Add([]);
            else chunk--;
            chunks[chunk].Add(result);
            return;
        }
        var list = chunks[chunk];
        list.Insert(at, result);
        if (list.Count <= ChunkResults) return;
        chunks.Insert(chunk + 1, list.GetRange(ChunkResults / 2, list.Count - ChunkResults / 2));
        list.RemoveRange(ChunkResults / 2, list.Count - ChunkResults / 2);
    }

    private void RemoveAt(int chunk, int at)
    {
        Count--;
        if (chunks[chunk][at].BrokenChecks is { Count: > 0 }) BrokenCheckItems--;
        chunks[chunk].RemoveAt(at);
        if (chunks[chunk].Count == 0) chunks.RemoveAt(chunk);
    }
}
