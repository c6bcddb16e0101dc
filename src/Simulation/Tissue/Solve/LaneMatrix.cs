using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lane = System.Runtime.Intrinsics.Vector512<double>;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>Eight 3x3 matrices, one per lane; Mrc is row r, column c.</summary>
/// <remarks>Every lane goes through the same operations, so a lane's result does not depend on its neighbours or on the machine's vector width.</remarks>
internal struct LaneMatrix
{
    public Lane M00, M01, M02, M10, M11, M12, M20, M21, M22;

    public static LaneMatrix Identity
    {
        get
        {
            var one = Vector512.Create(1.0);
            return new LaneMatrix { M00 = one, M11 = one, M22 = one };
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane Fma(Lane a, Lane b, Lane c) => Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe Lane Gather(double* x, int* corners, int k) => Vector512.Create(
        x[3 * corners[0] + k], x[3 * corners[1] + k], x[3 * corners[2] + k], x[3 * corners[3] + k],
        x[3 * corners[4] + k], x[3 * corners[5] + k], x[3 * corners[6] + k], x[3 * corners[7] + k]);

    /// <summary>Columns are corners 1 to 3 minus corner 0 of eight elements.</summary>
    /// <param name="x">[3 n].</param>
    /// <param name="corners">[4, 8] nodes.</param>
    /// <param name="e">Receives the edges.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Edges(double* x, int* corners, out LaneMatrix e)
    {
        Lane ox = Gather(x, corners, 0), oy = Gather(x, corners, 1), oz = Gather(x, corners, 2);
        e.M00 = Gather(x, corners + 8, 0) - ox; e.M10 = Gather(x, corners + 8, 1) - oy; e.M20 = Gather(x, corners + 8, 2) - oz;
        e.M01 = Gather(x, corners + 16, 0) - ox; e.M11 = Gather(x, corners + 16, 1) - oy; e.M21 = Gather(x, corners + 16, 2) - oz;
        e.M02 = Gather(x, corners + 24, 0) - ox; e.M12 = Gather(x, corners + 24, 1) - oy; e.M22 = Gather(x, corners + 24, 2) - oz;
    }

    /// <summary>Nine lanes, row after row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Load(double* at, out LaneMatrix m)
    {
        m.M00 = Vector512.Load(at); m.M01 = Vector512.Load(at + 8); m.M02 = Vector512.Load(at + 16);
        m.M10 = Vector512.Load(at + 24); m.M11 = Vector512.Load(at + 32); m.M12 = Vector512.Load(at + 40);
        m.M20 = Vector512.Load(at + 48); m.M21 = Vector512.Load(at + 56); m.M22 = Vector512.Load(at + 64);
    }

    /// <summary>Nine lanes, column after column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly unsafe void StoreColumns(double* at)
    {
        Vector512.Store(M00, at); Vector512.Store(M10, at + 8); Vector512.Store(M20, at + 16);
        Vector512.Store(M01, at + 24); Vector512.Store(M11, at + 32); Vector512.Store(M21, at + 40);
        Vector512.Store(M02, at + 48); Vector512.Store(M12, at + 56); Vector512.Store(M22, at + 64);
    }

    /// <summary>p = a b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(in LaneMatrix a, in LaneMatrix b, out LaneMatrix p)
    {
        p.M00 = Fma(a.M00, b.M00, Fma(a.M01, b.M10, a.M02 * b.M20));
        p.M10 = Fma(a.M10, b.M00, Fma(a.M11, b.M10, a.M12 * b.M20));
        p.M20 = Fma(a.M20, b.M00, Fma(a.M21, b.M10, a.M22 * b.M20));
        p.M01 = Fma(a.M00, b.M01, Fma(a.M01, b.M11, a.M02 * b.M21));
        p.M11 = Fma(a.M10, b.M01, Fma(a.M11, b.M11, a.M12 * b.M21));
        p.M21 = Fma(a.M20, b.M01, Fma(a.M21, b.M11, a.M22 * b.M21));
        p.M02 = Fma(a.M00, b.M02, Fma(a.M01, b.M12, a.M02 * b.M22));
        p.M12 = Fma(a.M10, b.M02, Fma(a.M11, b.M12, a.M12 * b.M22));
        p.M22 = Fma(a.M20, b.M02, Fma(a.M21, b.M12, a.M22 * b.M22));
    }

    /// <summary>p = a b^T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyTransposed(in LaneMatrix a, in LaneMatrix b, out LaneMatrix p)
    {
        p.M00 = Fma(a.M00, b.M00, Fma(a.M01, b.M01, a.M02 * b.M02));
        p.M10 = Fma(a.M10, b.M00, Fma(a.M11, b.M01, a.M12 * b.M02));
        p.M20 = Fma(a.M20, b.M00, Fma(a.M21, b.M01, a.M22 * b.M02));
        p.M01 = Fma(a.M00, b.M10, Fma(a.M01, b.M11, a.M02 * b.M12));
        p.M11 = Fma(a.M10, b.M10, Fma(a.M11, b.M11, a.M12 * b.M12));
        p.M21 = Fma(a.M20, b.M10, Fma(a.M21, b.M11, a.M22 * b.M12));
        p.M02 = Fma(a.M00, b.M20, Fma(a.M01, b.M21, a.M02 * b.M22));
        p.M12 = Fma(a.M10, b.M20, Fma(a.M11, b.M21, a.M12 * b.M22));
        p.M22 = Fma(a.M20, b.M20, Fma(a.M21, b.M21, a.M22 * b.M22));
    }

    /// <summary>d det / d M: the columns are the cross products of the other two columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Cofactor(in LaneMatrix m, out LaneMatrix c)
    {
        c.M00 = m.M11 * m.M22 - m.M21 * m.M12; c.M10 = m.M21 * m.M02 - m.M01 * m.M22; c.M20 = m.M01 * m.M12 - m.M11 * m.M02;
        c.M01 = m.M12 * m.M20 - m.M22 * m.M10; c.M11 = m.M22 * m.M00 - m.M02 * m.M20; c.M21 = m.M02 * m.M10 - m.M12 * m.M00;
        c.M02 = m.M10 * m.M21 - m.M20 * m.M11; c.M12 = m.M20 * m.M01 - m.M00 * m.M21; c.M22 = m.M00 * m.M11 - m.M10 * m.M01;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane Determinant(in LaneMatrix m) =>
        m.M00 * (m.M11 * m.M22 - m.M12 * m.M21) - m.M01 * (m.M10 * m.M22 - m.M12 * m.M20) + m.M02 * (m.M10 * m.M21 - m.M11 * m.M20);

    /// <summary>Sum of the products of equal entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane Contract(in LaneMatrix a, in LaneMatrix b) =>
        Fma(a.M00, b.M00, Fma(a.M01, b.M01, Fma(a.M02, b.M02, Fma(a.M10, b.M10, Fma(a.M11, b.M11, Fma(a.M12, b.M12, Fma(a.M20, b.M20, Fma(a.M21, b.M21, a.M22 * b.M22))))))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Scale(Lane s)
    {
        M00 *= s; M01 *= s; M02 *= s; M10 *= s; M11 *= s; M12 *= s; M20 *= s; M21 *= s; M22 *= s;
    }

    /// <summary>Adds s times m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in LaneMatrix m, Lane s)
    {
        M00 = Fma(m.M00, s, M00); M01 = Fma(m.M01, s, M01); M02 = Fma(m.M02, s, M02);
        M10 = Fma(m.M10, s, M10); M11 = Fma(m.M11, s, M11); M12 = Fma(m.M12, s, M12);
        M20 = Fma(m.M20, s, M20); M21 = Fma(m.M21, s, M21); M22 = Fma(m.M22, s, M22);
    }
}
