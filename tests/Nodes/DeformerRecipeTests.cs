using System.Text;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Geometry.Formats.Gltf;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Tests.Nodes.World;

namespace ExampleMlFarm.Tests.Nodes;

/// <summary>The shipped recipe, small, from end to end.</summary>
public sealed class DeformerRecipeTests(LimbRun limb)
{
    [Fact]
    public void The_shipped_recipe_cooks_and_the_deformer_beats_skinning_on_unseen_poses()
    {
        Assert.Null(limb.Run.FirstFailure);
        var analysis = limb.Run["analyze"].Single();
        Assert.True(analysis.Metric("gain") > 0.5, $"gain {analysis.Metric("gain")}");
        Assert.True(analysis.Metric("gain") < analysis.Metric("gain_floor"));
        Assert.True(analysis.Metric("gain_nearest") < analysis.Metric("gain_ridge"));
        Assert.Null(analysis.Result.BrokenChecks is { Count: > 0 } broken ? broken[0] : null);
    }

    [Fact]
    public void The_trial_that_is_analysed_is_the_one_with_the_lowest_validation_loss()
    {
        var losses = limb.Run["train"].Select(t => t.Metric("validation/loss")).ToList();
        long best = losses.IndexOf(losses.Min());
        Assert.Equal(new Core.Items.RangeSet(Core.Items.ItemRange.One(best)), limb.Run["analyze?"].Single().Result.Expansion!.Members!.Single());
    }

    [Fact]
    public void The_report_holds_curve_trials_floor_and_pictures_and_fetches_nothing()
    {
        string html = Encoding.UTF8.GetString(limb.Run.Bytes(limb.Run["analyze"].Single().Output("report.html")));
        foreach (string part in new[] { "PCA floor", "How many poses", "Trials", "train/0", "Pictures", "colour scale", "prefers-color-scheme:dark" }) Assert.Contains(part, html, StringComparison.Ordinal);
        // The legend, and rows of three; a pose that is chosen twice is shown once.
        int pictures = html.Split("data:image/png;base64,").Length - 1;
        Assert.True(pictures is 4 or 7 or 10, $"{pictures} pictures");
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html.Split("data:image/png").First(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_network_shades_stretches_and_fills_better_than_skinning_and_the_report_says_so()
    {
        var analysis = limb.Run["analyze"].Single();
        foreach (string metric in new[] { "normal_error_degrees", "edge_distortion", "volume_error" })
        {
            Assert.True(analysis.Metric(metric) > 0, metric);
            Assert.True(analysis.Metric(metric) < analysis.Metric($"{metric}_skinning"), $"{metric} {analysis.Metric(metric)} against {analysis.Metric($"{metric}_skinning")}");
        }
        string html = Encoding.UTF8.GetString(limb.Run.Bytes(analysis.Output("report.html")));
        foreach (string part in new[] { "normals, degrees", "volume %", "gain on unseen poses over components", "gain on unseen poses over hidden layers" }) Assert.Contains(part, html, StringComparison.Ordinal);
    }

    [Fact]
    public void Bundle_and_glb_open_again_and_belong_to_the_character()
    {
        var deformer = limb.Run["deformer"].Single();
        var bundle = DeformerBundleFile.Read(limb.Run.Bytes(deformer.Output("deformer.mldeform")), Limb.Create().Skeleton);
        Assert.Equal(Limb.Create().SkinHash(), bundle.SkinHash);
        Assert.Equal(8, bundle.Basis.ShapeCount);
        string file = limb.Run.Store.PathOf(deformer.Output("deformer.glb").Hash);
        var read = GltfReader.ReadCharacter(file);
        Assert.Equal(Limb.Create().PointCount, read.PointCount);
    }

    [Fact]
    public void The_data_set_is_the_same_to_the_byte_whatever_the_order_and_number_of_threads()
    {
        using var other = new RecipeRun(LimbRun.Recipe, LimbRun.Small) { Threads = 2, Order = n => Enumerable.Range(0, (int)n).Select(i => n - 1 - i) };
        other.Cook("dataset");
        Assert.Equal(limb.Run["dataset"].Single().Result.Outputs, other["dataset"].Single().Result.Outputs);
    }

    [Fact]
    public void A_training_that_is_killed_at_a_checkpoint_ends_with_the_same_weights()
    {
        var run = limb.Run;
        var whole = run["train"][0];
        run.Store.Checkpoints.Clear();
        run.Saving = (_, _, number) => { if (number == 5) throw new OperationCanceledException("killed"); };
        Assert.Throws<OperationCanceledException>(() => run.CookItem(run.Program.Find("train")!, 0));
        run.Saving = null;
        var resumed = run.CookItem(run.Program.Find("train")!, 0);
        Assert.Contains(resumed.Lines, l => l.Contains("goes on after epoch 4", StringComparison.Ordinal));
        foreach (string name in new[] { "weights.safetensors", "model.onnx" }) Assert.Equal(whole.Output(name), resumed.Output(name));
    }

    [Fact]
    public void What_a_manifest_says_of_its_components_is_enough_to_undo_them()
    {
        var manifest = DatasetManifest.FromJson(limb.Run.Bytes(limb.Run["dataset"].Single().Output("dataset.json")), "dataset.json");
        Assert.Equal(["input.pose_serialize", "target.pca_basis", "target.rest_displacement"], manifest.Metadata.Keys.Order(StringComparer.Ordinal));
    }
}
