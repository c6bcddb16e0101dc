using System.Numerics.Tensors;
using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Linear;

/// <summary>
/// Linear regression with an L2 penalty on the weights (not the bias), solved in closed form in double: minimises
/// Σ |W x + b − y|² + λ |W|² over the rows.
/// </summary>
/// <remarks>Source: Hoerl and Kennard, "Ridge regression", 1970. The same bits on every machine; memory 8 · min(n, d)² bytes beside the data.</remarks>
public static unsafe class Ridge
{
    /// <summary>Fits inputs [n, d] to targets [n, o].</summary>
    /// <param name="inputs">Rows [n, d].</param>
    /// <param name="inputLength">d.</param>
    /// <param name="targets">Rows [n, o].</param>
    /// <param name="targetLength">o.</param>
    /// <param name="weightDecay">λ ≥ 0. At 0 the solution of least norm is taken.</param>
    /// <param name="errorThreshold">Relative residual of the normal equations above which the solution is refused.</param>
    /// <param name="bias">False: b is 0, and the map goes through the origin.</param>
    /// <exception cref="FarmException"><c>ridge.input</c>; <c>ridge.inaccurate</c> when the threshold is passed.</exception>
    public static RidgeModel Fit(ReadOnlySpan<double> inputs, int inputLength, ReadOnlySpan<double> targets, int targetLength, double weightDecay = 0, double errorThreshold = 1e-3, bool bias = true)
    {
        int n = Check(inputs, inputLength, targets, targetLength, weightDecay);
        int d = inputLength, o = targetLength;
        double[] xMean = bias ? ColumnMeans(inputs, d) : new double[d], yMean = bias ? ColumnMeans(targets, o) : new double[o];
        double[] x = Centred(inputs, xMean), y = Centred(targets, yMean);
        var weight = new double[o * d];
        double condition = weightDecay > 0 ? Cholesky(x, y, n, d, o, weightDecay, weight) : MinimumNorm(x, y, n, d, o, weight);
        CheckResidual(x, y, weight, n, d, o, weightDecay, errorThreshold);
        var constant = new double[o];
        for (int t = 0; t < o; t++)
        {
            double dot = 0;
            for (int i = 0; i < d; i++) dot += weight[t * d + i] * xMean[i];
            constant[t] = yMean[t] - dot;
        }
        return new(d, o, weight, constant, condition);
    }

    /// <summary>The same for float rows.</summary>
    public static RidgeModel Fit(ReadOnlySpan<float> inputs, int inputLength, ReadOnlySpan<float> targets, int targetLength, double weightDecay = 0, double errorThreshold = 1e-3)
    {
        var x = new double[inputs.Length];
        var y = new double[targets.Length];
        TensorPrimitives.ConvertTruncating(inputs, x.AsSpan());
        TensorPrimitives.ConvertTruncating(targets, y.AsSpan());
        return Fit(x, inputLength, y, targetLength, weightDecay, errorThreshold);
    }

    /// <summary>Primal (d × d) or dual (n × n), whichever is smaller. Returns the condition estimate.</summary>
    private static double Cholesky(double[] x, double[] y, int n, int d, int o, double decay, double[] weight)
    {
        bool dual = n < d;
        int size = dual ? n : d;
        var system = new double[checked(size * size)];
        fixed (double* px = x, ps = system)
        {
            if (dual) MatrixProduct.Accumulate(n, n, d, px, d, 1, px, 1, d, ps, n);
            else MatrixProduct.Accumulate(d, d, n, px, 1, d, px, d, 1, ps, d);
        }
        for (int i = 0; i < size; i++) system[i * size + i] += decay;
        var factor = CholeskyFactor.Of(system, size)
            ?? throw new FarmException(new Failure(FailureClass.Permanent, "ridge.inaccurate", $"the {size} x {size} system is singular to working precision; raise weight_decay above {decay:g3}"));
        var right = new double[checked(o * size)];
        fixed (double* px = x, py = y, pr = right, pw = weight)
        {
            if (!dual)
            {
                // [o, d] = Y^T [o, n] x X [n, d]
                MatrixProduct.Accumulate(o, d, n, py, 1, o, px, d, 1, pr, d);
                factor.Solve(right, o);
                right.CopyTo(weight, 0);
            }
            else
            {
                for (int t = 0; t < o; t++)
                    for (int r = 0; r < n; r++) right[t * n + r] = y[r * o + t];
                factor.Solve(right, o);
                // W [o, d] = A [o, n] x X [n, d]
                MatrixProduct.Accumulate(o, d, n, pr, n, 1, px, d, 1, pw, d);
            }
        }
        return factor.Condition(system);
    }

