using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Workers.Disk;

namespace ExampleMlFarm.Workers.Reporting;

/// <summary>Cook keys of a run of items: item Items.Start + i has (<paramref name="KeyBase"/>, <paramref name="KeyIndex"/> + i).</summary>
public readonly record struct KeyRun(ItemRange Items, ContentHash KeyBase, long KeyIndex);

/// <summary>
/// Collects what became of the items of one lease and puts alike neighbours together: a thousand no-ops make one result, and cost no
/// allocation each. Gives out results only after the segments they point into are published.
/// </summary>
/// <remarks>Not safe for several threads; the lease's lock guards it.</remarks>
public sealed class LeaseResults : IDisposable
{
    private readonly LeaseSegments segments;
    private readonly IReadOnlyList<KeyRun> keys;
    private readonly List<Entry> closed = [];
    private Entry? open;
    private int keyRun;

    /// <summary>Results of a lease whose items have these keys, ascending; items outside have none.</summary>
    public LeaseResults(LeaseSegments segments, IReadOnlyList<KeyRun> keys)
    {
        this.segments = segments;
        this.keys = keys;
    }

    /// <summary>Hears that outputs found no room on the disk.</summary>
    public Action? ShortOfSpace { get; init; }

    /// <summary>True when items that had been cooked went back.</summary>
    public bool WasAbandoned { get; private set; }

    /// <summary>True when something waits to be reported.</summary>
    public bool HasAny => open is not null || closed.Count > 0;

    /// <summary>Bytes of geometry that wait to be published.</summary>
    public long SegmentBytes => segments.SizeBytes;

    /// <summary>An item was cooked.</summary>
    public void Succeeded(long item, double seconds, ItemOutputs outputs, IReadOnlyList<string>? brokenChecks)
    {
        var key = KeyOf(item);
        bool plain = outputs.IsPlain && brokenChecks is null;
        if (plain && open is { } last && last.Takes(ResultKind.Succeeded, item, key, outputs.Geometry.Count))
        {
            // Rows of one segment follow each other as long as every item appends one row to each; a segment is only
            // closed by Take, which closes the entry too.
            for (int i = 0; i < outputs.Geometry.Count; i++)
                if (last.Rows![i].Name != outputs.Geometry[i].Key) plain = false;
            if (plain)
            {
                foreach (var (name, geometry) in outputs.Geometry) segments.Append(name, item, geometry);
                last.End = item + 1;
                last.Seconds += seconds;
                return;
            }
        }
        Close();
        open = new(ResultKind.Succeeded, item, seconds, key)
        {
            Rows = outputs.Geometry.Count == 0 ? null : [.. outputs.Geometry.Select(g => (g.Key, segments.Append(g.Key, item, g.Value)))],
        };
        if (outputs.IsPlain && brokenChecks is null) return;
        open.Files = outputs.Files.Count == 0 ? null : [.. outputs.Files];
        open.Metrics = outputs.Metrics.Count == 0 ? null : [.. outputs.Metrics];
        open.Expansion = outputs.Expansion;
        open.Attributes = outputs.AttributesJson;
        open.BrokenChecks = brokenChecks;
        Close();
    }

    /// <summary>An item failed. What it reported about itself up to there is kept.</summary>
    public void Failed(long item, double seconds, Failure failure, IReadOnlyList<Metric> metrics)
    {
        Close();
        open = new(ResultKind.Failed, item, seconds, KeyOf(item)) { Failure = failure, Metrics = metrics.Count == 0 ? null : [.. metrics] };
        Close();
    }

    /// <summary>None of these items can be cooked.</summary>
    public void FailedAll(ItemRange items, Failure failure)
    {
        Close();
        open = new(ResultKind.Failed, items.Start, 0, default) { End = items.End, Failure = failure };
        Close();
    }

    /// <summary>An item was not cooked, or stopped on request.</summary>
    public void Returned(ItemRange items)
    {
        if (items.IsEmpty) return;
        Close();
        open = new(ResultKind.Returned, items.Start, 0, default) { End = items.End };
        Close();
    }

    /// <summary>Earlier results were found for these items.</summary>
    public void Cached(ItemResult result)
    {
        Close();
        open = new(ResultKind.Cached, result.Items.Start, 0, default) { End = result.Items.End, Found = result with { Kind = ResultKind.Cached } };
        Close();
    }

