using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ExampleMlFarm.Simulation.Sparse;

/// <summary>
/// Numeric multifrontal Cholesky factorisation of a matrix of 3x3 blocks on a fixed pattern, and its solves.
/// </summary>
/// <remarks>
/// Owns its memory and reuses it over factorisations, so an instance serves one thread at a time. Deterministic to
/// the bit, see <see cref="FrontKernels"/>.
/// A block is stored as three columns of four values (the fourth is padding): <c>block[12 b + 4 column + row]</c>.
/// </remarks>
internal sealed unsafe class BlockCholesky
{
    readonly BlockSymbolic symbolic;
    readonly AlignedBuffer panels;
    readonly AlignedBuffer inverseDiagonal;
    readonly AlignedBuffer stack;
    readonly AlignedBuffer gathered;
    readonly long[] panelOffsets;
    readonly int[] childStarts;
    readonly int[] children;

    public BlockCholesky(BlockSymbolic symbolic)
    {
        this.symbolic = symbolic;
        var count = symbolic.SuperCount;
        panelOffsets = new long[count + 1];
        childStarts = new int[count + 2];
        for (var s = 0; s < count; s++)
        {
            panelOffsets[s + 1] = panelOffsets[s] + (long)PanelRows(s) * Pivots(s);
            if (symbolic.Parents[s] >= 0) childStarts[symbolic.Parents[s] + 2]++;
        }
        for (var s = 0; s < count; s++) childStarts[s + 2] += childStarts[s + 1];
        children = new int[childStarts[count + 1]];
        for (var s = 0; s < count; s++)
            if (symbolic.Parents[s] is var p and >= 0) children[childStarts[p + 1]++] = s;

        long top = 0, peak = 0;
        var longest = 0;
        for (var s = 0; s < count; s++)
        {
            // Children's updates lie on top of the stack while their parent's own is being made above them.
            peak = Math.Max(peak, top + UpdateSize(s));
            foreach (var child in Children(s)) top -= UpdateSize(child);
            top += UpdateSize(s);
            longest = Math.Max(longest, UpdateOrder(s));
        }
        panels = new AlignedBuffer(panelOffsets[count]);
        inverseDiagonal = new AlignedBuffer(3L * symbolic.Count);
        stack = new AlignedBuffer(peak);
        gathered = new AlignedBuffer(Padded(longest));
    }

    /// <summary>Values stored in the factor, padding included.</summary>
    public long FactorLength => panelOffsets[^1];

    static int Padded(int n) => (n + 7) & ~7;
    int Pivots(int s) => 3 * symbolic.Columns(s);
    int UpdateOrder(int s) => 3 * symbolic.RowCount(s);
    int PanelRows(int s) => Padded(Pivots(s)) + Padded(UpdateOrder(s));
    long UpdateSize(int s) => (long)Padded(UpdateOrder(s)) * UpdateOrder(s);
    ReadOnlySpan<int> Children(int s) => children.AsSpan(childStarts[s], childStarts[s + 1] - childStarts[s]);

