using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>Fits f(q) = Σ aᵢ k(q, xᵢ) + b: kernel regression under either penalty, with leave-one-out choice of width and weight decay.</summary>
/// <remarks>
/// n³/3 to 10 n³ operations and 16 to 32 n² bytes up to <see cref="KernelRegressionOptions.NystromLimit"/> rows, n m² and 8 m² above. One thread;
/// the same bits on every machine. Sources: Saunders, Gammerman and Vovk, "Ridge regression learning algorithm in dual variables", 1998;
/// Rifkin and Lippert, "Notes on regularized least squares", 2007 (leave-one-out).
/// </remarks>
public static class KernelRegression
{
    private const int MaxLandmarks = 20_000;

    /// <summary>Fits inputs [n, d] to targets [n, o].</summary>
    /// <exception cref="FarmException"><c>regression.input</c>, <c>regression.option</c>; <c>regression.inaccurate</c> when the error threshold is passed.</exception>
    public static KernelFit Fit(ReadOnlySpan<double> inputs, int inputLength, ReadOnlySpan<double> targets, int targetLength, KernelRegressionOptions options,
        CancellationToken cancellation = default)
    {
        int n = RegressionRows.Count(inputs, inputLength, targets, targetLength);
        Check(options, n);
        // Distances do not change when all rows move together, and cancel less around zero; inner products do change.
        var coordinates = options.Standardize ? Standardisation.Fit(inputs, inputLength)
            : options.Kernel.IsRadial ? Standardisation.Centre(inputs, inputLength) : Standardisation.None(inputLength);
        double[] x = coordinates.Apply(inputs), y = targets.ToArray();
        var kernel = options.AutomaticWidth ? options.Kernel with { Width = KernelMatrix.MedianDistance(x, n, inputLength) } : options.Kernel;
        double decay = options.WeightDecay, error = double.NaN;
        List<KernelCandidate> candidates = [];
        if (options.LeaveOneOut)
        {
            candidates = KernelSelection.Measure(x, n, inputLength, y, targetLength, kernel, options, cancellation);
            var best = candidates.MinBy(c => c.Error)!;
            if (!double.IsFinite(best.Error))
                throw FarmException.Invalid("regression.option", "no candidate of width and weight_decay has a finite leave-one-out error; offer greater weight decays");
            (decay, error) = (best.WeightDecay, best.Error);
            if (!double.IsNaN(best.Width)) kernel = kernel with { Width = best.Width };
        }
        cancellation.ThrowIfCancellationRequested();
        bool landmarks = n > options.NystromLimit;
        double[] centres = x;
        KernelSolution solution;
        if (landmarks) (centres, solution) = Nystrom.Fit(x, n, inputLength, y, targetLength, kernel, decay, options, cancellation);
        else solution = System(x, n, inputLength, y, targetLength, kernel, options).Solve(decay, leaveOneOut: false);
        if (!(solution.Residual <= options.ErrorThreshold))
            throw new FarmException(new Failure(FailureClass.Permanent, "regression.inaccurate",
                $"the relative residual of the kernel's equations is {solution.Residual:g3}, above error_threshold {options.ErrorThreshold:g3}; "
                + "raise weight_decay, change the width, or remove rows whose inputs coincide"));
        var model = new KernelModel(kernel, coordinates, centres, solution.Coefficients, solution.Free, targetLength, decay, options.Penalty);
        return new(model, candidates, error, solution.Residual, solution.Condition);
    }

    /// <summary>The equations of rows [n, d] under the penalty asked for.</summary>
    internal static IKernelSystem System(double[] x, int n, int d, double[] y, int o, KernelFunction kernel, KernelRegressionOptions options)
    {
        double[] matrix = KernelMatrix.Of(kernel, x, n, d);
        return options.Penalty == KernelPenalty.Weights
            ? new WeightNormSystem(matrix, y, n, o, options.Bias)
            : new NativeSpaceSystem(matrix, y, n, o, new FreePolynomials(x, n, d, Math.Max(kernel.FreeDegree, options.Bias ? 0 : -1)), kernel.IsDefinite);
    }

    private static void Check(KernelRegressionOptions options, int rows)
    {
        RegressionRows.RequireAtLeastZero(options.WeightDecay, "weight_decay");
        RegressionRows.RequirePositive(options.Kernel.Width, "width");
        RegressionRows.RequireAtLeastZero(options.ErrorThreshold, "error_threshold");
        foreach (double width in options.Widths) RegressionRows.RequirePositive(width, "an entry of widths");
        foreach (double decay in options.WeightDecays) RegressionRows.RequireAtLeastZero(decay, "an entry of weight_decays");
        if (options.Kernel.Degree < 1) throw FarmException.Invalid("regression.option", $"polynomial_degree is {options.Kernel.Degree}; it must be at least 1");
        if (options.Landmarks is < 1 or > MaxLandmarks)
            throw FarmException.Invalid("regression.option", $"landmarks is {options.Landmarks}; it must lie between 1 and {MaxLandmarks}");
        if (options.NystromLimit is < 1 or > MaxLandmarks)
            throw FarmException.Invalid("regression.option", $"nystrom_limit is {options.NystromLimit}; it must lie between 1 and {MaxLandmarks}: {rows} rows would take {8.0 * rows * rows / (1 << 30):F0} GiB per matrix");
        if (options.LeaveOneOut && (options.SelectionRows is < 2 or > MaxLandmarks || rows < 2))
            throw FarmException.Invalid("regression.option", $"leaving one of {Math.Min(rows, options.SelectionRows)} rows out leaves none to learn from; selection_rows must lie between 2 and {MaxLandmarks}, and so must the rows be at least 2");
    }
}
