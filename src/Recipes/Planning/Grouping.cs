using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>
/// The partitioners of <c>collect</c>: first <c>range</c> and <c>keep</c> choose members, then <c>by</c> separates them by value (groups in the order in
/// which a value first appears), then <c>size</c>, <c>count</c> or <c>combinations</c> cut each of these.
/// </summary>
internal static class Grouping
{
    public static CollectedGroups Group(CollectRule rule, RangeSet members, Func<long, string, Value?> attributeOf, string upstream)
    {
        var taken = Take(rule, members);
        var groups = new List<RangeSet>();
        var values = new List<IReadOnlyList<Value>>();
        foreach (var (part, value) in Separate(rule, taken, attributeOf, upstream))
        {
            foreach (var group in Cut(rule, part))
            {
                if (groups.Count == Limits.Groups) throw FarmException.Invalid("recipe.groups", $"collect of {upstream} makes more than {Limits.Groups} groups; choose larger ones, or keep fewer combinations");
                groups.Add(group);
                values.Add(value);
            }
        }
        return new(groups, values);
    }

    private static RangeSet Take(CollectRule rule, RangeSet members)
    {
        var taken = rule.First == 0 && rule.Last < 0 ? members : members.Intersect(new ItemRange(rule.First, rule.Last < 0 ? long.MaxValue : rule.Last + 1));
        if (rule.Keep >= 1 || rule.Combinations > 0) return taken;
        var kept = new RangeSet();
        var random = CounterRandom.Keyed(rule.Seed, "collect", 0, "keep");
        foreach (var range in taken)
            for (long i = range.Start; i < range.End; i++)
                if (random.At(i).Uniform(0) < rule.Keep) kept.Add(ItemRange.One(i));
        return kept;
    }

    private static List<(RangeSet Part, IReadOnlyList<Value> Value)> Separate(CollectRule rule, RangeSet taken, Func<long, string, Value?> attributeOf, string upstream)
    {
        if (rule.By is not { Count: > 0 } by) return [(taken, [])];
        var parts = new List<(RangeSet Part, IReadOnlyList<Value> Value)>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var range in taken)
        {
            for (long i = range.Start; i < range.End; i++)
            {
                var value = new Value[by.Count];
                var text = new StringBuilder();
                for (int k = 0; k < by.Count; k++)
                {
                    value[k] = attributeOf(i, by[k]) ?? throw FarmException.Invalid("recipe.attribute", $"{upstream}/{i} has no attribute \"{by[k]}\", by which it is collected");
                    ExpressionPrinter.WriteValue(text.Append(k > 0 ? "," : ""), value[k]);
                }
                if (!known.TryGetValue(text.ToString(), out int at))
                {
                    known[text.ToString()] = at = parts.Count;
                    parts.Add((new RangeSet(), value));
                }
                parts[at].Part.Add(ItemRange.One(i));
            }
        }
        return parts;
    }

    private static IEnumerable<RangeSet> Cut(CollectRule rule, RangeSet part)
    {
        if (rule.Combinations > 0) return Combine(rule, part);
        if (rule.Size > 0) return Blocks(part, rule.Size, rule.Size - rule.Overlap);
        return rule.Count > 0 ? Even(part, rule.Count) : part.IsEmpty ? [] : [part];
    }

    // The last block is short; a block that would only repeat the end of the one before is not made.
    private static IEnumerable<RangeSet> Blocks(RangeSet part, long size, long step)
    {
        for (long start = 0; start < part.ItemCount; start += step)
        {
            yield return Slice(part, start, Math.Min(start + size, part.ItemCount));
            if (start + size >= part.ItemCount) yield break;
        }
    }

    // As even as can be; the first groups get the remainder. Never an empty group.
    private static IEnumerable<RangeSet> Even(RangeSet part, long count)
    {
        count = Math.Min(count, part.ItemCount);
        long start = 0;
        for (long g = 0; g < count; g++)
        {
            long length = part.ItemCount / count + (g < part.ItemCount % count ? 1 : 0);
            yield return Slice(part, start, start + length);
            start += length;
        }
    }

    private static IEnumerable<RangeSet> Combine(CollectRule rule, RangeSet part)
    {
        int k = rule.Combinations;
        if (part.ItemCount < k || part.ItemCount > int.MaxValue) yield break;
        long[] items = [.. part.SelectMany(r => Enumerable.Range(0, (int)r.Count).Select(i => r.Start + i))];
        int[] chosen = [.. Enumerable.Range(0, k)];
        var random = CounterRandom.Keyed(rule.Seed, "collect", 0, "combinations");
        for (long number = 0; ; number++)
        {
            if (number > 100L * Limits.Groups) throw FarmException.Invalid("recipe.groups", $"there are more than {100L * Limits.Groups} combinations of {k} out of {part.ItemCount}");
            if (rule.Keep >= 1 || random.At(number).Uniform(0) < rule.Keep)
            {
                var group = new RangeSet();
                foreach (int c in chosen) group.Add(ItemRange.One(items[c]));
                yield return group;
            }
            int at = k - 1;
            while (at >= 0 && chosen[at] == items.Length - k + at) at--;
            if (at < 0) yield break;
            chosen[at]++;
            for (int i = at + 1; i < k; i++) chosen[i] = chosen[i - 1] + 1;
        }
    }

    /// <summary>Members number <paramref name="start"/> … <paramref name="end"/> − 1 of a set, counted along it.</summary>
    private static RangeSet Slice(RangeSet part, long start, long end)
    {
        var slice = new RangeSet();
        long before = 0;
        foreach (var range in part)
        {
            long from = Math.Max(start - before, 0), to = Math.Min(end - before, range.Count);
            if (from < to) slice.Add(new ItemRange(range.Start + from, range.Start + to));
            before += range.Count;
            if (before >= end) break;
        }
        return slice;
    }
}
