using CsCheck;
using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Tests.Learning.Linear;
using ExampleMlFarm.Tests.Learning.Oracles;
using static ExampleMlFarm.Tests.Learning.Regression.KernelRegressionTests;

namespace ExampleMlFarm.Tests.Learning.Regression;

public class NeighbourTests
{
    [Theory]
    [InlineData(1000, 10_000, 3, 1)]
    [InlineData(1500, 500, 3, 7)]
    [InlineData(600, 300, 12, 5)]
    [InlineData(5, 100, 2, 5)]
    public void Tree_and_blocks_find_what_looking_at_all_finds(int n, int m, int d, int k)
    {
        double[] rows = RidgeTests.Normal(n * d), queries = RidgeTests.Normal(m * d + d)[d..];
        // On a grid most distances occur many times.
        double[] grid = [.. rows.Select(v => Math.Round(v))], gridQueries = [.. queries.Select(v => Math.Round(v))];
        Agree(rows, queries, d, k);
        Agree(grid, gridQueries, d, k);
        Agree([.. rows.Select(v => v + 1e6)], [.. queries.Select(v => v + 1e6)], d, k);
    }

    [Fact]
    public void Any_table_and_any_query_give_the_same_neighbours_in_each_way()
        => Gen.Select(Gen.Int[1, 4], Gen.Int[1, 60], Gen.Int[0, 3]).SelectMany((d, n, levels) =>
                Gen.Select(Gen.Int[-levels, levels].Array[n * d], Gen.Int[-levels, levels].Array[3 * d], Gen.Int[1, n], (rows, queries, k) => (d, rows, queries, k)))
            .Sample(c => Agree([.. c.rows.Select(v => v / 3.0)], [.. c.queries.Select(v => v / 3.0)], c.d, c.k), iter: 1000, threads: 1);

    [Theory]
    [InlineData(NeighbourWeights.Uniform, "uniform")]
    [InlineData(NeighbourWeights.InverseDistance, "distance")]
    [InlineData(NeighbourWeights.Nearest, "nearest")]
    [InlineData(NeighbourWeights.Gaussian, "gaussian")]
    public void Predictions_equal_those_of_sklearn(NeighbourWeights weights, string name)
    {
        Python.Require("sklearn");
        const int n = 300, d = 4;
        double[] x = RidgeTests.Normal(n * d), y = RidgeTests.Normal(n * 2 + 1)[1..], q = [.. RidgeTests.Normal(60 * d + 2)[2..], .. x[..(5 * d)]];
        var model = NeighbourModel.Fit(x, d, y, 2, new() { Neighbours = 6, Weights = weights, Width = 0.8 });
        Near(Sklearn.Value[name], model.Predict(q), 1e-12);
    }

    private static readonly Lazy<Dictionary<string, double[]>> Sklearn = new(() => Python.Run("""
        import numpy as np
        from sklearn.neighbors import KNeighborsRegressor
        x = np.fromfile('x').reshape(-1, 4); y = np.fromfile('y').reshape(-1, 2); q = np.fromfile('q').reshape(-1, 4)
        for name, k, w in (('uniform', 6, 'uniform'), ('distance', 6, 'distance'), ('nearest', 1, 'uniform'), ('gaussian', 6, lambda d: np.exp(-d * d / (2 * .8 ** 2)))):
            print(name, *KNeighborsRegressor(k, weights=w).fit(x, y).predict(q).ravel())
        """, ("x", Bytes(RidgeTests.Normal(1200))), ("y", Bytes(RidgeTests.Normal(601)[1..])), ("q", Bytes([.. RidgeTests.Normal(242)[2..], .. RidgeTests.Normal(1200)[..20]])))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(l => l.Split(' ')[0], l => Python.Numbers(l[(l.IndexOf(' ') + 1)..])));

    [Fact]
    public void A_training_input_gives_its_own_target_and_distance_zero()
    {
        double[] x = RidgeTests.Normal(400), y = RidgeTests.Normal(100);
        foreach (var algorithm in Enum.GetValues<NeighbourAlgorithm>())
            foreach (bool standardize in (bool[])[false, true])
            {
                var model = NeighbourModel.Fit(x, 4, y, 1, new() { Algorithm = algorithm, Standardize = standardize });
                Assert.Equal(y, model.Predict(x));
                var (examples, distances) = model.Find(x, 1);
                Assert.Equal(Enumerable.Range(0, 100), examples);
                Assert.All(distances, s => Assert.Equal(0, s));
            }
        // Inverse distances give everything to exact hits, and what two exact hits share is their mean.
        double[] twice = [0, 0, 1], targets = [2, 4, 100];
        Assert.Equal(3, NeighbourModel.Fit(twice, 1, targets, 1, new() { Neighbours = 3, Weights = NeighbourWeights.InverseDistance }).Predict([0])[0]);
    }

    [Fact]
    public void Bad_input_is_reported_with_what_is_allowed()
    {
        double[] x = [0, 1, 2], y = [1, 2, 3];
        Refused("regression.option", "k is 4; it must lie between 1 and the 3 examples", () => NeighbourModel.Fit(x, 1, y, 1, new() { Neighbours = 4 }));
        Refused("regression.option", "k is 0", () => NeighbourModel.Fit(x, 1, y, 1, new() { Neighbours = 0 }));
        Refused("regression.input", "input row 1, column 0 is NaN", () => NeighbourModel.Fit([0, double.NaN, 2], 1, y, 1, new()));
        Refused("regression.input", "query row 0, column 0 is NaN", () => NeighbourModel.Fit(x, 1, y, 1, new()).Predict([double.NaN]));
        Refused("regression.option", "width is -1", () => NeighbourModel.Fit(x, 1, y, 1, new() { Width = -1 }));
    }

    private static void Agree(double[] rows, double[] queries, int d, int k)
    {
        int m = queries.Length / d, n = rows.Length / d;
        var expected = new List<int>();
        for (int q = 0; q < m; q++)
        {
            if (k > 1)
            {
                expected.AddRange(Enumerable.Range(0, n).Select(r => (Square(rows, r, queries, q, d), r)).Order().Take(k).Select(p => p.r));
                continue;
            }
            int best = 0;
            double least = double.PositiveInfinity;
            for (int r = 0; r < n; r++)
                if (Square(rows, r, queries, q, d) is var square && square < least) (best, least) = (r, square);
            expected.Add(best);
        }
        foreach (var algorithm in (NeighbourAlgorithm[])[NeighbourAlgorithm.KdTree, NeighbourAlgorithm.Blocked])
        {
            var found = new int[m * k];
            var squares = new double[m * k];
            NeighbourSearch.Over(rows, d, algorithm).Find(queries, k, found, squares);
            Assert.Equal(expected, found);
            for (int i = 0; i < found.Length; i++) Assert.Equal(Square(rows, found[i], queries, i / k, d), squares[i]);
        }
    }

    private static double Square(double[] rows, int r, double[] queries, int q, int d)
    {
        double sum = 0;
        for (int i = 0; i < d; i++)
        {
            double difference = queries[q * d + i] - rows[r * d + i];
            sum += difference * difference;
        }
        return sum;
    }
}