    /// <summary>Publishes the segments and hands out what has been collected, in item order.</summary>
    public IReadOnlyList<ItemResult> Take()
    {
        Close();
        if (closed.Count == 0) return [];
        IReadOnlyDictionary<string, Artifacts.StoredArtifact> published;
        try { published = segments.Publish(); }
        catch (Exception e) when (FullDisk.IsCauseOf(e))
        {
            Abandon();
            ShortOfSpace?.Invoke();
            published = new Dictionary<string, Artifacts.StoredArtifact>();
        }
        catch (Exception e) when (e is FarmException or IOException or UnauthorizedAccessException) { return NotPublished(e); }
        var results = new List<ItemResult>(closed.Count);
        foreach (var entry in closed)
        {
            if (entry.Found is not null)
            {
                results.Add(entry.Found);
                continue;
            }
            List<OutputRef>? outputs = null;
            if (entry.Rows is not null)
                outputs = [.. entry.Rows.Select(r => new OutputRef("geometry", r.Name, published[r.Name].Hash, published[r.Name].SizeBytes, r.Row))];
            if (entry.Files is not null) (outputs ??= []).AddRange(entry.Files);
            results.Add(new(new(entry.Start, entry.End), entry.Kind, entry.Seconds, outputs, entry.Key.Base, entry.Key.Index,
                entry.Metrics, entry.Expansion, entry.Failure, entry.BrokenChecks, entry.Attributes));
        }
        closed.Clear();
        // Earlier results are known before the first item is cooked; runs expect the order of items.
        results.Sort((a, b) => a.Items.Start.CompareTo(b.Items.Start));
        return results;
    }

    /// <summary>
    /// Gives up the segments that are open: items with rows in them go back, as if they had not been cooked. For a disk that is full, which is no item's
    /// fault, and after which nobody knows how much of a segment was written.
    /// </summary>
    public void Abandon()
    {
        Close();
        WasAbandoned = true;
        for (int i = 0; i < closed.Count; i++)
            if (closed[i] is { Rows: not null } entry) closed[i] = new(ResultKind.Returned, entry.Start, 0, default) { End = entry.End };
        segments.Dispose();
    }

    /// <summary>The disk does not take the outputs: the items were cooked for nothing, and say so.</summary>
    private List<ItemResult> NotPublished(Exception cause)
    {
        var failure = new Failure(FailureClass.Transient, "item.not_published", $"the outputs could not be stored: {cause.Message}", cause.ToString());
        var results = closed.Select(e => e.Found ?? new ItemResult(new(e.Start, e.End), e.Kind == ResultKind.Succeeded ? ResultKind.Failed : e.Kind, e.Seconds,
            Failure: e.Kind == ResultKind.Returned ? null : e.Failure ?? failure)).OrderBy(r => r.Items.Start).ToList();
        closed.Clear();
        segments.Dispose();
        return results;
    }

    /// <inheritdoc/>
    public void Dispose() => segments.Dispose();

    private void Close()
    {
        if (open is null) return;
        closed.Add(open);
        open = null;
    }

    // Items mostly come in order, so the run of keys is where the last one was.
    private (ContentHash Base, long Index) KeyOf(long item)
    {
        if (keys.Count == 0) return default;
        if (keyRun >= keys.Count || item < keys[keyRun].Items.Start) keyRun = 0;
        while (keyRun < keys.Count && keys[keyRun].Items.End <= item) keyRun++;
        return keyRun < keys.Count && keys[keyRun].Items.Contains(item)
            ? (keys[keyRun].KeyBase, keys[keyRun].KeyIndex + item - keys[keyRun].Items.Start) : default;
    }

    private sealed class Entry(ResultKind kind, long start, double seconds, (ContentHash Base, long Index) key)
    {
        public ResultKind Kind { get; } = kind;
        public long Start { get; } = start;
        public long End { get; set; } = start + 1;
        public double Seconds { get; set; } = seconds;
        public (ContentHash Base, long Index) Key { get; } = key;
        public (string Name, long Row)[]? Rows { get; init; }
        public IReadOnlyList<OutputRef>? Files { get; set; }
        public IReadOnlyList<Metric>? Metrics { get; set; }
        public Expansion? Expansion { get; set; }
        public Failure? Failure { get; init; }
        public IReadOnlyList<string>? BrokenChecks { get; set; }
        public string? Attributes { get; set; }
        public ItemResult? Found { get; init; }

        public bool Takes(ResultKind kind, long item, (ContentHash Base, long Index) key, int rows) =>
            Kind == kind && End == item && (Rows?.Length ?? 0) == rows && Key.Base == key.Base
            && (key.Base == default || key.Index == Key.Index + (item - Start));
    }
}
