using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Tests.Recipes;

public sealed class PlanReportTests
{
    /// <summary>A cache that holds every key it was told.</summary>
    private sealed class MemoryCache : ICookCache
    {
        private readonly HashSet<(ContentHash, long)> keys = [];
        private readonly Dictionary<string, KeyParts> parts = [];

        public void Cook(RecipeProgram program)
        {
            var of = PlannedInputs.Keys(program, default);
            foreach (var node in program.Nodes.Where(program.KeysArePlanned))
            {
                parts[node.Name] = CookKeys.PartsOf(program, node);
                for (long i = 0; i < node.ItemCount; i++) keys.Add((of(node).At(i, i + 1).Base, of(node).At(i, i + 1).Index));
            }
        }

        public IReadOnlyList<ItemResult> Find(KeyRun run)
            => [.. Enumerable.Range(0, (int)run.Length).Where(i => keys.Contains((run.Base, run.Index + i))).Select(i => new ItemResult(ItemRange.One(i), ResultKind.Succeeded, 2.0, KeyBase: run.Base, KeyIndex: run.Index + i))];

        public KeyParts? LatestParts(string node) => parts.GetValueOrDefault(node);
    }

    private const string Cloth = "recipe: 1\nparams: {count: 384, k: 1}\nnodes:\n  cases: {generate: \"${{ params.count }}\", attributes: {s: \"uniform(1, 2)\"}}\n  simulate: {from: cases, uses: no_op, with: {number: \"${{ params.k / item.s }}\"}}\n  dataset: {collect: simulate, uses: no_op}\n";

    private static string[] Lines(PlanReport report) => [.. report.Lines.Select(l => $"{l.Node.Name} {l.Items} {l.Cached} {l.ToRun} {l.Why}")];

    [Fact]
    public void New_items_are_cooked_and_old_ones_come_from_the_cache()
    {
        var cache = new MemoryCache();
        var first = Compiling.Program(Cloth);
        Assert.Equal(["cases 384 0 0 attributes only, no work", "simulate 384 0 384 never cooked", "dataset 1 0 1 never cooked"], Lines(PlanReport.Create(first, cache)));
        cache.Cook(first);
        Assert.Equal(["cases 384 0 0 attributes only, no work", "simulate 384 384 0 all cached", "dataset 1 1 0 all cached"], Lines(PlanReport.Create(first, cache)));
        var report = PlanReport.Create(Compiling.Program(Cloth, ("count", "512")), cache);
        Assert.Equal(["cases 512 0 0 attributes only, no work", "simulate 512 384 128 new items 384-511", "dataset 1 0 1 input simulate has new items"], Lines(report));
        Assert.Equal((513L, 129L, 384L, 2.0), (report.Items, report.ToRun, report.Cached, report.Lines[1].SecondsEach));
    }

    [Fact]
    public void Changed_option_is_named_with_its_old_and_new_text()
    {
        var cache = new MemoryCache();
        cache.Cook(Compiling.Program(Cloth));
        var report = PlanReport.Create(Compiling.Program(Cloth, ("k", "3")), cache);
        Assert.Equal("simulate 384 0 384 changed: with.number  1 / item.s → 3 / item.s", Lines(report)[1]);
        Assert.Equal("dataset 1 0 1 input simulate is cooked again", Lines(report)[2]);
    }

    [Theory]
    [InlineData("with.number", 5, 47)]
    [InlineData("with.text", 5, 40)]
    [InlineData("node type", 5, 27)]
    [InlineData("language", 5, 3)]
    public void Part_of_a_key_is_found_in_the_recipe(string part, int line, int column)
        => Assert.Equal((line, column), ExampleMlFarm.Recipes.Checking.PartPlaces.Find(Cloth, "simulate", part) is var mark ? (mark.Line, mark.Column) : default);

    [Fact]
    public void What_only_a_cook_can_tell_is_said_so()
    {
        var lines = Lines(PlanReport.Create(Compiling.Program(TestFiles.Read("Good/ml-deformer.yaml")), new MemoryCache()));
        Assert.Equal("analyze  0 0 count known once train is cooked", lines[^1]);
    }
}
