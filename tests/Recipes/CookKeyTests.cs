using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Tests.Recipes;

public sealed class CookKeyTests
{
    private const string Sweep = """
        recipe: 1
        seed: 4
        params: {stiff: 2.0, file: {type: file, default: a.csv}}
        nodes:
          cases:
            generate: 100
            attributes: {stiffness: "uniform(1, 9)", note: "choice('a', 'b')", mass: "${{ item.stiffness * params.stiff }}"}
          solve:
            from: cases
            uses: no_op
            with: {number: "${{ 1 / item.mass }}", text: x}
          train:
            wedge:
              parameters: {depth: [1, 2], lr: {min: 0.1, max: 1, count: 2}}
            uses: no_op
            with: {number: "${{ item.lr * item.depth }}", text: "${{ stem(params.file) }}"}
          data: {collect: solve, uses: no_op}
          show: {run: "show ${{ params.file }} ${{ item.index }} ${{ nodes.data }}", from: train}
        """;

    private static Dictionary<string, KeyRun[]> Keys(string text, params (string, string)[] parameters) => Keys(Compiling.Program(text, parameters));

    private static Dictionary<string, KeyRun[]> Keys(RecipeProgram program)
    {
        var of = PlannedInputs.Keys(program, new RunId(1));
        return program.Nodes.ToDictionary(n => n.Name, n => Enumerable.Range(0, (int)n.ItemCount!.Value).Select(i => of(n).At(i, i + 1)).ToArray());
    }

    private static readonly Dictionary<string, KeyRun[]> Original = Keys(Sweep);

    /// <summary>Names of the nodes of which at least one of the first items has another key than before.</summary>
    private static string Changed(string text) => string.Join(' ', Keys(text).Where(k => k.Value.Zip(Original[k.Key]).Any(p => p.First != p.Second)).Select(k => k.Key));

