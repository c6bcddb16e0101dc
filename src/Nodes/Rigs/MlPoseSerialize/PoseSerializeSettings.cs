using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Rigs.MlPoseSerialize;

/// <summary>How a rotation is written as numbers.</summary>
public enum PoseEncoding
{
    /// <summary>The nine entries of its matrix, each in −1 … 1.</summary>
    Matrix9,
    /// <summary>The first two columns of its matrix (Zhou et al. 2019).</summary>
    Sixd,
    /// <summary>A unit quaternion with w ≥ 0.</summary>
    Quat,
    /// <summary>Axis times angle (Grassia 1998).</summary>
    Expmap,
    /// <summary>Euler angles.</summary>
    Euler,
}

/// <summary>Options of <c>ml_pose_serialize</c>.</summary>
public sealed record PoseSerializeSettings
{
    /// <summary>The character whose skeleton it is.</summary>
    [Option("A configure_joint_limits or armature_capture node of the character.", Required = true)]
    public NodeInput? Character { get; init; }

    /// <summary>Joint group.</summary>
    [Option("Joints that are written; none means those that the limits list, or all.")]
    public IReadOnlyList<string> JointGroup { get; init; } = [];

    /// <summary>Attribute.</summary>
    [Option("Name of the point attribute that holds the numbers, one per point.")]
    public string SerialAttribute { get; init; } = "value";

    /// <summary>Mode.</summary>
    [Option("subskeleton: each joint relative to its nearest ancestor in the group; all_local: each joint relative to its parent.")]
    public PoseSerializeMode Mode { get; init; } = PoseSerializeMode.Subskeleton;

    /// <summary>World rotation of roots.</summary>
    [Option("Write the world rotation of the group's roots too (mode subskeleton).")]
    public bool SubskeletonIncludeWorldRotation { get; init; } = true;

    /// <summary>Rotations.</summary>
    [Option("Write the rotation of every joint (mode all_local).")]
    public bool AllLocalRotation { get; init; } = true;

    /// <summary>Joints with rotation.</summary>
    [Option("Joints whose rotation is written when all_local_rotation is off.")]
    public IReadOnlyList<string> LocalRotationGroup { get; init; } = [];

    /// <summary>Translations.</summary>
    [Option("Write the translation of every joint (mode all_local).")]
    public bool AllLocalTranslation { get; init; }

    /// <summary>Joints with translation.</summary>
    [Option("Joints whose translation is written when all_local_translation is off.")]
    public IReadOnlyList<string> LocalTranslationGroup { get; init; } = [];

    /// <summary>Encoding.</summary>
    [Option("How a rotation is written as numbers.")]
    public PoseEncoding Encoding { get; init; } = PoseEncoding.Matrix9;

    /// <summary>The rig's own form of these settings, with this group where none is given.</summary>
    public PoseSerializeOptions ToRig(IReadOnlyList<string> group) => new()
    {
        JointGroup = JointGroup.Count > 0 ? JointGroup : group,
        Mode = Mode,
        IncludeWorldRotation = SubskeletonIncludeWorldRotation,
        AllLocalRotation = AllLocalRotation,
        LocalRotationGroup = LocalRotationGroup,
        AllLocalTranslation = AllLocalTranslation,
        LocalTranslationGroup = LocalTranslationGroup,
        Encoding = Encoding switch
        {
            PoseEncoding.Sixd => RotationEncoding.SixD.Name,
            PoseEncoding.Quat => RotationEncoding.Quaternion.Name,
            PoseEncoding.Expmap => RotationEncoding.ExponentialMap.Name,
            PoseEncoding.Euler => RotationEncoding.EulerXyz.Name,
            PoseEncoding.Matrix9 => RotationEncoding.Matrix9.Name,
            _ => throw FarmException.Invalid("pose.encoding", $"'{Encoding}' is not a rotation encoding"),
        },
    };
}
