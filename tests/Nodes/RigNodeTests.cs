using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes.Rigs;
using ExampleMlFarm.Tests.Nodes.World;

namespace ExampleMlFarm.Tests.Nodes;

public sealed class RigNodeTests(LimbRun limb)
{
    [Theory]
    [InlineData("matrix9"), InlineData("sixd"), InlineData("quat"), InlineData("expmap"), InlineData("euler")]
    public void A_pose_comes_back_from_its_numbers_in_every_encoding(string encoding)
    {
        using var run = new RecipeRun($$$"""
            recipe: 1
            nodes:
              limits: { uses: configure_joint_limits, with: { character: "builtin:limb" } }
              poses: { generate: 8, uses: ml_pose_generate, with: { limits: "${{ nodes.limits }}" } }
              numbers: { from: poses, uses: ml_pose_serialize, with: { character: "${{ nodes.limits }}", encoding: {{{encoding}}} } }
              again: { from: numbers, uses: ml_pose_deserialize, with: { character: "${{ nodes.limits }}", encoding: {{{encoding}}} } }
            """);
        run.Cook();
        Assert.Null(run.FirstFailure);
        var skeleton = Limb.Create().Skeleton;
        for (int i = 0; i < 8; i++)
        {
            var pose = PoseGeometry.Read(run.Store.Geometry(run["poses"][i].Output("geometry")), skeleton);
            var again = PoseGeometry.Read(run.Store.Geometry(run["again"][i].Output("geometry")), skeleton);
            for (int j = 0; j < skeleton.JointCount; j++) Assert.True(Geometry.Numerics.Affine.MaxDifference(pose.World[j], again.World[j]) < 1e-6);
        }
    }

    [Fact]
    public void More_poses_keep_the_first_ones_as_they_were()
    {
        using var run = new RecipeRun(LimbRun.Recipe, ("poses", $"{LimbRun.Poses + 8}"));
        Assert.Equal(limb.Run["poses"].Select(p => p.Output("geometry")), run.Cook("poses")["poses"].Take(LimbRun.Poses).Select(p => p.Output("geometry")));
    }

    [Fact]
    public void Displaced_skins_are_posed_by_bone_deform_as_they_were_simulated()
    {
        using var run = new RecipeRun(LimbRun.Recipe.Replace("outputs:", "  posed:\n    from: displacements\n    steps: [ml_example_decompose, { bone_deform: { character: \"${{ nodes.capture }}\" } }]\n\noutputs:", StringComparison.Ordinal), [.. LimbRun.Small.Where(p => p.Item1 != "poses"), ("poses", "16")]);
        run.Cook("posed");
        for (int i = 0; i < 2; i++)
        {
            var truth = Geometry.Examples.Example.Decompose(run.Store.Geometry(run["simulate"][i].Output("geometry"))).Target.Positions;
            var posed = run.Store.Geometry(run["posed"][i].Output("geometry")).Positions;
            for (int k = 0; k < truth.Length; k++) Assert.Equal(truth[k], posed[k], 1e-6f);
        }
    }

    [Fact]
    public void A_displacement_of_one_skinning_is_not_put_on_another()
    {
        using var run = new RecipeRun("""
            recipe: 1
            nodes:
              capture: { uses: armature_capture, with: { character: "builtin:limb", resolution: 24 } }
              limits: { uses: configure_joint_limits, with: { character: "builtin:limb" } }
              poses: { generate: 1, uses: ml_pose_generate, with: { limits: "${{ nodes.limits }}" } }
              simulate: { from: poses, uses: armature_deform, with: { capture: "${{ nodes.capture }}" } }
              posed:
                from: simulate
                steps:
                  - ml_example_decompose
                  - rest_displacement: { capture: "${{ nodes.capture }}", skinning: dual_quaternion }
                  - bone_deform: { character: "${{ nodes.capture }}" }
            """);
        Assert.Equal("bone_deform.method", run.Cook()["posed"].Single().Failure!.Code);
    }

    [Fact]
    public void A_pose_of_another_skeleton_is_refused_by_joint_name()
    {
        using var run = new RecipeRun("""
            recipe: 1
            nodes:
              limits: { uses: configure_joint_limits, with: { character: "builtin:limb" } }
              poses: { generate: 1, uses: ml_pose_generate, with: { limits: "${{ nodes.limits }}" } }
              skins: { from: poses, uses: bone_deform, with: { character: "${{ nodes.limits }}" } }
            """);
        run.Cook("poses");
        run.Replace("poses", 0, p => p.With(AttributeClass.Point, "name", AttributeValues.Of(["shoulder", "upper", "knee", "hand"])));
        Assert.Contains("'knee'", run.Cook("skins")["skins"].Single().Failure!.Message, StringComparison.Ordinal);
    }
}
