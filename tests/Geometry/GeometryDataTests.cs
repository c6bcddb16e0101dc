using System.Numerics;
using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;

namespace ExampleMlFarm.Tests.Geometry;

public class GeometryDataTests
{
    private static readonly GeometryData Triangle = GeometryData.Mesh([0, 0, 0, 1, 0, 0, 0, 1, 0], [0, 1, 2]);

    [Fact]
    public void Changed_copy_shares_topology_and_other_attributes()
    {
        var weights = AttributeValues.Of([1f, 2f, 3f]);
        var before = Triangle.With(AttributeClass.Point, "w", weights);
        var after = before.WithPositions([0, 0, 1, 1, 0, 1, 0, 1, 1]);
        Assert.Same(before.Topology, after.Topology);
        Assert.Same(weights, after.Find(AttributeClass.Point, "w"));
        Assert.NotEqual(before.Hash, after.Hash);
        Assert.Equal(before.Hash, after.WithPositions([0, 0, 0, 1, 0, 0, 0, 1, 0]).Hash);
    }

    [Fact]
    public void Packing_refers_to_the_geometry_and_copies_nothing()
    {
        var packed = GeometryData.Pack(Triangle);
        Assert.Same(Triangle, packed.Packed(0).Geometry);
        Assert.Same(Triangle, GeometryTransform.Unpack(packed.Packed(0)));
        Assert.Equal(1, packed.PackedDepth);
    }

    [Fact]
    public void Hash_does_not_depend_on_the_order_of_building()
    {
        var a = Triangle.WithDetail("x", AttributeValues.Of([1])).WithDetail("y", AttributeValues.Of(["t"]));
        var b = Triangle.WithDetail("y", AttributeValues.Of(["t"])).WithDetail("x", AttributeValues.Of([1]));
        Assert.Equal(a.Hash, b.Hash);
    }

    [Fact]
    public void Every_part_of_the_content_changes_the_hash()
    {
        GeometryData[] all =
        [
            GeometryData.Empty,
            Triangle,
            Triangle.With(AttributeClass.Point, "w", AttributeValues.Of(new float[3])),
            Triangle.With(AttributeClass.Point, "w", AttributeValues.Of(new int[3])),
            Triangle.With(AttributeClass.Vertex, "w", AttributeValues.Of(new float[3])),
            Triangle.With(AttributeClass.Point, "w", AttributeValues.Of(new float[9], 3)),
            Triangle.WithGroup(AttributeClass.Point, "g", ElementGroup.Of([1])),
            Triangle.WithGroup(AttributeClass.Point, "g", ElementGroup.Of([2])),
            Triangle.WithGroup(AttributeClass.Vertex, "g", ElementGroup.Of([2])),
            GeometryData.Pack(Triangle),
            GeometryData.Collection([new(Triangle, Matrix4x4.CreateTranslation(1, 0, 0))]),
            GeometryData.OfVolume(new("d", (1, 2, 1), Matrix4x4.Identity, AttributeValues.Of(new float[2]))),
            GeometryData.OfVolume(new("d", (2, 1, 1), Matrix4x4.Identity, AttributeValues.Of(new float[2]))),
        ];
        Assert.Equal(all.Length, all.Select(g => g.Hash).Distinct().Count());
    }

    [Fact]
    public void Missing_attribute_is_named_with_what_there_is()
    {
        var failure = Assert.Throws<FarmException>(() => Triangle.Require(AttributeClass.Point, "N")).Failure;
        Assert.Equal("geometry.attribute_missing", failure.Code);
        Assert.Contains("'N'", failure.Message);
        Assert.Contains("P", failure.Message);
    }

    [Fact]
    public void Attribute_of_wrong_length_is_refused()
    {
        var e = Assert.Throws<ArgumentException>(() => Triangle.With(AttributeClass.Point, "w", AttributeValues.Of(new float[4])));
        Assert.Contains("'w' has 4 elements; the geometry has 3", e.Message);
    }

    [Fact]
    public void Vertex_that_refers_to_no_point_is_refused() =>
        Assert.Contains("refers to point 3", Assert.Throws<ArgumentException>(() => GeometryData.Mesh(new float[9], [0, 1, 3])).Message);

