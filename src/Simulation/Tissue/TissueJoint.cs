using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>A joint of the rig at the capture pose, with the bone that is fixed to it.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Parent">Index of the parent joint, or -1; parents come before their children.</param>
/// <param name="Bind">World transform at the capture pose.</param>
/// <param name="Bones">Capsules that name this joint; empty for a joint that holds no flesh.</param>
public sealed record TissueJoint(string Name, int Parent, Affine Bind, IReadOnlyList<BoneSegment> Bones)
{
    /// <summary>The joints of a character, in the order of its skeleton.</summary>
    public static IReadOnlyList<TissueJoint> Of(Character character)
    {
        ArgumentNullException.ThrowIfNull(character);
        var skeleton = character.Skeleton;
        var bones = character.Bones.ToLookup(b => b.Joint);
        return [.. Enumerable.Range(0, skeleton.JointCount).Select(j => new TissueJoint(skeleton.Names[j], skeleton.Parents[j], skeleton.BindWorld[j], [.. bones[j]]))];
    }
}
