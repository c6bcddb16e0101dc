using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Tests.Recipes;

/// <summary>Leases as a run would grant them.</summary>
internal static class Leases
{
    /// <summary>Results of those items with the keys that the plan foresees.</summary>
    public static ItemResult[] Results(RecipeProgram program, string node, params ItemRange[] ranges)
    {
        var keys = PlannedInputs.Keys(program, default)(program.Find(node)!);
        return [.. ranges.Select(r => keys.At(r.Start, r.End) is var key ? new ItemResult(r, ResultKind.Succeeded, KeyBase: key.Base, KeyIndex: key.Index) : null!)];
    }

    /// <summary>A lease whose dependencies have these results, in order; members follow from the mapping.</summary>
    public static Lease Of(RecipeProgram program, string node, long start, long end, params ItemResult[][] results)
        => new(new(1), program.Find(node)!.Id, new(start, end), [], [.. results.Select((r, d) => new LeaseInput(d, null, r))]);

    /// <summary>A lease of a node that was expanded: members of each item given.</summary>
    public static Lease Expanded(RecipeProgram program, string node, long start, long[] upstream, long[] expander, long firstPosition, ItemResult[] upstreamResults, ItemResult[] expanderResults)
        => new(new(1), program.Find(node)!.Id, new(start, start + upstream.Length), [],
        [
            new(0, [.. upstream.Select(i => new RangeSet(ItemRange.One(i)))], upstreamResults),
            new(1, [.. expander.Select(i => new RangeSet(ItemRange.One(i)))], expanderResults, firstPosition),
        ]);
}
