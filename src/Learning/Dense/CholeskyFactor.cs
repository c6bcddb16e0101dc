namespace ExampleMlFarm.Learning.Dense;

/// <summary>L Lᵀ of a symmetric positive definite matrix [n, n], and what can be solved with it.</summary>
internal sealed unsafe class CholeskyFactor
{
    private readonly double[] lower;
    private readonly int n;

    private CholeskyFactor(double[] lower, int n) => (this.lower, this.n) = (lower, n);

    /// <summary>Null when a pivot is not positive: the matrix is singular to working precision. The matrix is not changed.</summary>
    public static CholeskyFactor? Of(double[] matrix, int n)
    {
        double[] l = (double[])matrix.Clone();
        fixed (double* a = l)
            for (int i = 0; i < n; i++)
            {
                double* row = a + (nint)i * n;
                for (int j = 0; j < i; j++) row[j] = (row[j] - Vectors.Dot(row, a + (nint)j * n, j)) / a[(nint)j * n + j];
                double pivot = row[i] - Vectors.Dot(row, row, i);
                if (!(pivot > 2.2e-16 * Math.Abs(row[i]))) return null;
                row[i] = Math.Sqrt(pivot);
            }
        return new(l, n);
    }

    /// <summary>Solves for right-hand sides that are rows of [count, n], in place.</summary>
    public void Solve(double[] rows, int count)
    {
        fixed (double* a = lower, all = rows)
            for (int r = 0; r < count; r++)
            {
                double* x = all + (nint)r * n;
                for (int i = 0; i < n; i++) x[i] = (x[i] - Vectors.Dot(a + (nint)i * n, x, i)) / a[(nint)i * n + i];
                for (int i = n - 1; i >= 0; i--)
                {
                    x[i] /= a[(nint)i * n + i];
                    Vectors.Add(-x[i], a + (nint)i * n, x, i);
                }
            }
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
