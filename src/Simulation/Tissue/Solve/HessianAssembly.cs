using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ExampleMlFarm.Simulation.Sparse;
using Quad = System.Runtime.Intrinsics.Vector256<double>;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// Second derivatives of the elastic energy as blocks of the lower triangle, exact or made positive semi-definite
/// element by element.
/// </summary>
/// <remarks>
/// The exact one is <c>mu L + lambda/V a a^T + (lambda (J-1) - mu) d a/dx</c> with a = V dJ/dx: a constant Laplacian,
/// a rank-one term and cross-product matrices of opposite edges, so no element matrix is ever formed.
/// The layout is that of <see cref="BlockCholesky"/>.
/// </remarks>
internal sealed unsafe class HessianAssembly(ElasticMesh mesh, ElasticEnergy energy)
{
    /// <summary>[blocks + 1, 12]; the last block swallows what belongs to held nodes.</summary>
    public AlignedBuffer Blocks { get; } = new(12L * (mesh.Symbolic.BlockCount + 1));

    /// <summary>Exact second derivatives at the positions of the last <see cref="ElasticEnergy.Evaluate"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Exact(double* x)
    {
        var blocks = Blocks.Pointer;
        for (var b = 0; b < mesh.Laplacian.Length; b++)
        {
            var value = energy.Mu * mesh.Laplacian[b];
            var at = blocks + 12L * b;
            Vector256.Create(value, 0, 0, 0).Store(at);
            Vector256.Create(0, value, 0, 0).Store(at + 4);
            Vector256.Create(0, 0, value, 0).Store(at + 8);
        }
        var a = stackalloc double[16];
        var w = stackalloc double[24];
        var pairs = ElasticMesh.Pairs;
        fixed (int* allCorners = mesh.Corners, allBlocks = mesh.PairBlocks, allDiagonals = mesh.DiagonalBlocks)
            for (var t = 0; t < mesh.TetCount; t++)
            {
                var saved = energy.Volumetric.Pointer + t / 8 * 80 + t % 8;
                for (var p = 0; p < 3; p++)
                    for (var k = 0; k < 3; k++) a[4 * (p + 1) + k] = saved[(3 * p + k) * 8];
                for (var k = 0; k < 3; k++) a[k] = -(a[4 + k] + a[8 + k] + a[12 + k]);
                var pressure = saved[72] / 6;
                var corners = allCorners + 4 * t;
                double* x0 = x + 3 * corners[0], x1 = x + 3 * corners[1], x2 = x + 3 * corners[2], x3 = x + 3 * corners[3];
                for (var k = 0; k < 3; k++)
                {
                    double e1 = (x1[k] - x0[k]) * pressure, e2 = (x2[k] - x0[k]) * pressure, e3 = (x3[k] - x0[k]) * pressure;
                    w[k] = e2 - e3; w[4 + k] = e3 - e1; w[8 + k] = e1 - e2; w[12 + k] = -e3; w[16 + k] = e2; w[20 + k] = -e1;
                }
                var rank = Vector256.Create(energy.Lambda / mesh.Volumes.Pointer[t]);
                var swaps = mesh.PairSwaps[t];
                for (var k = 0; k < 6; k++)
                {
                    var swap = (swaps >> k) & 1;
                    double* ar = a + 4 * pairs[2 * k + swap], ac = a + 4 * pairs[2 * k + 1 - swap];
                    var sign = 1 - 2 * swap;
                    double wx = sign * w[4 * k], wy = sign * w[4 * k + 1], wz = sign * w[4 * k + 2];
                    var row = Vector256.Load(ar) * rank;
                    var at = blocks + 12L * allBlocks[6 * t + k];
                    (Vector256.Load(at) + row * Vector256.Create(ac[0]) + Vector256.Create(0, wz, -wy, 0)).Store(at);
                    (Vector256.Load(at + 4) + row * Vector256.Create(ac[1]) + Vector256.Create(-wz, 0, wx, 0)).Store(at + 4);
                    (Vector256.Load(at + 8) + row * Vector256.Create(ac[2]) + Vector256.Create(wy, -wx, 0, 0)).Store(at + 8);
                }
                for (var p = 0; p < 4; p++)
                {
                    var row = Vector256.Load(a + 4 * p) * rank;
                    var at = blocks + 12L * allDiagonals[4 * t + p];
                    for (var c = 0; c < 3; c++) (Vector256.Load(at + 4 * c) + row * Vector256.Create(a[4 * p + c])).Store(at + 4 * c);
                }
            }
    }

