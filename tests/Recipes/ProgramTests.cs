using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Tests.Recipes;

public sealed class ProgramTests
{
    [Fact]
    public void Where_over_rules_is_chosen_while_planning()
    {
        var program = Compiling.Program("recipe: 1\nnodes:\n  a: {generate: 6, attributes: {x: \"${{ (item.index * 5) % 7 }}\"}}\n  b: {from: {node: a, where: \"${{ item.x > 1 }}\", top: 2, by: x, goal: minimize}, uses: no_op, with: {number: \"${{ item.x }}\"}}\n");
        var mapping = Assert.IsType<Mapping.Groups>(program.Find("b")!.Dependencies[0].Mapping);
        Assert.Equal("2 5", string.Join(' ', mapping.Members));
        Assert.Equal(3.0, program.Specify(program.Find("b")!, 0, NoInputs.Instance).Options["number"]!.GetValue<double>());
        Assert.Null(program.Find("b?"));
    }

    [Fact]
    public void Top_over_a_metric_is_found_by_an_expander_with_the_best_first()
    {
        var program = Compiling.Program(TestFiles.Read("Good/ml-deformer.yaml").Replace("top: 1", "top: 2", StringComparison.Ordinal));
        ItemResult[] trained = [.. new[] { 0.3, 0.1, 0.2 }.Select((loss, i) => new ItemResult(ItemRange.One(i), ResultKind.Succeeded, Metrics: [new("validation/loss", loss)]))];
        var inputs = new LeaseInputs(program, default, Leases.Of(program, "analyze?", 0, 1, trained));
        var (expansion, _) = program.Expand(program.Find("analyze?")!, 0, inputs);
        Assert.Equal((2L, "1 2"), (expansion.Count, string.Join(' ', expansion.Members!)));
        trained[1] = trained[1] with { Metrics = [] };
        var failure = Assert.Throws<FarmException>(() => program.Expand(program.Find("analyze?")!, 0, new LeaseInputs(program, default, Leases.Of(program, "analyze?", 0, 1, trained)))).Failure;
        Assert.Equal("recipe.expression: \"by\" over train/1: the item reported no metric \"validation/loss\"", failure.ToString());
    }

    [Fact]
    public void Where_alone_judges_each_item_as_it_is_cooked()
    {
        var program = Compiling.Program("recipe: 1\nnodes:\n  a: {generate: 3, run: measure}\n  b: {from: {node: a, where: \"${{ metrics.error < 0.5 }}\"}, uses: no_op}\n");
        var expander = program.Find("b?")!;
        Assert.Equal([new Mapping.OneToOne()], expander.Dependencies.Select(d => d.Mapping));
        ItemResult[] cooked = [.. new[] { 0.3, 0.7, 0.2 }.Select((e, i) => new ItemResult(ItemRange.One(i), ResultKind.Succeeded, Metrics: [new("error", e)]))];
        var inputs = new LeaseInputs(program, default, Leases.Of(program, "b?", 0, 3, cooked));
        Assert.Equal([1L, 0, 1], Enumerable.Range(0, 3).Select(i => program.Expand(expander, i, inputs).Expansion.Count));
    }

