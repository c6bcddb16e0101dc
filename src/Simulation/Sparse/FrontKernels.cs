using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ExampleMlFarm.Simulation.Sparse;

/// <summary>
/// Dense kernels on one front of the multifrontal method. Matrices are column-major, columns start on 64-byte
/// boundaries and have a multiple of eight rows.
/// </summary>
/// <remarks>
/// Every element is the same sequence of fused multiply-adds whatever the tile shape or the vector width of the
/// machine, so results are equal to the bit on all of them. Hot methods of this room skip the compiler's tiers: a worker
/// that starts up compiles so much that its first poses would run unoptimised for seconds.
/// </remarks>
internal static unsafe class FrontKernels
{
    /// <summary>C[rows, columns] -= A[rows, depth] B[columns, depth]^T; rows a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Update(double* c, int ldc, double* a, int lda, double* b, int ldb, int depth, int rows, int columns)
    {
        var j = 0;
        for (; j + 6 <= columns; j += 6) Tile6(c + (long)j * ldc, ldc, a, lda, b + j, ldb, depth, rows);
        for (; j < columns; j++) Tile1(c + (long)j * ldc, a, lda, b + j, ldb, depth, rows);
    }

    /// <summary>
    /// Lower triangle of C[order, order] -= A A^T, with A[order, depth]; rows above a tile's diagonal, up to the
    /// next boundary, receive values nobody reads.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void UpdateLower(double* c, int ldc, double* a, int lda, int depth, int order)
    {
        var rows = (order + 7) & ~7;
        for (var j = 0; j < order; j += 6)
        {
            var first = j & ~7;
            Update(c + (long)j * ldc + first, ldc, a + first, lda, a + j, lda, depth, rows - first, Math.Min(6, order - j));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile6(double* c, int ldc, double* a, int lda, double* b, int ldb, int depth, int rows)
    {
        var r = 0;
        if (Vector512.IsHardwareAccelerated)
            for (; r + 16 <= rows; r += 16)
            {
                Vector512<double> s00 = default, s01 = default, s02 = default, s03 = default, s04 = default, s05 = default;
                Vector512<double> s10 = default, s11 = default, s12 = default, s13 = default, s14 = default, s15 = default;
                var pa = a + r;
                var pb = b;
                for (var k = 0; k < depth; k++, pa += lda, pb += ldb)
                {
                    var a0 = Vector512.Load(pa);
                    var a1 = Vector512.Load(pa + 8);
                    var v = Vector512.Create(pb[0]);
                    s00 = Vector512.FusedMultiplyAdd(a0, v, s00); s10 = Vector512.FusedMultiplyAdd(a1, v, s10);
                    v = Vector512.Create(pb[1]);
                    s01 = Vector512.FusedMultiplyAdd(a0, v, s01); s11 = Vector512.FusedMultiplyAdd(a1, v, s11);
                    v = Vector512.Create(pb[2]);
                    s02 = Vector512.FusedMultiplyAdd(a0, v, s02); s12 = Vector512.FusedMultiplyAdd(a1, v, s12);
                    v = Vector512.Create(pb[3]);
                    s03 = Vector512.FusedMultiplyAdd(a0, v, s03); s13 = Vector512.FusedMultiplyAdd(a1, v, s13);
                    v = Vector512.Create(pb[4]);
                    s04 = Vector512.FusedMultiplyAdd(a0, v, s04); s14 = Vector512.FusedMultiplyAdd(a1, v, s14);
                    v = Vector512.Create(pb[5]);
                    s05 = Vector512.FusedMultiplyAdd(a0, v, s05); s15 = Vector512.FusedMultiplyAdd(a1, v, s15);
                }
                var pc = c + r;
                Subtract(pc, s00); Subtract(pc + 8, s10); pc += ldc;
                Subtract(pc, s01); Subtract(pc + 8, s11); pc += ldc;
                Subtract(pc, s02); Subtract(pc + 8, s12); pc += ldc;
                Subtract(pc, s03); Subtract(pc + 8, s13); pc += ldc;
                Subtract(pc, s04); Subtract(pc + 8, s14); pc += ldc;
                Subtract(pc, s05); Subtract(pc + 8, s15);
            }
        for (; r + 8 <= rows; r += 8)
        {
            Vector512<double> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default;
            var pa = a + r;
            var pb = b;
            for (var k = 0; k < depth; k++, pa += lda, pb += ldb)
            {
                var a0 = Vector512.Load(pa);
                s0 = Vector512.FusedMultiplyAdd(a0, Vector512.Create(pb[0]), s0);
                s1 = Vector512.FusedMultiplyAdd(a0, Vector512.Create(pb[1]), s1);
                s2 = Vector512.FusedMultiplyAdd(a0, Vector512.Create(pb[2]), s2);
                s3 = Vector512.FusedMultiplyAdd(a0, Vector512.Create(pb[3]), s3);
                s4 = Vector512.FusedMultiplyAdd(a0, Vector512.Create(pb[4]), s4);
                s5 = Vector512.FusedMultiplyAdd(a0, Vector512.Create(pb[5]), s5);
            }
            var pc = c + r;
            Subtract(pc, s0); pc += ldc;
            Subtract(pc, s1); pc += ldc;
            Subtract(pc, s2); pc += ldc;
            Subtract(pc, s3); pc += ldc;
            Subtract(pc, s4); pc += ldc;
            Subtract(pc, s5);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile1(double* c, double* a, int lda, double* b, int ldb, int depth, int rows)
    {
        for (var r = 0; r + 8 <= rows; r += 8)
        {
            Vector512<double> s = default;
            var pa = a + r;
            var pb = b;
            for (var k = 0; k < depth; k++, pa += lda, pb += ldb)
                s = Vector512.FusedMultiplyAdd(Vector512.Load(pa), Vector512.Create(pb[0]), s);
            Subtract(c + r, s);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Subtract(double* c, Vector512<double> s) => Vector512.Store(Vector512.Load(c) - s, c);

    /// <summary>
    /// Cholesky of the first <paramref name="pivots"/> rows of a panel [ld, pivots], and the triangular solve of the rows below.
    /// </summary>
    /// <param name="panel">In: lower part of the assembled front's own columns. Out: the columns of L.</param>
    /// <param name="ld">Rows of the panel, a multiple of 8.</param>
    /// <param name="pivots">Columns.</param>
    /// <param name="inverseDiagonal">[pivots] receives 1/L_jj.</param>
    /// <returns>False at the first pivot that is not positive; the panel is then half done.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool FactorPanel(double* panel, int ld, int pivots, double* inverseDiagonal)
    {
        for (var j = 0; j < pivots; j += 6)
        {
            var width = Math.Min(6, pivots - j);
            var first = j & ~7;
            var columns = panel + (long)j * ld;
            if (j > 0) Update(columns + first, ld, panel + first, ld, panel + j, ld, j, ld - first, width);
            if (!FactorDiagonal(columns + j, ld, width, inverseDiagonal + j)) return false;
            SolveBelow(columns, ld, j, width, inverseDiagonal + j);
        }
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static bool FactorDiagonal(double* d, int ld, int width, double* inverse)
    {
        for (var c = 0; c < width; c++)
        {
            var column = d + (long)c * ld;
            var pivot = column[c];
            for (var k = 0; k < c; k++) pivot -= d[(long)k * ld + c] * d[(long)k * ld + c];
            if (!(pivot > 0) || double.IsInfinity(pivot)) return false;
            var root = Math.Sqrt(pivot);
            column[c] = root;
            inverse[c] = 1 / root;
            for (var r = c + 1; r < width; r++)
            {
                var s = column[r];
                for (var k = 0; k < c; k++) s -= d[(long)k * ld + r] * d[(long)k * ld + c];
                column[r] = s * inverse[c];
            }
        }
        return true;
    }

    /// <summary>Rows below the diagonal block that starts at row and column j, which is already factored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void SolveBelow(double* columns, int ld, int j, int width, double* inverse)
    {
        // Up to the next boundary the rows are done one by one, so that the block's own rows stay as they are.
        var aligned = Math.Min((j + width + 7) & ~7, ld);
        for (var r = j + width; r < aligned; r++)
            for (var c = 0; c < width; c++)
            {
                var s = columns[(long)c * ld + r];
                for (var k = 0; k < c; k++) s = Math.FusedMultiplyAdd(-columns[(long)k * ld + r], columns[(long)k * ld + j + c], s);
                columns[(long)c * ld + r] = s * inverse[c];
            }
        for (var r = aligned; r < ld; r += 8)
            for (var c = 0; c < width; c++)
            {
                var s = Vector512.Load(columns + (long)c * ld + r);
                for (var k = 0; k < c; k++)
                    s = Vector512.FusedMultiplyAdd(-Vector512.Load(columns + (long)k * ld + r), Vector512.Create(columns[(long)k * ld + j + c]), s);
                Vector512.Store(s * Vector512.Create(inverse[c]), columns + (long)c * ld + r);
            }
    }

    /// <summary>y[rows] += A[rows, columns] x; rows a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(double* a, int ld, int rows, int columns, double* x, double* y)
    {
        var j = 0;
        for (; j + 3 <= columns; j += 3)
        {
            Vector512<double> x0 = Vector512.Create(x[j]), x1 = Vector512.Create(x[j + 1]), x2 = Vector512.Create(x[j + 2]);
            double* a0 = a + (long)j * ld, a1 = a0 + ld, a2 = a1 + ld;
            for (var r = 0; r < rows; r += 8)
            {
                var s = Vector512.Load(y + r);
                s = Vector512.FusedMultiplyAdd(Vector512.Load(a0 + r), x0, s);
                s = Vector512.FusedMultiplyAdd(Vector512.Load(a1 + r), x1, s);
                s = Vector512.FusedMultiplyAdd(Vector512.Load(a2 + r), x2, s);
                Vector512.Store(s, y + r);
            }
        }
        for (; j < columns; j++)
        {
            var x0 = Vector512.Create(x[j]);
            var a0 = a + (long)j * ld;
            for (var r = 0; r < rows; r += 8)
                Vector512.Store(Vector512.FusedMultiplyAdd(Vector512.Load(a0 + r), x0, Vector512.Load(y + r)), y + r);
        }
    }

    /// <summary>x[columns] -= A[rows, columns]^T y; rows a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SubtractTransposed(double* a, int ld, int rows, int columns, double* y, double* x)
    {
        var j = 0;
        for (; j + 3 <= columns; j += 3)
        {
            Vector512<double> s0 = default, s1 = default, s2 = default;
            double* a0 = a + (long)j * ld, a1 = a0 + ld, a2 = a1 + ld;
            for (var r = 0; r < rows; r += 8)
            {
                var v = Vector512.Load(y + r);
                s0 = Vector512.FusedMultiplyAdd(Vector512.Load(a0 + r), v, s0);
                s1 = Vector512.FusedMultiplyAdd(Vector512.Load(a1 + r), v, s1);
                s2 = Vector512.FusedMultiplyAdd(Vector512.Load(a2 + r), v, s2);
            }
            x[j] -= Lanes.Sum(s0);
            x[j + 1] -= Lanes.Sum(s1);
            x[j + 2] -= Lanes.Sum(s2);
        }
        for (; j < columns; j++)
        {
            Vector512<double> s = default;
            var a0 = a + (long)j * ld;
            for (var r = 0; r < rows; r += 8) s = Vector512.FusedMultiplyAdd(Vector512.Load(a0 + r), Vector512.Load(y + r), s);
            x[j] -= Lanes.Sum(s);
        }
    }
}
