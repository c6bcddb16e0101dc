using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Solvers.Direct;

/// <summary>
/// R of a sparse matrix by Givens rotations, row by row; Q is not kept, and A does its work when it comes to solving: RᵀR x = Aᵀ b, corrected until it stands.
/// </summary>
/// <remarks>
/// A matrix with fewer rows than columns is decomposed as its transpose, and gives the shortest solution. Unknowns that depend on others are 0. Sources:
/// George and Heath, "Solution of sparse linear least squares problems using Givens rotations", 1980; Björck, "Stability analysis of the method of seminormal
/// equations", 1987.
/// </remarks>
internal static class SparseQr
{
    private const int MaxRounds = 12;

    public static Factorisation Decompose(SparseMatrix matrix)
    {
        bool wide = matrix.Rows < matrix.Columns;
        var a = wide ? matrix.Transpose() : matrix;
        int n = a.Columns;
        int[] order = Ordering.ReverseCuthillMcKee(Ordering.ColumnGraph(a)), place = new int[n];
        for (int k = 0; k < n; k++) place[order[k]] = k;
        double largest = a.Values.Length == 0 ? 0 : a.Values.Max(Math.Abs), tiny = Math.Max(a.Rows, n) * 2.2e-16 * largest;
        var rows = new (int[] Columns, double[] Values)?[n];
        var x = new double[n];
        for (int r = 0; r < a.Rows; r++)
        {
            var pattern = new SortedSet<int>();
            for (int e = a.Starts[r]; e < a.Starts[r + 1]; e++)
            {
                int c = place[a.Indices[e]];
                x[c] = a.Values[e];
                pattern.Add(c);
            }
            while (pattern.Count > 0)
            {
                int c = pattern.Min;
                if (Math.Abs(x[c]) <= tiny)
                {
                    x[c] = 0;
                    pattern.Remove(c);
                    continue;
                }
                if (rows[c] is not { } upper)
                {
                    rows[c] = ([.. pattern], [.. pattern.Select(i => x[i])]);
                    break;
                }
                rows[c] = Rotate(upper, x, pattern, c);
            }
            foreach (int c in pattern) x[c] = 0;
        }
        return Assemble(matrix, n, order, rows, tiny);
    }

    /// <summary>Turns R's row and the row x so that x has a 0 in column c; columns of either are columns of both afterwards.</summary>
    private static (int[] Columns, double[] Values) Rotate((int[] Columns, double[] Values) upper, double[] x, SortedSet<int> pattern, int c)
    {
        double length = double.Hypot(upper.Values[0], x[c]), cosine = upper.Values[0] / length, sine = x[c] / length;
        foreach (int i in upper.Columns) pattern.Add(i);
        int[] union = [.. pattern];
        var values = new double[union.Length];
        int at = 0;
        for (int k = 0; k < union.Length; k++)
        {
            double above = at < upper.Columns.Length && upper.Columns[at] == union[k] ? upper.Values[at++] : 0, below = x[union[k]];
            values[k] = cosine * above + sine * below;
            x[union[k]] = cosine * below - sine * above;
        }
        x[c] = 0;
        pattern.Remove(c);
        return (union, values);
    }

    private static Factorisation Assemble(SparseMatrix matrix, int n, int[] order, (int[] Columns, double[] Values)?[] rows, double tiny)
    {
        var starts = new int[n + 1];
        List<int> indices = [];
        List<double> values = [];
        int rank = 0;
        for (int i = 0; i < n; i++)
        {
            if (rows[i] is { } row && Math.Abs(row.Values[0]) > tiny)
            {
                rank++;
                indices.AddRange(row.Columns);
                values.AddRange(row.Values);
            }
            starts[i + 1] = indices.Count;
        }
        var result = new Factorisation(FactorForm.SparseQr, matrix.Rows, matrix.Columns, rank) { Indices = { ["order"] = order } };
        result.Add("upper", starts, [.. indices], [.. values]);
        result.Add("matrix", (int[])matrix.Starts.Clone(), (int[])matrix.Indices.Clone(), (double[])matrix.Values.Clone());
        return result;
    }

    public static double[] Solve(Factorisation f, ReadOnlySpan<double> right)
    {
        bool wide = f.Rows < f.Columns;
        int n = Math.Min(f.Rows, f.Columns);
        var (starts, indices, values) = f.Sparse("matrix", f.Rows, f.Columns);
        var row = new int[values.Length];
        for (int i = 0; i < f.Rows; i++)
            for (int e = starts[i]; e < starts[i + 1]; e++) row[e] = i;
        var a = SparseMatrix.FromCoordinates(f.Rows, f.Columns, row, indices, values);
        var upper = f.Sparse("upper", n, n);
        int[] order = f.Index("order", n, n);
        var x = new double[f.Columns];
        double[] rest = right.ToArray(), product = new double[f.Rows], turned = new double[n];
        double last = double.PositiveInfinity;
        // Further rounds correct what squaring the matrix has cost, as long as the corrections shrink.
        for (int round = 0; round < MaxRounds; round++)
        {
            double[] step;
            if (wide)
            {
                step = new double[f.Columns];
                a.MultiplyTransposed(Normal(upper, order, rest), step);
            }
            else
            {
                a.MultiplyTransposed(rest, turned);
                step = Normal(upper, order, turned);
            }
            double size = Iterative.Vector.Norm(step);
            if (!(size < 0.5 * last)) break;
            last = size;
            for (int i = 0; i < x.Length; i++) x[i] += step[i];
            a.Multiply(x, product);
            for (int i = 0; i < rest.Length; i++) rest[i] = right[i] - product[i];
        }
        return x;
    }

    /// <summary>RᵀR z = right in the order of the columns; unknowns without a row of R are 0.</summary>
    private static double[] Normal((int[] Starts, int[] Indices, double[] Values) upper, int[] order, ReadOnlySpan<double> right)
    {
        int n = order.Length;
        double[] y = new double[n], z = new double[n];
        for (int i = 0; i < n; i++) y[i] = right[order[i]];
        var (starts, indices, values) = upper;
        for (int i = 0; i < n; i++)
        {
            if (starts[i] == starts[i + 1])
            {
                y[i] = 0;
                continue;
            }
            y[i] /= values[starts[i]];
            for (int e = starts[i] + 1; e < starts[i + 1]; e++) y[indices[e]] -= values[e] * y[i];
        }
        for (int i = n - 1; i >= 0; i--)
        {
            if (starts[i] == starts[i + 1]) continue;
            for (int e = starts[i] + 1; e < starts[i + 1]; e++) y[i] -= values[e] * y[indices[e]];
            y[i] /= values[starts[i]];
        }
        for (int i = 0; i < n; i++) z[order[i]] = y[i];
        return z;
    }
}
