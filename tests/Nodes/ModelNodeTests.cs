using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Nodes.Rigs;
using ExampleMlFarm.Tests.Nodes.World;

namespace ExampleMlFarm.Tests.Nodes;

/// <summary>The example of <c>ml_deform</c>, which has everything before it, and its parts one by one.</summary>
public sealed class ModelNodeTests
{
    [Fact]
    public void A_deformer_gives_what_its_parts_give_one_after_the_other()
    {
        string example = Catalogue.Get("ml_deform").Descriptor.Example.Replace("generate: 64", "generate: 12", StringComparison.Ordinal)
            .Replace("\"builtin:limb\" } }", "\"builtin:limb\", resolution: 24 } }", StringComparison.Ordinal).Replace("configure_joint_limits, with: { character: \"builtin:limb\", resolution: 24", "configure_joint_limits, with: { character: \"builtin:limb\"", StringComparison.Ordinal)
            .Replace("activation: silu", "activation: silu, max_epochs: 20", StringComparison.Ordinal);
        using var run = new RecipeRun(example + """
              numbers: { from: poses, uses: ml_pose_serialize, with: { character: "${{ nodes.limits }}" } }
              weights: { from: numbers, uses: ml_regression_inference, with: { model: "${{ nodes.train }}", output_attribute: weight } }
              displaced: { from: weights, uses: pca, with: { mode: reconstruct, basis: "${{ nodes.basis }}", components: 16 } }
            """);
        run.Cook();
        Assert.Null(run.FirstFailure);
        var character = Limb.Create();
        var skinning = new Skinning(character);
        for (int i = 0; i < 12; i++)
        {
            var pose = PoseGeometry.Read(run.Store.Geometry(run["poses"][i].Output("geometry")), character.Skeleton);
            var displacement = run.Store.Geometry(run["displaced"][i].Output("geometry")).Require(AttributeClass.Point, "d", AttributeType.Float32, 3).Float32;
            var skin = new double[3 * character.PointCount];
            skinning.Deform(pose, displacement, skin);
            var posed = run.Store.Geometry(run["posed"][i].Output("geometry")).Positions;
            for (int k = 0; k < skin.Length; k++) Assert.Equal(skin[k], posed[k], 1e-5);
        }
    }

    [Fact]
    public void A_model_is_not_given_numbers_of_another_kind()
    {
        string example = Catalogue.Get("ml_train_regression").Descriptor.Example.Replace("generate: 64", "generate: 12", StringComparison.Ordinal).Replace("activation: silu", "max_epochs: 2", StringComparison.Ordinal);
        using var run = new RecipeRun(example + """
              six: { from: poses, uses: ml_pose_serialize, with: { character: "${{ nodes.limits }}", encoding: sixd } }
              weights: { from: six, uses: ml_regression_inference, with: { model: "${{ nodes.train }}" } }
            """);
        var failure = run.Cook("weights")["weights"][0].Failure!;
        Assert.Equal("inference.length", failure.Code);
        Assert.Contains("18", failure.Message, StringComparison.Ordinal);
    }
}
