using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Solvers.Direct;

/// <summary>How a QR decomposition chooses its next column.</summary>
internal enum QrPivoting
{
    None,
    Columns,
    Full,
}

/// <summary>Householder QR of [m, n], m and n in any relation: A P = Q R, and for the complete orthogonal decomposition R = T Z.</summary>
/// <remarks>Source: Golub and Van Loan, "Matrix Computations", 5.2 and 5.4; the full pivoting takes the largest entry, which makes the row order part of Q.</remarks>
internal static unsafe class OrthogonalFactors
{
    public static Factorisation Decompose(double[] matrix, int m, int n, QrPivoting pivoting, bool complete)
    {
        // Columns as rows: reflectors run along memory.
        var a = new double[(long)m * n];
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) a[(nint)j * m + i] = matrix[(nint)i * n + j];
        int steps = Math.Min(m, n), rank = steps;
        int[] columns = [.. Enumerable.Range(0, n)];
        var factors = new double[steps];
        int[] swaps = [.. Enumerable.Range(0, steps)];
        double largest = 0;
        fixed (double* p = a)
            for (int k = 0; k < steps; k++)
            {
                int chosen = pivoting == QrPivoting.None ? k : Pivot(p, m, n, k, pivoting, out swaps[k]);
                if (chosen != k)
                {
                    for (int i = 0; i < m; i++) (p[(nint)k * m + i], p[(nint)chosen * m + i]) = (p[(nint)chosen * m + i], p[(nint)k * m + i]);
                    (columns[k], columns[chosen]) = (columns[chosen], columns[k]);
                }
                // A row exchange belongs to Q, which undoes it.
                if (swaps[k] != k)
                    for (int j = 0; j < n; j++)
                        if (j >= k) (p[(nint)j * m + k], p[(nint)j * m + swaps[k]]) = (p[(nint)j * m + swaps[k]], p[(nint)j * m + k]);
                double* v = p + (nint)k * m + k;
                int length = m - k;
                double norm = Math.Sqrt(Vectors.Dot(v, v, length));
                largest = Math.Max(largest, norm);
                if (norm <= Math.Max(m, n) * 2.2e-16 * largest)
                {
                    if (pivoting == QrPivoting.None)
                        throw new FarmException(new Failure(FailureClass.Permanent, "solver.singular",
                            $"column {k} depends on those before it, and householder_qr does not exchange columns; use col_piv_householder_qr, complete_orthogonal_decomposition or bdc_svd"));
                    rank = k;
                    break;
                }
                double alpha = v[0] > 0 ? -norm : norm;
                v[0] -= alpha;
                factors[k] = 2 / Vectors.Dot(v, v, length);
                for (int j = k + 1; j < n; j++)
                {
                    double* column = p + (nint)j * m + k;
                    Vectors.Add(-factors[k] * Vectors.Dot(v, column, length), v, column, length);
                }
            }
        return Assemble(a, m, n, steps, rank, columns, factors, swaps, complete);
    }

    public static double[] Solve(Factorisation f, ReadOnlySpan<double> right)
    {
        int m = f.Rows, n = f.Columns, rank = f.Rank;
        bool complete = f.Numbers.ContainsKey("z");
        double[] q = f.Number("q", (long)m * rank), r = f.Number("r", (long)rank * rank), x = new double[n], y = new double[rank];
        int[] columns = f.Index("columns", n, n);
        for (int k = 0; k < rank; k++)
            for (int i = 0; i < m; i++) y[k] += q[(nint)k * m + i] * right[i];
        if (complete)
        {
            // r holds T = (R' of Rᵀ = Z R')ᵀ, lower triangular.
            double[] z = f.Number("z", (long)rank * n);
            for (int i = 0; i < rank; i++)
            {
                for (int j = 0; j < i; j++) y[i] -= r[i * rank + j] * y[j];
                y[i] /= r[i * rank + i];
            }
            for (int k = 0; k < rank; k++)
                for (int j = 0; j < n; j++) x[columns[j]] += z[(nint)k * n + j] * y[k];
            return x;
        }
        for (int i = rank - 1; i >= 0; i--)
        {
            for (int j = i + 1; j < rank; j++) y[i] -= r[i * rank + j] * y[j];
            y[i] /= r[i * rank + i];
        }
        for (int i = 0; i < rank; i++) x[columns[i]] = y[i];
        return x;
    }

    private static Factorisation Assemble(double[] a, int m, int n, int steps, int rank, int[] columns, double[] factors, int[] swaps, bool complete)
    {
        var diagonal = new double[steps];
        // Rows of Qᵀ: reflectors and exchanges from the last back, on unit vectors.
        var q = new double[(long)rank * m];
        fixed (double* pq = q, p = a)
        {
            for (int k = 0; k < steps; k++)
            {
                // v₀ = x₀ − α and α² = ‖x‖²: α follows from the reflector, since ‖v‖² = −2 α v₀.
                double* v = p + (nint)k * m + k;
                diagonal[k] = factors[k] == 0 ? v[0] : -Vectors.Dot(v, v, m - k) / (2 * v[0]);
            }
            for (int c = 0; c < rank; c++)
            {
                double* unit = pq + (nint)c * m;
                unit[c] = 1;
                for (int k = steps - 1; k >= 0; k--)
                {
                    if (factors[k] != 0)
                    {
                        double* v = p + (nint)k * m + k;
                        Vectors.Add(-factors[k] * Vectors.Dot(v, unit + k, m - k), v, unit + k, m - k);
                    }
                    if (swaps[k] != k) (unit[k], unit[swaps[k]]) = (unit[swaps[k]], unit[k]);
                }
            }
        }
        var wide = new double[(long)rank * n];
        for (int i = 0; i < rank; i++)
            for (int j = i; j < n; j++) wide[(nint)i * n + j] = i == j ? diagonal[i] : a[(nint)j * m + i];
        var result = new Factorisation(FactorForm.Orthogonal, m, n, rank) { Numbers = { ["q"] = q }, Indices = { ["columns"] = columns } };
        if (!complete || rank == n)
        {
            var square = new double[rank * rank];
            for (int i = 0; i < rank; i++) Array.Copy(wide, (nint)i * n, square, i * rank, rank);
            result.Numbers["r"] = square;
            return result;
        }
        // Rᵀ [n, rank] = Z R': R = R'ᵀ Zᵀ.
        var transposed = new double[(long)n * rank];
        for (int i = 0; i < rank; i++)
            for (int j = 0; j < n; j++) transposed[(nint)j * rank + i] = wide[(nint)i * n + j];
        var right = Decompose(transposed, n, rank, QrPivoting.None, complete: false);
        double[] upper = right.Numbers["r"];
        var lower = new double[rank * rank];
        for (int i = 0; i < rank; i++)
            for (int j = 0; j <= i; j++) lower[i * rank + j] = upper[j * rank + i];
        result.Numbers["r"] = lower;
        result.Numbers["z"] = right.Numbers["q"];
        return result;
    }

    private static int Pivot(double* p, int m, int n, int k, QrPivoting pivoting, out int row)
    {
        int chosen = k;
        double best = -1;
        row = k;
        for (int j = k; j < n; j++)
        {
            double* column = p + (nint)j * m;
            if (pivoting == QrPivoting.Columns)
            {
                double square = Vectors.Dot(column + k, column + k, m - k);
                if (square > best) (best, chosen) = (square, j);
                continue;
            }
            for (int i = k; i < m; i++)
                if (Math.Abs(column[i]) > best) (best, chosen, row) = (Math.Abs(column[i]), j, i);
        }
        return chosen;
    }
}
