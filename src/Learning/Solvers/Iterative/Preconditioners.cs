using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Solvers.Iterative;

/// <summary>An easy stand-in M for a matrix, solved with in every step: z = M⁻¹ r.</summary>
internal interface IPreconditioner
{
    void Apply(ReadOnlySpan<double> r, Span<double> z);
}

/// <summary>M = I.</summary>
internal sealed class IdentityPreconditioner : IPreconditioner
{
    public void Apply(ReadOnlySpan<double> r, Span<double> z) => r.CopyTo(z);
}

/// <summary>M = diag(A); for least squares, the squared lengths of A's columns. Zeros count as ones.</summary>
internal sealed class DiagonalPreconditioner : IPreconditioner
{
    private readonly double[] inverse;

    public DiagonalPreconditioner(SparseMatrix a, bool normalEquations)
    {
        inverse = new double[a.Columns];
        for (int i = 0; i < a.Rows; i++)
            for (int e = a.Starts[i]; e < a.Starts[i + 1]; e++)
                if (normalEquations) inverse[a.Indices[e]] += a.Values[e] * a.Values[e];
                else if (a.Indices[e] == i) inverse[i] = a.Values[e];
        for (int i = 0; i < inverse.Length; i++) inverse[i] = inverse[i] == 0 ? 1 : 1 / inverse[i];
    }

    public void Apply(ReadOnlySpan<double> r, Span<double> z)
    {
        for (int i = 0; i < inverse.Length; i++) z[i] = inverse[i] * r[i];
    }
}

/// <summary>M = L Lᵀ with the pattern of A's lower triangle; the diagonal is raised until all pivots are positive.</summary>
/// <remarks>Source: Manteuffel, "An incomplete factorization technique for positive definite linear systems", 1980 (the shift).</remarks>
internal sealed class IncompleteCholesky : IPreconditioner
{
    private readonly int n;
    private readonly int[] starts;
    private readonly int[] indices;
    private double[] values = [];

    public IncompleteCholesky(SparseMatrix a)
    {
        n = a.Rows;
        starts = new int[n + 1];
        var kept = new List<int>();
        var original = new List<double>();
        for (int i = 0; i < n; i++)
        {
            for (int e = a.Starts[i]; e < a.Starts[i + 1] && a.Indices[e] < i; e++)
            {
                kept.Add(a.Indices[e]);
                original.Add(a.Values[e]);
            }
            kept.Add(i);
            original.Add(a[i, i] > 0 ? a[i, i] : throw FarmException.Invalid("solver.preconditioner",
                $"incomplete_cholesky needs a positive diagonal, and entry ({i}, {i}) is {a[i, i]:g3}; use incomplete_lut or diagonal"));
            starts[i + 1] = kept.Count;
        }
        indices = [.. kept];
        double shift = 0;
        while (!Factor([.. original], shift))
        {
            shift = shift == 0 ? 1e-3 : 2 * shift;
            if (shift > 1e3) throw FarmException.Invalid("solver.preconditioner", "incomplete_cholesky needs a symmetric matrix; use incomplete_lut or diagonal");
        }
    }

    private bool Factor(double[] l, double shift)
    {
        for (int i = 0; i < n; i++)
        {
            int last = starts[i + 1] - 1;
            l[last] += shift * Math.Abs(l[last]);
            for (int e = starts[i]; e <= last; e++)
            {
                int j = indices[e];
                double sum = l[e];
                // Columns of rows i and j that both have, below j.
                for (int p = starts[i], q = starts[j]; p < e && q < starts[j + 1] - 1;)
                {
                    if (indices[p] < indices[q]) p++;
                    else if (indices[p] > indices[q]) q++;
                    else sum -= l[p++] * l[q++];
                }
                if (e < last) l[e] = sum / l[starts[j + 1] - 1];
                else if (sum > 1e-12 * Math.Abs(l[last])) l[last] = Math.Sqrt(sum);
                else return false;
            }
        }
        values = l;
        return true;
    }