    [Fact]
    public void Packing_too_deep_is_a_failure_and_not_a_stack_overflow()
    {
        var geometry = Triangle;
        var failure = Assert.Throws<FarmException>(() =>
        {
            for (var i = 0; i < 100; i++) geometry = GeometryData.Pack(geometry);
        }).Failure;
        Assert.Equal("geometry.too_deep", failure.Code);
        Assert.Equal(Limits.MaxPackedDepth, geometry.PackedDepth);
    }

    [Fact]
    public void Merge_keeps_order_fills_missing_attributes_and_unites_groups()
    {
        var a = Triangle.With(AttributeClass.Point, "w", AttributeValues.Of([1f, 2f, 3f])).WithGroup(AttributeClass.Point, "g", ElementGroup.Of([2]));
        var b = GeometryData.TetMesh([9, 9, 9, 1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 1, 2, 3]).WithGroup(AttributeClass.Point, "g", ElementGroup.Of([0]));
        var merged = GeometryMerge.Merge([a, b, GeometryData.Pack(a)]);
        Assert.Equal([1, 2, 3, 0, 0, 0, 0], merged.Find(AttributeClass.Point, "w")!.Float32);
        Assert.Equal([2, 3], merged.FindGroup(AttributeClass.Point, "g")!.Indices);
        Assert.Equal([3, 4, 5, 6], merged.Topology.PointsOf(1));
        Assert.Same(a, merged.Packed(2).Geometry);
        Assert.Equal(9, merged.Positions[9]);
    }

    [Fact]
    public void Merge_of_unlike_attributes_names_attribute_and_part()
    {
        var a = Triangle.With(AttributeClass.Point, "w", AttributeValues.Of(new float[3]));
        var b = Triangle.With(AttributeClass.Point, "w", AttributeValues.Of(new int[3]));
        var failure = Assert.Throws<FarmException>(() => GeometryMerge.Merge([a, b])).Failure;
        Assert.Equal("geometry.merge", failure.Code);
        Assert.Contains("'w'", failure.Message);
        Assert.Contains("part 1", failure.Message);
    }

    [Fact]
    public void Merge_is_associative() => Gen.Select(Generated.Mesh, Generated.Mesh, Generated.Mesh).Sample((a, b, c) =>
    {
        try
        {
            Assert.Equal(GeometryMerge.Merge([a, b, c]).Hash, GeometryMerge.Merge([GeometryMerge.Merge([a, b]), c]).Hash);
        }
        catch (FarmException e) when (e.Failure.Code == "geometry.merge")
        {
            // Unlike types of one name: refused either way.
        }
    }, iter: 300);

    [Fact]
    public void Unpacking_moves_positions_normals_and_nested_transforms()
    {
        var matrix = Matrix4x4.CreateScale(2, 1, 1) * Matrix4x4.CreateTranslation(0, 0, 5);
        var mesh = Triangle.With(AttributeClass.Point, "N", AttributeValues.Of([.6f, .8f, 0, 0, 0, 1, 1, 0, 0], 3));
        var nested = GeometryMerge.Merge([mesh, GeometryData.Pack(Triangle)]);
        var moved = GeometryTransform.Unpack(new(nested, matrix));
        Assert.Equal([0, 0, 5, 2, 0, 5, 0, 1, 5], moved.Positions);
        var normal = new Vector3(moved.Find(AttributeClass.Point, "N")!.Float32);
        Assert.Equal(1, normal.Length(), 6);
        Assert.Equal(.8f / .3f, normal.Y / normal.X, 5);
        Assert.Equal(matrix, moved.Packed(1).Transform);
    }

    [Fact]
    public void Non_finite_value_is_found_where_it_is()
    {
        Assert.Equal(-1, AttributeValues.Of([1f, 2f]).FirstNonFinite());
        Assert.Equal(1, AttributeValues.Of([1f, float.NaN]).FirstNonFinite());
        Assert.Equal(2, AttributeValues.Of([1, 2, double.PositiveInfinity]).FirstNonFinite());
    }
}