    [Fact]
    public void Items_of_each_have_the_columns_of_their_expander_and_the_attributes_of_their_ancestors()
    {
        var program = Compiling.Program("""
            recipe: 1
            nodes:
              cases: {generate: 3, attributes: {r: "${{ item.index * 100 }}"}}
              cloud: {from: cases, uses: scatter}
              part: {each: cloud, attributes: {sum: "${{ item.number + item.r }}"}, uses: no_op, with: {number: "${{ item.sum }}"}}
              next: {from: part, uses: no_op, with: {number: "${{ item.sum + item.r }}"}}
            """);
        var part = program.Find("part")!;
        Assert.Equal(new ItemRule.FoundBy(program.Find("part?")!.Id), part.Policy.Items);
        ItemResult[] clouds = [new(new(0, 3), ResultKind.Succeeded, KeyBase: ContentHash.Of([1]), KeyIndex: 40)];
        // Parts 4, 5 and 6 of a run: the last two of cloud 1 (which has four) and the first of cloud 2.
        ItemResult[] found = [new(ItemRange.One(1), ResultKind.Succeeded, Attributes: """{"number":[1,2,3,4]}"""), new(ItemRange.One(2), ResultKind.Succeeded, Attributes: """{"number":[9]}""")];
        ItemResult[] reported = [.. new[] { 0, 1, 2 }.Select(i => new ItemResult(ItemRange.One(i), ResultKind.Succeeded, Attributes: $"{{\"r\":{i * 100}}}"))];
        var inputs = new LeaseInputs(program, default, Leases.Expanded(program, "part", 4, [1, 1, 2], [1, 1, 2], 2, [.. clouds.Concat([])], found));
        Assert.Equal([2L, 3, 0], Enumerable.Range(4, 3).Select(i => inputs.PositionInExpansion(i)));
        inputs = new LeaseInputs(program, default, Leases.Expanded(program, "part", 4, [1, 1, 2], [1, 1, 2], 2, reported, found));
        Assert.Equal([103.0, 104.0, 209.0], Enumerable.Range(4, 3).Select(i => program.Specify(part, i, inputs).Options["number"]!.GetValue<double>()));
        Assert.Equal("""{"number":3,"r":100,"sum":103}""", program.AttributesOf(part, 4, inputs).ToJson());

        var keys = new CookKeys(program, part, default, new LeaseInputs(program, default, Leases.Expanded(program, "part", 4, [1, 1, 2], [1, 1, 2], 2, reported, found)));
        Assert.Equal(3, Enumerable.Range(4, 3).Select(i => keys.At(i, i + 1)).Distinct().Count());

        var next = new LeaseInputs(program, default, Leases.Of(program, "next", 4, 5, [new ItemResult(ItemRange.One(4), ResultKind.Succeeded, Attributes: """{"number":3,"r":100,"sum":103}""")]));
        Assert.Equal(203.0, program.Specify(program.Find("next")!, 4, next).Options["number"]!.GetValue<double>());
    }

    [Fact]
    public void Frames_follow_one_another_and_start_anew_for_each_input()
    {
        var program = Compiling.Program("recipe: 1\nnodes:\n  cases: {generate: 2, uses: no_op}\n  sim: {from: cases, frames: {start: 10, end: 14, step: 2}, run: \"step ${{ item.frame }}\"}\n");
        var sim = program.Find("sim")!;
        Assert.Equal([new Mapping.Repeat(3), new Mapping.Previous(3)], sim.Dependencies.Select(d => d.Mapping));
        Assert.Equal((6L, (BatchRule)new BatchRule.Whole()), (sim.ItemCount!.Value, sim.Policy.Batch));
        Assert.Equal(["step 10", "step 12", "step 14", "step 10"], Enumerable.Range(0, 4).Select(i => program.Specify(sim, i, NoInputs.Instance).Command[0].Join(_ => "", _ => "", true)));
        var keys = PlannedInputs.Keys(program, default)(sim);
        Assert.Equal(3, keys.At(0, 6).Length);
        Assert.NotEqual(keys.At(0, 6).Base, keys.At(3, 6).Base);
    }

