using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ExampleMlFarm.Simulation.Sparse;
using Lane = System.Runtime.Intrinsics.Vector512<double>;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// Elastic energy of a cage, its gradient, and its exact change along a line, eight elements at a time.
/// </summary>
/// <remarks>
/// <c>Psi = mu/2 (|F|^2 - 3) - mu (J - 1) + lambda/2 (J - 1)^2</c>, rest-stable, no singularity at inversion; of the
/// family of Smith, de Goes and Kim 2018, Stable Neo-Hookean Flesh Simulation. J is cubic along a line, hence Psi is a
/// polynomial of degree six there, and a line search is free of further passes over the mesh and of cancellation.
/// Fixed lane order: the same bits on every machine.
/// </remarks>
internal sealed unsafe class ElasticEnergy(ElasticMesh mesh, double mu, double lambda)
{
    public double Mu => mu;
    public double Lambda => lambda;

    /// <summary>[g, 10, 8] of the last <see cref="Evaluate"/>: dJ/dx times V for corners 1 to 3, and lambda (J-1) - mu.</summary>
    public AlignedBuffer Volumetric { get; } = new(10L * mesh.GroupCount * ElasticMesh.Lanes);

    /// <summary>Elements with J at or below zero at the last <see cref="Evaluate"/>.</summary>
    public int Inverted { get; private set; }

    /// <summary>Energy at positions x [3 n]; adds nothing but sets gradient [3 n], held nodes included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Evaluate(double* x, double* gradient)
    {
        new Span<double>(gradient, 3 * mesh.NodeCount).Clear();
        var energy = Lane.Zero;
        var inverted = 0;
        var forces = stackalloc double[9 * 8];
        Lane muLane = Vector512.Create(mu), lambdaLane = Vector512.Create(lambda), sixth = Vector512.Create(1.0 / 6), one = Vector512.Create(1.0);
        fixed (int* laneCorners = mesh.LaneCorners)
            for (var g = 0; g < mesh.GroupCount; g++)
            {
                var corners = laneCorners + g * 32;
                LaneMatrix.Edges(x, corners, out var e);
                var b = mesh.RestInverse.Pointer + g * 72;
                LaneMatrix.Load(b, out var inverse);
                LaneMatrix.Multiply(e, inverse, out var f);
                var v = Vector512.Load(mesh.Volumes.Pointer + g * 8);
                var j = LaneMatrix.Determinant(f);
                var strain = j - one;
                var norm = LaneMatrix.Contract(f, f);
                var density = (norm - Vector512.Create(3.0)) * muLane * Vector512.Create(0.5) - muLane * strain + lambdaLane * strain * strain * Vector512.Create(0.5);
                energy += v * density;
                var count = Math.Min(8, mesh.TetCount - g * 8);
                inverted += System.Numerics.BitOperations.PopCount(Vector512.LessThanOrEqual(j, Lane.Zero).ExtractMostSignificantBits() & ((1UL << count) - 1));

                var pressure = lambdaLane * strain - muLane;
                LaneMatrix.Cofactor(e, out var a);
                a.Scale(sixth);
                var save = Volumetric.Pointer + g * 80;
                a.StoreColumns(save);
                Vector512.Store(pressure, save + 72);
                var weight = v * muLane;
                Force(f, b, weight, pressure, a.M00, a.M10, a.M20, forces);
                Force(f, b + 24, weight, pressure, a.M01, a.M11, a.M21, forces + 24);
                Force(f, b + 48, weight, pressure, a.M02, a.M12, a.M22, forces + 48);
                for (var lane = 0; lane < count; lane++)
                {
                    double* g0 = gradient + 3 * corners[lane], g1 = gradient + 3 * corners[8 + lane], g2 = gradient + 3 * corners[16 + lane], g3 = gradient + 3 * corners[24 + lane];
                    for (var k = 0; k < 3; k++)
                    {
                        double p = forces[k * 8 + lane], q = forces[24 + k * 8 + lane], r = forces[48 + k * 8 + lane];
                        g1[k] += p; g2[k] += q; g3[k] += r; g0[k] -= p + q + r;
                    }
                }
            }
        Inverted = inverted;
        return Lanes.Sum(energy);
    }

    /// <summary>
    /// Coefficients of <c>E(x + s d) - E(x) = c1 s + ... + c6 s^6</c>; d [3 n] is zero at held nodes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AlongLine(double* x, double* d, Span<double> c)
    {
        Lane c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default;
        Lane muLane = Vector512.Create(mu), lambdaLane = Vector512.Create(lambda), half = Vector512.Create(0.5), one = Vector512.Create(1.0);
        fixed (int* laneCorners = mesh.LaneCorners)
            for (var g = 0; g < mesh.GroupCount; g++)
            {
                var corners = laneCorners + g * 32;
                var b = mesh.RestInverse.Pointer + g * 72;
                LaneMatrix.Edges(x, corners, out var e);
                LaneMatrix.Load(b, out var inverse);
                LaneMatrix.Multiply(e, inverse, out var f);
                LaneMatrix.Edges(d, corners, out e);
                LaneMatrix.Multiply(e, inverse, out var h);
                LaneMatrix.Cofactor(f, out var cf);
                LaneMatrix.Cofactor(h, out var ch);
                var q = LaneMatrix.Determinant(f) - one;
                Lane j1 = LaneMatrix.Contract(cf, h), j2 = LaneMatrix.Contract(f, ch), j3 = LaneMatrix.Determinant(h);
                Lane n1 = LaneMatrix.Contract(f, h), n2 = LaneMatrix.Contract(h, h);
                var v = Vector512.Load(mesh.Volumes.Pointer + g * 8);
                c1 += v * (muLane * (n1 - j1) + lambdaLane * q * j1);
                c2 += v * (muLane * (half * n2 - j2) + lambdaLane * (q * j2 + half * j1 * j1));
                c3 += v * (lambdaLane * (q * j3 + j1 * j2) - muLane * j3);
                c4 += v * lambdaLane * (j1 * j3 + half * j2 * j2);
                c5 += v * lambdaLane * j2 * j3;
                c6 += v * lambdaLane * half * j3 * j3;
            }
        c[0] = Lanes.Sum(c1); c[1] = Lanes.Sum(c2); c[2] = Lanes.Sum(c3);
        c[3] = Lanes.Sum(c4); c[4] = Lanes.Sum(c5); c[5] = Lanes.Sum(c6);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Lane Fma(Lane a, Lane b, Lane c) => Vector512.FusedMultiplyAdd(a, b, c);

    /// <summary>Forces on one corner times minus one: V mu F b + pressure times the corner's area vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Force(in LaneMatrix f, double* b, Lane weight, Lane pressure, Lane ax, Lane ay, Lane az, double* result)
    {
        Lane b0 = Vector512.Load(b) * weight, b1 = Vector512.Load(b + 8) * weight, b2 = Vector512.Load(b + 16) * weight;
        Vector512.Store(Fma(f.M00, b0, Fma(f.M01, b1, Fma(f.M02, b2, pressure * ax))), result);
        Vector512.Store(Fma(f.M10, b0, Fma(f.M11, b1, Fma(f.M12, b2, pressure * ay))), result + 8);
        Vector512.Store(Fma(f.M20, b0, Fma(f.M21, b1, Fma(f.M22, b2, pressure * az))), result + 16);
    }
}