    [Theory]
    [InlineData("seed: 4", "# a comment\nname: other\nseed: 4")]
    [InlineData("uses: no_op\n    with: {number: \"${{ 1 / item.mass }}\", text: x}", "resources: {cpu: 3}\n    batch: 7\n    retry: 3\n    pool: big\n    with: {text: 'x', number: \"${{ 1/item['mass'] }}\"}\n    uses: no_op")]
    [InlineData("{stiffness: \"uniform(1, 9)\", note: \"choice('a', 'b')\", mass: \"${{ item.stiffness * params.stiff }}\"}", "{mass: \"${{ item.stiffness * params.stiff }}\", stiffness: \"uniform(1, 9)\"}")]
    [InlineData("stiff: 2.0", "stiff: {type: float, default: 2, help: more}")]
    public void What_cannot_change_a_result_keeps_every_key(string old, string replacement)
    {
        Assert.Contains(old, Sweep, StringComparison.Ordinal);
        Assert.Equal("", Changed(Sweep.Replace(old, replacement, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("params.stiff }}\"}\n", "params.stiff + 0 }}\"}\n", "solve data show")]
    [InlineData("uniform(1, 9)", "uniform(1, 8)", "solve data show")]
    [InlineData("seed: 4", "seed: 5", "solve data show")]
    [InlineData("1 / item.mass", "0.5 / item.mass", "solve data show")]
    [InlineData("text: x", "text: y", "solve data show")]
    [InlineData("stiff: 2.0", "stiff: 3.0", "solve data show")]
    [InlineData("default: a.csv", "default: b.csv", "train show")]
    [InlineData("item.lr * item.depth", "item.lr + item.depth", "train show")]
    [InlineData("run: \"show ", "run: \"print ", "show")]
    [InlineData("choice('a', 'b')", "choice('a', 'c')", "")]
    [InlineData("generate: 100", "generate: 101", "data show")]
    public void Change_reaches_exactly_what_depends_on_it(string old, string replacement, string reached)
    {
        Assert.Contains(old, Sweep, StringComparison.Ordinal);
        Assert.Equal(reached, Changed(Sweep.Replace(old, replacement, StringComparison.Ordinal)));
    }

    [Fact]
    public void Renaming_a_parameter_or_an_upstream_node_without_draws_keeps_keys()
    {
        var renamed = Keys(Sweep.Replace("params.stiff", "params.k", StringComparison.Ordinal).Replace("stiff: 2.0", "k: 2.0", StringComparison.Ordinal).Replace("solve", "simulate", StringComparison.Ordinal));
        Assert.Equal(Original["solve"], renamed["simulate"]);
        Assert.Equal(Original["show"], renamed["show"]);
    }

    [Fact]
    public void New_values_of_a_wedge_keep_the_keys_of_old_legs()
    {
        var before = Original["train"].ToHashSet();
        var after = Keys(Sweep.Replace("depth: [1, 2]", "depth: [3, 1, 2]", StringComparison.Ordinal))["train"];
        Assert.Equal(6, after.Distinct().Count());
        Assert.Equal(4, after.Count(before.Contains));
    }

    [Fact]
    public void Changed_file_changes_the_key_and_its_path_does_not()
    {
        static KeyRun Key(string path, string content)
        {
            var files = new FakeFiles((path, content));
            var program = RecipeCompiler.Compile("recipe: 1\nparams: {f: {type: file}}\nnodes:\n  a: {uses: table_import, with: {file: \"${{ params.f }}\"}}\n  b: {run: [cat, \"${{ params.f }}\"]}\n",
                "r.yaml", new Dictionary<string, string> { ["f"] = path }, FakeCatalogue.Instance, files).Program!;
            return PlannedInputs.Keys(program, default)(program.Nodes[0]).At(0, 1) with { Index = PlannedInputs.Keys(program, default)(program.Nodes[1]).At(0, 1).Base.GetHashCode() };
        }
        Assert.Equal(Key("x.csv", "1"), Key("y/z.csv", "1"));
        Assert.NotEqual(Key("x.csv", "1"), Key("x.csv", "2"));
    }

    [Fact]
    public void File_that_follows_from_the_item_counts_with_its_content()
    {
        const string text = "recipe: 1\nnodes:\n  a: {generate: [a, b], uses: table_import, with: {file: \"${{ item.value }}.csv\"}}\n";
        static KeyRun[] Keys(string second)
        {
            var result = RecipeCompiler.Compile(text, "r.yaml", new Dictionary<string, string>(), FakeCatalogue.Instance, new FakeFiles(("a.csv", "1"), ("b.csv", second)));
            var program = FrozenRun.Thaw(FrozenRun.Freeze(result.Program!), FakeCatalogue.Instance);
            return [.. Enumerable.Range(0, 2).Select(i => PlannedInputs.Keys(program, default)(program.Nodes[0]).At(i, i + 1))];
        }
        Assert.Equal(Keys("2")[0], Keys("3")[0]);
        Assert.NotEqual(Keys("2")[1], Keys("3")[1]);
    }

    [Fact]
    public void Option_outside_the_key_and_defaults_written_out_change_nothing()
    {
        static KeyRun Key(string with)
        {
            var program = Compiling.Program($"recipe: 1\nnodes:\n  c: {{uses: scatter}}\n  s: {{generate: 1, uses: scatter}}\n  d: {{from: s, uses: armature_deform, with: {{capture: \"${{{{ nodes.c }}}}\"{with}}}}}\n");
            return PlannedInputs.Keys(program, default)(program.Find("d")!).At(0, 1);
        }
        Assert.Equal(Key(""), Key(", threads: 8, steps: 10"));
        Assert.NotEqual(Key(""), Key(", steps: 11"));
    }

    [Fact]
    public void Cache_write_gives_the_node_and_what_follows_keys_of_this_run()
    {
        var program = Compiling.Program(Sweep.Replace("text: x}", "text: x}\n    cache: write", StringComparison.Ordinal));
        KeyRun Key(string node, long run) => PlannedInputs.Keys(program, new RunId(run))(program.Find(node)!).At(0, 1);
        Assert.NotEqual(Key("solve", 1), Key("solve", 2));
        Assert.NotEqual(Key("data", 1), Key("data", 2));
        Assert.Equal(Key("train", 1), Key("train", 2));
        Assert.Equal(Key("solve", 1), Key("solve", 1));
    }

    [Fact]
    public void Million_items_of_a_chain_are_one_run_of_keys()
    {
        var program = Compiling.Program("recipe: 1\nnodes:\n  a: {generate: 1000000, attributes: {x: \"uniform(0, 1)\"}}\n  b: {from: a, uses: no_op, with: {number: \"${{ item.x }}\"}}\n  c: {from: b, uses: no_op}\n  d: {collect: c, uses: no_op}\n");
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        var of = PlannedInputs.Keys(program, default);
        Assert.Equal(1_000_000, of(program.Find("c")!).At(0, 1_000_000).Length);
        Assert.Equal((999_000L, 1000L), (of(program.Find("c")!).At(999_000, 1_000_000).Index, of(program.Find("c")!).At(999_000, 1_000_000).Length));
        of(program.Find("d")!).At(0, 1);
        double ms = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        TestContext.Current.TestOutputHelper!.WriteLine($"{ms:0.00} ms");
        Assert.InRange(ms, 0, 200);
    }

    [Fact]
    public void Members_that_failed_change_the_key_of_a_collect()
    {
        var program = Compiling.Program("recipe: 1\nnodes:\n  a: {generate: 10, uses: no_op}\n  b: {collect: a, uses: no_op}\n");
        KeyRun Key(params ItemRange[] good) => new CookKeys(program, program.Find("b")!, default, new LeaseInputs(program, default, Leases.Of(program, "b", 0, 1, Leases.Results(program, "a", good)))).At(0, 1);
        var all = Key(new ItemRange(0, 10));
        Assert.Equal(PlannedInputs.Keys(program, default)(program.Find("b")!).At(0, 1), all);
        Assert.Equal(all, Key(new ItemRange(0, 3), new ItemRange(3, 10)));
        Assert.NotEqual(all, Key(new ItemRange(0, 3), new ItemRange(4, 10)));
    }

    [Fact]
    public void Index_or_draw_over_legs_is_told_by_value()
    {
        static KeyRun[] Of(string values) => Keys($"recipe: 1\nnodes:\n  w: {{wedge: {{parameters: {{a: {values}}}}}, attributes: {{x: \"uniform(0, 1)\"}}}}\n  s: {{from: w, uses: no_op, with: {{number: \"${{{{ item.x }}}}\"}}}}\n  t: {{from: w, uses: no_op}}\n")["s"];
        // The draw belongs to the index, so a leg that moves to another index is another item.
        Assert.Empty(Of("[1, 2]").Intersect(Of("[0, 1, 2]")));
        Assert.Equal(2, Of("[1, 2]").Intersect(Of("[1, 2, 3]")).Count());
    }
}
