using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lane = System.Runtime.Intrinsics.Vector512<double>;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// Singular values of eight matrices with both factors rotations, F = U diag(s) V^T, unordered, the smallest one
/// signed as det F; and eigenvalues of eight symmetric ones.
/// </summary>
/// <remarks>One-sided and two-sided Jacobi with a fixed number of sweeps; after five the angles are at rounding.</remarks>
internal static class LaneSvd
{
    const int Sweeps = 5;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decompose(in LaneMatrix f, out LaneMatrix u, out Lane s0, out Lane s1, out Lane s2, out LaneMatrix v)
    {
        var w = f;
        v = LaneMatrix.Identity;
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            Orthogonalise(ref w.M00, ref w.M10, ref w.M20, ref w.M01, ref w.M11, ref w.M21, ref v.M00, ref v.M10, ref v.M20, ref v.M01, ref v.M11, ref v.M21);
            Orthogonalise(ref w.M00, ref w.M10, ref w.M20, ref w.M02, ref w.M12, ref w.M22, ref v.M00, ref v.M10, ref v.M20, ref v.M02, ref v.M12, ref v.M22);
            Orthogonalise(ref w.M01, ref w.M11, ref w.M21, ref w.M02, ref w.M12, ref w.M22, ref v.M01, ref v.M11, ref v.M21, ref v.M02, ref v.M12, ref v.M22);
        }
        s0 = Norm(w.M00, w.M10, w.M20);
        s1 = Norm(w.M01, w.M11, w.M21);
        s2 = Norm(w.M02, w.M12, w.M22);
        u = w;
        Divide(ref u.M00, ref u.M10, ref u.M20, s0);
        Divide(ref u.M01, ref u.M11, ref u.M21, s1);
        Divide(ref u.M02, ref u.M12, ref u.M22, s2);
        // The smallest column may have no direction of its own, and carries the reflection if there is one.
        LaneMatrix.Cofactor(u, out var across);
        var least0 = Vector512.LessThanOrEqual(s0, Vector512.Min(s1, s2));
        var least1 = Vector512.AndNot(Vector512.LessThanOrEqual(s1, s2), least0);
        var least2 = ~(least0 | least1);
        Choose(ref u.M00, ref u.M10, ref u.M20, across.M00, across.M10, across.M20, least0);
        Choose(ref u.M01, ref u.M11, ref u.M21, across.M01, across.M11, across.M21, least1);
        Choose(ref u.M02, ref u.M12, ref u.M22, across.M02, across.M12, across.M22, least2);
        s0 = Vector512.ConditionalSelect(least0, u.M00 * w.M00 + u.M10 * w.M10 + u.M20 * w.M20, s0);
        s1 = Vector512.ConditionalSelect(least1, u.M01 * w.M01 + u.M11 * w.M11 + u.M21 * w.M21, s1);
        s2 = Vector512.ConditionalSelect(least2, u.M02 * w.M02 + u.M12 * w.M12 + u.M22 * w.M22, s2);
    }

    /// <summary>Replaces the negative eigenvalues of symmetric matrices by zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ClampNegative(ref LaneMatrix a)
    {
        var d = a;
        var v = LaneMatrix.Identity;
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            // Pair (0,1) with the third index 2, and so on; d is kept symmetric by its upper triangle.
            Annihilate(ref d.M00, ref d.M11, ref d.M01, ref d.M02, ref d.M12, ref v.M00, ref v.M10, ref v.M20, ref v.M01, ref v.M11, ref v.M21);
            Annihilate(ref d.M00, ref d.M22, ref d.M02, ref d.M01, ref d.M12, ref v.M00, ref v.M10, ref v.M20, ref v.M02, ref v.M12, ref v.M22);
            Annihilate(ref d.M11, ref d.M22, ref d.M12, ref d.M01, ref d.M02, ref v.M01, ref v.M11, ref v.M21, ref v.M02, ref v.M12, ref v.M22);
        }
        // a + sum max(-e, 0) v v^T leaves matrices without negative eigenvalues as they are.
        Lift(ref a, d.M00, v.M00, v.M10, v.M20);
        Lift(ref a, d.M11, v.M01, v.M11, v.M21);
        Lift(ref a, d.M22, v.M02, v.M12, v.M22);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Lift(ref LaneMatrix a, Lane e, Lane x, Lane y, Lane z)
    {
        var lift = Vector512.Max(-e, Lane.Zero);
        Lane lx = lift * x, ly = lift * y, lz = lift * z;
        a.M00 += lx * x; a.M11 += ly * y; a.M22 += lz * z;
        a.M01 += lx * y; a.M02 += lx * z; a.M12 += ly * z;
        a.M10 = a.M01; a.M20 = a.M02; a.M21 = a.M12;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Rotation(Lane a, Lane b, Lane c, out Lane tangent, out Lane cosine)
    {
        // The quotient is undefined where c vanishes; there the angle is zero.
        var none = Vector512.Equals(c, Lane.Zero);
        var zeta = (b - a) / (Vector512.ConditionalSelect(none, Vector512.Create(1.0), c) * 2);
        tangent = Vector512.Create(1.0) / (Vector512.Abs(zeta) + Vector512.Sqrt(LaneMatrix.Fma(zeta, zeta, Vector512.Create(1.0))));
        tangent = Vector512.ConditionalSelect(Vector512.LessThan(zeta, Lane.Zero), -tangent, tangent);
        tangent = Vector512.AndNot(tangent, none);
        cosine = Vector512.Create(1.0) / Vector512.Sqrt(LaneMatrix.Fma(tangent, tangent, Vector512.Create(1.0)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Turn(ref Lane a, ref Lane b, Lane cosine, Lane sine)
    {
        var turned = cosine * a - sine * b;
        b = sine * a + cosine * b;
        a = turned;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Orthogonalise(
        ref Lane p0, ref Lane p1, ref Lane p2, ref Lane q0, ref Lane q1, ref Lane q2,
        ref Lane vp0, ref Lane vp1, ref Lane vp2, ref Lane vq0, ref Lane vq1, ref Lane vq2)
    {
        Rotation(p0 * p0 + p1 * p1 + p2 * p2, q0 * q0 + q1 * q1 + q2 * q2, p0 * q0 + p1 * q1 + p2 * q2, out var tangent, out var cosine);
        var sine = cosine * tangent;
        Turn(ref p0, ref q0, cosine, sine); Turn(ref p1, ref q1, cosine, sine); Turn(ref p2, ref q2, cosine, sine);
        Turn(ref vp0, ref vq0, cosine, sine); Turn(ref vp1, ref vq1, cosine, sine); Turn(ref vp2, ref vq2, cosine, sine);
    }

    /// <summary>Turns columns p and q of a symmetric matrix so that entry (p, q) vanishes; r is the third index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Annihilate(
        ref Lane pp, ref Lane qq, ref Lane pq, ref Lane pr, ref Lane qr,
        ref Lane vp0, ref Lane vp1, ref Lane vp2, ref Lane vq0, ref Lane vq1, ref Lane vq2)
    {
        Rotation(pp, qq, pq, out var tangent, out var cosine);
        var sine = cosine * tangent;
        pp -= tangent * pq;
        qq += tangent * pq;
        pq = Lane.Zero;
        Turn(ref pr, ref qr, cosine, sine);
        Turn(ref vp0, ref vq0, cosine, sine); Turn(ref vp1, ref vq1, cosine, sine); Turn(ref vp2, ref vq2, cosine, sine);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Lane Norm(Lane x, Lane y, Lane z) => Vector512.Sqrt(x * x + y * y + z * z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Divide(ref Lane x, ref Lane y, ref Lane z, Lane s)
    {
        var inverse = Vector512.Create(1.0) / Vector512.Max(s, Vector512.Create(1e-150));
        x *= inverse; y *= inverse; z *= inverse;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Choose(ref Lane x, ref Lane y, ref Lane z, Lane ox, Lane oy, Lane oz, Lane mask)
    {
        x = Vector512.ConditionalSelect(mask, ox, x); y = Vector512.ConditionalSelect(mask, oy, y); z = Vector512.ConditionalSelect(mask, oz, z);
    }
}
