using System.Numerics;
using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;

namespace ExampleMlFarm.Tests.Geometry.Examples;

public class ExampleTests
{
    private static readonly GeometryData Points = GeometryData.PointCloud([1, 2, 3]);
    private static readonly ExampleOptions Unchecked = new() { CheckFinite = false, InputValidityAttribute = "-", TargetValidityAttribute = "-" };

    [Fact]
    public void Decomposing_an_example_gives_back_its_components() => Gen.Select(Generated.Any, Generated.Any).Sample((a, b) =>
    {
        var (input, target) = Example.Decompose(Example.Labeled(a, b, Unchecked).Geometry);
        Assert.Equal(a.Hash, input.Hash);
        Assert.Equal(b.Hash, target.Hash);
    }, iter: 300);

    [Fact]
    public void Labeled_example_is_one_packed_primitive_of_two_in_the_group()
    {
        var example = Example.Labeled(Points, GeometryData.Empty).Geometry;
        Assert.Equal(1, example.PrimitiveCount);
        Assert.Equal([0], example.FindGroup(AttributeClass.Primitive, "labeledexamples")!.Indices);
        Assert.Equal(2, example.Packed(0).Geometry.PrimitiveCount);
        Assert.Same(Points, example.Packed(0).Geometry.Packed(0).Geometry);
    }

    [Fact]
    public void Packed_component_is_embedded_as_it_is()
    {
        var packed = GeometryData.Collection([new(Points, Matrix4x4.CreateTranslation(1, 0, 0))]);
        var example = Example.Labeled(packed, Points, new() { InputIsPacked = true }).Geometry;
        Assert.Equal(packed.Packed(0).Transform, example.Packed(0).Geometry.Packed(0).Transform);
        Assert.Equal(packed.Hash, Example.Decompose(example, keepInputPacked: true).Input.Hash);
        Assert.Equal([2, 2, 3], Example.Decompose(example).Input.Positions);
        Assert.Equal("example.not_packed",
            Assert.Throws<FarmException>(() => Example.Labeled(Points, Points, new() { InputIsPacked = true })).Failure.Code);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Invalid_component_gives_an_empty_geometry_and_the_reason(int valid, bool discarded)
    {
        var result = Example.Labeled(Points, Points.WithDetail("valid", AttributeValues.Of([valid])));
        Assert.Equal(discarded, result.IsDiscarded);
        Assert.Equal(discarded ? 0 : 1, result.Geometry.PrimitiveCount);
        if (discarded) Assert.Contains("target component is marked invalid by its detail attribute 'valid'", result.DiscardReason);
    }

    [Fact]
    public void Non_finite_value_discards_the_example_and_is_named()
    {
        var bad = GeometryData.Pack(GeometryData.PointCloud([0, 0, 0, 0, float.NaN, 0]));
        var reason = Example.Labeled(Points, bad).DiscardReason;
        Assert.Equal("the target component has a NaN or infinite value in the point attribute 'P' (element 1) of packed primitive 0", reason);
        Assert.False(Example.Labeled(Points, bad, new() { CheckFinite = false }).IsDiscarded);
        var volume = GeometryData.OfVolume(new("d", (1, 1, 1), Matrix4x4.Identity, AttributeValues.Of([float.PositiveInfinity])));
        Assert.Contains("volume 'd'", Example.Unlabeled(volume).DiscardReason);
    }

    [Fact]
    public void Packed_pair_outside_the_group_is_unlabeled()
    {
        var pair = Example.Unlabeled(GeometryData.Collection([new(Points), new(Points)])).Geometry;
        Assert.False(ExampleCollection.IsLabeled(pair, 0));
        Assert.Equal("example.not_labeled", Assert.Throws<FarmException>(() => Example.Decompose(pair)).Failure.Code);
    }

    [Fact]
    public void Labeled_example_that_is_no_pair_is_refused()
    {
        var broken = GeometryData.Pack(Points).WithGroup(AttributeClass.Primitive, Example.LabeledGroup, ElementGroup.All(1));
        Assert.Equal("example.malformed", Assert.Throws<FarmException>(() => Example.Decompose(broken)).Failure.Code);
    }

    [Fact]
    public void Merge_and_extract_keep_order_and_labels()
    {
        GeometryData Numbered(int i) => GeometryData.PointCloud([i, 0, 0]);
        var merged = ExampleCollection.Merge([.. Enumerable.Range(0, 5).Select(i =>
            (i % 2 == 0 ? Example.Labeled(Numbered(i), Points) : Example.Unlabeled(Numbered(i))).Geometry)]);
        for (var i = 0; i < 5; i++) Assert.Equal(i % 2 == 0, ExampleCollection.IsLabeled(merged, i));
        Assert.Equal(4, Example.Decompose(ExampleCollection.Extract(merged, -1)).Input.Positions[0]);
        Assert.Equal(3, ExampleCollection.Extract(merged, 3, keepPacked: false).Positions[0]);
        Assert.Contains("0 to 4", Assert.Throws<FarmException>(() => ExampleCollection.Extract(merged, 5)).Failure.Message);
        Assert.Equal("example.not_collection", Assert.Throws<FarmException>(() => ExampleCollection.Merge([merged, Points])).Failure.Code);
    }

    [Fact]
    public void Partition_is_balanced_and_merging_its_parts_restores_the_collection() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[1, 12]).Sample((count, size) =>
        {
            var collection = ExampleCollection.Merge([.. Enumerable.Range(0, count).Select(i => Example.Labeled(GeometryData.PointCloud([i, 0, 0]), Points).Geometry)]);
            var parts = ExampleCollection.Partition(collection, size);
            var unpacked = Enumerable.Range(0, parts.PrimitiveCount).Select(p => ExampleCollection.Extract(parts, p, keepPacked: false)).ToList();
            Assert.Equal((count + size - 1) / size, unpacked.Count);
            if (count > 0) Assert.InRange(unpacked.Max(p => p.PrimitiveCount) - unpacked.Min(p => p.PrimitiveCount), 0, 1);
            Assert.Equal(collection.Hash, ExampleCollection.Merge(unpacked).Hash);
        }, iter: 100);
}
