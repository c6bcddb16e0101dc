using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>The transforms of a skeleton's joints at one moment, local (to the parent) and world; both always agree.</summary>
/// <remarks>Immutable once made; safe to share between threads.</remarks>
public sealed class Pose
{
    private Pose(Skeleton skeleton, Affine[] local)
    {
        Skeleton = skeleton;
        Local = local;
        World = new Affine[local.Length];
        for (var j = 0; j < local.Length; j++)
            World[j] = skeleton.Parents[j] < 0 ? local[j] : World[skeleton.Parents[j]] * local[j];
    }

    public Skeleton Skeleton { get; }
    public Affine[] Local { get; }
    public Affine[] World { get; }

    public static Pose Bind(Skeleton skeleton) => new(skeleton, [.. skeleton.BindLocal]);

    /// <param name="skeleton">The joints.</param>
    /// <param name="local">One transform per joint, relative to its parent.</param>
    public static Pose FromLocal(Skeleton skeleton, ReadOnlySpan<Affine> local)
    {
        if (local.Length != skeleton.JointCount)
            throw new ArgumentException($"{local.Length} transforms for {skeleton.JointCount} joints.", nameof(local));
        return new Pose(skeleton, local.ToArray());
    }

    /// <summary>From world transforms, whose parents must be invertible.</summary>
    public static Pose FromWorld(Skeleton skeleton, ReadOnlySpan<Affine> world)
    {
        if (world.Length != skeleton.JointCount)
            throw new ArgumentException($"{world.Length} transforms for {skeleton.JointCount} joints.", nameof(world));
        var local = new Affine[world.Length];
        for (var j = 0; j < local.Length; j++)
            local[j] = skeleton.Parents[j] < 0 ? world[j] : world[skeleton.Parents[j]].Inverse() * world[j];
        return new Pose(skeleton, local);
    }

    /// <summary>The bind pose with each joint turned in its own frame: local = bind local · rotation. Bone lengths stay.</summary>
    public static Pose FromRotations(Skeleton skeleton, ReadOnlySpan<Quaterniond> fromBind)
    {
        if (fromBind.Length != skeleton.JointCount)
            throw new ArgumentException($"{fromBind.Length} rotations for {skeleton.JointCount} joints.", nameof(fromBind));
        var local = new Affine[fromBind.Length];
        for (var j = 0; j < local.Length; j++)
        {
            var bind = skeleton.BindLocal[j];
            local[j] = bind with { Linear = bind.Linear * fromBind[j].ToMatrix() };
        }
        return new Pose(skeleton, local);
    }

    /// <summary>
    /// Between two poses of one skeleton: per joint the local rotation by slerp, stretch and translation linearly. <paramref name="from"/>
    /// at 0 and <paramref name="to"/> at 1, both exactly.
    /// </summary>
    public static Pose Blend(Pose from, Pose to, double amount)
    {
        if (!ReferenceEquals(from.Skeleton, to.Skeleton)) throw new ArgumentException("The poses are of two skeletons.", nameof(to));
        if (amount == 0) return from;
        if (amount == 1) return to;
        var local = new Affine[from.Local.Length];
        for (var j = 0; j < local.Length; j++)
        {
            var (a, b) = (from.Local[j], to.Local[j]);
            var (ra, sa) = Svd3.Polar(a.Linear);
            var (rb, sb) = Svd3.Polar(b.Linear);
            var rotation = Quaterniond.Slerp(Quaterniond.FromMatrix(ra), Quaterniond.FromMatrix(rb), amount);
            local[j] = new Affine(rotation.ToMatrix() * (sa * (1 - amount) + sb * amount), Vector3d.Lerp(a.Translation, b.Translation, amount));
        }
        return new Pose(from.Skeleton, local);
    }

    /// <summary>The rotation of each joint relative to the bind pose, in the joint's own frame; stretch and translation are dropped.</summary>
    public Quaterniond[] RotationsFromBind()
    {
        var rotations = new Quaterniond[Local.Length];
        for (var j = 0; j < rotations.Length; j++) rotations[j] = RotationFromBind(Skeleton.BindLocal[j].Linear, Local[j].Linear);
        return rotations;
    }

    /// <summary>Per joint <c>world · bindWorld⁻¹</c>: what carries a point of the bind pose along with the joint.</summary>
    public Affine[] SkinningTransforms()
    {
        var transforms = new Affine[World.Length];
        for (var j = 0; j < transforms.Length; j++) transforms[j] = World[j] * Skeleton.BindWorldInverse[j];
        return transforms;
    }

    internal static Quaterniond RotationFromBind(in Matrix3d bindLocal, in Matrix3d local) =>
        Quaterniond.FromMatrix(Svd3.ClosestRotation(bindLocal.Inverse() * local));
}
