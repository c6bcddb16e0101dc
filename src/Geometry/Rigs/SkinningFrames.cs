using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>How the transforms of a point's joints are blended.</summary>
public enum SkinningMethod
{
    /// <summary>The weighted sum of the matrices; the default of every program, loses volume where joints twist.</summary>
    Linear,

    /// <summary>Dual quaternions (Kavan et al. 2007): rigid blends that keep volume; stretch of a joint is not carried.</summary>
    DualQuaternion,
}

/// <summary>
/// The blended transform of every skin point in one pose, <c>M_v = Σ w_vj T_j B_j⁻¹</c>, as one 3×4 row of numbers per point.
/// Knows neither displacements nor who asks.
/// </summary>
public static class SkinningFrames
{
    /// <param name="skin">Weights of n points.</param>
    /// <param name="joints">Per joint <c>world · bindWorld⁻¹</c>.</param>
    public static Affine[] Compute(SkinWeights skin, ReadOnlySpan<Affine> joints, SkinningMethod method)
    {
        var frames = new Affine[skin.PointCount];
        if (method == SkinningMethod.DualQuaternion)
        {
            var dual = DualQuaternions(joints);
            for (var v = 0; v < frames.Length; v++) frames[v] = Blend(skin, dual, v);
            return frames;
        }
        var blend = new LinearBlend(skin, joints);
        for (var v = 0; v < frames.Length; v++) frames[v] = blend.FrameOf(v);
        return frames;
    }

    private readonly record struct DualQuaternion(Quaterniond Real, Quaterniond Dual);

    private static DualQuaternion[] DualQuaternions(ReadOnlySpan<Affine> joints)
    {
        var dual = new DualQuaternion[joints.Length];
        for (var j = 0; j < dual.Length; j++)
        {
            var real = Quaterniond.FromMatrix(Svd3.ClosestRotation(joints[j].Linear));
            var t = joints[j].Translation;
            dual[j] = new DualQuaternion(real, new Quaterniond(0, t.X, t.Y, t.Z) * real * 0.5);
        }
        return dual;
    }

    /// <summary>Kavan et al. 2007, "Skinning with dual quaternions": sum with signs aligned to the heaviest joint, then normalise.</summary>
    private static Affine Blend(SkinWeights skin, DualQuaternion[] joints, int point)
    {
        var pivot = joints[skin.Joints[point * skin.Influences]].Real;
        Quaterniond real = default, dual = default;
        for (var k = point * skin.Influences; k < (point + 1) * skin.Influences; k++)
        {
            if (skin.Weights[k] == 0) continue;
            var joint = joints[skin.Joints[k]];
            // q and −q are one rotation; the wrong one of the two would turn the long way round.
            var weight = Quaterniond.Dot(pivot, joint.Real) < 0 ? -skin.Weights[k] : skin.Weights[k];
            real += joint.Real * weight;
            dual += joint.Dual * weight;
        }
        var length = real.Length;
        // Opposite rotations in equal parts cancel: then the heaviest joint decides.
        if (length < 1e-9) (real, dual, length) = (pivot, joints[skin.Joints[point * skin.Influences]].Dual, 1);
        real *= 1 / length;
        dual *= 1 / length;
        var t = dual * real.Conjugate();
        return new Affine(real.ToMatrix(), new Vector3d(2 * t.X, 2 * t.Y, 2 * t.Z));
    }
}
