using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// Moves the skin of a character with its joints, with a displacement of the bind pose (section 6.4 of the ML-node notes) or
/// without, and finds the displacement that a simulated skin means. Single-threaded; the same input gives the same bits.
/// </summary>
public sealed class Skinning(SkinWeights skin, double[] restPoints)
{
    public Skinning(Character character) : this(character.Skin, character.RestPoints)
    {
    }

    public int PointCount => skin.PointCount;

    /// <summary><c>M_v p_rest</c> for every point.</summary>
    /// <returns><c>[points, 3]</c>.</returns>
    public double[] Deform(Pose pose, SkinningMethod method = SkinningMethod.Linear)
    {
        var output = new double[restPoints.Length];
        Deform(pose, method, output);
        return output;
    }

    /// <inheritdoc cref="Deform(Pose, SkinningMethod)"/>
    /// <param name="output"><c>[points, 3]</c>.</param>
    public void Deform(Pose pose, SkinningMethod method, Span<double> output)
    {
        CheckLength(output.Length, nameof(output));
        if (method == SkinningMethod.Linear)
        {
            DeformLinear(pose.SkinningTransforms(), default, output);
            return;
        }
        var frames = SkinningFrames.Compute(skin, pose.SkinningTransforms(), method);
        for (var v = 0; v < frames.Length; v++) frames[v].TransformPoint(Vector3d.Read(restPoints, v)).Write(output, v);
    }

    /// <summary><c>M_v p_rest + K_v d_v</c>: the skin with a displacement of the bind pose.</summary>
    /// <param name="displacement"><c>[points, 3]</c>, bind-pose coordinates.</param>
    /// <param name="output"><c>[points, 3]</c>.</param>
    /// <returns>How many points were guarded (see <see cref="DisplacementFrame"/>).</returns>
    public int Deform(Pose pose, ReadOnlySpan<float> displacement, Span<double> output,
        DisplacementEncoding encoding = DisplacementEncoding.Inverse, SkinningMethod method = SkinningMethod.Linear)
    {
        CheckLength(displacement.Length, nameof(displacement));
        CheckLength(output.Length, nameof(output));
        var joints = pose.SkinningTransforms();
        if (method == SkinningMethod.Linear && encoding == DisplacementEncoding.Inverse) return DeformLinear(joints, displacement, output);

        var frames = SkinningFrames.Compute(skin, joints, method);
        var guardedPoints = 0;
        for (var v = 0; v < frames.Length; v++)
        {
            var k = DisplacementFrame.Of(frames[v].Linear, encoding, out var guarded);
            if (guarded) guardedPoints++;
            var d = new Vector3d(displacement[3 * v], displacement[3 * v + 1], displacement[3 * v + 2]);
            (frames[v].TransformPoint(Vector3d.Read(restPoints, v)) + k * d).Write(output, v);
        }
        return guardedPoints;
    }

    /// <summary>
    /// The displacement of the bind pose that gives <paramref name="simulated"/>: <c>d_v = K_v⁻¹ (p_v − M_v p_rest)</c>. The exact
    /// inverse of <see cref="Deform(Pose, ReadOnlySpan{float}, Span{double}, DisplacementEncoding, SkinningMethod)"/>.
    /// </summary>
    /// <param name="simulated"><c>[points, 3]</c>, in the pose.</param>
    /// <param name="displacement"><c>[points, 3]</c>, bind-pose coordinates.</param>
    /// <returns>How many points were guarded.</returns>
    public int RestDisplacement(Pose pose, ReadOnlySpan<double> simulated, Span<double> displacement,
        DisplacementEncoding encoding = DisplacementEncoding.Inverse, SkinningMethod method = SkinningMethod.Linear)
    {
        CheckLength(simulated.Length, nameof(simulated));
        CheckLength(displacement.Length, nameof(displacement));
        var frames = SkinningFrames.Compute(skin, pose.SkinningTransforms(), method);
        var guardedPoints = 0;
        for (var v = 0; v < frames.Length; v++)
        {
            var inverse = DisplacementFrame.InverseOf(frames[v].Linear, encoding, out var guarded);
            if (guarded) guardedPoints++;
            var offset = Vector3d.Read(simulated, v) - frames[v].TransformPoint(Vector3d.Read(restPoints, v));
            (inverse * offset).Write(displacement, v);
        }
        return guardedPoints;
    }

    /// <param name="displacement">Empty for none.</param>
    private int DeformLinear(ReadOnlySpan<Affine> joints, ReadOnlySpan<float> displacement, Span<double> output)
    {
        var blend = new LinearBlend(skin, joints);
        var guarded = 0;
        ReadOnlySpan<double> rest = restPoints;
        for (var v = 0; v < skin.PointCount; v++)
        {
            blend.Columns(v, out var a, out var b, out var c, out var t);
            double x = rest[3 * v], y = rest[3 * v + 1], z = rest[3 * v + 2];
            if (displacement.Length > 0)
            {
                double dx = displacement[3 * v], dy = displacement[3 * v + 1], dz = displacement[3 * v + 2];
                if (!LinearBlend.IsCertainlyRegular(a, b, c) && LinearBlend.ToMatrix(a, b, c) is var linear && DisplacementFrame.IsGuarded(linear))
                {
                    guarded++;
                    t += LinearBlend.Lanes(Svd3.ClosestRotation(linear) * new Vector3d(dx, dy, dz));
                }
                else
                {
                    (x, y, z) = (x + dx, y + dy, z + dz);
                }
            }
            var p = t + a * x + b * y + c * z;
            output[3 * v] = p[0];
            output[3 * v + 1] = p[1];
            output[3 * v + 2] = p[2];
        }
        return guarded;
    }

    private void CheckLength(int length, string name)
    {
        if (length != restPoints.Length) throw new ArgumentException($"{length} numbers for {skin.PointCount} points; 3 per point are needed.", name);
    }
}