    /// <summary>Factors the matrix with the given blocks.</summary>
    /// <param name="blocks">[blocks, 3 columns, 4] lower triangle by <see cref="BlockSymbolic"/>'s block index.</param>
    /// <returns>False when the matrix is not positive definite to working precision; the factor is then unusable.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Factor(double* blocks)
    {
        long top = 0;
        for (var s = 0; s < symbolic.SuperCount; s++)
        {
            int pivots = Pivots(s), order = UpdateOrder(s), ld = PanelRows(s), ldu = Padded(order), below = Padded(pivots);
            var panel = panels.Pointer + panelOffsets[s];
            new Span<double>(panel, ld * pivots).Clear();
            ScatterBlocks(s, blocks, panel, ld, pivots, below);

            var update = stack.Pointer + top;
            new Span<double>(update, (int)UpdateSize(s)).Clear();
            var childTop = top;
            var own = Children(s);
            for (var i = own.Length - 1; i >= 0; i--)
            {
                childTop -= UpdateSize(own[i]);
                ExtendAdd(own[i], stack.Pointer + childTop, s, panel, ld, pivots, below, update, ldu);
            }
            if (!FrontKernels.FactorPanel(panel, ld, pivots, inverseDiagonal.Pointer + 3L * symbolic.SuperStarts[s])) return false;
            if (order > 0) FrontKernels.UpdateLower(update, ldu, panel + below, ld, pivots, order);
            if (childTop != top) Buffer.MemoryCopy(update, stack.Pointer + childTop, UpdateSize(s) * 8, UpdateSize(s) * 8);
            top = childTop + UpdateSize(s);
        }
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ScatterBlocks(int s, double* blocks, double* panel, int ld, int pivots, int below)
    {
        var first = symbolic.SuperStarts[s];
        for (var j = 0; j < symbolic.Columns(s); j++)
            for (var b = symbolic.ColumnStarts[first + j]; b < symbolic.ColumnStarts[first + j + 1]; b++)
            {
                var row = 3 * symbolic.BlockFrontRows[b];
                if (row >= pivots) row += below - pivots;
                var target = panel + 3L * j * ld + row;
                var block = blocks + 12L * b;
                for (var c = 0; c < 3; c++, target += ld, block += 4)
                {
                    target[0] = block[0]; target[1] = block[1]; target[2] = block[2];
                }
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ExtendAdd(int child, double* source, int s, double* panel, int ld, int pivots, int below, double* update, int ldu)
    {
        int n = symbolic.RowCount(child), lds = Padded(3 * n);
        fixed (int* positions = &symbolic.ParentPositions[symbolic.RowStarts[child]])
            for (var j = 0; j < n; j++)
            {
                var column = 3 * positions[j];
                var own = column < pivots;
                for (var c = 0; c < 3; c++)
                {
                    var from = source + (long)(3 * j + c) * lds;
                    // In the panel rows below the pivots are shifted by the padding, in the update by the pivots.
                    var to = own ? panel + (long)(column + c) * ld : update + (long)(column + c - pivots) * ldu - pivots;
                    var shift = own ? below - pivots : 0;
                    for (var i = j; i < n; i++)
                    {
                        var row = 3 * positions[i];
                        var at = to + row + (row >= pivots ? shift : 0);
                        var value = from + 3 * i;
                        at[0] += value[0]; at[1] += value[1]; at[2] += value[2];
                    }
                }
            }
    }

    /// <summary>Solves in place for one right-hand side [3 n], in elimination order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Solve(double* x)
    {
        var t = gathered.Pointer;
        for (var s = 0; s < symbolic.SuperCount; s++)
        {
            int pivots = Pivots(s), order = UpdateOrder(s), ld = PanelRows(s), below = Padded(pivots);
            var panel = panels.Pointer + panelOffsets[s];
            var own = x + 3L * symbolic.SuperStarts[s];
            var inverse = inverseDiagonal.Pointer + 3L * symbolic.SuperStarts[s];
            for (var j = 0; j < pivots; j++)
            {
                var column = panel + (long)j * ld;
                var v = own[j] *= inverse[j];
                for (var r = j + 1; r < pivots; r++) own[r] = Math.FusedMultiplyAdd(-column[r], v, own[r]);
            }
            if (order == 0) continue;
            new Span<double>(t, Padded(order)).Clear();
            FrontKernels.Multiply(panel + below, ld, Padded(order), pivots, own, t);
            var value = t;
            for (var k = symbolic.RowStarts[s]; k < symbolic.RowStarts[s + 1]; k++, value += 3)
            {
                var at = x + 3L * symbolic.Rows[k];
                at[0] -= value[0]; at[1] -= value[1]; at[2] -= value[2];
            }
        }
        for (var s = symbolic.SuperCount - 1; s >= 0; s--)
        {
            int pivots = Pivots(s), order = UpdateOrder(s), ld = PanelRows(s), below = Padded(pivots);
            var panel = panels.Pointer + panelOffsets[s];
            var own = x + 3L * symbolic.SuperStarts[s];
            var inverse = inverseDiagonal.Pointer + 3L * symbolic.SuperStarts[s];
            if (order > 0)
            {
                new Span<double>(t, Padded(order)).Clear();
                var value = t;
                for (var k = symbolic.RowStarts[s]; k < symbolic.RowStarts[s + 1]; k++, value += 3)
                {
                    var at = x + 3L * symbolic.Rows[k];
                    value[0] = at[0]; value[1] = at[1]; value[2] = at[2];
                }
                FrontKernels.SubtractTransposed(panel + below, ld, Padded(order), pivots, t, own);
            }
            for (var j = pivots - 1; j >= 0; j--)
            {
                var column = panel + (long)j * ld;
                var v = own[j];
                for (var r = j + 1; r < pivots; r++) v = Math.FusedMultiplyAdd(-column[r], own[r], v);
                own[j] = v * inverse[j];
            }
        }
    }
}
