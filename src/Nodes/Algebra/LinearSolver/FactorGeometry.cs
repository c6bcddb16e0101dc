using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Learning.Solvers;

namespace ExampleMlFarm.Nodes.Algebra.LinearSolver;

/// <summary>Factors as geometry: a collection of packed point clouds, one per array, its name in the detail <c>name</c>, its numbers in the point attribute <c>value</c>.</summary>
internal static class FactorGeometry
{
    private const string Form = "solver_form", Shape = "solver_shape", Name = "name", Value = "value";

    public static GeometryData Write(Factorisation factors)
    {
        var arrays = new List<PackedPrimitive>();
        foreach (var (name, numbers) in factors.Numbers) arrays.Add(Array(name, numbers.Length, AttributeValues.Of((double[])numbers.Clone())));
        foreach (var (name, indices) in factors.Indices) arrays.Add(Array(name, indices.Length, AttributeValues.Of((int[])indices.Clone())));
        return GeometryData.Collection(arrays).WithDetail(Form, AttributeValues.Of([factors.Form.ToString()]))
            .WithDetail(Shape, AttributeValues.Of([factors.Rows, factors.Columns, factors.Rank], 3));
    }

    /// <exception cref="FarmException"><c>solver.factors</c>: not what <see cref="Write"/> made.</exception>
    public static Factorisation Read(GeometryData geometry)
    {
        if (geometry.Find(AttributeClass.Detail, Form) is not { Type: AttributeType.String, Length: 1 } text || !Enum.TryParse(text.Strings[0], out FactorForm form) || !Enum.IsDefined(form)
            || geometry.Find(AttributeClass.Detail, Shape) is not { Type: AttributeType.Int32, Length: 3 } shape)
            throw FarmException.Invalid("solver.factors", "the geometry holds no factors; 'decomposition' takes a linear_solver node with 'mode: decompose'");
        var (rows, columns, rank) = (shape.Int32[0], shape.Int32[1], shape.Int32[2]);
        if (rows < 1 || columns < 1 || rank < 0 || rank > Math.Min(rows, columns)) throw FarmException.Invalid("solver.factors", $"factors of a {rows} x {columns} matrix of rank {rank} cannot be");
        var factors = new Factorisation(form, rows, columns, rank);
        for (int p = 0; p < geometry.PrimitiveCount; p++)
        {
            if (geometry.Topology.Kinds[p] != PrimitiveKind.Packed) throw FarmException.Invalid("solver.factors", $"primitive {p} of the factors is a {geometry.Topology.Kinds[p]} and not a packed array");
            var array = GeometryTransform.Unpack(geometry.Packed(p));
            if (array.Find(AttributeClass.Detail, Name) is not { Type: AttributeType.String, Length: 1 } name || array.Find(AttributeClass.Point, Value) is not { TupleSize: 1 } values)
                throw FarmException.Invalid("solver.factors", $"array {p} of the factors lacks its name or its values");
            if (values.Type == AttributeType.Float64) factors.Numbers[name.Strings[0]] = values.Float64.ToArray();
            else if (values.Type == AttributeType.Int32) factors.Indices[name.Strings[0]] = values.Int32.ToArray();
            else throw FarmException.Invalid("solver.factors", $"array '{name.Strings[0]}' of the factors is {values.Type}");
        }
        return factors;
    }

    private static PackedPrimitive Array(string name, int length, AttributeValues values)
        => new(GeometryData.PointCloud(new float[3 * length]).With(AttributeClass.Point, Value, values).WithDetail(Name, AttributeValues.Of([name])));
}
