namespace ExampleMlFarm.Learning.Regression;

/// <summary>Measures candidates of width and weight decay by the error of leaving each row out, in closed form: one decomposition per width, no refit.</summary>
internal static class KernelSelection
{
    private static readonly double[] UsualDecays = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];
    private static readonly double[] UsualFactors = [0.125, 0.25, 0.5, 1, 2, 4, 8];

    /// <summary>Every candidate, in order: widths, and for each of them the decays.</summary>
    public static List<KernelCandidate> Measure(double[] x, int n, int d, double[] y, int o, KernelFunction kernel, KernelRegressionOptions options, CancellationToken cancellation)
    {
        int used = Math.Min(n, options.SelectionRows);
        if (used < n) (x, y) = (Strided(x, n, d, used), Strided(y, n, o, used));
        var candidates = new List<KernelCandidate>();
        foreach (double width in Widths(x, used, d, kernel, options))
        {
            var system = KernelRegression.System(x, used, d, y, o, double.IsNaN(width) ? kernel : kernel with { Width = width }, options);
            foreach (double decay in options.WeightDecays.Count > 0 ? options.WeightDecays : UsualDecays)
            {
                cancellation.ThrowIfCancellationRequested();
                var solution = system.Solve(decay, leaveOneOut: true);
                double error = RootMeanSquare(solution.LeaveOneOut!);
                // A system that is solved badly may show a small error by chance.
                candidates.Add(new(width, decay, double.IsFinite(error) && solution.Residual <= options.ErrorThreshold ? error : double.PositiveInfinity));
            }
        }
        return candidates;
    }

    private static IEnumerable<double> Widths(double[] x, int n, int d, KernelFunction kernel, KernelRegressionOptions options)
    {
        if (!kernel.IsRadial) return [double.NaN];
        if (options.Widths.Count > 0) return options.Widths;
        double median = KernelMatrix.MedianDistance(x, n, d);
        return UsualFactors.Select(f => f * median);
    }

    private static double[] Strided(double[] rows, int n, int length, int used)
    {
        var kept = new double[used * length];
        for (int r = 0; r < used; r++) Array.Copy(rows, (nint)((long)r * n / used) * length, kept, r * length, length);
        return kept;
    }

    private static double RootMeanSquare(double[] errors)
    {
        double sum = 0;
        foreach (double e in errors) sum += e * e;
        return Math.Sqrt(sum / errors.Length);
    }
}
