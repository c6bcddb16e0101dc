using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Solvers.Direct;

/// <summary>P A Pᵀ = L D Lᵀ of a sparse symmetric matrix, row by row along the elimination tree; without pivoting.</summary>
/// <remarks>Source: Davis, "Algorithm 849: a concise sparse Cholesky factorization package", 2005.</remarks>
internal static class SparseLdlt
{
    /// <param name="a">Symmetric.</param>
    /// <param name="positive">Refuse pivots that are not positive.</param>
    /// <exception cref="FarmException"><c>solver.not_definite</c>, <c>solver.singular</c>.</exception>
    public static Factorisation Decompose(SparseMatrix a, bool positive)
    {
        int n = a.Rows;
        int[] order = Ordering.ReverseCuthillMcKee(a);
        var p = a.Part(order, order);
        var (parent, starts) = Tree(p);
        var indices = new int[starts[n]];
        double[] values = new double[starts[n]], diagonal = new double[n], y = new double[n];
        int[] filled = new int[n], flag = new int[n], pattern = new int[n], path = new int[n];
        double largest = p.Values.Length == 0 ? 0 : p.Values.Max(Math.Abs);
        for (int k = 0; k < n; k++)
        {
            flag[k] = k;
            int top = n;
            for (int e = p.Starts[k]; e < p.Starts[k + 1] && p.Indices[e] <= k; e++)
            {
                int i = p.Indices[e], length = 0;
                y[i] += p.Values[e];
                for (; flag[i] != k; i = parent[i])
                {
                    path[length++] = i;
                    flag[i] = k;
                }
                while (length > 0) pattern[--top] = path[--length];
            }
            double pivot = y[k];
            y[k] = 0;
            for (; top < n; top++)
            {
                int i = pattern[top];
                double yi = y[i];
                y[i] = 0;
                int end = starts[i] + filled[i];
                for (int e = starts[i]; e < end; e++) y[indices[e]] -= values[e] * yi;
                double factor = yi / diagonal[i];
                pivot -= factor * yi;
                indices[end] = k;
                values[end] = factor;
                filled[i]++;
            }
            if (positive && !(pivot > n * 2.2e-16 * largest))
                throw new FarmException(new Failure(FailureClass.Permanent, "solver.not_definite", $"the matrix is not positive definite: the pivot of unknown {order[k]} is {pivot:g3}; use ldlt or lu"));
            if (!(Math.Abs(pivot) > n * 2.2e-16 * largest))
                throw new FarmException(new Failure(FailureClass.Permanent, "solver.singular", $"unknown {order[k]} has the pivot {pivot:g3}: the matrix is singular, or ldlt without pivoting is not for it; use lu or qr"));
            diagonal[k] = pivot;
        }
        var result = new Factorisation(FactorForm.SparseLdlt, n, n, n) { Numbers = { ["diagonal"] = diagonal }, Indices = { ["order"] = order } };
        result.Add("lower", starts, indices, values);
        return result;
    }

    public static double[] Solve(Factorisation f, ReadOnlySpan<double> right)
    {
        int n = f.Rows;
        var (starts, indices, values) = f.Sparse("lower", n, n);
        double[] diagonal = f.Number("diagonal", n), y = new double[n], x = new double[n];
        int[] order = f.Index("order", n, n);
        for (int i = 0; i < n; i++) y[i] = right[order[i]];
        for (int j = 0; j < n; j++)
            for (int e = starts[j]; e < starts[j + 1]; e++) y[indices[e]] -= values[e] * y[j];
        for (int j = n - 1; j >= 0; j--)
        {
            y[j] /= diagonal[j];
            for (int e = starts[j]; e < starts[j + 1]; e++) y[j] -= values[e] * y[indices[e]];
        }
        for (int i = 0; i < n; i++) x[order[i]] = y[i];
        return x;
    }

    /// <summary>The elimination tree, and where each column of L starts.</summary>
    private static (int[] Parent, int[] Starts) Tree(SparseMatrix p)
    {
        int n = p.Rows;
        int[] parent = new int[n], flag = new int[n], starts = new int[n + 1];
        long total = 0;
        for (int k = 0; k < n; k++)
        {
            parent[k] = -1;
            flag[k] = k;
            for (int e = p.Starts[k]; e < p.Starts[k + 1] && p.Indices[e] < k; e++)
                for (int i = p.Indices[e]; flag[i] != k; i = parent[i])
                {
                    if (parent[i] < 0) parent[i] = k;
                    starts[i + 1]++;
                    flag[i] = k;
                    total++;
                }
        }
        if (total > Array.MaxLength) throw FarmException.Invalid("solver.size", $"the factor would have {total} entries; use an iterative solver");
        for (int i = 0; i < n; i++) starts[i + 1] += starts[i];
        return (parent, starts);
    }
}
