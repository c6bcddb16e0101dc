using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>Earlier results, by cook key.</summary>
public interface ICookCache
{
    /// <summary>What is known of a run of keys: results whose items count from the start of the run (item 0 has the run's own index), ascending, without overlap.</summary>
    IReadOnlyList<ItemResult> Find(KeyRun run);

    /// <summary>The key parts of the node of that name when it was last cooked; null when it never was.</summary>
    KeyParts? LatestParts(string node);
}

/// <summary>One line of a plan.</summary>
/// <param name="Node">The node.</param>
/// <param name="Items">Its items; null when only a cook can tell.</param>
/// <param name="Cached">Items that the cache holds.</param>
/// <param name="ToRun">Items that will be cooked, as far as they are known.</param>
/// <param name="Missing">Which these are.</param>
/// <param name="Why">The reason, for people.</param>
/// <param name="SecondsEach">What a cached item took to cook; null when nothing is known.</param>
public sealed record PlanLine(NodeProgram Node, long? Items, long Cached, long ToRun, RangeSet Missing, string Why, double? SecondsEach);

/// <summary>What a run would cook, and why.</summary>
/// <param name="Lines">A line per node that people wrote.</param>
public sealed record PlanReport(IReadOnlyList<PlanLine> Lines)
{
    /// <summary>Items of all nodes that are cooked, as far as they are known.</summary>
    public long Items => Lines.Sum(l => l.Node.Kind == NodeKind.Virtual ? 0 : l.Items ?? 0);

    /// <summary>Items that will be cooked.</summary>
    public long ToRun => Lines.Sum(l => l.ToRun);

    /// <summary>Items that the cache holds.</summary>
    public long Cached => Lines.Sum(l => l.Cached);

    /// <summary>Looks every key up that follows from the recipe. Costs as many look-ups as there are runs of keys.</summary>
    public static PlanReport Create(RecipeProgram program, ICookCache cache)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(cache);
        var keysOf = PlannedInputs.Keys(program, default);
        var lines = new Dictionary<NodeProgram, PlanLine>();
        foreach (var node in program.Nodes)
            if (node.Kind != NodeKind.Expander) lines[node] = LineOf(program, node, cache, keysOf, lines);
        return new([.. lines.Values]);
    }

    private static PlanLine LineOf(RecipeProgram program, NodeProgram node, ICookCache cache, Func<NodeProgram, CookKeys> keysOf, Dictionary<NodeProgram, PlanLine> lines)
    {
        var missing = new RangeSet();
        if (node.Kind == NodeKind.Virtual) return new(node, node.ItemCount, 0, 0, missing, "attributes only, no work", null);
        if (!program.KeysArePlanned(node))
        {
            string waits = node.Expander is not null ? $"count known once {node.Source.Parent!.Name} is cooked" : $"known once {Unplanned(program, node)} is cooked";
            if (node.ItemCount is { } known) missing.Add(new ItemRange(0, known));
            return new(node, node.ItemCount, 0, node.ItemCount ?? 0, missing, waits, null);
        }
        long items = node.ItemCount!.Value, cached = 0;
        double seconds = 0;
        var keys = keysOf(node);
        bool lookUp = node.Cache is CacheMode.Automatic or CacheMode.Read;
        for (long i = 0; i < items;)
        {
            var run = keys.At(i, items);
            long covered = 0;
            foreach (var result in lookUp ? cache.Find(run) : [])
            {
                var part = result.Items.Intersect(new ItemRange(0, run.Length));
                if (part.IsEmpty || result.Kind is not (ResultKind.Succeeded or ResultKind.Cached)) continue;
                missing.Add(new ItemRange(i + covered, i + Math.Max(covered, part.Start)));
                covered = part.End;
                cached += part.Count;
                seconds += result.Seconds * part.Count / result.Items.Count;
            }
            missing.Add(new ItemRange(i + covered, i + Math.Max(covered, run.Length)));
            i += run.Length;
        }
        return new(node, items, cached, missing.ItemCount, missing, Why(program, node, cache, missing, items, cached, lines), cached == 0 ? null : seconds / cached);
    }

    private static string Unplanned(RecipeProgram program, NodeProgram node)
        => node.Dependencies.Where(d => !d.OrderOnly && d.Upstream != node.Id).Select(d => program[d.Upstream]).FirstOrDefault(n => !program.KeysArePlanned(n))?.Name ?? node.Name;

    private static string Why(RecipeProgram program, NodeProgram node, ICookCache cache, RangeSet missing, long items, long cached, Dictionary<NodeProgram, PlanLine> lines)
    {
        if (missing.IsEmpty) return items == 0 ? "no items" : "all cached";
        if (node.Cache is CacheMode.Write or CacheMode.Ignore) return $"cache: {node.Cache.ToString().ToLowerInvariant()}";
        if (node.Cache == CacheMode.Read) return $"cache: read, but {missing} are not there";
        var earlier = cache.LatestParts(node.Name);
        var changes = earlier is null ? [] : KeyParts.Difference(earlier, CookKeys.PartsOf(program, node));
        if (changes.Count > 0) return $"changed: {string.Join("; ", changes.Take(3))}{(changes.Count > 3 ? $"; and {changes.Count - 3} more" : "")}";
        foreach (var dependency in node.Dependencies)
        {
            if (dependency.OrderOnly || dependency.Upstream == node.Id) continue;
            var upstream = program[dependency.Upstream];
            if (earlier is not null && lines.TryGetValue(upstream, out var line) && line.ToRun > 0) return line.Cached > 0 ? $"input {upstream.Name} has new items" : $"input {upstream.Name} is cooked again";
        }
        return cached > 0 || earlier is not null ? $"new items {Short(missing)}" : "never cooked";
    }

    private static string Short(RangeSet missing)
    {
        var first = missing.Take(4).Select(r => r.ToString());
        return missing.Count <= 4 ? string.Join(",", first) : $"{string.Join(",", first)} and {missing.Count - 4} more ranges";
    }
}