    /// <summary>The same with every element's matrix replaced by its nearest positive semi-definite one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Projected(double* x)
    {
        Blocks.Span.Clear();
        var lanes = stackalloc double[ProjectedElements.Blocks * 72];
        fixed (int* corners = mesh.LaneCorners)
            for (var g = 0; g < mesh.GroupCount; g++)
            {
                ProjectedElements.Compute(x, corners + 32 * g, mesh.RestInverse.Pointer + 72 * g, mesh.Volumes.Pointer + 8 * g, energy.Mu, energy.Lambda, lanes);
                var count = Math.Min(8, mesh.TetCount - 8 * g);
                for (var lane = 0; lane < count; lane++) AddElement(8 * g + lane, lanes + lane);
            }
    }

    /// <summary>Adds one element's blocks; those of corner 0 are minus the sums of the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void AddElement(int t, double* lanes)
    {
        double* k11 = lanes, k21 = lanes + 72, k22 = lanes + 144, k31 = lanes + 216, k32 = lanes + 288, k33 = lanes + 360;
        var to = Blocks.Pointer;
        var swaps = mesh.PairSwaps[t];
        double* d0 = to + 12L * mesh.DiagonalBlocks[4 * t], d1 = to + 12L * mesh.DiagonalBlocks[4 * t + 1], d2 = to + 12L * mesh.DiagonalBlocks[4 * t + 2], d3 = to + 12L * mesh.DiagonalBlocks[4 * t + 3];
        double* t01 = to + 12L * mesh.PairBlocks[6 * t], t02 = to + 12L * mesh.PairBlocks[6 * t + 1], t03 = to + 12L * mesh.PairBlocks[6 * t + 2];
        double* t12 = to + 12L * mesh.PairBlocks[6 * t + 3], t13 = to + 12L * mesh.PairBlocks[6 * t + 4], t23 = to + 12L * mesh.PairBlocks[6 * t + 5];
        for (var c = 0; c < 3; c++)
            for (var r = 0; r < 3; r++)
            {
                int at = 4 * c + r, mirror = 4 * r + c, i = 8 * (3 * c + r), j = 8 * (3 * r + c);
                d1[at] += k11[i]; d2[at] += k22[i]; d3[at] += k33[i];
                // Rows are corners 2 and 3 of pairs (1,2), (1,3), (2,3); a block stored with the first corner as row is transposed.
                t12[(swaps & 8) != 0 ? at : mirror] += k21[i];
                t13[(swaps & 16) != 0 ? at : mirror] += k31[i];
                t23[(swaps & 32) != 0 ? at : mirror] += k32[i];
                double row1 = k11[i] + k21[i] + k31[i], row2 = k21[j] + k22[i] + k32[i], row3 = k31[j] + k32[j] + k33[i];
                // Column q of corner 0: K_0q = -(K_1q + K_2q + K_3q).
                t01[(swaps & 1) == 0 ? at : mirror] -= row1;
                t02[(swaps & 2) == 0 ? at : mirror] -= row2;
                t03[(swaps & 4) == 0 ? at : mirror] -= row3;
                d0[at] += row1 + row2 + row3;
            }
    }

    /// <summary>Adds s times the identity to a free node's diagonal block.</summary>
    public void AddToDiagonal(int node, double s)
    {
        var at = Blocks.Pointer + 12L * mesh.Symbolic.ColumnStarts[node];
        at[0] += s; at[5] += s; at[10] += s;
    }
}
