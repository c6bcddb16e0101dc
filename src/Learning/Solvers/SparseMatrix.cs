using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Solvers;

/// <summary>A matrix [rows, columns] by compressed rows: entries of row i lie at <c>Starts[i] .. Starts[i + 1]</c>, columns ascending, none twice.</summary>
/// <remarks>Immutable, thread-safe. Sums run in the order of the entries.</remarks>
public sealed class SparseMatrix
{
    private SparseMatrix(int rows, int columns, int[] starts, int[] indices, double[] values)
        => (Rows, Columns, Starts, Indices, Values) = (rows, columns, starts, indices, values);

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>Place of each row's first entry, [rows + 1].</summary>
    public int[] Starts { get; }

    /// <summary>Column of each entry.</summary>
    public int[] Indices { get; }

    /// <summary>Value of each entry.</summary>
    public double[] Values { get; }

    /// <summary>From coordinates in any order; what is given twice is added up in the order given. Zeros are kept.</summary>
    /// <exception cref="FarmException"><c>solver.matrix</c>: lengths differ, an index lies outside, a value is not finite.</exception>
    public static SparseMatrix FromCoordinates(int rows, int columns, ReadOnlySpan<int> row, ReadOnlySpan<int> column, ReadOnlySpan<double> value)
    {
        if (rows < 1 || columns < 1) throw FarmException.Invalid("solver.matrix", $"a matrix of {rows} x {columns} has no entries");
        if (row.Length != value.Length || column.Length != value.Length)
            throw FarmException.Invalid("solver.matrix", $"{row.Length} row indices, {column.Length} column indices and {value.Length} values do not belong together");
        var starts = new int[rows + 1];
        for (int e = 0; e < value.Length; e++)
        {
            if ((uint)row[e] >= (uint)rows || (uint)column[e] >= (uint)columns)
                throw FarmException.Invalid("solver.matrix", $"entry {e} lies at ({row[e]}, {column[e]}), outside a matrix of {rows} x {columns}");
            if (!double.IsFinite(value[e])) throw FarmException.Invalid("solver.matrix", $"entry {e} at ({row[e]}, {column[e]}) is {value[e]}; every number must be finite");
            starts[row[e] + 1]++;
        }
        for (int i = 0; i < rows; i++) starts[i + 1] += starts[i];
        var place = (int[])starts.Clone();
        var indices = new int[value.Length];
        var order = new int[value.Length];
        for (int e = 0; e < value.Length; e++)
        {
            order[place[row[e]]] = e;
            indices[place[row[e]]++] = column[e];
        }
        var values = new double[value.Length];
        int kept = 0;
        for (int i = 0; i < rows; i++)
        {
            int from = starts[i], to = starts[i + 1];
            starts[i] = kept;
            // Equal columns stay in the order given, so that their sum does not depend on the sort.
            var keys = new long[to - from];
            for (int k = from; k < to; k++) keys[k - from] = ((long)indices[k] << 32) | (uint)order[k];
            Array.Sort(keys);
            foreach (long key in keys)
            {
                int c = (int)(key >> 32);
                double v = value[(int)(key & 0xffffffff)];
                if (kept > starts[i] && indices[kept - 1] == c) values[kept - 1] += v;
                else
                {
                    indices[kept] = c;
                    values[kept++] = v;
                }
            }
        }
        starts[rows] = kept;
        return new(rows, columns, starts, indices[..kept], values[..kept]);
    }

    /// <summary>From a dense matrix [rows, columns], row-major; zeros are left out.</summary>
    public static SparseMatrix FromDense(ReadOnlySpan<double> dense, int rows, int columns)
    {
        var row = new List<int>();
        var column = new List<int>();
        var value = new List<double>();
        for (int i = 0; i < dense.Length; i++)
        {
            if (dense[i] == 0) continue;
            row.Add(i / columns);
            column.Add(i % columns);
            value.Add(dense[i]);
        }
        return FromCoordinates(rows, columns, row.ToArray(), column.ToArray(), value.ToArray());
    }

