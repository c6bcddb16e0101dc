using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Solvers.Direct;

/// <summary>Gaussian elimination with partial or full pivoting.</summary>
/// <remarks>2 n³/3 operations. Source: Golub and Van Loan, "Matrix Computations", 3.4.</remarks>
internal static unsafe class LuFactors
{
    /// <summary>Decomposes a [n, n]. Full pivoting finds the rank; partial pivoting refuses a singular matrix.</summary>
    /// <exception cref="FarmException"><c>solver.singular</c>.</exception>
    public static Factorisation Decompose(double[] matrix, int n, bool full)
    {
        double[] lu = (double[])matrix.Clone();
        int[] rows = [.. Enumerable.Range(0, n)], columns = [.. Enumerable.Range(0, n)];
        int rank = n;
        double largest = 0;
        foreach (double v in lu) largest = Math.Max(largest, Math.Abs(v));
        fixed (double* a = lu)
            for (int k = 0; k < n; k++)
            {
                int pivotRow = k, pivotColumn = k;
                double best = 0;
                for (int i = k; i < n; i++)
                    for (int j = k; j < (full ? n : k + 1); j++)
                        if (Math.Abs(a[(nint)i * n + j]) > best) (best, pivotRow, pivotColumn) = (Math.Abs(a[(nint)i * n + j]), i, j);
                if (best <= n * 2.2e-16 * largest)
                {
                    if (!full) throw new FarmException(new Failure(FailureClass.Permanent, "solver.singular",
                        $"the matrix is singular: column {k} has no pivot above {n * 2.2e-16 * largest:g3}; use a rank-revealing method (full_piv_lu, col_piv_householder_qr, complete_orthogonal_decomposition, bdc_svd)"));
                    rank = k;
                    break;
                }
                if (pivotRow != k)
                {
                    for (int j = 0; j < n; j++) (a[(nint)k * n + j], a[(nint)pivotRow * n + j]) = (a[(nint)pivotRow * n + j], a[(nint)k * n + j]);
                    (rows[k], rows[pivotRow]) = (rows[pivotRow], rows[k]);
                }
                if (pivotColumn != k)
                {
                    for (int i = 0; i < n; i++) (a[(nint)i * n + k], a[(nint)i * n + pivotColumn]) = (a[(nint)i * n + pivotColumn], a[(nint)i * n + k]);
                    (columns[k], columns[pivotColumn]) = (columns[pivotColumn], columns[k]);
                }
                double* row = a + (nint)k * n;
                for (int i = k + 1; i < n; i++)
                {
                    double* below = a + (nint)i * n;
                    below[k] /= row[k];
                    Vectors.Add(-below[k], row + k + 1, below + k + 1, n - k - 1);
                }
            }
        return new(FactorForm.Lu, n, n, rank) { Numbers = { ["factors"] = lu }, Indices = { ["rows"] = rows, ["columns"] = columns } };
    }

    /// <summary>Of a singular matrix, the solution whose unknowns without a pivot are 0.</summary>
    public static double[] Solve(Factorisation f, ReadOnlySpan<double> right)
    {
        int n = f.Rows, rank = Math.Min(f.Rank, n);
        double[] lu = f.Number("factors", (long)n * n), y = new double[n], x = new double[n];
        int[] rows = f.Index("rows", n, n), columns = f.Index("columns", n, n);
        fixed (double* a = lu, py = y)
        {
            for (int i = 0; i < n; i++) py[i] = right[rows[i]] - Vectors.Dot(a + (nint)i * n, py, Math.Min(i, rank));
            for (int i = rank - 1; i >= 0; i--)
                py[i] = (py[i] - Vectors.Dot(a + (nint)i * n + i + 1, py + i + 1, rank - i - 1)) / a[(nint)i * n + i];
        }
        for (int i = 0; i < rank; i++) x[columns[i]] = y[i];
        return x;
    }
}
