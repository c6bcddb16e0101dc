using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Tests.Nodes.World;

namespace ExampleMlFarm.Tests.Nodes;

/// <summary>Inputs that cannot be used: the error names the thing, and nothing but that item is lost.</summary>
public sealed class BadInputTests(LimbRun limb)
{
    [Fact]
    public void A_whole_character_from_a_file_is_captured() => Assert.Null(Capture(BrokenGlb.Whole()));

    [Fact]
    public void A_file_cut_in_half_is_named() => Fails(BrokenGlb.CutInHalf(), "gltf.", "\"broken\" says that it has");

    [Fact]
    public void A_point_that_is_not_a_number_is_named() => Fails(BrokenGlb.NaNPoint(), "", "NaN");

    [Fact]
    public void Weights_that_do_not_sum_to_one_are_named() => Fails(BrokenGlb.WeightsBeyondOne(), "rig.weights_sum", "1.5");

    [Fact]
    public void A_hole_in_the_skin_is_named_by_its_edge() => Fails(BrokenGlb.TornSkin(), "capture.open_skin", "edge");

    [Fact]
    public void A_skin_that_is_not_manifold_is_named_by_its_edge() => Fails(BrokenGlb.TwiceTheSameTriangle(), "capture.", "edge");

    [Fact]
    public void A_mesh_without_a_surface_is_named() => Fails(BrokenGlb.NoSurface(), "", "triangle");

    [Fact]
    public void A_character_that_is_not_there_is_named()
    {
        using var run = new RecipeRun("recipe: 1\nparams: { f: { type: string, default: \"builtin:leg\" } }\nnodes:\n  capture:\n    uses: armature_capture\n    with: { character: \"${{ params.f }}\" }\n");
        Assert.Contains("builtin:limb", run.Cook()["capture"].Single().Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Examples_of_different_length_are_refused_with_the_item_that_differs()
    {
        using var run = Simulated("dataset:\n    collect: pairs\n    uses: ml_example_raw_output\n    with: { target_contributions: [P] }\n");
        run.Replace("pairs", 2, e => WithTarget(e, GeometryData.PointCloud(new float[3 * 5])));
        var failure = run.Cook("dataset")["dataset"].Single().Failure!;
        Assert.Equal(FailureClass.InvalidInput, failure.Class);
        Assert.Contains("pairs/2", failure.Message, StringComparison.Ordinal);
        Assert.Contains("15", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Failed_and_discarded_items_are_listed_and_the_data_set_goes_on_without_them()
    {
        using var run = Simulated("dataset:\n    collect: { node: pairs }\n    uses: ml_example_raw_output\n    with: { target_contributions: [P] }\n");
        run.Fail("pairs", 0);
        run.Replace("pairs", 1, _ => GeometryData.Empty);
        var dataset = run.Cook("dataset")["dataset"].Single();
        Assert.Null(dataset.Failure);
        Assert.Equal((2, 2), (dataset.Metric("rows"), dataset.Metric("missing")));
    }

    [Fact]
    public void A_component_with_a_value_that_is_not_finite_is_discarded_and_the_log_says_so()
    {
        using var run = Simulated("again:\n    from: pairs\n    steps: [ml_example_decompose, ml_example]\n");
        run.Replace("pairs", 1, e =>
        {
            var skin = Example.Decompose(e).Target;
            var points = skin.Positions.ToArray();
            points[4] = float.NaN;
            return WithTarget(e, skin.WithPositions(points));
        });
        var again = run.Cook("again")["again"];
        Assert.Equal([1, 0, 1, 1], again.Select(a => run.Store.Geometry(a.Output("geometry")).PrimitiveCount));
        Assert.Contains(again[1].Lines, l => l.Contains("discarded", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("clamp", null, "brought into the limits")]
    [InlineData("fail", "pose.outside_limits", "outside_limits: clamp")]
    [InlineData("allow", null, "guess")]
    public void A_pose_outside_the_limits_is_dealt_with_as_asked_and_the_joint_is_named(string rule, string? code, string says)
    {
        using var run = new RecipeRun(LimbRun.Recipe.Replace("outputs:", $"""
              posed:
                from: wild
                uses: ml_deform
                with: {"{"} capture: "${"{{"} nodes.capture {"}}"}", file: "${"{{"} params.bundle {"}}"}", outside_limits: {rule} {"}"}
              wide:
                uses: configure_joint_limits
                with: {"{"} character: "builtin:limb", margin: 100 {"}"}
              wild:
                generate: 1
                uses: ml_pose_generate
                with: {"{"} limits: "${"{{"} nodes.wide {"}}"}", distribution: mixture, seed: 4 {"}"}

            outputs:
            """, StringComparison.Ordinal).Replace("params:\n", $"params:\n  bundle: {{ type: file, default: {limb.Run.Store.PathOf(limb.Run["deformer"].Single().Output("deformer.mldeform").Hash)} }}\n", StringComparison.Ordinal), LimbRun.Small);
        var posed = run.Cook("posed")["posed"].Single();
        Assert.Equal(code, posed.Failure?.Code);
        Assert.Contains(code is null ? posed.Lines : [posed.Failure!.Message], l => l.Contains(says, StringComparison.Ordinal) && l.Contains("Joint \"", StringComparison.Ordinal));
    }

    private static GeometryData WithTarget(GeometryData example, GeometryData target) => Example.Labeled(Example.Decompose(example).Input, target, new ExampleOptions { CheckFinite = false }).Geometry;

    private static RecipeRun Simulated(string node)
    {
        var run = new RecipeRun("""
            recipe: 1
            nodes:
              limits: { uses: configure_joint_limits, with: { character: "builtin:limb" } }
              poses: { generate: 4, uses: ml_pose_generate, with: { limits: "${{ nodes.limits }}" } }
              skins: { from: poses, uses: bone_deform, with: { character: "${{ nodes.limits }}" } }
              pairs: { from: skins, uses: ml_example, allow_failed: 2 }

            """ + "  " + node);
        run.Cook("pairs");
        for (int i = 0; i < 4; i++)
        {
            var pose = run.Store.Geometry(run["poses"][i].Output("geometry"));
            run.Replace("pairs", i, skin => Example.Labeled(pose, GeometryTransform.Unpack(skin.Packed(0))).Geometry);
        }
        return run;
    }

    private static void Fails(byte[] glb, string code, string says)
    {
        var failure = Capture(glb);
        Assert.NotNull(failure);
        Assert.Equal(FailureClass.InvalidInput, failure.Class);
        Assert.StartsWith(code, failure.Code, StringComparison.Ordinal);
        Assert.Contains(says, failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static Failure? Capture(byte[] glb)
    {
        var folder = Directory.CreateTempSubdirectory("mlfarm-glb-");
        try
        {
            string file = Path.Combine(folder.FullName, "broken.glb");
            File.WriteAllBytes(file, glb);
            using var run = new RecipeRun($"recipe: 1\nnodes:\n  capture:\n    uses: armature_capture\n    with: {{ character: {file}, resolution: 20, pin_thickness: 1 }}\n");
            return run.Cook()["capture"].Single().Failure;
        }
        finally { folder.Delete(recursive: true); }
    }
}
