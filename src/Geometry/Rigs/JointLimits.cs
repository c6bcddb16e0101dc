using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// The joints of a character that may move, in joint order, with their ranges relative to the bind pose. A joint that is not
/// listed is held still.
/// </summary>
public sealed class JointLimits
{
    /// <summary>A joint that turns less than this in all clips does not move: it is an exporter's rounding.</summary>
    private const double StillRadians = 0.1 * Math.PI / 180;

    /// <summary>By which a value may pass its bound through rounding, radians.</summary>
    private const double Tolerance = 1e-6;

    private readonly Dictionary<string, JointLimit> byName;

    /// <exception cref="FarmException">A joint does not exist or is listed twice, or a range is reversed or not finite.</exception>
    public JointLimits(Skeleton skeleton, IEnumerable<JointLimit> joints)
    {
        Skeleton = skeleton;
        var list = joints.ToList();
        byName = new Dictionary<string, JointLimit>(StringComparer.Ordinal);
        foreach (var limit in list)
        {
            skeleton.IndexOf(limit.Joint);
            if (!byName.TryAdd(limit.Joint, limit))
                throw FarmException.Invalid("limits.twice", $"Joint \"{limit.Joint}\" has two limits; keep one.");
            if (limit.Coordinates == RotationCoordinates.SwingTwist && limit.Axis.Normalized() == Vector3d.Zero)
                throw FarmException.Invalid("limits.axis", $"The twist axis of joint \"{limit.Joint}\" is zero; give the direction of the bone.");
            for (var axis = 0; axis < 3; axis++)
                if (!(limit.Min[axis] <= limit.Max[axis] && double.IsFinite(limit.Min[axis]) && double.IsFinite(limit.Max[axis])))
                    throw FarmException.Invalid("limits.range",
                        $"The range of joint \"{limit.Joint}\" about {limit.AxisName(axis)} is {Degrees(limit.Min[axis]):G6}° to {Degrees(limit.Max[axis]):G6}°; the first must not exceed the second.");
        }
        Joints = [.. list.OrderBy(limit => skeleton.IndexOf(limit.Joint))];
        JointIndices = [.. Joints.Select(limit => skeleton.IndexOf(limit.Joint))];
    }

    public Skeleton Skeleton { get; }
    public IReadOnlyList<JointLimit> Joints { get; }

    /// <summary>Index in the skeleton of each of <see cref="Joints"/>.</summary>
    public IReadOnlyList<int> JointIndices { get; }

    /// <summary>Only the named joints; no names mean all.</summary>
    public JointLimits Of(IReadOnlyCollection<string> group)
    {
        if (group.Count == 0) return this;
        foreach (var name in group) Skeleton.IndexOf(name);
        return new JointLimits(Skeleton, Joints.Where(limit => group.Contains(limit.Joint)));
    }

    /// <summary>
    /// The ranges that the clips of a character pass through: rotations are followed through each clip without jumps at 180°,
    /// translations are ignored, and the joints of <see cref="HeldJoints"/> and those that never move are left out.
    /// </summary>
    /// <param name="marginPercent">Part of each range added at both ends; 0 to 100.</param>
    /// <exception cref="FarmException">There are no clips, or nothing moves in them.</exception>
    public static JointLimits FromClips(Character character, double marginPercent = 10, RotationCoordinates coordinates = RotationCoordinates.RotationVector)
    {
        if (!(marginPercent is >= 0 and <= 100))
            throw FarmException.Invalid("limits.margin", $"The margin is {marginPercent} %; 0 to 100 is allowed.");
        if (character.Clips.Count == 0)
            throw FarmException.Invalid("limits.no_clips", $"Character \"{character.Name}\" has no animation clips to take joint limits from; give the limits as a table.");
        var skeleton = character.Skeleton;
        var held = HeldJoints.Of(skeleton, character.Skin);
        var limits = new List<JointLimit>();
        for (var j = 0; j < skeleton.JointCount; j++)
        {
            if (held[j]) continue;
            var axis = BoneAxis(skeleton, j);
            var (min, max) = RangeOf(character.Clips, j, coordinates, axis);
            if ((max - min).Length < StillRadians) continue;
            var margin = (max - min) * (marginPercent / 100);
            limits.Add(new JointLimit(skeleton.Names[j], coordinates, axis, min - margin, max + margin));
        }
        if (limits.Count == 0)
            throw FarmException.Invalid("limits.nothing_moves", $"No joint with skin moves in the {character.Clips.Count} clips of \"{character.Name}\"; give the limits as a table.");
        return new JointLimits(skeleton, limits);
    }

