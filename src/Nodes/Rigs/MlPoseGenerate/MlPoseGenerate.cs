using System.Runtime.CompilerServices;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Rigs.MlPoseGenerate;

/// <summary>Makes one random pose within joint limits per item.</summary>
public static class MlPoseGenerate
{
    // One generator per limits and setting: making one looks at every frame of the clips.
    private static readonly ConditionalWeakTable<LimitedCharacter, Dictionary<MlPoseGenerateOptions, PoseGenerator>> Generators = [];

    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.Of<MlPoseGenerateOptions>(
        NodeDescriptor.From<MlPoseGenerateOptions>("ml_pose_generate", 1, "Makes random poses within joint limits, one per item.") with
        {
            Family = "rig",
            Input = DataKind.None,
            Output = DataKind.Geometry,
            HoudiniNames = ["ml_posegenerate", "mlposegenerate"],
            Example = ExampleRecipe.Head + ExampleRecipe.Limits + ExampleRecipe.Poses,
        },
        Cook);

    private static void Cook(MlPoseGenerateOptions options, CookContext cook) =>
        cook.EmitGeometry(PoseGeometry.Of(Generator(LimitedCharacter.Open(cook, options.Limits!), options).Generate(cook.Index)));

    private static PoseGenerator Generator(LimitedCharacter limited, MlPoseGenerateOptions options)
    {
        var known = Generators.GetOrCreateValue(limited);
        var setting = options with { Limits = null };
        lock (known)
        {
            if (!known.TryGetValue(setting, out var generator))
                known[setting] = generator = new PoseGenerator(limited.Limits, (ulong)options.Seed, options.Distribution, options.Mean, limited.Character.Clips);
            return generator;
        }
    }
}
