using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Rigs;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Simulation.Tissue;

namespace ExampleMlFarm.Nodes.Tissue.ArmatureDeform;

/// <summary>
/// Simulates the flesh of one pose, quasistatically, and puts out a labeled example: the pose as input, the simulated skin as target.
/// </summary>
public static class ArmatureDeform
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.Of<ArmatureDeformOptions>(
        NodeDescriptor.From<ArmatureDeformOptions>("armature_deform", 1, "Simulates the flesh of a pose; puts out (pose, skin) as a labeled example.") with
        {
            Family = "tissue",
            Input = DataKind.Geometry,
            Output = DataKind.Examples,
            NeedsInput = true,
            HoudiniNames = ["armaturedeform"],
            Metrics = [new("iterations", "Iterations of the solver"), new("residual", "Largest force left, relative"), new("inverted_tets", "Tetrahedra turned inside out")],
            Example = ExampleRecipe.Simulated,
        },
        Cook);

    private static void Cook(ArmatureDeformOptions options, CookContext cook)
    {
        var stage = TissueStage.Open(cook, options.Capture!);
        var poseGeometry = cook.From.Single().Geometry();
        var pose = PoseGeometry.Read(poseGeometry, stage.Character.Skeleton);
        var tissue = options.ToSolver();
        var solver = stage.Solver(tissue);
        var result = solver.Solve(pose.World, stage.Skinning.Deform(pose));
        cook.Metric("iterations", result.Iterations);
        cook.Metric("residual", result.Residual);
        cook.Metric("inverted_tets", result.InvertedTets);
        if (result.InvalidReason is { } reason)
        {
            cook.Log($"not valid: {reason}");
            if (options.Invalid == InvalidPose.Fail)
                throw new FarmException(new Failure(FailureClass.Permanent, "tissue.invalid", $"the simulated skin cannot be used: {reason}"));
        }
        var skin = SkinGeometry.Of(stage.Character, result.Skin).WithDetail("valid", AttributeValues.Of([result.IsValid ? 1 : 0]));
        var example = Example.Labeled(poseGeometry, skin, new ExampleOptions { TargetValidityAttribute = "" });
        cook.EmitGeometry(example.Geometry);
        if (options.ExportNpz) TissueArrays.EmitNpz(cook, "pose.npz", CaptureArrays.Of(result, pose.World, tissue));
    }
}
