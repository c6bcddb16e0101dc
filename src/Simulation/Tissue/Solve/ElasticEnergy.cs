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
                Edges(x, corners, out var e);
                var b = mesh.RestInverse.Pointer + g * 72;
                Deformation(e, b, out var f);
                var v = Vector512.Load(mesh.Volumes.Pointer + g * 8);
                var j = Determinant(f);
                var strain = j - one;
                var norm = Contract(f, f);
                var density = (norm - Vector512.Create(3.0)) * muLane * Vector512.Create(0.5) - muLane * strain + lambdaLane * strain * strain * Vector512.Create(0.5);
                energy += v * density;
                var count = Math.Min(8, mesh.TetCount - g * 8);
                inverted += System.Numerics.BitOperations.PopCount(Vector512.LessThanOrEqual(j, Lane.Zero).ExtractMostSignificantBits() & ((1UL << count) - 1));

                var pressure = lambdaLane * strain - muLane;
                Cofactor(e, out var a);
                Scale(ref a, sixth);
                var save = Volumetric.Pointer + g * 80;
                a.Store(save);
                Vector512.Store(pressure, save + 72);
                // Column q of V mu F Dm^-T plus pressure times dV/dx: force on corner q + 1.
                var weight = v * muLane;
                for (var q = 0; q < 3; q++)
                {
                    Lane b0 = Vector512.Load(b + (3 * q) * 8) * weight, b1 = Vector512.Load(b + (3 * q + 1) * 8) * weight, b2 = Vector512.Load(b + (3 * q + 2) * 8) * weight;
                    var (ax, ay, az) = a.Column(q);
                    Vector512.Store(Fma(f.M00, b0, Fma(f.M01, b1, Fma(f.M02, b2, pressure * ax))), forces + q * 24);
                    Vector512.Store(Fma(f.M10, b0, Fma(f.M11, b1, Fma(f.M12, b2, pressure * ay))), forces + q * 24 + 8);
                    Vector512.Store(Fma(f.M20, b0, Fma(f.M21, b1, Fma(f.M22, b2, pressure * az))), forces + q * 24 + 16);
                }
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
    public void AlongLine(double* x, double* d, Span<double> c)
    {
        Lane c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default;
        Lane muLane = Vector512.Create(mu), lambdaLane = Vector512.Create(lambda), half = Vector512.Create(0.5), one = Vector512.Create(1.0);
        fixed (int* laneCorners = mesh.LaneCorners)
            for (var g = 0; g < mesh.GroupCount; g++)
            {
                var corners = laneCorners + g * 32;
                var b = mesh.RestInverse.Pointer + g * 72;
                Edges(x, corners, out var e);
                Deformation(e, b, out var f);
                Edges(d, corners, out e);
                Deformation(e, b, out var h);
                Cofactor(f, out var cf);
                Cofactor(h, out var ch);
                var q = Determinant(f) - one;
                Lane j1 = Contract(cf, h), j2 = Contract(f, ch), j3 = Determinant(h);
                Lane n1 = Contract(f, h), n2 = Contract(h, h);
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

    /// <summary>Eight 3x3 matrices, element Mrc in lanes.</summary>
    struct Matrices
    {
        public Lane M00, M01, M02, M10, M11, M12, M20, M21, M22;

        public readonly (Lane, Lane, Lane) Column(int c) => c == 0 ? (M00, M10, M20) : c == 1 ? (M01, M11, M21) : (M02, M12, M22);

        /// <summary>Column by column.</summary>
        public readonly void Store(double* at)
        {
            Vector512.Store(M00, at); Vector512.Store(M10, at + 8); Vector512.Store(M20, at + 16);
            Vector512.Store(M01, at + 24); Vector512.Store(M11, at + 32); Vector512.Store(M21, at + 40);
            Vector512.Store(M02, at + 48); Vector512.Store(M12, at + 56); Vector512.Store(M22, at + 64);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Lane Fma(Lane a, Lane b, Lane c) => Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Lane Gather(double* x, int* corners, int k) => Vector512.Create(
        x[3 * corners[0] + k], x[3 * corners[1] + k], x[3 * corners[2] + k], x[3 * corners[3] + k],
        x[3 * corners[4] + k], x[3 * corners[5] + k], x[3 * corners[6] + k], x[3 * corners[7] + k]);

    /// <summary>Columns are corners 1 to 3 minus corner 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Edges(double* x, int* corners, out Matrices e)
    {
        Lane ox = Gather(x, corners, 0), oy = Gather(x, corners, 1), oz = Gather(x, corners, 2);
        e.M00 = Gather(x, corners + 8, 0) - ox; e.M10 = Gather(x, corners + 8, 1) - oy; e.M20 = Gather(x, corners + 8, 2) - oz;
        e.M01 = Gather(x, corners + 16, 0) - ox; e.M11 = Gather(x, corners + 16, 1) - oy; e.M21 = Gather(x, corners + 16, 2) - oz;
        e.M02 = Gather(x, corners + 24, 0) - ox; e.M12 = Gather(x, corners + 24, 1) - oy; e.M22 = Gather(x, corners + 24, 2) - oz;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Deformation(in Matrices e, double* b, out Matrices f)
    {
        Lane b0 = Vector512.Load(b), b1 = Vector512.Load(b + 24), b2 = Vector512.Load(b + 48);
        f.M00 = Fma(e.M00, b0, Fma(e.M01, b1, e.M02 * b2));
        f.M10 = Fma(e.M10, b0, Fma(e.M11, b1, e.M12 * b2));
        f.M20 = Fma(e.M20, b0, Fma(e.M21, b1, e.M22 * b2));
        b0 = Vector512.Load(b + 8); b1 = Vector512.Load(b + 32); b2 = Vector512.Load(b + 56);
        f.M01 = Fma(e.M00, b0, Fma(e.M01, b1, e.M02 * b2));
        f.M11 = Fma(e.M10, b0, Fma(e.M11, b1, e.M12 * b2));
        f.M21 = Fma(e.M20, b0, Fma(e.M21, b1, e.M22 * b2));
        b0 = Vector512.Load(b + 16); b1 = Vector512.Load(b + 40); b2 = Vector512.Load(b + 64);
        f.M02 = Fma(e.M00, b0, Fma(e.M01, b1, e.M02 * b2));
        f.M12 = Fma(e.M10, b0, Fma(e.M11, b1, e.M12 * b2));
        f.M22 = Fma(e.M20, b0, Fma(e.M21, b1, e.M22 * b2));
    }

    /// <summary>dJ/dF: the columns are the cross products of the other two columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Cofactor(in Matrices m, out Matrices c)
    {
        c.M00 = m.M11 * m.M22 - m.M21 * m.M12; c.M10 = m.M21 * m.M02 - m.M01 * m.M22; c.M20 = m.M01 * m.M12 - m.M11 * m.M02;
        c.M01 = m.M12 * m.M20 - m.M22 * m.M10; c.M11 = m.M22 * m.M00 - m.M02 * m.M20; c.M21 = m.M02 * m.M10 - m.M12 * m.M00;
        c.M02 = m.M10 * m.M21 - m.M20 * m.M11; c.M12 = m.M20 * m.M01 - m.M00 * m.M21; c.M22 = m.M00 * m.M11 - m.M10 * m.M01;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Lane Determinant(in Matrices m) =>
        m.M00 * (m.M11 * m.M22 - m.M12 * m.M21) - m.M01 * (m.M10 * m.M22 - m.M12 * m.M20) + m.M02 * (m.M10 * m.M21 - m.M11 * m.M20);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Lane Contract(in Matrices a, in Matrices b) =>
        Fma(a.M00, b.M00, Fma(a.M01, b.M01, Fma(a.M02, b.M02, Fma(a.M10, b.M10, Fma(a.M11, b.M11, Fma(a.M12, b.M12, Fma(a.M20, b.M20, Fma(a.M21, b.M21, a.M22 * b.M22))))))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Scale(ref Matrices m, Lane s)
    {
        m.M00 *= s; m.M01 *= s; m.M02 *= s; m.M10 *= s; m.M11 *= s; m.M12 *= s; m.M20 *= s; m.M21 *= s; m.M22 *= s;
    }
}
