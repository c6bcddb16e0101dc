using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Tests.Recipes;

/// <summary>The recipe of the design, compiled against a catalogue of fakes.</summary>
public sealed class DeformerRecipeTests
{
    private static readonly string Text = TestFiles.Read("Good/ml-deformer.yaml");

    [Fact]
    public void Recipe_of_the_design_compiles_to_the_plan_it_describes()
    {
        var program = Compiling.Program(Text);
        Assert.Equal("ml-deformer", program.Name);
        Assert.Equal(["capture", "poses", "simulate", "displacements", "basis", "dataset", "train", "analyze?", "analyze"], program.Plan.Nodes.Select(n => n.Name));
        Assert.Equal([1L, 256, 256, 256, 1, 1, 9, 1, null], program.Nodes.Select(n => n.ItemCount));

        var simulate = program.Find("simulate")!;
        Assert.Equal([new Dependency(new(1), "from", new Mapping.OneToOne()), new Dependency(new(0), "capture", new Mapping.All())], simulate.Dependencies);
        Assert.Equal(3, simulate.Policy.Retry.Attempts);
        Assert.Equal(600, simulate.Policy.TimeoutSeconds);
        Assert.Equal(12, simulate.Policy.AllowFailed.Of(256));
        Assert.IsType<ItemRule.FollowsInput>(simulate.Policy.Items);

        var dataset = program.Find("dataset")!;
        Assert.Equal(new Dependency(new(3), "collect", new Mapping.All(), AcceptsFailures: true), dataset.Dependencies[0]);
        Assert.Equal(("target.pca.basis", new NodeId(4)), (dataset.Dependencies[1].Name, dataset.Dependencies[1].Upstream));

        var analyze = program.Find("analyze")!;
        Assert.Equal(new ItemRule.FoundBy(analyze.Expander!.Id), analyze.Policy.Items);
        Assert.Equal(["from", "expander", "dataset", "basis", "capture"], analyze.Dependencies.Select(d => d.Name));
        Assert.True(analyze.Expander.Policy.IsExpander);
        Assert.Equal(["model", "report"], program.Outputs.Select(o => o.Name));
    }

    [Fact]
    public void Options_of_an_item_are_evaluated_with_defaults_and_node_markers()
    {
        var program = Compiling.Program(Text, ("shapes", "16"));
        var train = program.Find("train")!;
        var spec = program.Specify(train, 5, NoInputs.Instance);
        var options = FakeCatalogue.Instance.Find("ml_train_regression")!.Read<FakeCatalogue.Train>(spec.Options);
        Assert.Equal(2, options.HiddenLayers);
        Assert.Equal(1e-3, options.WeightDecay);
        Assert.Equal(20, options.EarlyStopping.Patience);
        Assert.Equal(FakeCatalogue.Activation.Gelu, options.Activation);
        Assert.Equal(new("dataset", 0), options.Dataset);
        Assert.Equal([256], options.Widths);

        var dataset = program.Find("dataset")!;
        Assert.True(dataset.HasConstantOptions);
        var data = dataset.Type!.Read<FakeCatalogue.Dataset>(program.Specify(dataset, 0, NoInputs.Instance).Options);
        Assert.Equal(0.8, data.Split.Train);
        var project = Assert.Single(data.Target.Steps);
        Assert.Equal("pca", project.Operator);
        var pca = FakeCatalogue.Instance.Find("pca")!.Read<FakeCatalogue.Pca>(project.Options);
        Assert.Equal((FakeCatalogue.PcaMode.Project, new("basis", 1)), (pca.Mode, pca.Basis));
        Assert.Equal(16, program.Find("basis")!.Type!.Read<FakeCatalogue.Pca>(program.Specify(program.Find("basis")!, 0, NoInputs.Instance).Options).Components);
        Assert.Equal(["ml_example_decompose", "rest_displacement", "ml_example"], program.Specify(program.Find("displacements")!, 7, NoInputs.Instance).Steps.Steps.Select(s => s.Operator));
    }

    [Fact]
    public void Frozen_recipe_thaws_to_the_same_plan_and_keys()
    {
        var program = Compiling.Program(Text, ("poses", "64"), ("character", "fox.glb"));
        byte[] bytes = FrozenRun.Freeze(program);
        Assert.Equal(bytes, FrozenRun.Freeze(Compiling.Program(Text, ("character", "fox.glb"), ("poses", "64"))));
        var thawed = FrozenRun.Thaw(bytes, FakeCatalogue.Instance);
        Assert.Equal(program.Plan.Nodes.Select(n => n.Name), thawed.Plan.Nodes.Select(n => n.Name));
        Assert.Equal(bytes, FrozenRun.Freeze(thawed));
        foreach (string name in new[] { "poses", "simulate", "dataset", "train" })
            Assert.Equal(PlannedInputs.Keys(program, default)(program.Find(name)!).At(0, 64), PlannedInputs.Keys(thawed, default)(thawed.Find(name)!).At(0, 64));
    }

    [Fact]
    public void Compiling_takes_less_than_fifty_milliseconds_when_warm()
    {
        for (int i = 0; i < 20; i++) Compiling.Program(Text);
        long best = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            Compiling.Program(Text);
            best = Math.Min(best, System.Diagnostics.Stopwatch.GetTimestamp() - start);
        }
        double ms = best * 1e3 / System.Diagnostics.Stopwatch.Frequency;
        TestContext.Current.TestOutputHelper!.WriteLine($"{ms:0.00} ms");
        Assert.InRange(ms, 0, 50);
    }
}
