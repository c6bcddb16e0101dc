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
        int width = PanelRowBytes / sizeof(T);
        if (wide)
        {
            MatrixTile<T, Vector512<T>, Lanes512<T>>.Run(rows, depth, a, aRow, aColumn, panel, width, c, cRow);
            return;
        }
        for (int side = 0; side < width; side += width / 2)
            MatrixTile<T, Vector256<T>, Lanes256<T>>.Run(rows, depth, a, aRow, aColumn, panel + side, width, c + side, cRow);
    }
}
