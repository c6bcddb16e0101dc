using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// The weighted sum of joint matrices per point, as four columns of four lanes (the last unused): four fused multiply-adds per
/// influence. Encoder and decoder of displacements both use it, so that they see the same bits and take the same branches.
/// </summary>
internal readonly struct LinearBlend
{
    private readonly SkinWeights skin;
    private readonly Vector256<double>[] columns;

    public LinearBlend(SkinWeights skin, ReadOnlySpan<Affine> joints)
    {
        this.skin = skin;
        columns = new Vector256<double>[4 * joints.Length];
        for (var j = 0; j < joints.Length; j++)
        {
            columns[4 * j] = Lanes(joints[j].Linear.Column0);
            columns[4 * j + 1] = Lanes(joints[j].Linear.Column1);
            columns[4 * j + 2] = Lanes(joints[j].Linear.Column2);
            columns[4 * j + 3] = Lanes(joints[j].Translation);
        }
    }

    /// <summary>The columns of M_v and its translation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Columns(int point, out Vector256<double> a, out Vector256<double> b, out Vector256<double> c, out Vector256<double> t)
    {
        a = b = c = t = default;
        var influences = skin.Influences;
        for (var k = point * influences; k < (point + 1) * influences; k++)
        {
            var weight = skin.Weights[k];
            // Larger weights come first, so the first zero ends the row.
            if (weight == 0) break;
            var w = Vector256.Create(weight);
            var joint = columns.AsSpan(4 * skin.Joints[k], 4);
            // Always fused, also where the processor cannot: the same bits on every machine.
            a = Vector256.FusedMultiplyAdd(w, joint[0], a);
            b = Vector256.FusedMultiplyAdd(w, joint[1], b);
            c = Vector256.FusedMultiplyAdd(w, joint[2], c);
            t = Vector256.FusedMultiplyAdd(w, joint[3], t);
        }
    }

    public Affine FrameOf(int point)
    {
        Columns(point, out var a, out var b, out var c, out var t);
        return new Affine(ToMatrix(a, b, c), ToVector(t));
    }

    /// <summary>
    /// Whether the guard certainly does not fire: the test of <see cref="DisplacementFrame.IsGuarded"/> with room for rounding, in a
    /// few vector instructions. False decides nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsCertainlyRegular(Vector256<double> a, Vector256<double> b, Vector256<double> c)
    {
        var yzx = Vector256.Create(1L, 2, 0, 3);
        var zxy = Vector256.Create(2L, 0, 1, 3);
        var cross = Vector256.Shuffle(b, yzx) * Vector256.Shuffle(c, zxy) - Vector256.Shuffle(b, zxy) * Vector256.Shuffle(c, yzx);
        var determinant = Vector256.Sum(a * cross);
        var square = Vector256.Sum(a * a + b * b + c * c);
        // For a blend of rotations |A|² ≤ 3; then |A|³ / (2 det) ≤ 4³ / (2 · 0.06) = 533, below the condition bound.
        return determinant > 1.2 * DisplacementFrame.MinDeterminant && square < 16;
    }

    public static Vector256<double> Lanes(in Vector3d v) => Vector256.Create(v.X, v.Y, v.Z, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Matrix3d ToMatrix(Vector256<double> a, Vector256<double> b, Vector256<double> c) =>
        Matrix3d.FromColumns(ToVector(a), ToVector(b), ToVector(c));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector3d ToVector(Vector256<double> v) => new(v[0], v[1], v[2]);
}
