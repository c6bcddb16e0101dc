using System.Numerics;
using CsCheck;
using ExampleMlFarm.Geometry;

namespace ExampleMlFarm.Tests.Geometry;

/// <summary>Random small geometries of every kind, for properties.</summary>
internal static class Generated
{
    private static readonly Gen<string> Name = Gen.Int[0, 100].Select(pick => Pick(pick, "P", "N", "Cd", "weight", "ümlaut", "a.b/c", "id"));

    private static readonly Gen<(AttributeType Type, int Tuple)> Kind = Gen.Select(Gen.Enum<AttributeType>(), Gen.Int[1, 4]);

    public static readonly Gen<Matrix4x4> Matrix = Gen.Float[-2, 2].Array[12].Select(f =>
        new Matrix4x4(f[0], f[1], f[2], 0, f[3], f[4], f[5], 0, f[6], f[7], f[8], 0, f[9], f[10], f[11], 1));

    public static readonly Gen<Volume> Volume = Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 3], Matrix, Gen.Int[0, 100].Select(pick => Pick(pick, "density", ""))).SelectMany(
        v => Gen.Float.Array[v.Item1 * v.Item2 * v.Item3].Select(f => new Volume(v.Item5, (v.Item1, v.Item2, v.Item3), v.Item4, AttributeValues.Of(f))));

    public static readonly Gen<GeometryData> Mesh = Of(0);

    /// <summary>Meshes, volumes and packed geometry up to three deep.</summary>
    public static readonly Gen<GeometryData> Any = Of(3);

    /// <summary>One fixed geometry with every kind of part.</summary>
    public static readonly GeometryData Rich = MakeRich();

    public static Gen<AttributeValues> Values(AttributeType type, int count, int tuple) => type switch
    {
        AttributeType.Float32 => Gen.Float.Array[count * tuple].Select(v => AttributeValues.Of(v, tuple)),
        AttributeType.Float64 => Gen.Double.Array[count * tuple].Select(v => AttributeValues.Of(v, tuple)),
        AttributeType.Int32 => Gen.Int.Array[count * tuple].Select(v => AttributeValues.Of(v, tuple)),
        AttributeType.Int64 => Gen.Long.Array[count * tuple].Select(v => AttributeValues.Of(v, tuple)),
        _ => Gen.Int[0, 100].Select(pick => Pick(pick, "", "joint", "größe", "\0")).Array[count * tuple].Select(v => AttributeValues.Of(v, tuple)),
    };

    private static Gen<GeometryData> Of(int depth)
    {
        var shape = Gen.Select(Gen.Int[0, 6], Gen.Int[0, 4], Gen.Int[0, 1000]).SelectMany(s => depth == 0
            ? Gen.Const(Shape(s.Item1, s.Item2, s.Item3, [], []))
            : Gen.Select(Gen.Select(Of(depth - 1), Matrix).Array[0, 2], Volume.Array[0, 1]).Select(e => Shape(s.Item1, s.Item2, s.Item3, e.Item1, e.Item2)));
        return shape.SelectMany(g => Gen.Select(Gen.Enum<AttributeClass>(), Name, Kind).Array[0, 4].SelectMany(attributes =>
            Gen.Select(Sequence([.. attributes.Select(a => Values(a.Item3.Type, g.ElementCount(a.Item1), a.Item3.Tuple))]), Gen.Int[0, 100].Array[0, 4])
                .Select(v =>
                {
                    var result = g;
                    for (var i = 0; i < attributes.Length; i++) result = result.With(attributes[i].Item1, attributes[i].Item2, v.Item1[i]);
                    foreach (var of in new[] { AttributeClass.Point, AttributeClass.Primitive })
                        if (g.ElementCount(of) > 0 && v.Item2.Length > 0)
                            result = result.WithGroup(of, "some", ElementGroup.Of(v.Item2.Select(x => x % g.ElementCount(of))));
                    return result;
                })));
    }

    private static string Pick(int pick, params string[] from) => from[pick % from.Length];

    private static GeometryData MakeRich()
    {
        var mesh = GeometryData.Mesh([0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0], [0, 1, 2, 2, 1, 3])
            .With(AttributeClass.Point, "name", AttributeValues.Of(["a", "b", "größe", ""]))
            .With(AttributeClass.Vertex, "uv", AttributeValues.Of(new double[12], 2))
            .WithDetail("valid", AttributeValues.Of([1]))
            .WithGroup(AttributeClass.Primitive, "skin", ElementGroup.Of([1]));
        var tets = GeometryData.TetMesh(new float[12], [0, 1, 2, 3]).With(AttributeClass.Primitive, "id", AttributeValues.Of([7L]));
        var builder = new GeometryBuilder();
        builder.AddPacked(mesh, Matrix4x4.CreateTranslation(1, 2, 3));
        builder.AddPacked(GeometryData.Pack(tets));
        builder.AddVolume(new("density", (2, 1, 3), Matrix4x4.Identity, AttributeValues.Of([1f, 2, 3, 4, 5, 6])));
        return builder.SetGroup(AttributeClass.Primitive, "labeledexamples", [1]).Build();
    }

    private static Gen<T[]> Sequence<T>(Gen<T>[] parts) => parts.Length == 0
        ? Gen.Const(Array.Empty<T>())
        : Gen.Select(parts[0], Sequence(parts[1..])).Select(p => (T[])[p.Item1, .. p.Item2]);

    private static GeometryData Shape(int points, int primitives, int pick, (GeometryData, Matrix4x4)[] packed, Volume[] volumes)
    {
        var builder = new GeometryBuilder();
        for (var i = 0; i < points; i++) builder.AddPoint(i, i * pick * 0.01f, -i);
        for (var i = 0; i < primitives && points > 0; i++)
        {
            int At(int k) => (pick + i * 7 + k) % points;
            if ((pick + i) % 3 == 0) builder.AddPolygon(At(0), At(1), At(2));
            else if ((pick + i) % 3 == 1) builder.AddPolyline(At(0), At(1));
            else builder.AddTetrahedron(At(0), At(1), At(2), At(3));
        }
        foreach (var (geometry, matrix) in packed) builder.AddPacked(geometry, matrix);
        foreach (var volume in volumes) builder.AddVolume(volume);
        return builder.Build();
    }
}
