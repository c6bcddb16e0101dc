using System.Numerics;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Learning.Pca;
using ExampleMlFarm.Tests.Nodes.World;

namespace ExampleMlFarm.Tests.Nodes;

/// <summary>Samples of any make go to weights and come back; wrecked ones stay out.</summary>
public sealed class PcaNodeTests
{
    private const int Items = 12;

    [Fact]
    public void Scalars_and_vectors_come_back_under_their_own_names()
    {
        using var run = Run("", "", i => Cloud(i, 4));
        for (int i = 0; i < Items; i++)
        {
            var (before, after) = (Cloud(i, 4), run.Store.Geometry(run["back"][i].Output("geometry")));
            Assert.Equal(4, after.PointCount);
            foreach (var (name, tuple) in new[] { ("a", 1), ("d", 3), ("q", 4) }) Same(before, after, name, tuple);
        }
    }

    [Fact]
    public void Volumes_come_back_as_volumes_with_their_resolution()
    {
        using var run = Run("", "", i => GeometryData.OfVolume(Density(i)));
        for (int i = 0; i < Items; i++)
        {
            var volume = run.Store.Geometry(run["back"][i].Output("geometry")).FindVolume("density")!;
            Assert.Equal((3, 2, 2), volume.Resolution);
            var expected = Density(i).Voxels.Float32.ToArray();
            for (int v = 0; v < expected.Length; v++) Assert.Equal(expected[v], volume.Voxels.Float32[v], 1e-5f);
        }
    }

    [Fact]
    public void Points_and_volumes_together_come_back_together()
    {
        using var run = Run("", "", i => GeometryMerge.Merge([Cloud(i, 3), GeometryData.OfVolume(Density(i))]));
        var after = run.Store.Geometry(run["back"][5].Output("geometry"));
        Same(Cloud(5, 3), after, "q", 4);
        Assert.Equal(Density(5).Voxels.Float32[7], after.FindVolume("density")!.Voxels.Float32[7], 1e-5f);
    }

    [Fact]
    public void Stride_cuts_points_into_samples_of_which_each_gets_its_weights()
    {
        using var cut = Run("stride: 2, ", "stride: 2, ", i => Cloud(i, 6));
        Assert.Contains(cut["basis"].Single().Lines, l => l.StartsWith($"{3 * Items} samples of {2 * 8} numbers", StringComparison.Ordinal));
        int kept = (int)cut["basis"].Single().Metric("components");
        Assert.Equal(3 * kept, cut.Store.Geometry(cut["weights"][0].Output("geometry")).PointCount);
        for (int i = 0; i < Items; i++)
        {
            var after = cut.Store.Geometry(cut["back"][i].Output("geometry"));
            Assert.Equal(6, after.PointCount);
            foreach (var (name, tuple) in new[] { ("a", 1), ("d", 3), ("q", 4) }) Same(Cloud(i, 6), after, name, tuple);
        }
        // The same as three items with one sample each.
        using var whole = Run("", "", i => Third(Cloud(i / 3 % Items, 6), i % 3), 3 * Items);
        Assert.Equal(Basis(whole).Mean.ToArray(), Basis(cut).Mean.ToArray());
        Assert.Equal(Basis(whole).Components.ToArray(), Basis(cut).Components.ToArray());
    }

