using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Tests.Nodes.World;

namespace ExampleMlFarm.Tests.Nodes;

/// <summary>What a data set says of what is not in it, and of where it comes from.</summary>
public sealed class DatasetNodeTests
{
    private const string Pairs = """
        recipe: 1
        params: { n: 6, low: -1.0 }
        nodes:
          limits: { uses: configure_joint_limits, with: { character: "builtin:limb" } }
          poses: { generate: "${{ params.n }}", uses: ml_pose_generate, with: { limits: "${{ nodes.limits }}", seed: 3 } }
          pairs: { from: poses, uses: ml_example, allow_failed: 100% }
          dataset: { collect: pairs, uses: ml_example_raw_output, with: { seed: 2 } }
          train: { uses: ml_train_regression, with: { dataset: "${{ nodes.dataset }}", max_epochs: 3 } }

        """;

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0 1")]
    [InlineData("2 3")]
    [InlineData("4 5")]
    [InlineData("0 2 5")]
    [InlineData("1 2 3 4 5")]
    [InlineData("0 1 2 3 4")]
    [InlineData("0 1 3 4 5")]
    public void Every_item_that_failed_is_listed_wherever_it_stands(string failed)
    {
        var indices = failed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse).ToList();
        using var run = Made();
        foreach (long index in indices) run.Fail("pairs", index);
        var item = run.Cook("dataset")["dataset"].Single();
        var manifest = Manifest(run);
        Assert.Equal(indices, manifest.Failed.Select(m => m.Example));
        Assert.Equal(indices.Select(i => $"pairs/{i} failed or was skipped"), manifest.Failed.Select(m => m.Reason));
        Assert.Empty(manifest.Excluded);
        Assert.Equal((6.0 - indices.Count, (double)indices.Count), (item.Metric("rows"), item.Metric("missing")));
    }

    [Fact]
    public void All_failed_is_an_error_that_says_how_examples_are_made()
    {
        using var run = Made();
        for (int i = 0; i < 6; i++) run.Fail("pairs", i);
        Assert.Equal("dataset.empty", run.Cook("dataset")["dataset"].Single().Failure!.Code);
    }

    [Fact]
    public void A_block_lists_what_failed_in_it_and_not_what_it_does_not_read()
    {
        using var run = Made(Pairs.Replace("collect: pairs", "collect: { node: pairs, size: 3 }", StringComparison.Ordinal).Replace("  train:", "  #", StringComparison.Ordinal));
        run.Fail("pairs", 5);
        var items = run.Cook("dataset")["dataset"];
        Assert.Equal([0, 1], items.Select(i => i.Metric("missing")));
        Assert.Equal([3, 2], items.Select(i => i.Metric("rows")));
    }

    [Fact]
    public void Another_tail_of_failures_is_another_cook_key()
    {
        // Otherwise the cache would hand out a data set that lists other failures.
        Core.Items.ContentHash Key(params long[] failed)
        {
            using var run = Made();
            foreach (long index in failed) run.Fail("pairs", index);
            return run.KeyOf("dataset", 0);
        }
        Assert.Equal(5, new[] { Key(), Key(5), Key(4, 5), Key(0), Key(0, 5) }.Distinct().Count());
        Assert.Equal(Key(4, 5), Key(4, 5));
    }

    [Fact]
    public void Recipe_hash_names_what_made_the_rows_and_nothing_else()
    {
        string original = Hash(Pairs);
        Assert.Equal(64, original.Length);
        Assert.Equal(original, Hash(Pairs));
        // Downstream, names, order, comments, policies and counts leave it.
        Assert.Equal(original, Hash(Pairs.Replace("max_epochs: 3", "max_epochs: 9", StringComparison.Ordinal)));
        Assert.Equal(original, Hash(Pairs.Replace("poses", "postures", StringComparison.Ordinal)));
        Assert.Equal(original, Hash(Pairs.Replace("seed: 2 }", "seed: 2, shard_rows: 0 }", StringComparison.Ordinal) + "# a comment\n"));
        Assert.Equal(original, Hash(Pairs.Replace("allow_failed: 100%", "allow_failed: 2, retry: 2", StringComparison.Ordinal)));
        Assert.Equal(original, Hash(Pairs.Replace("n: 6", "n: 7", StringComparison.Ordinal)));
        Assert.Equal(original, Hash(Pairs.Replace("uses: ml_pose_generate", "cache: write, uses: ml_pose_generate", StringComparison.Ordinal)));
        // Options and seeds of what is read do not.
        string[] others = [Hash(Pairs.Replace("seed: 2 }", "seed: 5 }", StringComparison.Ordinal)), Hash(Pairs.Replace("seed: 3", "seed: 4", StringComparison.Ordinal)),
            Hash(Pairs.Replace("\"builtin:limb\"", "\"builtin:limb\", margin: 5", StringComparison.Ordinal))];
        Assert.Equal(4, others.Append(original).Distinct().Count());
    }

    [Fact]
    public void Data_set_stays_the_same_to_the_byte_when_only_the_training_changes()
    {
        using var one = Made();
        using var other = Made(Pairs.Replace("max_epochs: 3", "max_epochs: 4", StringComparison.Ordinal));
        Assert.Equal(one.Cook("dataset")["dataset"].Single().Result.Outputs, other.Cook("dataset")["dataset"].Single().Result.Outputs);
        Assert.Equal(one.KeyOf("dataset", 0), other.KeyOf("dataset", 0));
    }

    private static string Hash(string recipe)
    {
        using var run = Made(recipe);
        run.Cook("dataset");
        return Manifest(run).RecipeHash;
    }

    private static DatasetManifest Manifest(RecipeRun run) => DatasetManifest.FromJson(run.Bytes(run["dataset"].Single().Output("dataset.json")), "dataset.json");

    /// <summary>Cooked up to the pairs, each a small point cloud with its number in it.</summary>
    private static RecipeRun Made(string recipe = Pairs)
    {
        var run = new RecipeRun(recipe);
        run.Cook("pairs");
        for (int i = 0; i < run["pairs"].Count; i++)
        {
            int number = i;
            run.Replace("pairs", i, _ => Example.Labeled(Cloud(number), Cloud(2 * number)).Geometry);
        }
        return run;
    }

    private static GeometryData Cloud(float value) => GeometryData.PointCloud(new float[6]).With(AttributeClass.Point, "x", AttributeValues.Of([value, value + 1]));
}
