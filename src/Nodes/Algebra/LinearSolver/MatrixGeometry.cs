using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Learning.Solvers;

namespace ExampleMlFarm.Nodes.Algebra.LinearSolver;

/// <summary>Reads matrices out of geometry.</summary>
internal static class MatrixGeometry
{
    /// <summary>Entries of a dense matrix that are still worked with: 2 GiB.</summary>
    public const long MaxDense = 1L << 28;

    // A wrong index must not ask for gigabytes.
    private const int MaxSide = 1 << 24;

    /// <summary>True for an encoding that leaves zeros out.</summary>
    public static bool IsSparse(LinearSolverOptions options) => options.MatrixStorage != NumberStorage.Volume && options.Encoding is MatrixEncoding.Coo or MatrixEncoding.LilColMajor or MatrixEncoding.LilRowMajor;

    /// <summary>The matrix.</summary>
    /// <exception cref="FarmException"><c>solver.matrix</c>, <c>geometry.attribute_missing</c>.</exception>
    public static SparseMatrix Read(LinearSolverOptions options, GeometryData geometry)
    {
        var (values, isDouble, count, tuple) = Values(options, geometry);
        if (options.Precision == NumberPrecision.Bits32 && isDouble)
            for (int i = 0; i < values.Length; i++) values[i] = (float)values[i];
        if (!IsSparse(options)) return Dense(options, values, geometry);
        int[] outer, inner;
        bool coo = options.Encoding == MatrixEncoding.Coo, byColumn = options.Encoding == MatrixEncoding.LilColMajor;
        var of = ClassOf(options.MatrixStorage);
        if (coo) (outer, inner) = (Indices(geometry, of, options.RowAttr, tuple), Indices(geometry, of, options.ColAttr, tuple));
        else
        {
            inner = Indices(geometry, of, byColumn ? options.RowAttr : options.ColAttr, tuple);
            outer = [.. Enumerable.Range(0, count * tuple).Select(i => i / tuple)];
            int[] kept = [.. Enumerable.Range(0, inner.Length).Where(i => inner[i] >= 0)];
            (outer, inner, values) = ([.. kept.Select(i => outer[i])], [.. kept.Select(i => inner[i])], [.. kept.Select(i => values[i])]);
        }
        var (row, column) = byColumn ? (inner, outer) : (outer, inner);
        int rows = options.Rows > 0 ? options.Rows : Side(row, options.Encoding == MatrixEncoding.LilRowMajor ? count : 0);
        int columns = options.Cols > 0 ? options.Cols : Side(column, byColumn ? count : 0);
        if (options.SquareMatrix && (options.Rows == 0 || options.Cols == 0))
        {
            int side = options.Rows > 0 ? options.Rows : options.Cols > 0 ? options.Cols : Math.Max(rows, columns);
            (rows, columns) = (side, side);
        }
        if (rows > MaxSide || columns > MaxSide) throw FarmException.Invalid("solver.matrix", $"a matrix of {rows} x {columns} is beyond the limit of {MaxSide}; check the indices");
        return SparseMatrix.FromCoordinates(rows, columns, row, column, values);
    }

    public static AttributeClass ClassOf(NumberStorage storage) => storage switch
    {
        NumberStorage.Points => AttributeClass.Point,
        NumberStorage.Primitives => AttributeClass.Primitive,
        NumberStorage.Detail => AttributeClass.Detail,
        _ => throw FarmException.Invalid("solver.vector", "vectors lie in points, primitives or detail; a volume holds matrices only"),
    };

    private static SparseMatrix Dense(LinearSolverOptions options, double[] values, GeometryData geometry)
    {
        int length = values.Length, rows = options.Rows, columns = options.Cols;
        bool byColumn = options.Encoding == MatrixEncoding.DenseColMajor;
        if (options.MatrixStorage == NumberStorage.Volume && rows == 0 && columns == 0)
        {
            var (x, y, z) = geometry.FindVolume(options.MatrixValueAttr)!.Resolution;
            if (z != 1) throw FarmException.Invalid("solver.matrix", $"the volume '{options.MatrixValueAttr}' has resolution {x} x {y} x {z}; a matrix has one layer");
            (rows, columns) = byColumn ? (x, y) : (y, x);
        }
        if (rows == 0 && columns == 0 && options.SquareMatrix) rows = columns = (int)Math.Round(Math.Sqrt(length));
        else if (rows == 0 && columns > 0) rows = length / columns;
        else if (columns == 0 && rows > 0) columns = length / rows;
        if (rows < 1 || columns < 1 || (long)rows * columns != length)
            throw FarmException.Invalid("solver.matrix", $"'{options.MatrixValueAttr}' holds {length} numbers, which are no {(options.SquareMatrix && options.Rows == 0 && options.Cols == 0 ? "square matrix" : $"matrix of {options.Rows} x {options.Cols} (0: as many as there are)")}; set rows and cols");
        if (length > MaxDense) throw FarmException.Invalid("solver.matrix", $"a dense matrix of {rows} x {columns} is beyond the limit of {MaxDense} entries; encode it as coo");
        if (byColumn)
        {
            var byRow = new double[length];
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < columns; j++) byRow[i * columns + j] = values[j * rows + i];
            values = byRow;
        }
        return SparseMatrix.FromDense(values, rows, columns);
    }

    private static (double[] Values, bool IsDouble, int Count, int Tuple) Values(LinearSolverOptions options, GeometryData geometry)
    {
        AttributeValues values;
        if (options.MatrixStorage == NumberStorage.Volume)
            values = geometry.FindVolume(options.MatrixValueAttr)?.Voxels ?? throw FarmException.Invalid("solver.matrix", $"the matrix's geometry has no volume '{options.MatrixValueAttr}'");
        else values = geometry.Require(ClassOf(options.MatrixStorage), options.MatrixValueAttr);
        if (!values.IsNumeric) throw FarmException.Invalid("solver.matrix", $"'{options.MatrixValueAttr}' holds text; a matrix needs numbers");
        return (values.ToFloat64(), values.Type == AttributeType.Float64, values.Count, values.TupleSize);
    }

    private static int[] Indices(GeometryData geometry, AttributeClass of, string name, int tuple)
    {
        var values = geometry.Require(of, name, null, tuple);
        if (values.Type is not (AttributeType.Int32 or AttributeType.Int64)) throw FarmException.Invalid("solver.matrix", $"'{name}' is {values.Type}; rows and columns are integers");
        if (values.Type == AttributeType.Int32) return values.Int32.ToArray();
        var indices = new int[values.Length];
        for (int i = 0; i < indices.Length; i++)
            indices[i] = values.Int64[i] is >= int.MinValue and <= int.MaxValue ? (int)values.Int64[i] : throw FarmException.Invalid("solver.matrix", $"entry {i} of '{name}' is {values.Int64[i]}, beyond any matrix");
        return indices;
    }

    private static int Side(int[] indices, int atLeast)
    {
        long side = atLeast;
        foreach (int i in indices) side = Math.Max(side, i + 1L);
        return (int)Math.Min(side, int.MaxValue);
    }
}