    [Theory]
    [InlineData(5, "12 points")]
    [InlineData(7, "12 points")]
    public void A_stride_that_does_not_divide_the_points_is_refused(int stride, string says)
    {
        using var run = Run($"stride: {stride}, ", "", i => Cloud(i, 12), only: "basis");
        var failure = run["basis"].Single().Failure!;
        Assert.Equal("pca.stride", failure.Code);
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stride_over_volumes_is_refused()
    {
        using var run = Run("stride: 2, ", "", i => GeometryMerge.Merge([Cloud(i, 4), GeometryData.OfVolume(Density(i))]), only: "basis");
        Assert.Equal("pca.stride", run["basis"].Single().Failure!.Code);
    }

    [Fact]
    public void Reconstruction_takes_other_names_when_it_is_given_as_many()
    {
        using var run = Run("", "attribs: [x, y, z], ", i => Cloud(i, 4), back: true);
        Same(Cloud(3, 4).With(AttributeClass.Point, "z", Cloud(3, 4).Require(AttributeClass.Point, "q")), run.Store.Geometry(run["back"][3].Output("geometry")), "z", 4);
        using var few = Run("", "attribs: [x], ", i => Cloud(i, 4), back: true);
        Assert.Equal("pca.attribs", few["back"][0].Failure!.Code);
    }

    [Fact]
    public void A_wrecked_sample_is_left_out_of_the_basis_and_of_the_data_set_and_named()
    {
        const int n = 40, bad = 17;
        GeometryData Sample(int i) => i == bad ? Wreck() : Cloud(i, 6, noise: 1e-3f);
        using var run = Run("outlier_mads: 8, ", "", Sample, n, "dataset", components: 3);
        var basis = run["basis"].Single();
        Assert.Equal(1, basis.Metric("outliers"));
        Assert.Contains(basis.Lines, l => l.StartsWith($"pairs/{bad} ", StringComparison.Ordinal) && l.Contains("left out", StringComparison.Ordinal));
        Assert.Equal(n - 1, Basis(run).SampleCount);
        var manifest = DatasetManifest.FromJson(run.Bytes(run["dataset"].Single().Output("dataset.json")), "");
        Assert.Equal([(bad, $"pairs/{bad} was marked as not valid")], manifest.Excluded.Select(e => ((int)e.Example, e.Reason)));
        Assert.Equal(n - 1, manifest.Rows);
        using var off = Run("", "", Sample, n, "dataset", components: 3);
        Assert.Equal(n, Basis(off).SampleCount);
        Assert.Empty(DatasetManifest.FromJson(off.Bytes(off["dataset"].Single().Output("dataset.json")), "").Excluded);
    }

    [Fact]
    public void Samples_without_a_wreck_among_them_all_stay()
    {
        using var run = Run("outlier_mads: 8, ", "", i => Cloud(i, 6, noise: 1e-3f), 40, "dataset", components: 3);
        Assert.Equal(0, run["basis"].Single().Metric("outliers"));
        Assert.Equal(40, run["dataset"].Single().Metric("rows"));
    }

    private static void Same(GeometryData before, GeometryData after, string name, int tuple)
    {
        var expected = before.Require(AttributeClass.Point, name).Float32;
        var actual = after.Require(AttributeClass.Point, name, AttributeType.Float32, tuple).Float32;
        Assert.Equal(expected.Length, actual.Length);
        for (int v = 0; v < expected.Length; v++) Assert.Equal(expected[v], actual[v], 1e-5f);
    }

    private static PcaBasis Basis(RecipeRun run) => PcaBasis.Parse(run.Bytes(run["basis"].Single().Output("basis.safetensors")));

    private static RecipeRun Run(string analyze, string use, Func<int, GeometryData> sample, int items = Items, string? only = null, int components = 0, bool back = false)
    {
        string project = back ? "" : use;
        var run = new RecipeRun($$$"""
            recipe: 1
            nodes:
              limits: { uses: configure_joint_limits, with: { character: "builtin:limb" } }
              poses: { generate: {{{items}}}, uses: ml_pose_generate, with: { limits: "${{ nodes.limits }}" } }
              pairs: { from: poses, uses: ml_example }
              basis: { collect: pairs, uses: pca, with: { {{{analyze}}}components: {{{components}}} } }
              samples: { from: pairs, steps: [ml_example_decompose] }
              weights: { from: samples, uses: pca, with: { {{{project}}}mode: project, basis: "${{ nodes.basis }}", components: 0 } }
              back: { from: weights, uses: pca, with: { {{{(back ? use : "")}}}mode: reconstruct, basis: "${{ nodes.basis }}", components: 0 } }
              dataset: { collect: pairs, uses: ml_example_raw_output, with: { target: { pca: { mode: project, basis: "${{ nodes.basis }}" } } } }

            """);
        run.Cook("pairs");
        for (int i = 0; i < items; i++)
        {
            var target = sample(i);
            run.Replace("pairs", i, _ => Example.Labeled(Cloud(i, 1), target).Geometry);
        }
        if (only is not null) return run.Cook(only);
        run.Cook("basis", "samples");
        for (int i = 0; i < items; i++)
        {
            var target = sample(i);
            run.Replace("samples", i, _ => target);
        }
        return run.Cook("back");
    }

    /// <summary>Points with a scalar, a vector and a quaternion each, smooth in i.</summary>
    private static GeometryData Cloud(int i, int points, float noise = 0)
    {
        float Value(int channel, int p) => MathF.Sin(0.4f * i + p + channel) + 0.5f * MathF.Cos(0.9f * i - 2 * p) + channel + noise * MathF.Sin(1000f * i + 77 * p + 13 * channel);
        AttributeValues Of(int tuple, int first) => AttributeValues.Of([.. Enumerable.Range(0, points * tuple).Select(k => Value(first + k % tuple, k / tuple))], tuple);
        return GeometryData.PointCloud(new float[3 * points]).With(AttributeClass.Point, "a", Of(1, 0)).With(AttributeClass.Point, "d", Of(3, 1)).With(AttributeClass.Point, "q", Of(4, 4));
    }

    private static GeometryData Wreck()
    {
        var cloud = Cloud(3, 6);
        float[] values = [.. cloud.Require(AttributeClass.Point, "d").Float32.ToArray().Select((v, k) => v + 5 * MathF.Cos(k * k))];
        return cloud.With(AttributeClass.Point, "d", AttributeValues.Of(values, 3));
    }

    private static GeometryData Third(GeometryData cloud, int third)
    {
        var result = GeometryData.PointCloud(new float[6]);
        foreach (var (name, tuple) in new[] { ("a", 1), ("d", 3), ("q", 4) })
            result = result.With(AttributeClass.Point, name, AttributeValues.Of(cloud.Require(AttributeClass.Point, name).Float32.Slice(third * 2 * tuple, 2 * tuple).ToArray(), tuple));
        return result;
    }

    private static Volume Density(int i) => new("density", (3, 2, 2), Matrix4x4.Identity, AttributeValues.Of([.. Enumerable.Range(0, 12).Select(v => MathF.Sin(i + v))]));
}
