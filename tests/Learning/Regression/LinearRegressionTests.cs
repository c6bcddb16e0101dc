using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Tests.Learning.Linear;
using ExampleMlFarm.Tests.Learning.Oracles;
using static ExampleMlFarm.Tests.Learning.Regression.KernelRegressionTests;

namespace ExampleMlFarm.Tests.Learning.Regression;

public class LinearRegressionTests
{
    private static readonly double[] Decays = [1e-3, 0.1, 1, 10, 100];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Leave_one_out_errors_and_the_model_equal_those_of_sklearn(int problem)
    {
        Python.Require("sklearn");
        var (n, d, bias) = Problems[problem];
        var (x, y) = Rows(n, d);
        var fit = LinearRegression.Fit(x, d, y, 2, new() { WeightDecays = Decays, Bias = bias });
        Near(Sklearn.Value[2 * problem], [.. fit.Candidates.Select(c => c.Error)], 1e-9);
        Near(Sklearn.Value[2 * problem + 1], fit.Model.Predict(x), 1e-9);
        Assert.Equal(fit.Candidates.MinBy(c => c.Error)!.WeightDecay, fit.WeightDecay);
    }

    private static readonly (int N, int D, bool Bias)[] Problems = [(40, 9, true), (40, 9, false), (20, 35, true), (20, 35, false)];

    private static (double[] X, double[] Y) Rows(int n, int d) => (RidgeTests.Normal(n * d), RidgeTests.Normal(n * 2 + 5)[5..]);

    /// <summary>Errors, then predictions, of every problem, from one run of Python.</summary>
    private static readonly Lazy<double[][]> Sklearn = new(() => Python.Rows("""
        import numpy as np
        from sklearn.linear_model import Ridge
        for i, (n, d, bias) in enumerate(CASES):
            x = np.fromfile(f'x{i}').reshape(n, d); y = np.fromfile(f'y{i}').reshape(n, 2)
            fit = lambda a, x, y: Ridge(alpha=a, fit_intercept=bool(bias), solver='svd').fit(x, y)
            alphas = [1e-3, .1, 1, 10, 100]
            errors = [np.sqrt(np.mean(np.square([fit(a, np.delete(x, k, 0), np.delete(y, k, 0)).predict(x[k:k+1]) - y[k] for k in range(n)]))) for a in alphas]
            print(*errors)
            print(*fit(alphas[int(np.argmin(errors))], x, y).predict(x).ravel())
        """.Replace("CASES", "[" + string.Join(", ", Problems.Select(p => $"({p.N}, {p.D}, {(p.Bias ? 1 : 0)})")) + "]", StringComparison.Ordinal),
        [.. Problems.SelectMany((p, i) => ((string, byte[])[])[($"x{i}", Bytes(Rows(p.N, p.D).X)), ($"y{i}", Bytes(Rows(p.N, p.D).Y))])]));

    [Fact]
    public void Standardised_inputs_make_the_penalty_independent_of_units()
    {
        double[] x = RidgeTests.Normal(200), y = RidgeTests.Normal(50), inMillimetres = [.. x.Select((v, i) => i % 4 == 2 ? 1000 * v + 7 : v)];
        var options = new LinearRegressionOptions { WeightDecay = 3, Standardize = true };
        Near(LinearRegression.Fit(x, 4, y, 1, options).Model.Predict(x), LinearRegression.Fit(inMillimetres, 4, y, 1, options).Model.Predict(inMillimetres), 1e-10);
    }

    [Fact]
    public void Constant_and_repeated_columns_leave_the_least_norm_solution()
    {
        double[] x = [.. RidgeTests.Normal(40).SelectMany(v => new[] { v, 5, v })], y = [.. Enumerable.Range(0, 40).Select(r => 4 * x[3 * r] - 1)];
        foreach (bool standardize in (bool[])[false, true])
        {
            var model = LinearRegression.Fit(x, 3, y, 1, new() { Standardize = standardize }).Model;
            Near([2, 0, 2], [.. model.Weight], 1e-10);
            Assert.Equal(-1, model.Bias[0], 1e-10);
        }
    }

    [Fact]
    public void Decays_that_leave_nothing_to_learn_from_are_refused()
        => Refused("regression.option", "has a finite leave-one-out error", () => LinearRegression.Fit([3.0, 1], 2, [1.0], 1, new() { WeightDecays = [0] }));
}
