using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>
/// Minimises Σ |K A + 1 bᵀ − Y|² + λ ‖A‖², the documented penalty: the sum of squared weights, the bias excluded. Well posed for any
/// symmetric K, also an indefinite one.
/// </summary>
/// <remarks>
/// With K = Q diag(l) Qᵀ and W = Q diag(1 / (l² + λ)) Qᵀ: b = 1ᵀW Y / 1ᵀW 1 and A = K W (Y − 1 bᵀ), so that one decomposition serves all λ and
/// nothing is squared before it is decomposed. The residual is λ W (Y − 1 bᵀ); leaving row i out (its kernel function stays a feature) gives the error
/// of ridge regression, the residual over 1 − Hᵢᵢ. At λ = 0 the limit is taken: the interpolant of least norm.
/// </remarks>
internal sealed unsafe class WeightNormSystem : IKernelSystem
{
    private readonly double[] kernel;
    private readonly double[] targets;
    private readonly double[] values;
    private readonly double[] vectors;
    private readonly double[] turnedTargets;
    private readonly double[] turnedOnes;
    private readonly int n;
    private readonly int o;
    private readonly bool bias;

    /// <summary>K [n, n], targets [n, o].</summary>
    public WeightNormSystem(double[] kernel, double[] targets, int n, int o, bool bias)
    {
        (this.kernel, this.targets, this.n, this.o, this.bias) = (kernel, targets, n, o, bias);
        (values, vectors) = SymmetricEigen.Solve((double[])kernel.Clone(), n);
        turnedTargets = new double[n * o];
        turnedOnes = new double[n];
        fixed (double* v = vectors, y = targets, to = turnedTargets)
        {
            // [n, o] = Qᵀ [n, n] · Y [n, o]
            MatrixProduct.Accumulate(n, o, n, v, n, 1, y, o, 1, to, o);
            if (bias)
                for (int s = 0; s < n; s++)
                    for (int i = 0; i < n; i++) turnedOnes[s] += v[(nint)s * n + i];
        }
    }

    /// <inheritdoc/>
    public KernelSolution Solve(double weightDecay, bool leaveOneOut)
    {
        var weights = Weights(weightDecay, out double condition);
        double[] free = bias ? Bias(weights) : [];
        var solved = new double[n * o];
        var coefficients = new double[n * o];
        for (int s = 0; s < n; s++)
            for (int c = 0; c < o; c++)
                if (double.IsFinite(weights[s]))
                    solved[s * o + c] = weights[s] * (turnedTargets[s * o + c] - (bias ? free[c] * turnedOnes[s] : 0));
        var scaled = new double[n * o];
        for (int i = 0; i < scaled.Length; i++) scaled[i] = values[i / o] * solved[i];
        fixed (double* v = vectors, x = scaled, a = coefficients)
            MatrixProduct.Accumulate(n, o, n, v, 1, n, x, o, 1, a, o);
        return new(coefficients, free, Residual(coefficients, free, weightDecay), condition, leaveOneOut ? Errors(weights, solved) : null);
    }

    /// <summary>1 / (l² + λ); infinite where λ = 0 and l is rounding.</summary>
    private double[] Weights(double weightDecay, out double condition)
    {
        double largest = 0, smallest = double.PositiveInfinity;
        foreach (double value in values) largest = Math.Max(largest, Math.Abs(value));
        var weights = new double[n];
        for (int s = 0; s < n; s++)
        {
            bool rounding = weightDecay == 0 && Math.Abs(values[s]) <= n * 2.2e-16 * largest;
            weights[s] = rounding ? double.PositiveInfinity : 1 / (values[s] * values[s] + weightDecay);
            if (!rounding) smallest = Math.Min(smallest, Math.Abs(values[s]));
        }
        condition = (largest * largest + weightDecay) / (smallest * smallest + weightDecay);
        return weights;
    }

    private double[] Bias(double[] weights)
    {
        // Directions that no kernel function reaches are the bias's alone to fit, before all others.
        bool only = false;
        for (int s = 0; s < n; s++) only |= double.IsInfinity(weights[s]) && turnedOnes[s] * turnedOnes[s] > 1e-20 * n;
        var free = new double[o];
        double sum = 0;
        for (int s = 0; s < n; s++)
        {
            double weight = double.IsInfinity(weights[s]) ? only ? 1 : 0 : only ? 0 : weights[s];
            sum += weight * turnedOnes[s] * turnedOnes[s];
            for (int c = 0; c < o; c++) free[c] += weight * turnedOnes[s] * turnedTargets[s * o + c];
        }
        for (int c = 0; c < o; c++) free[c] /= sum;
        return free;
    }

    /// <summary>‖K (Y − 1 b − K A) − λ A‖ / ‖K Y‖: how far the normal equations are from holding.</summary>
    private double Residual(double[] coefficients, double[] free, double weightDecay)
    {
        var rest = (double[])targets.Clone();
        var gradient = new double[n * o];
        var size = new double[n * o];
        var negative = Array.ConvertAll(coefficients, v => -v);
        fixed (double* k = kernel, a = negative, r = rest, g = gradient, z = size, y = targets)
        {
            if (bias)
                for (int i = 0; i < n * o; i++) r[i] -= free[i % o];
            MatrixProduct.Accumulate(n, o, n, k, n, 1, a, o, 1, r, o);
            for (int i = 0; i < n * o; i++) g[i] = -weightDecay * coefficients[i];
            MatrixProduct.Accumulate(n, o, n, k, n, 1, r, o, 1, g, o);
            MatrixProduct.Accumulate(n, o, n, k, n, 1, y, o, 1, z, o);
            double whole = Vectors.Dot(z, z, n * o);
            return whole == 0 ? 0 : Math.Sqrt(Vectors.Dot(g, g, n * o) / whole);
        }
    }

    private double[] Errors(double[] weights, double[] solved)
    {
        var diagonal = new double[n];
        var ones = new double[n];
        var residual = new double[n * o];
        double sum = 0;
        fixed (double* v = vectors, d = diagonal, u = ones, x = solved, e = residual)
        {
            for (int s = 0; s < n; s++)
            {
                double* row = v + (nint)s * n;
                for (int i = 0; i < n; i++) d[i] += weights[s] * row[i] * row[i];
                if (!bias) continue;
                Vectors.Add(weights[s] * turnedOnes[s], row, u, n);
                sum += weights[s] * turnedOnes[s] * turnedOnes[s];
            }
            MatrixProduct.Accumulate(n, o, n, v, 1, n, x, o, 1, e, o);
        }
        for (int i = 0; i < n * o; i++)
            residual[i] = -residual[i] / (diagonal[i / o] - (bias ? ones[i / o] * ones[i / o] / sum : 0));
        return residual;
    }
}
