using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;

namespace ExampleMlFarm.Nodes.Algebra.LinearSolver;

/// <summary>Reads vectors out of geometry and writes them back: [columns][length], one per component of the attribute's tuples.</summary>
internal static class VectorGeometry
{
    /// <summary>The vectors of an attribute, and whether they are of 64 bits.</summary>
    public static (double[][] Vectors, bool IsDouble) Read(GeometryData geometry, NumberStorage storage, string name, bool round)
    {
        var values = geometry.Require(MatrixGeometry.ClassOf(storage), name);
        if (!values.IsNumeric) throw FarmException.Invalid("solver.vector", $"'{name}' holds text; a vector needs numbers");
        return (Split(values, storage, round), values.Type == AttributeType.Float64);
    }

    /// <summary>The vectors of an attribute, if it is there and has the right number of them of the right length.</summary>
    public static double[][]? Find(GeometryData geometry, NumberStorage storage, string name, int count, int length, bool round)
        => geometry.Find(MatrixGeometry.ClassOf(storage), name) is { IsNumeric: true } values && Split(values, storage, round) is var vectors && vectors.Length == count && vectors[0].Length == length ? vectors : null;

    /// <summary>The geometry with the vectors in an attribute; on points of their own where its elements are not as many.</summary>
    public static GeometryData Write(GeometryData geometry, NumberStorage storage, string name, double[][] vectors, bool isDouble)
    {
        int length = vectors[0].Length, tuple = vectors.Length;
        if (storage == NumberStorage.Detail && tuple == 1 && length <= Limits.MaxTupleSize) return geometry.With(AttributeClass.Detail, name, Values(vectors[0], length, isDouble));
        var of = MatrixGeometry.ClassOf(storage);
        if (of == AttributeClass.Detail || geometry.ElementCount(of) != length) (geometry, of) = (GeometryData.PointCloud(new float[3 * length]), AttributeClass.Point);
        var joined = new double[length * tuple];
        for (int i = 0; i < length; i++)
            for (int c = 0; c < tuple; c++) joined[i * tuple + c] = vectors[c][i];
        return geometry.With(of, name, Values(joined, tuple, isDouble));
    }

    private static AttributeValues Values(double[] values, int tuple, bool isDouble) => isDouble ? AttributeValues.Of(values, tuple) : AttributeValues.Of(Array.ConvertAll(values, v => (float)v), tuple);

    private static double[][] Split(AttributeValues values, NumberStorage storage, bool round)
    {
        double[] numbers = values.ToFloat64();
        if (round)
            for (int i = 0; i < numbers.Length; i++) numbers[i] = (float)numbers[i];
        if (storage == NumberStorage.Detail) return [numbers];
        int tuple = values.TupleSize;
        return [.. Enumerable.Range(0, tuple).Select(c => Enumerable.Range(0, values.Count).Select(i => numbers[i * tuple + c]).ToArray())];
    }
}
