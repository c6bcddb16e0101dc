using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lane = System.Runtime.Intrinsics.Vector512<double>;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// Stiffness of eight elements with negative eigenvalues removed, in the frame of the principal stretches, where the
/// nine modes fall apart into one 3x3 problem and three 2x2 ones.
/// </summary>
/// <remarks>
/// Eigensystem of isotropic energies: Smith, de Goes and Kim 2019, Analytic Eigensystems for Isotropic Distortion
/// Energies. With F = U S V^T (U, V rotations, one stretch signed), the mixed second derivative of J couples entries
/// (i,j) and (j,i) with -s_k, and (i,i) and (j,j) with s_k.
/// </remarks>
internal static unsafe class ProjectedElements
{
    /// <summary>Blocks of corner pairs (1,1), (2,1), (2,2), (3,1), (3,2), (3,3); corner 0 follows since rows sum to zero.</summary>
    public const int Blocks = 6;

    /// <param name="x">[3 n] positions.</param>
    /// <param name="corners">[4, 8] nodes.</param>
    /// <param name="restInverse">[9, 8] row-major.</param>
    /// <param name="volume">[8] rest volumes.</param>
    /// <param name="mu">Shape stiffness.</param>
    /// <param name="lambda">Volume stiffness.</param>
    /// <param name="result">[6, 9, 8] receives the blocks, each column by column.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(double* x, int* corners, double* restInverse, double* volume, double mu, double lambda, double* result)
    {
        LaneMatrix.Edges(x, corners, out var e);
        LaneMatrix.Load(restInverse, out var inverse);
        LaneMatrix.Multiply(e, inverse, out var f);
        LaneSvd.Decompose(f, out var u, out var s0, out var s1, out var s2, out var v);
        // Row p is the gradient of shape function p + 1 in the turned frame.
        LaneMatrix.Multiply(inverse, v, out var b);

        Lane muLane = Vector512.Create(mu), lambdaLane = Vector512.Create(lambda), half = Vector512.Create(0.5), weight = Vector512.Load(volume);
        var pressure = lambdaLane * (s0 * s1 * s2 - Vector512.Create(1.0)) - muLane;
        Lane g0 = s1 * s2, g1 = s2 * s0, g2 = s0 * s1;
        LaneMatrix a;
        a.M00 = muLane + lambdaLane * g0 * g0; a.M11 = muLane + lambdaLane * g1 * g1; a.M22 = muLane + lambdaLane * g2 * g2;
        a.M01 = a.M10 = lambdaLane * g0 * g1 + pressure * s2;
        a.M02 = a.M20 = lambdaLane * g0 * g2 + pressure * s1;
        a.M12 = a.M21 = lambdaLane * g1 * g2 + pressure * s0;
        LaneSvd.ClampNegative(ref a);
        a.Scale(weight);
        weight *= half;
        Shear(muLane, pressure * s2, weight, out var d01, out var o01);
        Shear(muLane, pressure * s1, weight, out var d02, out var o02);
        Shear(muLane, pressure * s0, weight, out var d12, out var o12);

        Block(a, d01, d02, d12, o01, o02, o12, u, b.M00, b.M01, b.M02, b.M00, b.M01, b.M02, result);
        Block(a, d01, d02, d12, o01, o02, o12, u, b.M10, b.M11, b.M12, b.M00, b.M01, b.M02, result + 72);
        Block(a, d01, d02, d12, o01, o02, o12, u, b.M10, b.M11, b.M12, b.M10, b.M11, b.M12, result + 144);
        Block(a, d01, d02, d12, o01, o02, o12, u, b.M20, b.M21, b.M22, b.M00, b.M01, b.M02, result + 216);
        Block(a, d01, d02, d12, o01, o02, o12, u, b.M20, b.M21, b.M22, b.M10, b.M11, b.M12, result + 288);
        Block(a, d01, d02, d12, o01, o02, o12, u, b.M20, b.M21, b.M22, b.M20, b.M21, b.M22, result + 360);
    }

    /// <summary>Clamped eigenvalues mu - q and mu + q of a 2x2 pair, as its diagonal and off-diagonal entry times the volume.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Shear(Lane mu, Lane q, Lane halfVolume, out Lane diagonal, out Lane off)
    {
        Lane even = Vector512.Max(mu - q, Lane.Zero), odd = Vector512.Max(mu + q, Lane.Zero);
        diagonal = halfVolume * (even + odd);
        off = halfVolume * (even - odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Block(
        in LaneMatrix a, Lane d01, Lane d02, Lane d12, Lane o01, Lane o02, Lane o12, in LaneMatrix u,
        Lane p0, Lane p1, Lane p2, Lane q0, Lane q1, Lane q2, double* result)
    {
        LaneMatrix k;
        Lane q00 = p0 * q0, q11 = p1 * q1, q22 = p2 * q2;
        k.M00 = a.M00 * q00 + d01 * q11 + d02 * q22;
        k.M11 = a.M11 * q11 + d01 * q00 + d12 * q22;
        k.M22 = a.M22 * q22 + d02 * q00 + d12 * q11;
        Lane p0q1 = p0 * q1, p1q0 = p1 * q0, p0q2 = p0 * q2, p2q0 = p2 * q0, p1q2 = p1 * q2, p2q1 = p2 * q1;
        k.M01 = a.M01 * p0q1 + o01 * p1q0;
        k.M10 = a.M01 * p1q0 + o01 * p0q1;
        k.M02 = a.M02 * p0q2 + o02 * p2q0;
        k.M20 = a.M02 * p2q0 + o02 * p0q2;
        k.M12 = a.M12 * p1q2 + o12 * p2q1;
        k.M21 = a.M12 * p2q1 + o12 * p1q2;
        LaneMatrix.Multiply(u, k, out var uk);
        LaneMatrix.MultiplyTransposed(uk, u, out k);
        k.StoreColumns(result);
    }
}
