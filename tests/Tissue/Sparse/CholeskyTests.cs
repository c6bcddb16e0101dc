using CsCheck;
using ExampleMlFarm.Simulation.Sparse;

namespace ExampleMlFarm.Tests.Tissue.Sparse;

public sealed unsafe class CholeskyTests
{
    /// <summary>A random graph of n nodes and a matrix on it that is positive definite by dominance, or made indefinite.</summary>
    static (NodeGraph Graph, double[,] Dense) Matrix(int n, int extra, uint seed, double diagonal)
    {
        var state = seed | 1UL;
        double Next() { state = state * 6364136223846793005 + 1442695040888963407; return (state >> 11) * (1.0 / (1UL << 53)); }
        var edges = new SortedSet<(int, int)>();
        for (var i = 1; i < n; i++) if (Next() < 0.9) edges.Add(((int)(Next() * i), i));
        for (var k = 0; k < extra && n > 1; k++)
        {
            int a = (int)(Next() * n), b = (int)(Next() * n);
            if (a != b) edges.Add((Math.Min(a, b), Math.Max(a, b)));
        }
        var lists = Enumerable.Range(0, n).Select(_ => new SortedSet<int>()).ToArray();
        var dense = new double[3 * n, 3 * n];
        foreach (var (a, b) in edges)
        {
            lists[a].Add(b);
            lists[b].Add(a);
            for (var r = 0; r < 3; r++)
                for (var c = 0; c < 3; c++) dense[3 * a + r, 3 * b + c] = dense[3 * b + c, 3 * a + r] = Next() - 0.5;
        }
        for (var i = 0; i < 3 * n; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < 3 * n; j++) sum += Math.Abs(dense[i, j]);
            dense[i, i] = diagonal * (sum + 0.1);
        }
        var starts = new int[n + 1];
        for (var i = 0; i < n; i++) starts[i + 1] = starts[i] + lists[i].Count;
        return (new NodeGraph(starts, [.. lists.SelectMany(l => l)]), dense);
    }

    static AlignedBuffer Blocks(BlockSymbolic symbolic, double[,] dense)
    {
        var blocks = new AlignedBuffer(12L * symbolic.BlockCount);
        for (var j = 0; j < symbolic.Count; j++)
            for (var b = symbolic.ColumnStarts[j]; b < symbolic.ColumnStarts[j + 1]; b++)
                for (var c = 0; c < 3; c++)
                    for (var r = 0; r < 3; r++)
                        blocks.Pointer[12 * b + 4 * c + r] = dense[3 * symbolic.Order[symbolic.BlockRows[b]] + r, 3 * symbolic.Order[j] + c];
        return blocks;
    }

    [Fact]
    public void Solution_of_any_definite_matrix_reproduces_its_right_hand_side() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, 120], Gen.UInt).Sample((n, extra, seed) =>
        {
            var (graph, dense) = Matrix(n, extra, seed, 1);
            var symbolic = BlockSymbolic.Analyse(graph, MinimumDegreeOrdering.Order(graph));
            Assert.Equal(Enumerable.Range(0, n), symbolic.Order.Order());
            var cholesky = new BlockCholesky(symbolic);
            Assert.True(cholesky.Factor(Blocks(symbolic, dense).Pointer));
            var x = new AlignedBuffer(3 * n);
            for (var i = 0; i < 3 * n; i++) x.Span[i] = Math.Sin(i + 1);
            cholesky.Solve(x.Pointer);
            for (var i = 0; i < n; i++)
                for (var r = 0; r < 3; r++)
                {
                    var sum = 0.0;
                    for (var j = 0; j < n; j++)
                        for (var c = 0; c < 3; c++) sum += dense[3 * symbolic.Order[i] + r, 3 * symbolic.Order[j] + c] * x.Span[3 * j + c];
                    Assert.Equal(Math.Sin(3 * i + r + 1), sum, 1e-9);
                }
        }, iter: 60);

    [Fact]
    public void Indefinite_matrix_is_refused_and_the_next_one_factors()
    {
        var (graph, dense) = Matrix(40, 60, 7, 1);
        var symbolic = BlockSymbolic.Analyse(graph, MinimumDegreeOrdering.Order(graph));
        var cholesky = new BlockCholesky(symbolic);
        var good = Blocks(symbolic, dense);
        dense[60, 60] = -dense[60, 60];
        Assert.False(cholesky.Factor(Blocks(symbolic, dense).Pointer));
        Assert.True(cholesky.Factor(good.Pointer));
    }

    [Fact]
    public void Order_of_a_grid_fills_far_less_than_its_natural_order()
    {
        const int Side = 14;
        var neighbours = new List<int>();
        var starts = new int[Side * Side + 1];
        for (var i = 0; i < Side * Side; i++)
        {
            foreach (var (dx, dy) in new[] { (0, -1), (-1, 0), (1, 0), (0, 1) })
                if (i % Side + dx is >= 0 and < Side && i / Side + dy is >= 0 and < Side) neighbours.Add(i + dx + dy * Side);
            starts[i + 1] = neighbours.Count;
        }
        var graph = new NodeGraph(starts, [.. neighbours]);
        var ordered = BlockSymbolic.Analyse(graph, MinimumDegreeOrdering.Order(graph)).MultiplyAdds;
        var natural = BlockSymbolic.Analyse(graph, [.. Enumerable.Range(0, Side * Side)]).MultiplyAdds;
        Assert.True(ordered < 0.6 * natural, $"{ordered:G3} against {natural:G3}");
    }
}
