using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Solvers.Direct;

/// <summary>P A Q = L U of a sparse square matrix, column by column with partial pivoting.</summary>
/// <remarks>
/// Work grows with the operations on entries that are not zero, not with n². Of equally large pivots that of the same unknown is taken, which keeps a
/// symmetric pattern. Source: Gilbert and Peierls, "Sparse partial pivoting in time proportional to arithmetic operations", 1988.
/// </remarks>
internal static class SparseLu
{
    /// <exception cref="FarmException"><c>solver.singular</c>.</exception>
    public static Factorisation Decompose(SparseMatrix a)
    {
        int n = a.Rows;
        int[] columns = Ordering.ReverseCuthillMcKee(a);
        var byColumn = a.Transpose();
        double largest = a.Values.Length == 0 ? 0 : a.Values.Max(Math.Abs);
        // place[row] is the step at which the row became a pivot, −1 before.
        int[] place = new int[n], lowerStarts = new int[n + 1], upperStarts = new int[n + 1], mark = new int[n];
        Array.Fill(place, -1);
        Array.Fill(mark, -1);
        List<int> lower = [], upper = [];
        List<double> lowerValues = [], upperValues = [];
        var x = new double[n];
        var reach = new int[n];
        int[] stack = new int[n], at = new int[n];
        for (int k = 0; k < n; k++)
        {
            int column = columns[k], top = n;
            for (int e = byColumn.Starts[column]; e < byColumn.Starts[column + 1]; e++)
                if (mark[byColumn.Indices[e]] != k) top = Reach(byColumn.Indices[e], k, top);
            for (int t = top; t < n; t++) x[reach[t]] = 0;
            for (int e = byColumn.Starts[column]; e < byColumn.Starts[column + 1]; e++) x[byColumn.Indices[e]] = byColumn.Values[e];
            // Rows in the order in which they depend on each other.
            for (int t = top; t < n; t++)
            {
                int j = place[reach[t]];
                if (j < 0) continue;
                double value = x[reach[t]];
                for (int e = lowerStarts[j]; e < lowerStarts[j + 1]; e++) x[lower[e]] -= lowerValues[e] * value;
                upper.Add(j);
                upperValues.Add(value);
            }
            int pivot = -1;
            double best = 0;
            for (int t = top; t < n; t++)
                if (place[reach[t]] < 0 && Math.Abs(x[reach[t]]) > best) (best, pivot) = (Math.Abs(x[reach[t]]), reach[t]);
            if (!(best > n * 2.2e-16 * largest))
                throw new FarmException(new Failure(FailureClass.Permanent, "solver.singular", $"the matrix is singular: unknown {column} has no pivot above {n * 2.2e-16 * largest:g3}; use qr, or an iterative least squares solver"));
            if (mark[column] == k && place[column] < 0 && Math.Abs(x[column]) >= best) pivot = column;
            upper.Add(k);
            upperValues.Add(x[pivot]);
            place[pivot] = k;
            for (int t = top; t < n; t++)
            {
                int row = reach[t];
                if (place[row] >= 0 || x[row] == 0) continue;
                lower.Add(row);
                lowerValues.Add(x[row] / x[pivot]);
            }
            (lowerStarts[k + 1], upperStarts[k + 1]) = (lower.Count, upper.Count);
        }
        var result = new Factorisation(FactorForm.SparseLu, n, n, n) { Indices = { ["rows"] = place, ["columns"] = columns } };
        result.Add("lower", lowerStarts, [.. lower.Select(r => place[r])], [.. lowerValues]);
        result.Add("upper", upperStarts, [.. upper], [.. upperValues]);
        return result;

        // Rows reached from one along the columns of L so far, behind those that depend on them; a search in depth without recursion.
        int Reach(int row, int k, int top)
        {
            int depth = 0;
            stack[0] = row;
            mark[row] = k;
            at[0] = place[row] < 0 ? 0 : lowerStarts[place[row]];
            while (depth >= 0)
            {
                int node = stack[depth], j = place[node];
                int end = j < 0 ? 0 : lowerStarts[j + 1];
                int next = -1;
                for (; j >= 0 && at[depth] < end; at[depth]++)
                    if (mark[lower[at[depth]]] != k)
                    {
                        next = lower[at[depth]++];
                        break;
                    }
                if (next < 0)
                {
                    reach[--top] = node;
                    depth--;
                    continue;
                }
                mark[next] = k;
                stack[++depth] = next;
                at[depth] = place[next] < 0 ? 0 : lowerStarts[place[next]];
            }
            return top;
        }
    }

    public static double[] Solve(Factorisation f, ReadOnlySpan<double> right)
    {
        int n = f.Rows;
        int[] place = f.Index("rows", n, n), columns = f.Index("columns", n, n);
        var (lowerStarts, lower, lowerValues) = f.Sparse("lower", n, n);
        var (upperStarts, upper, upperValues) = f.Sparse("upper", n, n);
        double[] y = new double[n], x = new double[n];
        for (int r = 0; r < n; r++) y[place[r]] = right[r];
        for (int j = 0; j < n; j++)
            for (int e = lowerStarts[j]; e < lowerStarts[j + 1]; e++) y[lower[e]] -= lowerValues[e] * y[j];
        for (int j = n - 1; j >= 0; j--)
        {
            // The diagonal is the last entry of its column.
            int last = upperStarts[j + 1] - 1;
            if (last < upperStarts[j]) throw FarmException.Invalid("solver.factors", $"the factors have no diagonal in column {j}; decompose the matrix again");
            y[j] /= upperValues[last];
            for (int e = upperStarts[j]; e < last; e++) y[upper[e]] -= upperValues[e] * y[j];
        }
        for (int j = 0; j < n; j++) x[columns[j]] = y[j];
        return x;
    }
}
