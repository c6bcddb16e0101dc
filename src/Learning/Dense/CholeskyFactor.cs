namespace ExampleMlFarm.Learning.Dense;

/// <summary>L Lᵀ of a symmetric positive definite matrix [n, n], and what can be solved with it.</summary>
/// <remarks>
/// Left-looking by panels, so that nearly all of the n³/3 operations are matrix products. Bits depend on the matrix alone.
/// </remarks>
internal sealed unsafe class CholeskyFactor
{
    /// <summary>Columns of a panel: its square stays in the first cache.</summary>
    private const int Panel = 64;

    private readonly double[] lower;
    private readonly int n;

    private CholeskyFactor(double[] lower, int n) => (this.lower, this.n) = (lower, n);

    /// <summary>Null when a pivot is not positive: the matrix is singular to working precision. The matrix is not changed.</summary>
    public static CholeskyFactor? Of(double[] matrix, int n) => InPlace((double[])matrix.Clone(), n);

    /// <summary>The same without a copy: the matrix becomes the factor.</summary>
    public static CholeskyFactor? InPlace(double[] matrix, int n)
    {
        var diagonal = new double[n];
        for (int i = 0; i < n; i++) diagonal[i] = matrix[(nint)i * n + i];
        fixed (double* a = matrix)
            for (int first = 0; first < n; first += Panel)
            {
                int columns = Math.Min(Panel, n - first);
                SubtractEarlier(a, n, first, columns);
                for (int i = first; i < n; i++)
                {
                    double* row = a + (nint)i * n + first;
                    for (int j = 0; j < Math.Min(columns, i - first); j++)
                    {
                        double* other = a + (nint)(first + j) * n + first;
                        row[j] = (row[j] - Vectors.Dot(row, other, j)) / other[j];
                    }
                    if (i >= first + columns) continue;
                    int within = i - first;
                    double pivot = row[within] - Vectors.Dot(row, row, within);
                    if (!(pivot > 2.2e-16 * Math.Abs(diagonal[i]))) return null;
                    row[within] = Math.Sqrt(pivot);
                }
            }
        return new(matrix, n);
    }

    /// <summary>A[first.., panel] -= L[first.., ..first] · L[panel, ..first]ᵀ.</summary>
    private static void SubtractEarlier(double* a, int n, int first, int columns)
    {
        if (first == 0) return;
        var negative = new double[columns * first];
        fixed (double* minus = negative)
        {
            for (int j = 0; j < columns; j++)
                for (int k = 0; k < first; k++) minus[j * first + k] = -a[(nint)(first + j) * n + k];
            MatrixProduct.Accumulate(n - first, columns, first, a + (nint)first * n, n, 1, minus, 1, first, a + (nint)first * n + first, n);
        }
    }

    /// <summary>Solves for right-hand sides that are rows of [count, n], in place.</summary>
    public void Solve(double[] rows, int count)
    {
        SolveLower(rows, count);
        SolveUpper(rows, count);
    }

    /// <summary>L x = right for rows of [count, n], in place.</summary>
    public void SolveLower(double[] rows, int count)
    {
        fixed (double* a = lower, all = rows)
            for (int r = 0; r < count; r++)
            {
                double* x = all + (nint)r * n;
                for (int i = 0; i < n; i++) x[i] = (x[i] - Vectors.Dot(a + (nint)i * n, x, i)) / a[(nint)i * n + i];
            }
    }

    /// <summary>Lᵀ x = right for rows of [count, n], in place.</summary>
    public void SolveUpper(double[] rows, int count)
    {
        fixed (double* a = lower, all = rows)
            for (int r = 0; r < count; r++)
            {
                double* x = all + (nint)r * n;
                for (int i = n - 1; i >= 0; i--)
                {
                    x[i] /= a[(nint)i * n + i];
                    Vectors.Add(-x[i], a + (nint)i * n, x, i);
                }
            }
    }

    /// <summary>L⁻¹ [n, n], lower triangular: 2 n³/3 operations, nearly all of them in matrix products.</summary>
    public double[] InverseLower()
    {
        var inverse = new double[lower.Length];
        var sum = new double[Panel * n];
        fixed (double* l = lower, x = inverse, s = sum)
            for (int first = 0; first < n; first += Panel)
            {
                int rows = Math.Min(Panel, n - first);
                Array.Clear(sum);
                // [rows, first] = L[rows, ..first] · X[..first, ..first]
                MatrixProduct.Accumulate(rows, first, first, l + (nint)first * n, n, 1, x, n, 1, s, n);
                for (int i = 0; i < rows; i++)
                {
                    double* row = x + (nint)(first + i) * n, factors = l + (nint)(first + i) * n + first;
                    for (int j = 0; j < first; j++) row[j] = -s[(nint)i * n + j];
                    row[first + i] = 1;
                    for (int k = 0; k < i; k++) Vectors.Add(-factors[k], x + (nint)(first + k) * n, row, first + k + 1);
                    double scale = 1 / factors[i];
                    for (int j = 0; j <= first + i; j++) row[j] *= scale;
                }
            }
        return inverse;
    }

    /// <summary>Largest over smallest eigenvalue of <paramref name="matrix"/>, by a few power steps with it and with its inverse: an estimate, from below.</summary>
    public double Condition(double[] matrix)
    {
        double largest = Power(x =>
        {
            var y = new double[n];
            fixed (double* a = matrix, px = x)
                for (int i = 0; i < n; i++) y[i] = Vectors.Dot(a + (nint)i * n, px, n);
            return y;
        });
        double inverse = Power(x =>
        {
            double[] y = (double[])x.Clone();
            Solve(y, 1);
            return y;
        });
        return largest * inverse;
    }

    private double Power(Func<double[], double[]> apply)
    {
        var x = new double[n];
        for (int i = 0; i < n; i++) x[i] = 1 + 0.1 * (i % 7);
        double size = 0;
        for (int step = 0; step < 12; step++)
        {
            x = apply(x);
            size = Math.Sqrt(x.Sum(v => v * v));
            if (size == 0) return 0;
            for (int i = 0; i < n; i++) x[i] /= size;
        }
        return size;
    }
}
