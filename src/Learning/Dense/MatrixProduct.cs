using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ExampleMlFarm.Learning.Dense;

/// <summary>
/// Dense matrix products whose bits depend on the factors alone: every entry of the result is one chain of fused
/// multiply-adds over k in ascending order, whatever the vector width of the machine, the tile or the blocking.
/// </summary>
/// <remarks>
/// The structure is that of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008: a panel of B is
/// packed, tiles of C stay in registers. A is read in place, so it may be transposed at no cost. One thread; the scratch
/// panel belongs to the thread.
/// </remarks>
internal static unsafe class MatrixProduct
{
    /// <summary>Depth of a packed panel: 256 × 32 floats are 32 KiB.</summary>
    private const int PanelDepth = 256;

    /// <summary>Bytes of a packed panel row: two vectors of 512 bits, or four of 256.</summary>
    private const int PanelRowBytes = 128;

    [ThreadStatic] private static byte[]? scratch;

    /// <summary>
    /// C [m, n] += A [m, k] · B [k, n], where entry (i, j) of a matrix lies at <c>i * rowStride + j * columnStride</c>; C is row-major.
    /// T is float or double. C must hold its start value (zeros, or a bias in every row).
    /// </summary>
    public static void Accumulate<T>(int m, int n, int k, T* a, nint aRow, nint aColumn, T* b, nint bRow, nint bColumn, T* c, nint cRow)
        where T : unmanaged
        => Accumulate(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, Vector512.IsHardwareAccelerated);

