using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Learning.Regression;

namespace ExampleMlFarm.Bench.Regression;

/// <summary>A problem, our way to predict its queries, and Python's: an expression over x, y, q.</summary>
internal sealed record Case(string Name, int Columns, int Outputs, double[] Inputs, double[] Targets, double[] Queries, Func<double[], double[], double[], double[]> Ours, string Python);

/// <summary>Fit and predict, as often as the sizes that nodes meet.</summary>
internal static class Cases
{
    public static IEnumerable<Case> All
    {
        get
        {
            yield return Make("ridge, 50,000 x 60 -> 8", 50_000, 60, 8, 1000, (x, y, q) =>
                LinearRegression.Fit(x, 60, y, 8, new() { WeightDecay = 1 }).Model.Predict(q), "Ridge(alpha=1, solver='cholesky').fit(x, y).predict(q)");
            yield return Make("kernel ridge, gaussian, 2,500 x 20 -> 8", 2500, 20, 8, 2500, (x, y, q) =>
                KernelRegression.Fit(x, 20, y, 8, Rkhs(3)).Model.Predict(q), "KernelRidge(alpha=.1, kernel='rbf', gamma=1 / 18).fit(x, y).predict(q)");
            yield return Make("leave one out, 5 widths x 5 decays, 500 x 8", 500, 8, 1, 500, (x, y, q) =>
                KernelRegression.Fit(x, 8, y, 1, Rkhs(1) with { LeaveOneOut = true, Widths = [1, 2, 3, 4, 5], WeightDecays = [1e-3, 1e-2, 1e-1, 1, 10] }).Model.Predict(q),
                "best(x, y).predict(q)");
            yield return Make("Nystroem 500 of 20,000 x 10", 20_000, 10, 1, 5000, (x, y, q) =>
                KernelRegression.Fit(x, 10, y, 1, Rkhs(2) with { Bias = true, NystromLimit = 1000, Landmarks = 500 }).Model.Predict(q),
                "nystroem(x, y, q)");
            yield return Make("5 nearest, tree, 50,000 x 3, 50,000 queries", 50_000, 3, 1, 50_000, (x, y, q) =>
                NeighbourModel.Fit(x, 3, y, 1, new() { Neighbours = 5, Weights = NeighbourWeights.Uniform }).Predict(q), "KNeighborsRegressor(5, algorithm='kd_tree').fit(x, y).predict(q)");
            yield return Make("5 nearest, blocks, 10,000 x 60, 5,000 queries", 10_000, 60, 1, 5000, (x, y, q) =>
                NeighbourModel.Fit(x, 60, y, 1, new() { Neighbours = 5, Weights = NeighbourWeights.Uniform }).Predict(q), "KNeighborsRegressor(5, algorithm='brute').fit(x, y).predict(q)");
        }
    }

    private static KernelRegressionOptions Rkhs(double width) => new() { Kernel = new(KernelKind.Gaussian) { Width = width }, WeightDecay = 0.1, Penalty = KernelPenalty.Rkhs, Bias = false };

    private static Case Make(string name, int n, int d, int o, int m, Func<double[], double[], double[], double[]> ours, string python)
    {
        double[] x = Normal(n * d, 1), y = new double[n * o];
        double[] noise = Normal(n * o, 2);
        for (int i = 0; i < y.Length; i++) y[i] = Math.Sin(x[i / o * d]) + x[i / o * d + i % d % Math.Min(d, o)] + 0.1 * noise[i];
        return new(name, d, o, x, y, Normal(m * d, 3), ours, python);
    }

    private static double[] Normal(int count, int stream)
    {
        var random = CounterRandom.Keyed(1, "bench", stream, "numbers");
        var values = new double[count];
        for (int i = 0; i < count; i++) values[i] = random.Normal((uint)i);
        return values;
    }
}
