using System.Runtime.CompilerServices;

namespace ExampleMlFarm.Learning.Dense;

/// <summary>
/// C [rows, 2 V] += A [rows, depth] · panel [depth, 2 V]: two vectors of each row of C stay in registers while the depth is walked. Knows nothing of
/// blocking.
/// </summary>
internal static unsafe class MatrixTile<T, V, TLanes> where T : unmanaged where TLanes : struct, ILanes<T, V>
{
    /// <summary>All rows: eight at a time where there are registers for sixteen sums, then four, then one.</summary>
    public static void Run(int rows, int depth, T* a, nint aRow, nint aColumn, T* panel, int panelRow, T* c, nint cRow)
    {
        int i = 0;
        if (TLanes.Count * sizeof(T) == 64)
            for (; i + 8 <= rows; i += 8) Eight(depth, a + i * aRow, aRow, aColumn, panel, panelRow, c + i * cRow, cRow);
        for (; i + 4 <= rows; i += 4) Four(depth, a + i * aRow, aRow, aColumn, panel, panelRow, c + i * cRow, cRow);
        for (; i < rows; i++) One(depth, a + i * aRow, aColumn, panel, panelRow, c + i * cRow);
    }

    /// <summary>Sums of four rows.</summary>
    private struct Sums
    {
        public V S00, S01, S10, S11, S20, S21, S30, S31;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Sums Load(T* c, nint cRow)
        {
            int lanes = TLanes.Count;
            Sums s;
            (s.S00, s.S01) = (TLanes.Load(c), TLanes.Load(c + lanes));
            (s.S10, s.S11) = (TLanes.Load(c + cRow), TLanes.Load(c + cRow + lanes));
            (s.S20, s.S21) = (TLanes.Load(c + 2 * cRow), TLanes.Load(c + 2 * cRow + lanes));
            (s.S30, s.S31) = (TLanes.Load(c + 3 * cRow), TLanes.Load(c + 3 * cRow + lanes));
            return s;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(T* a, nint row, nint row2, nint row3, V b0, V b1)
        {
            V x = TLanes.All(a[0]);
            S00 = TLanes.Fma(x, b0, S00);
            S01 = TLanes.Fma(x, b1, S01);
            x = TLanes.All(a[row]);
            S10 = TLanes.Fma(x, b0, S10);
            S11 = TLanes.Fma(x, b1, S11);
            x = TLanes.All(a[row2]);
            S20 = TLanes.Fma(x, b0, S20);
            S21 = TLanes.Fma(x, b1, S21);
            x = TLanes.All(a[row3]);
            S30 = TLanes.Fma(x, b0, S30);
            S31 = TLanes.Fma(x, b1, S31);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(T* c, nint cRow)
        {
            int lanes = TLanes.Count;
            TLanes.Store(S00, c);
            TLanes.Store(S01, c + lanes);
            TLanes.Store(S10, c + cRow);
            TLanes.Store(S11, c + cRow + lanes);
            TLanes.Store(S20, c + 2 * cRow);
            TLanes.Store(S21, c + 2 * cRow + lanes);
            TLanes.Store(S30, c + 3 * cRow);
            TLanes.Store(S31, c + 3 * cRow + lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight(int depth, T* a, nint aRow, nint aColumn, T* panel, int panelRow, T* c, nint cRow)
    {
        int lanes = TLanes.Count;
        T* a4 = a + 4 * aRow;
        nint row2 = 2 * aRow, row3 = 3 * aRow;
        Sums upper = Sums.Load(c, cRow), lower = Sums.Load(c + 4 * cRow, cRow);
        for (int p = 0; p < depth; p++)
        {
            V b0 = TLanes.LoadAligned(panel), b1 = TLanes.LoadAligned(panel + lanes);
            panel += panelRow;
            upper.Add(a, aRow, row2, row3, b0, b1);
            lower.Add(a4, aRow, row2, row3, b0, b1);
            a += aColumn;
            a4 += aColumn;
        }
        upper.Store(c, cRow);
        lower.Store(c + 4 * cRow, cRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(int depth, T* a, nint aRow, nint aColumn, T* panel, int panelRow, T* c, nint cRow)
    {
        int lanes = TLanes.Count;
        nint row2 = 2 * aRow, row3 = 3 * aRow;
        var sums = Sums.Load(c, cRow);
        for (int p = 0; p < depth; p++)
        {
            sums.Add(a, aRow, row2, row3, TLanes.LoadAligned(panel), TLanes.LoadAligned(panel + lanes));
            panel += panelRow;
            a += aColumn;
        }
        sums.Store(c, cRow);
    }

    private static void One(int depth, T* a, nint aColumn, T* panel, int panelRow, T* c)
    {
        int lanes = TLanes.Count;
        V s0 = TLanes.Load(c), s1 = TLanes.Load(c + lanes);
        for (int p = 0; p < depth; p++, panel += panelRow, a += aColumn)
        {
            V x = TLanes.All(a[0]);
            s0 = TLanes.Fma(x, TLanes.LoadAligned(panel), s0);
            s1 = TLanes.Fma(x, TLanes.LoadAligned(panel + lanes), s1);
        }
        TLanes.Store(s0, c);
        TLanes.Store(s1, c + lanes);
    }
}
