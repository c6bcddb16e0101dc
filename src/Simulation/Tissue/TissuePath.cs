using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>
/// The way from the capture pose to a pose: the rest shape is first moved rigidly with one joint, then every other
/// joint turns in its parent's frame at constant speed.
/// </summary>
public static class TissuePath
{
    /// <summary>World transforms at the aligned capture pose and after each substep.</summary>
    /// <param name="binds">[j] world transforms at the capture pose.</param>
    /// <param name="parents">[j] parent joints, -1 at roots; parents first.</param>
    /// <param name="targets">[j] world transforms of the pose.</param>
    /// <param name="steps">Substeps, at least 1.</param>
    /// <param name="anchor">Joint that the capture pose is aligned with.</param>
    /// <returns>[steps + 1][j]; the last is exactly <paramref name="targets"/>.</returns>
    public static Affine[][] Build(ReadOnlySpan<Affine> binds, ReadOnlySpan<int> parents, ReadOnlySpan<Affine> targets, int steps, int anchor)
    {
        if (targets.Length != binds.Length)
            throw FarmException.Invalid("tissue.pose", $"The pose has {targets.Length} joints; the capture has {binds.Length}.");
        for (var j = 0; j < targets.Length; j++)
            if (!targets[j].IsFinite)
                throw FarmException.Invalid("tissue.pose", $"The transform of joint {j} is not finite: {targets[j]}.");
        // Only the rotation and place of the anchor move the rest shape: its stretch, if any, is part of the pose.
        var motion = targets[anchor] * binds[anchor].Inverse();
        var turn = Svd3.ClosestRotation(motion.Linear);
        var align = new Affine(turn, motion.Translation + (motion.Linear - turn) * binds[anchor].Translation);

        var path = new Affine[steps + 1][];
        path[0] = new Affine[binds.Length];
        for (var j = 0; j < binds.Length; j++) path[0][j] = align * binds[j];
        var ways = new Way[binds.Length];
        for (var j = 0; j < binds.Length; j++)
            ways[j] = parents[j] < 0
                ? new Way(path[0][j], targets[j])
                : new Way(path[0][parents[j]].Inverse() * path[0][j], targets[parents[j]].Inverse() * targets[j]);
        for (var k = 1; k < steps; k++)
        {
            path[k] = new Affine[binds.Length];
            for (var j = 0; j < binds.Length; j++)
            {
                var local = ways[j].At((double)k / steps);
                path[k][j] = parents[j] < 0 ? local : path[k][parents[j]] * local;
            }
        }
        path[steps] = targets.ToArray();
        return path;
    }

    /// <summary>From one local transform to another: rotation by slerp, stretch and translation linearly.</summary>
    readonly struct Way
    {
        readonly Quaterniond fromTurn, toTurn;
        readonly Matrix3d fromStretch, toStretch;
        readonly Vector3d fromPlace, toPlace;

        public Way(in Affine from, in Affine to)
        {
            (fromTurn, fromStretch, fromPlace) = Parts(from);
            (toTurn, toStretch, toPlace) = Parts(to);
        }

        public Affine At(double amount) => new(
            Quaterniond.Slerp(fromTurn, toTurn, amount).ToMatrix() * (fromStretch * (1 - amount) + toStretch * amount),
            Vector3d.Lerp(fromPlace, toPlace, amount));

        static (Quaterniond, Matrix3d, Vector3d) Parts(in Affine a)
        {
            var (rotation, stretch) = Svd3.Polar(a.Linear);
            return (Quaterniond.FromMatrix(rotation), stretch, a.Translation);
        }
    }
}
