using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Solvers.Direct;

/// <summary>L D Lᵀ of a symmetric matrix: as it stands and with positive pivots only (Cholesky's), or with the largest diagonal entry first.</summary>
/// <remarks>n³/3 operations. Only the lower triangle is read. Indefinite matrices are decomposed as long as no leading block is singular. Source: Higham, "Accuracy and Stability of Numerical Algorithms", 10.3.</remarks>
internal static class LdltFactors
{
    /// <exception cref="FarmException"><c>solver.not_definite</c>, <c>solver.singular</c>.</exception>
    public static Factorisation Decompose(double[] matrix, int n, bool positive)
    {
        double[] a = (double[])matrix.Clone();
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++) a[(nint)i * n + j] = a[(nint)j * n + i];
        int[] order = [.. Enumerable.Range(0, n)];
        var diagonal = new double[n];
        double largest = 0;
        foreach (double v in a) largest = Math.Max(largest, Math.Abs(v));
        int rank = n;
        for (int k = 0; k < n; k++)
        {
            if (!positive) Exchange(a, order, n, k, LargestDiagonal(a, n, k));
            double pivot = a[(nint)k * n + k];
            if (positive && !(pivot > n * 2.2e-16 * largest))
                throw new FarmException(new Failure(FailureClass.Permanent, "solver.not_definite", $"the matrix is not positive definite: pivot {k} is {pivot:g3}; use ldlt for an indefinite matrix, or lu"));
            if (Math.Abs(pivot) <= n * 2.2e-16 * largest)
            {
                for (int i = k; i < n; i++)
                    for (int j = k; j <= i; j++)
                        if (Math.Abs(a[(nint)i * n + j]) > 1e-10 * largest)
                            throw new FarmException(new Failure(FailureClass.Permanent, "solver.singular", $"ldlt finds no pivot in the last {n - k} rows of an indefinite matrix; use lu or qr"));
                rank = k;
                break;
            }
            diagonal[k] = pivot;
            for (int i = k + 1; i < n; i++)
            {
                double factor = a[(nint)i * n + k] / pivot;
                for (int j = k + 1; j <= i; j++) a[(nint)i * n + j] -= factor * a[(nint)j * n + k];
            }
            for (int i = k + 1; i < n; i++) a[(nint)i * n + k] /= pivot;
        }
        var lower = new double[a.Length];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < Math.Min(i, rank); j++) lower[(nint)i * n + j] = a[(nint)i * n + j];
            lower[(nint)i * n + i] = 1;
        }
        return new(FactorForm.Ldlt, n, n, rank) { Numbers = { ["lower"] = lower, ["diagonal"] = diagonal }, Indices = { ["order"] = order } };
    }

    public static double[] Solve(Factorisation f, ReadOnlySpan<double> right)
    {
        int n = f.Rows;
        double[] lower = f.Number("lower", (long)n * n), diagonal = f.Number("diagonal", n), y = new double[n], x = new double[n];
        int[] order = f.Index("order", n, n);
        for (int i = 0; i < n; i++)
        {
            y[i] = right[order[i]];
            for (int j = 0; j < i; j++) y[i] -= lower[(nint)i * n + j] * y[j];
        }
        for (int i = n - 1; i >= 0; i--)
        {
            y[i] = diagonal[i] == 0 ? 0 : y[i] / diagonal[i];
            for (int j = i + 1; j < n; j++) y[i] -= lower[(nint)j * n + i] * y[j];
        }
        for (int i = 0; i < n; i++) x[order[i]] = y[i];
        return x;
    }

    private static int LargestDiagonal(double[] a, int n, int k)
    {
        int best = k;
        for (int i = k + 1; i < n; i++)
            if (Math.Abs(a[(nint)i * n + i]) > Math.Abs(a[(nint)best * n + best])) best = i;
        return best;
    }

    /// <summary>Exchanges rows and columns k and p of what is left (lower triangle), and of L.</summary>
    private static void Exchange(double[] a, int[] order, int n, int k, int p)
    {
        if (p == k) return;
        (order[k], order[p]) = (order[p], order[k]);
        for (int j = 0; j < k; j++) (a[(nint)k * n + j], a[(nint)p * n + j]) = (a[(nint)p * n + j], a[(nint)k * n + j]);
        (a[(nint)k * n + k], a[(nint)p * n + p]) = (a[(nint)p * n + p], a[(nint)k * n + k]);
        for (int i = k + 1; i < p; i++) (a[(nint)i * n + k], a[(nint)p * n + i]) = (a[(nint)p * n + i], a[(nint)i * n + k]);
        for (int i = p + 1; i < n; i++) (a[(nint)i * n + k], a[(nint)i * n + p]) = (a[(nint)i * n + p], a[(nint)i * n + k]);
    }
}