    /// <summary>Every coordinate of a pose that is outside its range, and every joint turned that is held still; empty when all is well.</summary>
    public IReadOnlyList<LimitViolation> Check(Pose pose)
    {
        var violations = new List<LimitViolation>();
        var rotations = pose.RotationsFromBind();
        for (var j = 0; j < rotations.Length; j++)
        {
            if (!byName.TryGetValue(Skeleton.Names[j], out var limit))
            {
                var turned = RotationVector.Log(rotations[j]).Length;
                if (turned > StillRadians) violations.Add(new LimitViolation(Skeleton.Names[j], "any axis", Degrees(turned), 0, 0));
                continue;
            }
            var value = limit.FromRotation(rotations[j]);
            for (var axis = 0; axis < 3; axis++)
                if (value[axis] < limit.Min[axis] - Tolerance || value[axis] > limit.Max[axis] + Tolerance)
                    violations.Add(new LimitViolation(limit.Joint, limit.AxisName(axis), Degrees(value[axis]), Degrees(limit.Min[axis]), Degrees(limit.Max[axis])));
        }
        return violations;
    }

    /// <summary>The pose with each listed joint brought into its range; the other joints stay as they are.</summary>
    public Pose Clamp(Pose pose)
    {
        var local = pose.Local.ToArray();
        for (var i = 0; i < Joints.Count; i++)
        {
            var j = JointIndices[i];
            var bind = Skeleton.BindLocal[j].Linear;
            var rotation = Pose.RotationFromBind(bind, local[j].Linear);
            var value = Joints[i].FromRotation(rotation);
            var clamped = Joints[i].Clamp(value);
            if (clamped != value) local[j] = local[j] with { Linear = bind * Joints[i].ToRotation(clamped).Normalized().ToMatrix() };
        }
        return Pose.FromLocal(Skeleton, local);
    }

    /// <summary>The bind pose with coordinates <c>[joints]</c> applied to the listed joints.</summary>
    public Pose PoseOf(ReadOnlySpan<Vector3d> coordinates)
    {
        var rotations = new Quaterniond[Skeleton.JointCount];
        Array.Fill(rotations, Quaterniond.Identity);
        for (var i = 0; i < Joints.Count; i++) rotations[JointIndices[i]] = Joints[i].ToRotation(coordinates[i]).Normalized();
        return Pose.FromRotations(Skeleton, rotations);
    }

    private static (Vector3d Min, Vector3d Max) RangeOf(IReadOnlyList<Clip> clips, int joint, RotationCoordinates coordinates, Vector3d axis)
    {
        var min = new Vector3d(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        var max = -min;
        var near = Vector3d.Zero;
        foreach (var clip in clips)
        {
            foreach (var frame in clip.Rotations)
            {
                near = JointLimit.FromRotation(frame[joint], coordinates, axis, near);
                (min, max) = (Vector3d.Min(min, near), Vector3d.Max(max, near));
            }
            // The next clip starts in the branch that the clips so far are in, or one pose at 175° and −185° would span everything.
            near = (min + max) * 0.5;
        }
        return (min, max);
    }

    /// <summary>Towards the first child, in the joint's own frame; x where there is none.</summary>
    private static Vector3d BoneAxis(Skeleton skeleton, int joint)
    {
        foreach (var child in skeleton.ChildrenOf[joint])
            if (skeleton.BindLocal[child].Translation.Normalized() is var direction && direction != Vector3d.Zero) return direction;
        return Vector3d.UnitX;
    }

    private static double Degrees(double radians) => radians * (180 / Math.PI);
}
