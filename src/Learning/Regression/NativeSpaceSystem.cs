using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>
/// Minimises Σ |f(xᵢ) − yᵢ|² + λ ‖f‖² in the kernel's own norm, polynomials free: (K + λ I) A + P c = Y, Pᵀ A = 0. Without free
/// polynomials this is kernel ridge regression.
/// </summary>
/// <remarks>
/// Solved on the complement of P, where the matrix is positive definite: n³/3 operations per λ by Cholesky, 5/3 n³ with
/// leave-one-out errors; by eigenvalues where it is not, with those left out that are rounding. With M = Z (Zᵀ(K + λI)Z)⁻¹ Zᵀ, A = M Y and
/// the error of leaving row i out is −Aᵢ / Mᵢᵢ (Craven and Wahba, "Smoothing noisy data with spline functions", 1979).
/// </remarks>
internal sealed unsafe class NativeSpaceSystem : IKernelSystem
{
    private readonly FreePolynomials free;
    private readonly double[] turned;
    private readonly double[] targets;
    private readonly int n;
    private readonly int o;
    private readonly bool definite;

    /// <summary>Takes over K [n, n]; targets [n, o].</summary>
    public NativeSpaceSystem(double[] kernel, double[] targets, int n, int o, FreePolynomials free, bool definite)
    {
        (this.n, this.o, this.free, this.definite) = (n, o, free, definite);
        free.Turn(kernel);
        turned = kernel;
        // Targets as rows [o, n].
        this.targets = new double[n * o];
        for (int t = 0; t < o; t++)
            for (int r = 0; r < n; r++) this.targets[t * n + r] = targets[r * o + t];
        free.Turn(this.targets, o);
    }

    /// <inheritdoc/>
    public KernelSolution Solve(double weightDecay, bool leaveOneOut)
    {
        int t = free.Rank, inner = n - t;
        var system = new double[checked((long)inner * inner)];
        for (int i = 0; i < inner; i++)
        {
            Array.Copy(turned, (nint)(t + i) * n + t, system, (nint)i * inner, inner);
            system[(nint)i * inner + i] += weightDecay;
        }
        var right = new double[o * inner];
        for (int c = 0; c < o; c++) Array.Copy(targets, c * n + t, right, c * inner, inner);

        double[]? root = null;
        double[]? signs = null;
        double condition;
        if (definite && CholeskyFactor.Of(system, inner) is { } factor)
        {
            factor.Solve(right, o);
            condition = factor.Condition(system);
            if (leaveOneOut) root = factor.InverseLower();
        }
        else (root, signs, condition) = ByEigenvalues(system, right, inner);

        var coefficients = new double[o * n];
        for (int c = 0; c < o; c++) Array.Copy(right, c * inner, coefficients, c * n + t, inner);
        var (polynomials, residual) = Polynomials(coefficients, weightDecay);
        free.TurnBack(coefficients, o);
        var byRow = new double[n * o];
        for (int c = 0; c < o; c++)
            for (int r = 0; r < n; r++) byRow[r * o + c] = coefficients[c * n + r];
        return new(byRow, polynomials, residual, condition, leaveOneOut ? Errors(byRow, root!, signs, inner) : null);
    }

    /// <summary>Replaces the right-hand sides by the pseudo-inverse's solution; gives X with |M| = Xᵀ X, the sign of each of its rows, and the condition.</summary>
    private (double[] Root, double[] Signs, double Condition) ByEigenvalues(double[] system, double[] right, int inner)
    {
        var (values, vectors) = SymmetricEigen.Solve(system, inner);
        double largest = 0, smallest = double.PositiveInfinity;
        foreach (double value in values) largest = Math.Max(largest, Math.Abs(value));
        var signs = new double[inner];
        var weights = new double[o * inner];
        fixed (double* v = vectors, r = right, w = weights)
        {
            for (int s = 0; s < inner; s++)
            {
                double size = Math.Abs(values[s]);
                if (!(size > inner * 2.2e-16 * largest)) continue;
                smallest = Math.Min(smallest, size);
                signs[s] = Math.Sign(values[s]);
                for (int c = 0; c < o; c++) w[c * inner + s] = Vectors.Dot(v + (nint)s * inner, r + (nint)c * inner, inner) / values[s];
            }
            Array.Clear(right);
            MatrixProduct.Accumulate(o, inner, inner, w, inner, 1, v, inner, 1, r, inner);
            for (int s = 0; s < inner; s++)
            {
                double scale = signs[s] == 0 ? 0 : 1 / Math.Sqrt(Math.Abs(values[s]));
                for (int i = 0; i < inner; i++) v[(nint)s * inner + i] *= scale;
            }
        }
        return (vectors, signs, largest / smallest);
    }

    /// <summary>What the turned equations leave to the polynomials, and how well the rest of them hold.</summary>
    private (double[] Free, double Residual) Polynomials(double[] coefficients, double weightDecay)
    {
        int t = free.Rank;
        var polynomials = new double[free.Columns * o];
        double square = 0, size = 0;
        fixed (double* k = turned, a = coefficients)
            for (int c = 0; c < o; c++)
            {
                var left = new double[t];
                for (int i = 0; i < n; i++)
                {
                    double rest = targets[c * n + i] - Vectors.Dot(k + (nint)i * n, a + (nint)c * n, n) - weightDecay * a[(nint)c * n + i];
                    size += targets[c * n + i] * targets[c * n + i];
                    if (i < t) left[i] = rest;
                    else square += rest * rest;
                }
                double[] solved = free.Solve(left);
                for (int i = 0; i < solved.Length; i++) polynomials[i * o + c] = solved[i];
            }
        return (polynomials, size == 0 ? 0 : Math.Sqrt(square / size));
    }

    private double[] Errors(double[] coefficients, double[] root, double[]? signs, int inner)
    {
        int t = free.Rank;
        var diagonal = new double[n];
        var row = new double[n];
        for (int s = 0; s < inner; s++)
        {
            Array.Clear(row, 0, t);
            Array.Copy(root, (nint)s * inner, row, t, inner);
            free.TurnBack(row, 1);
            double sign = signs is null ? 1 : signs[s];
            for (int i = 0; i < n; i++) diagonal[i] += sign * row[i] * row[i];
        }
        var errors = new double[n * o];
        for (int i = 0; i < errors.Length; i++) errors[i] = -coefficients[i] / diagonal[i / o];
        return errors;
    }
}
