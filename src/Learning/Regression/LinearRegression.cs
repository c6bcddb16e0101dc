using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Dense;
using ExampleMlFarm.Learning.Linear;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>Settings of <see cref="LinearRegression"/>.</summary>
public sealed record LinearRegressionOptions
{
    /// <summary>λ ≥ 0, coefficient of the sum of squared weights (bias excluded). At 0 least squares, of least norm where it is not unique.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Weight decays to choose from by the error of leaving each row out; empty: no choice.</summary>
    public IReadOnlyList<double> WeightDecays { get; init; } = [];

    /// <summary>A constant beside the weights.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Give every input column mean 0 and deviation 1 first, so that λ weighs on all alike.</summary>
    public bool Standardize { get; init; }

    /// <summary>Relative residual of the normal equations above which the solution is refused.</summary>
    public double ErrorThreshold { get; init; } = 1e-3;
}

/// <summary>A candidate of the leave-one-out choice: λ and its root mean square error over all outputs.</summary>
public sealed record LinearCandidate(double WeightDecay, double Error);

/// <summary>A fitted linear model, the weight decay it has, and what it was chosen from.</summary>
public sealed record LinearFit(RidgeModel Model, double WeightDecay, IReadOnlyList<LinearCandidate> Candidates, double LeaveOneOutError);

/// <summary>Linear regression with an L2 penalty on raw or standardised inputs, with leave-one-out choice of the penalty.</summary>
/// <remarks>One eigenvalue decomposition of min(n, d)² serves all candidates. Source: Golub, Heath and Wahba, "Generalized cross-validation", 1979.</remarks>
public static unsafe class LinearRegression
{
    /// <summary>Fits inputs [n, d] to targets [n, o].</summary>
    /// <exception cref="FarmException"><c>regression.input</c>, <c>regression.option</c>, <c>ridge.inaccurate</c>.</exception>
    public static LinearFit Fit(ReadOnlySpan<double> inputs, int inputLength, ReadOnlySpan<double> targets, int targetLength, LinearRegressionOptions options)
    {
        int n = RegressionRows.Count(inputs, inputLength, targets, targetLength), d = inputLength, o = targetLength;
        RegressionRows.RequireAtLeastZero(options.WeightDecay, "weight_decay");
        foreach (double candidate in options.WeightDecays) RegressionRows.RequireAtLeastZero(candidate, "an entry of weight_decays");
        var coordinates = options.Standardize ? Standardisation.Fit(inputs, d) : Standardisation.None(d);
        // Without a bias the origin must stay where it is.
        if (!options.Bias) Array.Clear(coordinates.Shift);
        double[] x = coordinates.Apply(inputs);
        double decay = options.WeightDecay, error = double.NaN;
        List<LinearCandidate> candidates = [];
        if (options.WeightDecays.Count > 0)
        {
            candidates = LeaveOneOut(x, n, d, targets.ToArray(), o, options);
            var best = candidates.MinBy(c => c.Error)!;
            if (!double.IsFinite(best.Error))
                throw FarmException.Invalid("regression.option", $"none of the {candidates.Count} weight_decays has a finite leave-one-out error on {n} rows of {d}; offer greater ones");
            (decay, error) = (best.WeightDecay, best.Error);
        }
        var model = Ridge.Fit(x, d, targets, o, decay, options.ErrorThreshold, options.Bias);
        return new(InRawInputs(model, coordinates), decay, candidates, error);
    }

    /// <summary>The same map on inputs as they come.</summary>
    private static RidgeModel InRawInputs(RidgeModel model, Standardisation coordinates)
    {
        int d = model.InputLength, o = model.OutputLength;
        double[] weight = [.. model.Weight], bias = [.. model.Bias];
        for (int t = 0; t < o; t++)
            for (int i = 0; i < d; i++)
            {
                weight[t * d + i] /= coordinates.Scale[i];
                bias[t] -= weight[t * d + i] * coordinates.Shift[i];
            }
        return new(d, o, weight, bias, model.ConditionEstimate);
    }

    private static List<LinearCandidate> LeaveOneOut(double[] x, int n, int d, double[] y, int o, LinearRegressionOptions options)
    {
        double share = options.Bias ? 1.0 / n : 0;
        if (options.Bias)
        {
            x = Standardisation.Centre(x, d).Apply(x);
            y = Standardisation.Centre(y, o).Apply(y);
        }
        var (values, scores) = Scores(x, n, d);
        int k = values.Length;
        var turned = new double[k * o];
        fixed (double* t = scores, py = y, pt = turned) MatrixProduct.Accumulate(k, o, n, t, 1, k, py, o, 1, pt, o);
        double cut = Math.Max(n, d) * 2.2e-16 * (k > 0 ? values[0] : 0);
        var candidates = new List<LinearCandidate>();
        foreach (double decay in options.WeightDecays)
        {
            double sum = 0;
            for (int r = 0; r < n; r++)
            {
                double leverage = share;
                var fitted = new double[o];
                for (int s = 0; s < k; s++)
                {
                    if (values[s] <= cut) continue;
                    double score = scores[r * k + s], shrunk = score / (values[s] + decay);
                    leverage += score * shrunk;
                    for (int c = 0; c < o; c++) fitted[c] += shrunk * turned[s * o + c];
                }
                for (int c = 0; c < o; c++)
                {
                    double e = (fitted[c] - y[r * o + c]) / (1 - leverage);
                    sum += e * e;
                }
            }
            double error = Math.Sqrt(sum / ((double)n * o));
            candidates.Add(new(decay, double.IsFinite(error) ? error : double.PositiveInfinity));
        }
        return candidates;
    }

    /// <summary>Eigenvalues [k] of XᵀX, k = min(n, d), and X V [n, k].</summary>
    private static (double[] Values, double[] Scores) Scores(double[] x, int n, int d)
    {
        int k = Math.Min(n, d);
        var gram = new double[k * k];
        var scores = new double[n * k];
        fixed (double* px = x, g = gram, s = scores)
        {
            if (d <= n)
            {
                MatrixProduct.Accumulate(d, d, n, px, 1, d, px, d, 1, g, d);
                var (values, vectors) = SymmetricEigen.Solve(gram, d);
                fixed (double* v = vectors) MatrixProduct.Accumulate(n, d, d, px, d, 1, v, 1, d, s, d);
                return (values, scores);
            }
            MatrixProduct.Accumulate(n, n, d, px, d, 1, px, 1, d, g, n);
            var (squares, left) = SymmetricEigen.Solve(gram, n);
            for (int j = 0; j < n; j++)
                for (int r = 0; r < n; r++) scores[r * n + j] = left[j * n + r] * Math.Sqrt(Math.Max(squares[j], 0));
            return (squares, scores);
        }
    }
}
