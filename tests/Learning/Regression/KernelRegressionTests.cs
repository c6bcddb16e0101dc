using System.Globalization;
using System.Runtime.InteropServices;
using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Tests.Learning.Linear;
using ExampleMlFarm.Tests.Learning.Oracles;

namespace ExampleMlFarm.Tests.Learning.Regression;

public class KernelRegressionTests
{
    private const int N = 48, D = 4, O = 2, M = 25;

    private static readonly double[] X = RidgeTests.Normal(N * D), Y = RidgeTests.Normal(N * O + 1)[1..], Q = RidgeTests.Normal(M * D + 2)[2..];

    public static TheoryData<KernelKind> Kinds => [.. Enum.GetValues<KernelKind>()];

    /// <summary>Predictions of one script of Python, whose start is most of the time: a line per case, rows of queries one after the other.</summary>
    private static readonly Lazy<Dictionary<string, double[]>> Oracle = new(() => Python.Run("""
        import numpy as np
        from sklearn.kernel_ridge import KernelRidge
        from sklearn.gaussian_process.kernels import Matern
        from scipy.interpolate import RBFInterpolator
        x = np.fromfile('x').reshape(-1, 4); y = np.fromfile('y').reshape(-1, 2); q = np.fromfile('q').reshape(-1, 4)
        def out(name, values): print(name, *np.asarray(values).ravel())
        cases = {
          'Gaussian': dict(kernel='rbf', gamma=1 / (2 * 1.5 ** 2)), 'Polynomial': dict(kernel='polynomial', degree=3, gamma=1, coef0=1),
          'Sigmoid': dict(kernel='sigmoid', gamma=.05, coef0=.1),
          'Laplace': dict(kernel=Matern(1.5, nu=.5)), 'Matern32': dict(kernel=Matern(1.5, nu=1.5)), 'Matern52': dict(kernel=Matern(1.5, nu=2.5)) }
        for name, case in cases.items():
            out('rkhs ' + name, KernelRidge(alpha=.1, **case).fit(x, y).predict(q))
            errors = [KernelRidge(alpha=.1, **case).fit(np.delete(x, i, 0), np.delete(y, i, 0)).predict(x[i:i+1]) - y[i] for i in range(len(x))]
            out('loo ' + name, np.sqrt(np.mean(np.square(errors))))
        for name, case in dict(ThinPlate='thin_plate_spline', Linear='linear', Cubic='cubic').items():
            out('rkhs ' + name, RBFInterpolator(x, y, kernel=case, epsilon=1 / 1.5, smoothing=.1)(q))
            errors = [RBFInterpolator(np.delete(x, i, 0), np.delete(y, i, 0), kernel=case, epsilon=1 / 1.5, smoothing=.1)(x[i:i+1]) - y[i] for i in range(len(x))]
            out('loo ' + name, np.sqrt(np.mean(np.square(errors))))
        # The documented penalty, as the least squares problem that it is; the bias has no penalty.
        def square(a, b): return np.maximum((a * a).sum(1)[:, None] + (b * b).sum(1) - 2 * a @ b.T, 0)
        kernels = {
          'Gaussian': lambda a, b: np.exp(-square(a, b) / (2 * 1.5 ** 2)), 'Sigmoid': lambda a, b: np.tanh(.05 * a @ b.T + .1),
          'Polynomial': lambda a, b: (a @ b.T + 1) ** 3,
          'Cubic': lambda a, b: (np.sqrt(square(a, b)) / 1.5) ** 3 }
        for name, k in kernels.items():
            for bias in (0, 1):
                design = np.block([[k(x, x), np.full((len(x), 1), float(bias))], [np.sqrt(.1) * np.eye(len(x)), np.zeros((len(x), 1))]])
                solution = np.linalg.lstsq(design, np.vstack([y, np.zeros((len(x), 2))]), rcond=None)[0]
                out(f'weights{bias} ' + name, k(q, x) @ solution[:-1] + bias * solution[-1])
                errors = []
                for i in range(len(x)):
                    keep = np.arange(2 * len(x)) != i
                    s = np.linalg.lstsq(design[keep], np.vstack([y, np.zeros((len(x), 2))])[keep], rcond=None)[0]
                    errors.append(design[i] @ s - y[i])
                out(f'weights-loo{bias} ' + name, np.sqrt(np.mean(np.square(errors))))
        """, ("x", Bytes(X)), ("y", Bytes(Y)), ("q", Bytes(Q)))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(l => string.Join(' ', l.Split(' ')[..2]), l => Python.Numbers(string.Join(' ', l.Split(' ')[2..]))));

    internal static KernelFunction Kernel(KernelKind kind) => new(kind) { Width = 1.5, SigmoidScale = 0.05, SigmoidOffset = 0.1 };

