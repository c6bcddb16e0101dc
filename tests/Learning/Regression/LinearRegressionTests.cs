using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Tests.Learning.Linear;
using ExampleMlFarm.Tests.Learning.Oracles;
using static ExampleMlFarm.Tests.Learning.Regression.KernelRegressionTests;

namespace ExampleMlFarm.Tests.Learning.Regression;

public class LinearRegressionTests
{
    private static readonly double[] Decays = [1e-3, 0.1, 1, 10, 100];

    [Theory]
    [InlineData(60, 9, true)]
    [InlineData(60, 9, false)]
    [InlineData(20, 35, true)]
    [InlineData(20, 35, false)]
    public void Leave_one_out_errors_and_the_model_equal_those_of_sklearn(int n, int d, bool bias)
    {
        Python.Require("sklearn");
        double[] x = RidgeTests.Normal(n * d), y = RidgeTests.Normal(n * 2 + 5)[5..];
        var fit = LinearRegression.Fit(x, d, y, 2, new() { WeightDecays = Decays, Bias = bias });
        double[][] oracle = Python.Rows($$"""
            import numpy as np
            from sklearn.linear_model import Ridge
            x = np.fromfile('x').reshape({{n}}, {{d}}); y = np.fromfile('y').reshape({{n}}, 2)
            alphas = [1e-3, .1, 1, 10, 100]
            errors = []
            for a in alphas:
                e = [Ridge(alpha=a, fit_intercept={{(bias ? "True" : "False")}}, solver='svd').fit(np.delete(x, i, 0), np.delete(y, i, 0)).predict(x[i:i+1]) - y[i] for i in range(len(x))]
                errors.append(np.sqrt(np.mean(np.square(e))))
            print(*errors)
            m = Ridge(alpha=alphas[int(np.argmin(errors))], fit_intercept={{(bias ? "True" : "False")}}, solver='svd').fit(x, y)
            print(*m.predict(x).ravel())
            """, ("x", Bytes(x)), ("y", Bytes(y)));
        Near(oracle[0], [.. fit.Candidates.Select(c => c.Error)], 1e-9);
        Near(oracle[1], fit.Model.Predict(x), 1e-9);
        Assert.Equal(fit.Candidates.MinBy(c => c.Error)!.WeightDecay, fit.WeightDecay);
    }

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
