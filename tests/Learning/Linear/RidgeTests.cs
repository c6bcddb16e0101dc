using System.Globalization;
using System.Runtime.InteropServices;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Learning.Linear;
using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Tests.Learning.Oracles;

namespace ExampleMlFarm.Tests.Learning.Linear;

public class RidgeTests
{
    [Theory]
    [InlineData(60, 9, 0)]
    [InlineData(60, 9, 1e-13)]
    public void Random_affine_map_is_recovered(int n, int d, double decay)
    {
        double[] x = Normal(n * d), w = Normal(3 * d), y = new double[n * 3];
        for (int r = 0; r < n; r++)
            for (int t = 0; t < 3; t++)
            {
                y[r * 3 + t] = t - 1.5;
                for (int i = 0; i < d; i++) y[r * 3 + t] += w[t * d + i] * x[r * d + i];
            }
        var model = Ridge.Fit(x, d, y, 3, decay);
        for (int i = 0; i < w.Length; i++) Assert.Equal(w[i], model.Weight[i], 1e-10);
        for (int t = 0; t < 3; t++) Assert.Equal(t - 1.5, model.Bias[t], 1e-10);
        var (error, determination) = model.Measure(x, y);
        Assert.All(error, e => Assert.Equal(0, e, 1e-10));
        Assert.All(determination, r => Assert.Equal(1, r, 1e-10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Weights_equal_those_of_sklearn(int problem)
    {
        Python.Require("sklearn");
        var (n, d, decay) = Problems[problem];
        var model = Ridge.Fit(Normal(n * d), d, Normal(n * 2), 2, decay);
        double[] ours = [.. model.Weight, .. model.Bias], oracle = Sklearn.Value[problem];
        for (int i = 0; i < ours.Length; i++) Assert.Equal(oracle[i], ours[i], 1e-8);
    }

    private static readonly (int N, int D, double Decay)[] Problems = [(80, 12, 0.5), (20, 45, 0.5), (80, 12, 0), (200, 30, 1e-6)];

    /// <summary>Weights and biases of every problem, from one run of Python: its start is most of the time.</summary>
    private static readonly Lazy<double[][]> Sklearn = new(() => Python.Rows("""
        import numpy as np
        from sklearn.linear_model import Ridge
        for i, (n, d, decay) in enumerate(CASES):
            x = np.fromfile(f'x{i}').reshape(int(n), int(d)); y = np.fromfile(f'y{i}').reshape(int(n), 2)
            m = Ridge(alpha=decay, solver='svd').fit(x, y)
            print(*m.coef_.ravel(), *m.intercept_)
        """.Replace("CASES", "[" + string.Join(", ", Problems.Select(p => string.Create(CultureInfo.InvariantCulture, $"({p.N}, {p.D}, {p.Decay:r})"))) + "]", StringComparison.Ordinal),
        [.. Problems.SelectMany((p, i) => ((string, byte[])[])[($"x{i}", Bytes(Normal(p.N * p.D))), ($"y{i}", Bytes(Normal(p.N * 2)))])]));

    private static byte[] Bytes(double[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    [Fact]
    public void Without_decay_and_with_fewer_rows_than_columns_the_least_norm_is_taken()
    {
        double[] x = Normal(5 * 12), y = Normal(5);
        var least = Ridge.Fit(x, 12, y, 1);
        var nearly = Ridge.Fit(x, 12, y, 1, 1e-10);
        for (int i = 0; i < 12; i++) Assert.Equal(nearly.Weight[i], least.Weight[i], 1e-7);
        double[] predicted = least.Predict(x);
        for (int r = 0; r < 5; r++) Assert.Equal(y[r], predicted[r], 1e-10);
    }

    [Fact]
    public void Inaccurate_solution_is_refused_with_the_residual()
    {
        // Two columns that differ by one part in 10^10, one of them a million times as large as anything else.
        double[] a = Normal(40), x = new double[120];
        for (int r = 0; r < 40; r++) (x[3 * r], x[3 * r + 1], x[3 * r + 2]) = (1e8 * a[r], 1e8 * a[r] * (1 + 1e-13 * (r % 3)), 1);
        var error = Assert.Throws<FarmException>(() => Ridge.Fit(x, 3, Normal(40), 1, 1e-30, 1e-18)).Failure;
        Assert.Equal("ridge.inaccurate", error.Code);
    }

    [Fact]
    public void Condition_estimate_grows_with_the_spread_of_the_columns()
    {
        double[] x = Normal(400), y = Normal(100), scaled = [.. x.Select((v, i) => i % 4 == 0 ? 1000 * v : v)];
        double even = Ridge.Fit(x, 4, y, 1, 1e-6).ConditionEstimate, uneven = Ridge.Fit(scaled, 4, y, 1, 1e-6).ConditionEstimate;
        Assert.InRange(even, 1, 10);
        Assert.InRange(uneven, 3e5, 1e7);
    }

    [Fact]
    public void Bad_input_is_reported_by_row_and_column()
    {
        double[] x = Normal(12);
        x[7] = double.NaN;
        Assert.Contains("input row 2, column 1 is NaN", Assert.Throws<FarmException>(() => Ridge.Fit(x, 3, Normal(4), 1)).Failure.Message);
        Assert.Contains("weight_decay is -1", Assert.Throws<FarmException>(() => Ridge.Fit(Normal(12), 3, Normal(4), 1, -1)).Failure.Message);
        Assert.Throws<FarmException>(() => Ridge.Fit(Normal(13), 3, Normal(4), 1));
    }

    [Fact]
    public void Exported_network_is_the_same_map()
    {
        double[] x = Normal(60);
        var model = Ridge.Fit(x, 3, Normal(40), 2, 0.1);
        float[] rows = [.. x.Select(v => (float)v)];
        float[] predicted = model.Predict(rows), network = model.ToNetwork().Evaluate(rows);
        for (int i = 0; i < predicted.Length; i++) Assert.Equal(predicted[i], network[i], 1e-5f);
    }

    [Theory]
    [InlineData("bostonHousing", 4.5880, 4.1597)]
    [InlineData("yacht", 8.9695, 7.1450)]
    [InlineData("wine-quality-red", 0.6544, 0.7345)]
    [InlineData("energy", 3.0560, 1.8130)]
    public void Published_splits_give_the_published_errors(string set, double ridge, double nearest)
    {
        string? folder = Uci.Find(set);
        Assert.SkipUnless(folder is not null, $"shared/data/uci/{set} is not beside this checkout");
        var (ridgeError, nearestError) = Uci.Measure(folder);
        Assert.Equal(ridge, ridgeError, 6e-5);
        // Yacht and energy are designed on grids: many neighbours are equally near, and rounding chooses among them.
        Assert.Equal(nearest, nearestError, set is "yacht" or "energy" ? 0.01 * nearest : 6e-5);
    }

    internal static double[] Normal(int count)
    {
        var random = CounterRandom.Keyed(7, "test", count, "numbers");
        return [.. Enumerable.Range(0, count).Select(i => random.Normal((uint)i))];
    }
}
