using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Rigs.MlPoseGenerate;

/// <summary>Options of <c>ml_pose_generate</c>.</summary>
public sealed record MlPoseGenerateOptions
{
    /// <summary>The limits.</summary>
    [Option("The configure_joint_limits node of the character.", Required = true)]
    public NodeInput? Limits { get; init; }

    /// <summary>The seed.</summary>
    [Option("Key of the poses. Pose i is the same for every count, batch and machine.", Min = 0)]
    public long Seed { get; init; }

    /// <summary>The distribution.</summary>
    [Option("How poses are spread within the limits.")]
    public PoseDistribution Distribution { get; init; } = PoseDistribution.Gaussian;

    /// <summary>The peak.</summary>
    [Option("Where the normal distribution has its peak: in the middle of each range, or in the bind pose.")]
    public PoseMean Mean { get; init; } = PoseMean.Middle;
}