    internal static KernelRegressionOptions Rkhs(KernelKind kind) => new()
    {
        Kernel = Kernel(kind),
        WeightDecay = 0.1,
        Penalty = KernelPenalty.Rkhs,
        Bias = false,
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Predictions_and_leave_one_out_errors_equal_those_of_sklearn_and_scipy(KernelKind kind)
    {
        Python.Require("sklearn");
        var fit = KernelRegression.Fit(X, D, Y, O, Rkhs(kind) with { LeaveOneOut = true, Widths = [1.5], WeightDecays = [0.1] });
        Near(Oracle.Value[$"rkhs {kind}"], fit.Model.Predict(Q), 1e-8);
        Near(Oracle.Value[$"loo {kind}"], [fit.LeaveOneOutError], 1e-8);
    }

    [Theory]
    [InlineData(KernelKind.Gaussian, false)]
    [InlineData(KernelKind.Gaussian, true)]
    [InlineData(KernelKind.Sigmoid, false)]
    [InlineData(KernelKind.Sigmoid, true)]
    [InlineData(KernelKind.Polynomial, true)]
    [InlineData(KernelKind.Cubic, true)]
    public void Documented_penalty_gives_the_least_squares_solution_of_numpy(KernelKind kind, bool bias)
    {
        Python.Require("sklearn");
        var fit = KernelRegression.Fit(X, D, Y, O,
            new() { Kernel = Kernel(kind), WeightDecay = 0.1, Bias = bias, LeaveOneOut = true, Widths = [1.5], WeightDecays = [0.1] });
        Near(Oracle.Value[$"weights{(bias ? 1 : 0)} {kind}"], fit.Model.Predict(Q), 1e-7);
        Near(Oracle.Value[$"weights-loo{(bias ? 1 : 0)} {kind}"], [fit.LeaveOneOutError], 1e-7);
    }

    [Theory]
    [InlineData(KernelKind.Gaussian, KernelPenalty.Weights)]
    [InlineData(KernelKind.Gaussian, KernelPenalty.Rkhs)]
    [InlineData(KernelKind.Matern32, KernelPenalty.Weights)]
    [InlineData(KernelKind.Laplace, KernelPenalty.Rkhs)]
    [InlineData(KernelKind.ThinPlate, KernelPenalty.Rkhs)]
    [InlineData(KernelKind.Cubic, KernelPenalty.Weights)]
    public void Without_decay_the_training_rows_come_back_exactly(KernelKind kind, KernelPenalty penalty)
    {
        var model = KernelRegression.Fit(X, D, Y, O, new() { Kernel = Kernel(kind), WeightDecay = 0, Penalty = penalty }).Model;
        Near(Y, model.Predict(X), 1e-7);
    }

    [Fact]
    public void Free_linear_functions_reproduce_a_plane()
    {
        double[] plane = [.. Enumerable.Range(0, N).Select(r => 3 - X[r * D] + 2 * X[r * D + 3])];
        var model = KernelRegression.Fit(X, D, plane, 1, Rkhs(KernelKind.ThinPlate) with { WeightDecay = 5 }).Model;
        Near([.. Enumerable.Range(0, M).Select(r => 3 - Q[r * D] + 2 * Q[r * D + 3])], model.Predict(Q), 1e-9);
        // A column that follows from the others cannot be told apart from them, and must not break the equations.
        double[] doubled = [.. Enumerable.Range(0, N).SelectMany(r => new[] { X[r * D], 2 * X[r * D] + 1 })];
        var twice = KernelRegression.Fit(doubled, 2, plane, 1, Rkhs(KernelKind.ThinPlate)).Model;
        Assert.All(twice.Predict(doubled), p => Assert.True(double.IsFinite(p)));
    }

    [Theory]
    [InlineData(KernelPenalty.Rkhs, false)]
    [InlineData(KernelPenalty.Rkhs, true)]
    [InlineData(KernelPenalty.Weights, false)]
    [InlineData(KernelPenalty.Weights, true)]
    public void All_rows_as_landmarks_give_the_exact_model(KernelPenalty penalty, bool bias)
    {
        var options = new KernelRegressionOptions { Kernel = Kernel(KernelKind.Gaussian), WeightDecay = 0.01, Penalty = penalty, Bias = bias, Landmarks = N };
        double[] exact = KernelRegression.Fit(X, D, Y, O, options).Model.Predict(Q);
        var landmarks = KernelRegression.Fit(X, D, Y, O, options with { NystromLimit = N - 1 }).Model;
        Assert.Equal(N, landmarks.Centres);
        Near(exact, landmarks.Predict(Q), 1e-7);
    }

    [Fact]
    public void Landmarks_equal_sklearns_nystroem_followed_by_ridge()
    {
        Python.Require("sklearn");
        const int n = 700, m = 40;
        double[] x = RidgeTests.Normal(n * D + 3)[3..], y = RidgeTests.Normal(n + 4)[4..];
        var model = KernelRegression.Fit(x, D, y, 1, Rkhs(KernelKind.Gaussian) with { NystromLimit = 100, Landmarks = m, Bias = true, Seed = 9 }).Model;
        Assert.Equal(m, model.Centres);
        double[] oracle = Python.Numbers(Python.Run("""
            import numpy as np
            from sklearn.kernel_approximation import Nystroem
            from sklearn.linear_model import Ridge
            x = np.fromfile('x').reshape(-1, 4); y = np.fromfile('y'); q = np.fromfile('q').reshape(-1, 4); z = np.fromfile('z').reshape(-1, 4)
            f = Nystroem(kernel='rbf', gamma=1 / (2 * 1.5 ** 2), n_components=len(z)).fit(z)
            print(*Ridge(alpha=.1, solver='svd').fit(f.transform(x), y).predict(f.transform(q)))
            """, ("x", Bytes(x)), ("y", Bytes(y)), ("q", Bytes(Q)), ("z", Bytes(model.CentresInRawInputs()))));
        Near(oracle, model.Predict(Q), 1e-8);
    }

    [Fact]
    public void Leave_one_out_finds_the_width_and_decay_that_fit()
    {
        double[] x = RidgeTests.Normal(120), y = [.. x.Select((v, i) => Math.Sin(2 * v) + 0.05 * Y[i % Y.Length])];
        var fit = KernelRegression.Fit(x, 1, y, 1, new() { LeaveOneOut = true, Penalty = KernelPenalty.Rkhs, Standardize = true });
        Assert.Equal(70, fit.Candidates.Count);
        Assert.Equal(fit.Candidates.Min(c => c.Error), fit.LeaveOneOutError);
        Assert.InRange(fit.LeaveOneOutError, 0.03, 0.08);
        double[] grid = [.. Enumerable.Range(0, 50).Select(i => -1.5 + 3.0 * i / 49)];
        Near([.. grid.Select(v => Math.Sin(2 * v))], fit.Model.Predict(grid), 0.08);
    }

    [Fact]
    public void Rows_that_coincide_with_other_targets_are_refused_without_decay_and_averaged_with_it()
    {
        double[] x = [0, 0, 1, 2], y = [1, 3, 0, 0];
        var options = new KernelRegressionOptions { Penalty = KernelPenalty.Rkhs, WeightDecay = 0, Bias = false };
        var failure = Assert.Throws<FarmException>(() => KernelRegression.Fit(x, 1, y, 1, options)).Failure;
        Assert.Equal("regression.inaccurate", failure.Code);
        Assert.Contains("coincide", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, KernelRegression.Fit(x, 1, y, 1, options with { WeightDecay = 1e-9 }).Model.Predict([0])[0], 1e-6);
        // Least squares has an answer: the mean of the two.
        Assert.Equal(2, KernelRegression.Fit(x, 1, y, 1, new() { WeightDecay = 0 }).Model.Predict([0])[0], 1e-9);
    }

    [Fact]
    public void Bad_input_is_reported_with_what_is_allowed()
    {
        double[] broken = (double[])X.Clone();
        broken[9] = double.NaN;
        Refused("regression.input", "input row 2, column 1 is NaN", () => KernelRegression.Fit(broken, D, Y, O, new()));
        Refused("regression.input", "not the same positive number of rows", () => KernelRegression.Fit(X, D, Y.AsSpan(2), O, new()));
        Refused("regression.option", "width is 0", () => KernelRegression.Fit(X, D, Y, O, new() { Kernel = new(KernelKind.Gaussian) { Width = 0 } }));
        Refused("regression.option", "weight_decay is -1", () => KernelRegression.Fit(X, D, Y, O, new() { WeightDecay = -1 }));
        Refused("regression.option", "landmarks is 0", () => KernelRegression.Fit(X, D, Y, O, new() { Landmarks = 0 }));
        Refused("regression.option", "leaves none", () => KernelRegression.Fit(X.AsSpan(0, D), D, Y.AsSpan(0, O), O, new() { LeaveOneOut = true }));
        var model = KernelRegression.Fit(X.AsSpan(0, D), D, Y.AsSpan(0, O), O, new()).Model;
        Near(Y[..O], model.Predict(X.AsSpan(0, D)), 1e-6);
        Refused("regression.input", "3 values", () => model.Predict([1.0, 2, 3]));
        Refused("regression.input", "query row 0, column 2 is NaN", () => model.Predict([1.0, 2, double.NaN, 0]));
    }

    [Fact]
    public void Rows_predicted_alone_have_the_bits_of_rows_predicted_together()
    {
        foreach (var kind in Enum.GetValues<KernelKind>())
        {
            var model = KernelRegression.Fit(X, D, Y, O, Rkhs(kind)).Model;
            double[] together = model.Predict(X);
            for (int r = 0; r < N; r += 13) Assert.Equal(together[(r * O)..(r * O + O)], model.Predict(X.AsSpan(r * D, D)));
        }
    }

    internal static byte[] Bytes(double[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    internal static void Near(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * scale, string.Create(CultureInfo.InvariantCulture, $"entry {i} is {actual[i]:R} and not {expected[i]:R}"));
    }

    internal static void Refused(string code, string says, Action action)
    {
        var failure = Assert.Throws<FarmException>(action).Failure;
        Assert.Equal(code, failure.Code);
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
    }
}
