using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Sites;
using ExampleMlFarm.Workers.Logs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>The curves of one item: those of its newest attempt that has any.</summary>
internal sealed class ItemCurves(long item, int attempt)
{
    public long Item { get; } = item;
    public int Attempt { get; } = attempt;

    /// <summary>Points by name, in the order in which they were reported.</summary>
    public Dictionary<string, List<CurvePoint>> ByName { get; } = new(StringComparer.Ordinal);

    /// <summary>The greatest step of any curve; −1 when there is none.</summary>
    public long LastStep => ByName.Values.Where(p => p.Count > 0).Select(p => p[^1].Step).DefaultIfEmpty(-1).Max();
}

/// <summary>Training curves of a node's items, kept up to date from the logs: each look reads only what was written since.</summary>
internal sealed class CurveFeed(IFarmSite site, RunId run, string node)
{
    private readonly Dictionary<long, (ItemCurves Curves, string Path, long Offset, long Read)> items = [];

    /// <summary>Curves of every item that has some, by item.</summary>
    public IEnumerable<ItemCurves> Items => items.Values.Select(i => i.Curves).Where(c => c.ByName.Count > 0).OrderBy(c => c.Item);

    /// <summary>The curves of one item; null when it has none.</summary>
    public ItemCurves? Of(long item) => items.TryGetValue(item, out var known) && known.Curves.ByName.Count > 0 ? known.Curves : null;

    /// <summary>Reads what was written since. An attempt that goes on from a checkpoint repeats no step: what an earlier attempt told of later steps is dropped.</summary>
    public void Update()
    {
        foreach (var place in LogReader.All(site.LogsOf(run, node), run, node))
        {
            var known = items.GetValueOrDefault(place.Index.Item);
            if (known.Curves is null || known.Path != place.Path || known.Offset != place.Index.Offset)
            {
                if (known.Curves is not null && place.Index.Attempt < known.Curves.Attempt) continue;
                var fresh = new ItemCurves(place.Index.Item, place.Index.Attempt);
                if (known.Curves is not null)
                    foreach (var (name, points) in known.Curves.ByName) fresh.ByName[name] = points;
                known = (fresh, place.Path, place.Index.Offset, 0);
            }
            var lines = new List<LogLine>();
            long read = LogReader.Read(place, known.Read, lines);
            foreach (var line in lines)
                if (LogReader.Point(line) is { } point) Add(known.Curves, point);
            items[place.Index.Item] = known with { Read = read };
        }
    }

    private static void Add(ItemCurves curves, CurvePoint point)
    {
        // Values without a step are results, not points.
        if (point.Step < 0) return;
        if (!curves.ByName.TryGetValue(point.Name, out var points)) curves.ByName[point.Name] = points = [];
        while (points.Count > 0 && points[^1].Step >= point.Step) points.RemoveAt(points.Count - 1);
        points.Add(point);
    }
}