    /// <summary>Row-major [rows, columns].</summary>
    public double[] ToDense()
    {
        var dense = new double[checked((long)Rows * Columns)];
        for (int i = 0; i < Rows; i++)
            for (int e = Starts[i]; e < Starts[i + 1]; e++) dense[(nint)i * Columns + Indices[e]] = Values[e];
        return dense;
    }

    /// <summary>y = A x.</summary>
    public void Multiply(ReadOnlySpan<double> x, Span<double> y)
    {
        for (int i = 0; i < Rows; i++)
        {
            double sum = 0;
            for (int e = Starts[i]; e < Starts[i + 1]; e++) sum = Math.FusedMultiplyAdd(Values[e], x[Indices[e]], sum);
            y[i] = sum;
        }
    }

    /// <summary>y = Aᵀ x.</summary>
    public void MultiplyTransposed(ReadOnlySpan<double> x, Span<double> y)
    {
        y[..Columns].Clear();
        for (int i = 0; i < Rows; i++)
            for (int e = Starts[i]; e < Starts[i + 1]; e++) y[Indices[e]] = Math.FusedMultiplyAdd(Values[e], x[i], y[Indices[e]]);
    }

    /// <summary>Aᵀ.</summary>
    public SparseMatrix Transpose()
    {
        var starts = new int[Columns + 1];
        foreach (int c in Indices) starts[c + 1]++;
        for (int i = 0; i < Columns; i++) starts[i + 1] += starts[i];
        var place = (int[])starts.Clone();
        var indices = new int[Indices.Length];
        var values = new double[Values.Length];
        for (int i = 0; i < Rows; i++)
            for (int e = Starts[i]; e < Starts[i + 1]; e++)
            {
                int at = place[Indices[e]]++;
                indices[at] = i;
                values[at] = Values[e];
            }
        return new(Columns, Rows, starts, indices, values);
    }

    /// <summary>A[rows, columns] of those kept, in their order.</summary>
    public SparseMatrix Part(ReadOnlySpan<int> rows, ReadOnlySpan<int> columns)
    {
        var place = new int[Columns];
        Array.Fill(place, -1);
        for (int c = 0; c < columns.Length; c++) place[columns[c]] = c;
        var row = new List<int>();
        var column = new List<int>();
        var value = new List<double>();
        for (int r = 0; r < rows.Length; r++)
            for (int e = Starts[rows[r]]; e < Starts[rows[r] + 1]; e++)
                if (place[Indices[e]] >= 0)
                {
                    row.Add(r);
                    column.Add(place[Indices[e]]);
                    value.Add(Values[e]);
                }
        return FromCoordinates(rows.Length, columns.Length, row.ToArray(), column.ToArray(), value.ToArray());
    }

    /// <summary>A − σ I.</summary>
    public SparseMatrix Shifted(double shift)
    {
        var row = new int[Values.Length + Rows];
        var column = new int[row.Length];
        var value = new double[row.Length];
        for (int i = 0; i < Rows; i++)
            for (int e = Starts[i]; e < Starts[i + 1]; e++) (row[e], column[e], value[e]) = (i, Indices[e], Values[e]);
        for (int i = 0; i < Rows; i++) (row[Values.Length + i], column[Values.Length + i], value[Values.Length + i]) = (i, i, -shift);
        return FromCoordinates(Rows, Columns, row, column, value);
    }

    /// <summary>Entry (i, j), 0 where none is kept.</summary>
    public double this[int i, int j]
    {
        get
        {
            int at = Array.BinarySearch(Indices, Starts[i], Starts[i + 1] - Starts[i], j);
            return at >= 0 ? Values[at] : 0;
        }
    }

    /// <summary>The greatest difference between an entry and its mirror image, over the greatest entry.</summary>
    public double Asymmetry()
    {
        double difference = 0, size = 0;
        for (int i = 0; i < Rows; i++)
            for (int e = Starts[i]; e < Starts[i + 1]; e++)
            {
                size = Math.Max(size, Math.Abs(Values[e]));
                difference = Math.Max(difference, Math.Abs(Values[e] - (Indices[e] < Rows && i < Columns ? this[Indices[e], i] : 0)));
            }
        return size == 0 ? 0 : difference / size;
    }
}
