namespace ExampleMlFarm.Learning.Dense;

/// <summary>
/// The thin singular value decomposition by one-sided Jacobi rotations: slow beside others, accurate also for small singular values.
/// </summary>
/// <remarks>Source: Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958.</remarks>
internal static unsafe class SingularValues
{
    private const int MaxSweeps = 60;

    /// <summary>
    /// For rows [k, n] with k ≤ n: X = U diag(s) V, with U [k, k] orthogonal (returned as rows of its transpose) and V the k rows of
    /// [k, n]. Rows of V where s is zero are zero. Singular values come unsorted, each with its own rows.
    /// </summary>
    public static (double[] UTransposed, double[] Values, double[] V) Decompose(double[] matrix, int k, int n)
    {
        double[] x = (double[])matrix.Clone();
        var u = new double[k * k];
        for (int i = 0; i < k; i++) u[i * k + i] = 1;
        fixed (double* px = x, pu = u)
        {
            for (int sweep = 0; sweep < MaxSweeps; sweep++)
                if (!Sweep(px, pu, k, n)) break;
            var values = new double[k];
            for (int i = 0; i < k; i++)
            {
                double* row = px + (nint)i * n;
                values[i] = Math.Sqrt(Vectors.Dot(row, row, n));
                if (values[i] > 0)
                    for (int j = 0; j < n; j++) row[j] /= values[i];
            }
            return (u, values, x);
        }
    }

    /// <summary>Makes every pair of rows orthogonal once; false when all were.</summary>
    private static bool Sweep(double* x, double* u, int k, int n)
    {
        bool turned = false;
        for (int i = 0; i < k - 1; i++)
            for (int j = i + 1; j < k; j++)
            {
                double* a = x + (nint)i * n, b = x + (nint)j * n;
                double aa = Vectors.Dot(a, a, n), bb = Vectors.Dot(b, b, n), ab = Vectors.Dot(a, b, n);
                if (Math.Abs(ab) <= 1e-15 * Math.Sqrt(aa * bb)) continue;
                turned = true;
                double zeta = (bb - aa) / (2 * ab);
                double t = (zeta >= 0 ? 1 : -1) / (Math.Abs(zeta) + Math.Sqrt(1 + zeta * zeta));
                double c = 1 / Math.Sqrt(1 + t * t), s = c * t;
                Vectors.Rotate(a, b, c, s, n);
                Vectors.Rotate(u + (nint)i * k, u + (nint)j * k, c, s, k);
            }
        return turned;
    }
}