    [Theory]
    [InlineData("python3 tool.py --fast", "python3 <tool.py> --fast")]
    [InlineData("python3 ./tool.py && cat a.csv b.csv|sort >b.csv", "python3 <tool.py> && cat <a.csv> <b.csv>|sort >b.csv")]
    [InlineData("tool.py", "tool.py")]
    [InlineData("./tool.py x/tool.py tool.pyc -a.csv", "<tool.py> x/tool.py tool.pyc -a.csv")]
    [InlineData("cp a.csv out.csv; sort a.csv > a.csv", "cp <a.csv> out.csv; sort <a.csv> > a.csv")]
    [InlineData("run ${{ item.index }}.csv a${{ item.index }} a.csv", "run 3.csv a3 <a.csv>")]
    [InlineData("run --in=a.csv 'a.csv' ${{ file(\"b.csv\") }}", "run --in=a.csv 'a.csv' <b.csv>")]
    public void File_beside_the_recipe_that_a_command_names_is_frozen_with_it(string line, string shown)
    {
        var program = Compiling.Program($$"""
            recipe: 1
            nodes:
              a:
                generate: 4
                run: "{{line.Replace("\"", "\\\"", StringComparison.Ordinal)}}"
                out: { table: out.csv }
            """);
        var word = program.Specify(program.Find("a")!, 3, NoInputs.Instance).Command.Single();
        Assert.Equal(shown, word.Join(_ => "", file => $"<{Path.GetRelativePath("/recipes", file.Path)}>", false));
        Assert.Equal(word.Parts.Where(p => p.File is not null).Select(p => p.File!.Value.Path).Distinct().Order(), program.Source.Named.Keys.Where(k => shown.Contains($"<{Path.GetFileName(k)}>", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public void Words_of_a_list_name_files_too_and_paths_with_spaces_are_quoted_for_the_shell_alone()
    {
        var program = Compiling.Program("""
            recipe: 1
            nodes:
              a:
                run: [python3, tool.py, "a.csv b.csv", out.csv]
                out: { table: out.csv }
              b: { run: "cat ${{ file('a.csv') }} '${{ file('b.csv') }}'" }
            """);
        var words = program.Specify(program.Find("a")!, 0, NoInputs.Instance).Command;
        Assert.Equal(["python3", "<tool.py>", "a.csv b.csv", "out.csv"], words.Select(w => w.Join(_ => "", f => $"<{Path.GetFileName(f.Path)}>", false)));
        var line = program.Specify(program.Find("b")!, 0, NoInputs.Instance).Command.Single();
        Assert.Equal("cat '/my files/it'\\''s a.csv' '/my files/it's b.csv'", line.Join(_ => "", f => $"/my files/it's {Path.GetFileName(f.Path)}", true));
    }

    [Fact]
    public void Command_gets_its_words_files_and_environment()
    {
        var program = Compiling.Program("""
            recipe: 1
            nodes:
              model: {uses: no_op}
              render:
                generate: [{scene: a, passes: [1, 2]}, {scene: "it's", passes: []}]
                run: blender ${{ quote(item.scene) }} -m ${{ nodes.model }} -o ${{ out.image }}
                out: {image: "${{ item.scene }}.png"}
            """);
        var render = program.Find("render")!;
        var spec = program.Specify(render, 1, NoInputs.Instance);
        Assert.True(spec.IsShellLine);
        Assert.Equal("blender 'it'\\''s' -m /x/model -o it's.png", spec.Command[0].Join(node => $"/x/{node.Node}", _ => "", true));
        Assert.Equal(0, spec.Command[0].Parts.Single(p => p.Node is not null).Node!.Dependency);
        Assert.Equal(["it's.png"], spec.Outputs.Select(o => o.Path));
        Assert.Equal("""{"passes":[1,2],"scene":"a"}""", program.AttributesOf(render, 0, NoInputs.Instance).ToJson());
    }

    [Fact]
    public void Broken_checks_name_the_condition_and_the_numbers()
    {
        var program = Compiling.Program(TestFiles.Read("Good/ml-deformer.yaml"));
        var analyze = program.Find("analyze")!;
        Assert.Empty(program.BrokenChecks(analyze, 0, NoInputs.Instance, [new("gain", 0.9)]));
        Assert.Equal(["metrics.gain > 0.5 (gain = 0.25)"], program.BrokenChecks(analyze, 0, NoInputs.Instance, [new("gain", 0.25)]));
        Assert.Equal(["metrics.gain > 0.5: the item reported no metric \"gain\""], program.BrokenChecks(analyze, 0, NoInputs.Instance, []));
    }

    [Fact]
    public void Value_that_an_option_does_not_take_fails_the_item_that_has_it()
    {
        var program = Compiling.Program("recipe: 1\nnodes:\n  d: {uses: no_op}\n  t: {generate: 3, uses: ml_train_regression, with: {dataset: \"${{ nodes.d }}\", learning_rate: \"${{ 1 - item.index }}\"}}\n");
        Assert.Equal(1.0, program.Specify(program.Find("t")!, 0, NoInputs.Instance).Options["learning_rate"]!.GetValue<double>());
        var failure = Assert.Throws<FarmException>(() => program.Specify(program.Find("t")!, 1, NoInputs.Instance)).Failure;
        Assert.Equal((FailureClass.InvalidInput, "recipe.option: option \"learning_rate\" of t/1 (line 4): \"learning_rate\" is 0; allowed is above 0"), (failure.Class, failure.ToString()));
    }

    [Fact]
    public void Attributes_over_cooked_items_hand_results_on_and_over_nothing_are_never_cooked()
    {
        var program = Compiling.Program("recipe: 1\nnodes:\n  a: {generate: 2, attributes: {x: 1}}\n  b: {from: a, wedge: {parameters: {y: [1, 2]}}}\n  c: {from: b, uses: no_op}\n  d: {from: c, attributes: {z: 3}}\n  e: {from: d, uses: no_op}\n");
        Assert.Equal([NodeKind.Virtual, NodeKind.Virtual, NodeKind.Uses, NodeKind.PassThrough, NodeKind.Uses], program.Nodes.Select(n => n.Kind));
        Assert.Equal([true, true, false, false, false], program.Plan.Nodes.Select(n => n.IsVirtual));
        // A lease says nothing of virtual items; their keys follow from the recipe.
        var keys = new CookKeys(program, program.Find("c")!, default, new LeaseInputs(program, default, Leases.Of(program, "c", 0, 4, [])));
        Assert.Equal(PlannedInputs.Keys(program, default)(program.Find("c")!).At(2, 4), keys.At(2, 4));
    }

    [Fact]
    public void Constant_items_share_one_specification_and_cost_next_to_nothing()
    {
        var program = Compiling.Program("recipe: 1\nnodes:\n  a: {generate: 1000000, uses: no_op, with: {number: 3}}\n");
        var node = program.Nodes[0];
        Assert.Same(program.Specify(node, 0, NoInputs.Instance), program.Specify(node, 999_999, NoInputs.Instance));
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        for (int i = 0; i < 1_000_000; i++) program.Specify(node, i, NoInputs.Instance);
        double microseconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMicroseconds / 1e6;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
        TestContext.Current.TestOutputHelper!.WriteLine($"{microseconds * 1000:0.0} ns per item");
        Assert.InRange(microseconds, 0, 1);
    }

    [Fact]
    public void Frozen_bytes_that_are_damaged_or_of_another_version_are_refused()
    {
        byte[] bytes = FrozenRun.Freeze(Compiling.Program("recipe: 1\nnodes:\n  a: {uses: no_op}\n"));
        Assert.Equal("recipe.frozen", Assert.Throws<FarmException>(() => FrozenRun.Thaw(bytes.AsSpan(0, bytes.Length / 2), FakeCatalogue.Instance)).Failure.Code);
        Assert.Equal("recipe.frozen", Assert.Throws<FarmException>(() => FrozenRun.Thaw("{}"u8, FakeCatalogue.Instance)).Failure.Code);
        string other = System.Text.Encoding.UTF8.GetString(bytes).Replace("\"no_op\":1", "\"no_op\":2", StringComparison.Ordinal);
        Assert.Equal("recipe.version", Assert.Throws<FarmException>(() => FrozenRun.Thaw(System.Text.Encoding.UTF8.GetBytes(other), FakeCatalogue.Instance)).Failure.Code);
    }

    [Fact]
    public void Whole_floats_stay_floats_on_their_way_through_json()
    {
        foreach (var value in new Value[] { new Value.Float(2), new Value.Int(2), new Value.Float(1e-300), new Value.File("a"), new Value.List([new Value.Float(1), new Value.Bool(true)]) })
        {
            Assert.Equal(value, Value.FromJson(value.ToJson()));
            Assert.Equal(value, Value.FromJson(System.Text.Json.Nodes.JsonNode.Parse(CanonicalJson.Write(value.ToJson()))));
        }
    }
}
