using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>Values of a kernel between two sets of rows, by blocks of matrix products.</summary>
/// <remarks>
/// ‖x‖² + ‖y‖² − 2 x·y costs one multiply-add per coordinate, but loses digits where rows nearly coincide; those pairs are summed
/// again from differences, so that a distance of 0 is 0. Every entry's bits depend on its two rows alone.
/// </remarks>
internal static unsafe class KernelMatrix
{
    /// <summary>Below this share of ‖x‖² + ‖y‖² a squared distance is computed again: it then keeps ten digits.</summary>
    private const double Cancelled = 1e-6;

    /// <summary>Symmetric K [n, n] of rows [n, d].</summary>
    public static double[] Of(KernelFunction kernel, double[] rows, int n, int d)
    {
        var matrix = new double[checked((long)n * n)];
        double[] norms = SquaredNorms(rows, n, d);
        fixed (double* x = rows, xx = norms, k = matrix)
            for (int first = 0; first < n; first += 64)
                Fill(kernel, Math.Min(64, n - first), n, d, x + (nint)first * d, xx + first, x, xx, k + (nint)first * n);
        return matrix;
    }

    /// <summary>‖x‖² of every row [n, d].</summary>
    public static double[] SquaredNorms(double[] rows, int n, int d)
    {
        var norms = new double[n];
        fixed (double* x = rows)
            for (int r = 0; r < n; r++) norms[r] = Norm(x + (nint)r * d, d);
        return norms;
    }

    /// <summary>A block [m, n] of kernel values between rows x [m, d] and y [n, d] with their squared norms.</summary>
    public static void Fill(KernelFunction kernel, int m, int n, int d, double* x, double* xx, double* y, double* yy, double* block)
    {
        if (kernel.IsRadial) SquaredDistances(m, n, d, x, xx, y, yy, block);
        else
        {
            new Span<double>(block, m * n).Clear();
            MatrixProduct.Accumulate(m, n, d, x, d, 1, y, 1, d, block, n);
        }
        kernel.Apply(block, m * n);
    }

    /// <summary>Squared distances [m, n] of rows x [m, d] and y [n, d].</summary>
    public static void SquaredDistances(int m, int n, int d, double* x, double* xx, double* y, double* yy, double* block)
    {
        new Span<double>(block, checked(m * n)).Clear();
        MatrixProduct.Accumulate(m, n, d, x, d, 1, y, 1, d, block, n);
        for (int i = 0; i < m; i++)
        {
            double* row = block + (nint)i * n;
            for (int j = 0; j < n; j++)
            {
                double size = xx[i] + yy[j], square = size - 2 * row[j];
                row[j] = square > Cancelled * size ? square : Between(x + (nint)i * d, y + (nint)j * d, d);
            }
        }
    }

    /// <summary>The squared distance of two rows from their differences, added in order and without fused operations, as plain code anywhere would: what searches compare and what ties are decided by.</summary>
    public static double Between(double* x, double* y, int d)
    {
        double sum = 0;
        for (int i = 0; i < d; i++)
        {
            double difference = x[i] - y[i];
            sum += difference * difference;
        }
        return sum;
    }

    /// <summary>Added in the order of the matrix product, so that a row's distance to itself cancels as far as it can.</summary>
    public static double Norm(double* x, int d)
    {
        double sum = 0;
        for (int i = 0; i < d; i++) sum = Math.FusedMultiplyAdd(x[i], x[i], sum);
        return sum;
    }

    /// <summary>Median of the distances between different rows of [n, d], over at most 1,000 rows evenly strided; 1 where it is 0.</summary>
    public static double MedianDistance(double[] rows, int n, int d)
    {
        int used = Math.Min(n, 1000);
        var distances = new List<double>(used * (used - 1) / 2);
        fixed (double* x = rows)
            for (int i = 0; i < used; i++)
                for (int j = 0; j < i; j++)
                    distances.Add(Math.Sqrt(Between(x + (nint)((long)i * n / used) * d, x + (nint)((long)j * n / used) * d, d)));
        distances.Sort();
        double median = distances.Count == 0 ? 0 : 0.5 * (distances[(distances.Count - 1) / 2] + distances[distances.Count / 2]);
        return median > 0 ? median : 1;
    }
}