    /// <summary>The same, with the vector width chosen by the caller: for the test that both give the same bits.</summary>
    internal static void Accumulate<T>(int m, int n, int k, T* a, nint aRow, nint aColumn, T* b, nint bRow, nint bColumn, T* c, nint cRow, bool wide)
        where T : unmanaged
    {
        int width = PanelRowBytes / sizeof(T);
        scratch ??= GC.AllocateUninitializedArray<byte>(PanelDepth * PanelRowBytes + 64 + 8 * PanelRowBytes, pinned: true);
        byte* start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(scratch));
        var panel = (T*)(((nint)start + 63) & ~(nint)63);
        T* tile = panel + PanelDepth * width;
        for (int k0 = 0; k0 < k; k0 += PanelDepth)
        {
            int depth = Math.Min(PanelDepth, k - k0);
            for (int j0 = 0; j0 < n; j0 += width)
            {
                int columns = Math.Min(width, n - j0);
                Pack(depth, columns, width, b + k0 * bRow + j0 * bColumn, bRow, bColumn, panel);
                for (int i0 = 0; i0 < m; i0 += 8)
                {
                    int rows = Math.Min(8, m - i0);
                    T* aTile = a + i0 * aRow + k0 * aColumn;
                    T* cTile = c + i0 * cRow + j0;
                    if (columns == width)
                    {
                        Tile(rows, depth, aTile, aRow, aColumn, panel, cTile, cRow, wide);
                        continue;
                    }
                    // A narrow last panel is computed at full width in the scratch tile.
                    Copy(rows, columns, cTile, cRow, tile, width);
                    Tile(rows, depth, aTile, aRow, aColumn, panel, tile, width, wide);
                    Copy(rows, columns, tile, width, cTile, cRow);
                }
            }
        }
    }

    private static void Pack<T>(int depth, int columns, int width, T* b, nint bRow, nint bColumn, T* panel) where T : unmanaged
    {
        if (columns < width) new Span<T>(panel, depth * width).Clear();
        if (bColumn == 1)
        {
            for (int p = 0; p < depth; p++) new ReadOnlySpan<T>(b + p * bRow, columns).CopyTo(new Span<T>(panel + p * width, columns));
            return;
        }
        // Reads run along k (unit stride for a transposed B), four columns at a time so that writes share cache lines.
        int j = 0;
        for (; j + 4 <= columns; j += 4)
        {
            T* b0 = b + j * bColumn, b1 = b0 + bColumn, b2 = b1 + bColumn, b3 = b2 + bColumn;
            T* to = panel + j;
            for (int p = 0; p < depth; p++, to += width)
            {
                nint at = p * bRow;
                to[0] = b0[at];
                to[1] = b1[at];
                to[2] = b2[at];
                to[3] = b3[at];
            }
        }
        for (; j < columns; j++)
            for (int p = 0; p < depth; p++) panel[p * width + j] = b[p * bRow + j * bColumn];
    }

    private static void Copy<T>(int rows, int columns, T* from, nint fromRow, T* to, nint toRow) where T : unmanaged
    {
        for (int i = 0; i < rows; i++) new ReadOnlySpan<T>(from + i * fromRow, columns).CopyTo(new Span<T>(to + i * toRow, columns));
    }

    private static void Tile<T>(int rows, int depth, T* a, nint aRow, nint aColumn, T* panel, T* c, nint cRow, bool wide) where T : unmanaged
    {
        int i = 0;
        if (wide)
        {
            for (; i + 8 <= rows; i += 8) Tile8x512(depth, a + i * aRow, aRow, aColumn, panel, c + i * cRow, cRow);
            for (; i + 4 <= rows; i += 4) Tile4x512(depth, a + i * aRow, aRow, aColumn, panel, c + i * cRow, cRow);
            for (; i < rows; i++) Tile1x512(depth, a + i * aRow, aColumn, panel, c + i * cRow);
            return;
        }
        int half = PanelRowBytes / 2 / sizeof(T), width = PanelRowBytes / sizeof(T);
        for (int side = 0; side < width; side += half)
        {
            for (i = 0; i + 4 <= rows; i += 4) Tile4x256(depth, a + i * aRow, aRow, aColumn, panel + side, c + i * cRow + side, cRow);
            for (; i < rows; i++) Tile1x256(depth, a + i * aRow, aColumn, panel + side, c + i * cRow + side);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Fma<T>(Vector512<T> x, Vector512<T> y, Vector512<T> sum) where T : unmanaged
        => typeof(T) == typeof(float)
            ? Vector512.FusedMultiplyAdd(x.As<T, float>(), y.As<T, float>(), sum.As<T, float>()).As<float, T>()
            : Vector512.FusedMultiplyAdd(x.As<T, double>(), y.As<T, double>(), sum.As<T, double>()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Fma<T>(Vector256<T> x, Vector256<T> y, Vector256<T> sum) where T : unmanaged
        => typeof(T) == typeof(float)
            ? Vector256.FusedMultiplyAdd(x.As<T, float>(), y.As<T, float>(), sum.As<T, float>()).As<float, T>()
            : Vector256.FusedMultiplyAdd(x.As<T, double>(), y.As<T, double>(), sum.As<T, double>()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x512<T>(int depth, T* a, nint aRow, nint aColumn, T* panel, T* c, nint cRow) where T : unmanaged
    {
        int lanes = Vector512<T>.Count;
        T* a4 = a + 4 * aRow;
        nint row2 = 2 * aRow, row3 = 3 * aRow;
        T* c4 = c + 4 * cRow;
        nint to2 = 2 * cRow, to3 = 3 * cRow;
        Vector512<T> s00 = Vector512.Load(c), s01 = Vector512.Load(c + lanes);
        Vector512<T> s10 = Vector512.Load(c + cRow), s11 = Vector512.Load(c + cRow + lanes);
        Vector512<T> s20 = Vector512.Load(c + to2), s21 = Vector512.Load(c + to2 + lanes);
        Vector512<T> s30 = Vector512.Load(c + to3), s31 = Vector512.Load(c + to3 + lanes);
        Vector512<T> s40 = Vector512.Load(c4), s41 = Vector512.Load(c4 + lanes);
        Vector512<T> s50 = Vector512.Load(c4 + cRow), s51 = Vector512.Load(c4 + cRow + lanes);
        Vector512<T> s60 = Vector512.Load(c4 + to2), s61 = Vector512.Load(c4 + to2 + lanes);
        Vector512<T> s70 = Vector512.Load(c4 + to3), s71 = Vector512.Load(c4 + to3 + lanes);
        for (int p = 0; p < depth; p++)
        {
            Vector512<T> b0 = Vector512.LoadAligned(panel), b1 = Vector512.LoadAligned(panel + lanes);
            panel += 2 * lanes;
            var x = Vector512.Create(a[0]);
            s00 = Fma(x, b0, s00);
            s01 = Fma(x, b1, s01);
            x = Vector512.Create(a[aRow]);
            s10 = Fma(x, b0, s10);
            s11 = Fma(x, b1, s11);
            x = Vector512.Create(a[row2]);
            s20 = Fma(x, b0, s20);
            s21 = Fma(x, b1, s21);
            x = Vector512.Create(a[row3]);
            s30 = Fma(x, b0, s30);
            s31 = Fma(x, b1, s31);
            x = Vector512.Create(a4[0]);
            s40 = Fma(x, b0, s40);
            s41 = Fma(x, b1, s41);
            x = Vector512.Create(a4[aRow]);
            s50 = Fma(x, b0, s50);
            s51 = Fma(x, b1, s51);
            x = Vector512.Create(a4[row2]);
            s60 = Fma(x, b0, s60);
            s61 = Fma(x, b1, s61);
            x = Vector512.Create(a4[row3]);
            s70 = Fma(x, b0, s70);
            s71 = Fma(x, b1, s71);
            a += aColumn;
            a4 += aColumn;
        }
        s00.Store(c);
        s01.Store(c + lanes);
        s10.Store(c + cRow);
        s11.Store(c + cRow + lanes);
        s20.Store(c + to2);
        s21.Store(c + to2 + lanes);
        s30.Store(c + to3);
        s31.Store(c + to3 + lanes);
        s40.Store(c4);
        s41.Store(c4 + lanes);
        s50.Store(c4 + cRow);
        s51.Store(c4 + cRow + lanes);
        s60.Store(c4 + to2);
        s61.Store(c4 + to2 + lanes);
        s70.Store(c4 + to3);
        s71.Store(c4 + to3 + lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x512<T>(int depth, T* a, nint aRow, nint aColumn, T* panel, T* c, nint cRow) where T : unmanaged
    {
        int lanes = Vector512<T>.Count;
        nint row2 = 2 * aRow, row3 = 3 * aRow, to2 = 2 * cRow, to3 = 3 * cRow;
        Vector512<T> s00 = Vector512.Load(c), s01 = Vector512.Load(c + lanes);
        Vector512<T> s10 = Vector512.Load(c + cRow), s11 = Vector512.Load(c + cRow + lanes);
        Vector512<T> s20 = Vector512.Load(c + to2), s21 = Vector512.Load(c + to2 + lanes);
        Vector512<T> s30 = Vector512.Load(c + to3), s31 = Vector512.Load(c + to3 + lanes);
        for (int p = 0; p < depth; p++)
        {
            Vector512<T> b0 = Vector512.LoadAligned(panel), b1 = Vector512.LoadAligned(panel + lanes);
            panel += 2 * lanes;
            var x = Vector512.Create(a[0]);
            s00 = Fma(x, b0, s00);
            s01 = Fma(x, b1, s01);
            x = Vector512.Create(a[aRow]);
            s10 = Fma(x, b0, s10);
            s11 = Fma(x, b1, s11);
            x = Vector512.Create(a[row2]);
            s20 = Fma(x, b0, s20);
            s21 = Fma(x, b1, s21);
            x = Vector512.Create(a[row3]);
            s30 = Fma(x, b0, s30);
            s31 = Fma(x, b1, s31);
            a += aColumn;
        }
        s00.Store(c);
        s01.Store(c + lanes);
        s10.Store(c + cRow);
        s11.Store(c + cRow + lanes);
        s20.Store(c + to2);
        s21.Store(c + to2 + lanes);
        s30.Store(c + to3);
        s31.Store(c + to3 + lanes);
    }

    private static void Tile1x512<T>(int depth, T* a, nint aColumn, T* panel, T* c) where T : unmanaged
    {
        int lanes = Vector512<T>.Count;
        Vector512<T> s0 = Vector512.Load(c), s1 = Vector512.Load(c + lanes);
        for (int p = 0; p < depth; p++, panel += 2 * lanes, a += aColumn)
        {
            var x = Vector512.Create(a[0]);
            s0 = Fma(x, Vector512.LoadAligned(panel), s0);
            s1 = Fma(x, Vector512.LoadAligned(panel + lanes), s1);
        }
        s0.Store(c);
        s1.Store(c + lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x256<T>(int depth, T* a, nint aRow, nint aColumn, T* panel, T* c, nint cRow) where T : unmanaged
    {
        int lanes = Vector256<T>.Count;
        nint row2 = 2 * aRow, row3 = 3 * aRow, to2 = 2 * cRow, to3 = 3 * cRow;
        Vector256<T> s00 = Vector256.Load(c), s01 = Vector256.Load(c + lanes);
        Vector256<T> s10 = Vector256.Load(c + cRow), s11 = Vector256.Load(c + cRow + lanes);
        Vector256<T> s20 = Vector256.Load(c + to2), s21 = Vector256.Load(c + to2 + lanes);
        Vector256<T> s30 = Vector256.Load(c + to3), s31 = Vector256.Load(c + to3 + lanes);
        for (int p = 0; p < depth; p++)
        {
            Vector256<T> b0 = Vector256.LoadAligned(panel), b1 = Vector256.LoadAligned(panel + lanes);
            panel += 4 * lanes;
            var x = Vector256.Create(a[0]);
            s00 = Fma(x, b0, s00);
            s01 = Fma(x, b1, s01);
            x = Vector256.Create(a[aRow]);
            s10 = Fma(x, b0, s10);
            s11 = Fma(x, b1, s11);
            x = Vector256.Create(a[row2]);
            s20 = Fma(x, b0, s20);
            s21 = Fma(x, b1, s21);
            x = Vector256.Create(a[row3]);
            s30 = Fma(x, b0, s30);
            s31 = Fma(x, b1, s31);
            a += aColumn;
        }
        s00.Store(c);
        s01.Store(c + lanes);
        s10.Store(c + cRow);
        s11.Store(c + cRow + lanes);
        s20.Store(c + to2);
        s21.Store(c + to2 + lanes);
        s30.Store(c + to3);
        s31.Store(c + to3 + lanes);
    }

    private static void Tile1x256<T>(int depth, T* a, nint aColumn, T* panel, T* c) where T : unmanaged
    {
        int lanes = Vector256<T>.Count;
        Vector256<T> s0 = Vector256.Load(c), s1 = Vector256.Load(c + lanes);
        for (int p = 0; p < depth; p++, panel += 4 * lanes, a += aColumn)
        {
            var x = Vector256.Create(a[0]);
            s0 = Fma(x, Vector256.LoadAligned(panel), s0);
            s1 = Fma(x, Vector256.LoadAligned(panel + lanes), s1);
        }
        s0.Store(c);
        s1.Store(c + lanes);
    }
}