    public void Apply(ReadOnlySpan<double> r, Span<double> z)
    {
        for (int i = 0; i < n; i++)
        {
            double sum = r[i];
            int last = starts[i + 1] - 1;
            for (int e = starts[i]; e < last; e++) sum -= values[e] * z[indices[e]];
            z[i] = sum / values[last];
        }
        for (int i = n - 1; i >= 0; i--)
        {
            int last = starts[i + 1] - 1;
            z[i] /= values[last];
            for (int e = starts[i]; e < last; e++) z[indices[e]] -= values[e] * z[i];
        }
    }
}

/// <summary>M = L U, keeping in each row the entries above a tolerance, and of them the greatest.</summary>
/// <remarks>Source: Saad, "ILUT: a dual threshold incomplete LU factorization", 1994.</remarks>
internal sealed class IncompleteLut : IPreconditioner
{
    private const double DropTolerance = 1e-4;
    private const int FillFactor = 10;

    private readonly int n;
    private readonly (int[] Indices, double[] Values)[] lower;
    private readonly (int[] Indices, double[] Values)[] upper;

    public IncompleteLut(SparseMatrix a)
    {
        n = a.Rows;
        lower = new (int[], double[])[n];
        upper = new (int[], double[])[n];
        int fill = Math.Max(4, FillFactor * (a.Values.Length / Math.Max(n, 1)));
        var w = new double[n];
        for (int i = 0; i < n; i++)
        {
            var pattern = new SortedSet<int> { i };
            double norm = 0;
            for (int e = a.Starts[i]; e < a.Starts[i + 1]; e++)
            {
                w[a.Indices[e]] = a.Values[e];
                pattern.Add(a.Indices[e]);
                norm += a.Values[e] * a.Values[e];
            }
            double drop = DropTolerance * Math.Sqrt(norm);
            var below = new List<int>();
            for (int k = pattern.Min; k < i; k = Next(pattern, k, n))
            {
                double factor = w[k] / upper[k].Values[0];
                if (Math.Abs(factor) > DropTolerance)
                {
                    w[k] = factor;
                    below.Add(k);
                    for (int e = 1; e < upper[k].Indices.Length; e++)
                    {
                        int j = upper[k].Indices[e];
                        pattern.Add(j);
                        w[j] -= factor * upper[k].Values[e];
                    }
                }
                else w[k] = 0;
            }
            lower[i] = Greatest(below.Where(k => Math.Abs(w[k]) > drop), w, fill);
            double pivot = w[i] == 0 ? drop > 0 ? drop : 1 : w[i];
            var (indices, values) = Greatest(pattern.Where(k => k > i && Math.Abs(w[k]) > drop), w, fill);
            upper[i] = ([i, .. indices], [pivot, .. values]);
            foreach (int k in pattern) w[k] = 0;
        }
    }

    public void Apply(ReadOnlySpan<double> r, Span<double> z)
    {
        for (int i = 0; i < n; i++)
        {
            double sum = r[i];
            var (indices, values) = lower[i];
            for (int e = 0; e < indices.Length; e++) sum -= values[e] * z[indices[e]];
            z[i] = sum;
        }
        for (int i = n - 1; i >= 0; i--)
        {
            var (indices, values) = upper[i];
            double sum = z[i];
            for (int e = 1; e < indices.Length; e++) sum -= values[e] * z[indices[e]];
            z[i] = sum / values[0];
        }
    }

    /// <summary>The next index of the row, which always has its diagonal to come to.</summary>
    private static int Next(SortedSet<int> pattern, int k, int n) => pattern.GetViewBetween(k + 1, n).Min;

    private static (int[] Indices, double[] Values) Greatest(IEnumerable<int> candidates, double[] w, int count)
    {
        int[] kept = [.. candidates.OrderByDescending(k => Math.Abs(w[k])).ThenBy(k => k).Take(count).Order()];
        return (kept, [.. kept.Select(k => w[k])]);
    }
}