    /// <summary>λ = 0: the pseudo-inverse, without singular values that are rounding.</summary>
    private static double MinimumNorm(double[] x, double[] y, int n, int d, int o, double[] weight)
    {
        bool wide = n <= d;
        int k = Math.Min(n, d), length = Math.Max(n, d);
        double[] rows = wide ? x : new double[x.Length];
        if (!wide)
            for (int r = 0; r < n; r++)
                for (int i = 0; i < d; i++) rows[i * n + r] = x[r * d + i];
        var (u, values, v) = SingularValues.Decompose(rows, k, length);
        double largest = values.Length == 0 ? 0 : values.Max(), cut = length * 2.220446049250313e-16 * largest, smallest = largest;
        for (int s = 0; s < k; s++)
        {
            if (values[s] <= cut) continue;
            smallest = Math.Min(smallest, values[s]);
            for (int t = 0; t < o; t++)
            {
                // Rows of X are either the samples (wide) or the inputs: one of u and v runs along samples, the other along inputs.
                double dot = 0;
                for (int r = 0; r < n; r++) dot += (wide ? u[s * k + r] : v[s * length + r]) * y[r * o + t];
                dot /= values[s];
                for (int i = 0; i < d; i++) weight[t * d + i] += (wide ? v[s * length + i] : u[s * k + i]) * dot;
            }
        }
        return smallest > 0 ? largest / smallest * (largest / smallest) : 1;
    }

    private static void CheckResidual(double[] x, double[] y, double[] weight, int n, int d, int o, double decay, double threshold)
    {
        double residual = 0, size = 0;
        for (int t = 0; t < o; t++)
        {
            var gradient = new double[d];
            var right = new double[d];
            fixed (double* px = x, pw = weight, pg = gradient, pr = right)
            {
                for (int r = 0; r < n; r++)
                {
                    double* row = px + (nint)r * d;
                    Vectors.Add(Vectors.Dot(row, pw + (nint)t * d, d) - y[r * o + t], row, pg, d);
                    Vectors.Add(y[r * o + t], row, pr, d);
                }
                Vectors.Add(decay, pw + (nint)t * d, pg, d);
                residual += Vectors.Dot(pg, pg, d);
                size += Vectors.Dot(pr, pr, d);
            }
        }
        double relative = size == 0 ? 0 : Math.Sqrt(residual / size);
        if (!(relative <= threshold))
            throw new FarmException(new Failure(FailureClass.Permanent, "ridge.inaccurate",
                $"the relative residual of the normal equations is {relative:g3}, above error_threshold {threshold:g3}; raise weight_decay, or scale the inputs alike"));
    }

    private static int Check(ReadOnlySpan<double> inputs, int d, ReadOnlySpan<double> targets, int o, double decay)
    {
        if (d < 1 || o < 1 || inputs.Length == 0 || inputs.Length % d != 0 || targets.Length % o != 0 || inputs.Length / d != targets.Length / o)
            throw FarmException.Invalid("ridge.input", $"{inputs.Length} inputs in rows of {d} and {targets.Length} targets in rows of {o} are not the same positive number of rows");
        if (!(decay >= 0 && double.IsFinite(decay))) throw FarmException.Invalid("ridge.input", $"weight_decay is {decay}; it must be at least 0");
        for (int i = 0; i < inputs.Length; i++)
            if (!double.IsFinite(inputs[i])) throw FarmException.Invalid("ridge.input", $"input row {i / d}, column {i % d} is {inputs[i]}; every number must be finite");
        for (int i = 0; i < targets.Length; i++)
            if (!double.IsFinite(targets[i])) throw FarmException.Invalid("ridge.input", $"target row {i / o}, column {i % o} is {targets[i]}; every number must be finite");
        return inputs.Length / d;
    }

    private static double[] ColumnMeans(ReadOnlySpan<double> rows, int length)
    {
        var mean = new double[length];
        int count = rows.Length / length;
        for (int r = 0; r < count; r++)
            for (int i = 0; i < length; i++) mean[i] += rows[r * length + i];
        for (int i = 0; i < length; i++) mean[i] /= count;
        return mean;
    }

    private static double[] Centred(ReadOnlySpan<double> rows, double[] mean)
    {
        double[] centred = rows.ToArray();
        for (int i = 0; i < centred.Length; i++) centred[i] -= mean[i % mean.Length];
        return centred;
    }
}
