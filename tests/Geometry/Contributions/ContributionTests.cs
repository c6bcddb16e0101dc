using System.Numerics;
using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Contributions;

namespace ExampleMlFarm.Tests.Geometry.Contributions;

public class ContributionTests
{
    private static readonly Volume Density = new("density", (2, 3, 1), Matrix4x4.CreateScale(2), AttributeValues.Of([0f, 1, 10, 11, 20, 21]));

    private static readonly GeometryData Component = GeometryMerge.Merge(
        [GeometryData.PointCloud([1, 2, 3, 4, 5, 6]).With(AttributeClass.Point, "w", AttributeValues.Of([.5, .25])), GeometryData.OfVolume(Density)]);

    private static readonly ContributionList All = ContributionList.Of(
        Contribution.Volume("density", 2, 3, 1), Contribution.Point("w", 1), Contribution.Point("P", 3));

    [Fact]
    public void Vector_is_the_contributions_in_list_order()
    {
        Assert.Equal([0, 1, 10, 11, 20, 21, .5f, .25f, 1, 2, 3, 4, 5, 6], ComponentVector.Serialize(Component, All));
        Assert.Equal([0, 10, 20, 1, 11, 21, .5f, .25f, 1, 2, 3, 4, 5, 6], ComponentVector.Serialize(Component, All, VoxelOrder.Xyz));
    }

    [Theory]
    [InlineData(VoxelOrder.Zyx)]
    [InlineData(VoxelOrder.Xyz)]
    public void Deserializing_what_was_serialized_restores_the_component(VoxelOrder order) =>
        Gen.Float[-100, 100].Array[14].Sample(values =>
        {
            var changed = ComponentVector.Deserialize(Component, All, values, order);
            Assert.Equal(values, ComponentVector.Serialize(changed, All, order));
            Assert.Equal(Component.Hash, ComponentVector.Deserialize(changed, All, ComponentVector.Serialize(Component, All, order), order).Hash);
        }, iter: 100);

    [Fact]
    public void Vector_without_a_template_gives_loose_points_and_volumes()
    {
        var vector = ComponentVector.Serialize(Component, All);
        var loose = ComponentVector.Deserialize(All, vector);
        Assert.Equal(2, loose.PointCount);
        Assert.Equal(vector, ComponentVector.Serialize(loose, All));
        Assert.Equal("contributions.size", Assert.Throws<FarmException>(() => ComponentVector.Deserialize(All, vector.AsSpan(1))).Failure.Code);
    }

    [Fact]
    public void List_survives_json_and_lists_itself_from_a_geometry()
    {
        Assert.Equal(All, ContributionList.FromJson(All.ToJson()));
        Assert.Equal(ContributionList.Of(All[2], All[1], All[0]), ContributionList.From(Component));
        Assert.Equal("""[{"type":"volume","name":"density","resolution":[2,3,1]},{"type":"point","name":"w","tuple_size":1},{"type":"point","name":"P","tuple_size":3}]""", All.ToJson());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""[{"type":"point"}]""")]
    [InlineData("""[{"type":"point","name":"P","tuple_size":99}]""")]
    [InlineData("""[{"type":"line","name":"P"}]""")]
    [InlineData("""[{"type":"volume","name":"P","resolution":[1,2147483647,2147483647]}]""")]
    public void Malformed_list_gives_a_typed_failure(string json) =>
        Assert.Equal("contributions.malformed", Assert.Throws<FarmException>(() => ContributionList.FromJson(json)).Failure.Code);

    [Fact]
    public void Difference_of_two_lists_is_named()
    {
        var other = ContributionList.Of(All[0], Contribution.Point("w", 2), All[2]);
        var message = Assert.Throws<FarmException>(() => All.RequireEqual(other, "the data set", "the model")).Failure.Message;
        Assert.Contains("Contribution 1 is point 'w' [1] in the data set and point 'w' [2] in the model", message);
        Assert.Contains("nothing in the model", Assert.Throws<FarmException>(() => All.RequireEqual(ContributionList.Of(All[0]), "a", "the model")).Failure.Message);
    }

    [Fact]
    public void Missing_or_unfitting_contribution_is_named()
    {
        string Message(Contribution c) => Assert.Throws<FarmException>(() => ComponentVector.Serialize(Component, ContributionList.Of(c))).Failure.Message;
        Assert.Contains("point 'v' [3] is missing: the component has the point attributes P, w", Message(Contribution.Point("v", 3)));
        Assert.Contains("point 'w' [3] does not fit", Message(Contribution.Point("w", 3)));
        Assert.Contains("volume 'heat' 1 x 1 x 1 is missing", Message(Contribution.Volume("heat", 1, 1, 1)));
        Assert.Contains("has resolution 2 x 3 x 1", Message(Contribution.Volume("density", 3, 2, 1)));
    }
}
