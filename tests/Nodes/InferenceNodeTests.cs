using System.Numerics;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Tests.Nodes.World;

namespace ExampleMlFarm.Tests.Nodes;

/// <summary>Batch, provider and reload of <c>ml_regression_inference</c>.</summary>
public sealed class InferenceNodeTests
{
    [Fact]
    public void Single_and_multiple_packed_give_the_same_numbers()
    {
        using var run = Trained();
        float[] one = Values(run.Store.Geometry(run["single"].Single().Output("geometry")));
        var collection = run.Store.Geometry(run["packed"].Single().Output("geometry"));
        Assert.Equal(2, collection.PrimitiveCount);
        Assert.Equal(one, Values(GeometryTransform.Unpack(collection.Packed(0))));
        Assert.NotEqual(one, Values(GeometryTransform.Unpack(collection.Packed(1))));
        Assert.Equal(one, Values(run.Store.Geometry(run["reloaded"].Single().Output("geometry"))));
    }

    [Theory]
    [InlineData("single_of_packed", "inference.batch", "multiple_packed")]
    [InlineData("packed_of_single", "inference.batch", "batch: single")]
    [InlineData("cuda", "inference.provider", "provider: cpu")]
    public void What_does_not_fit_is_refused_with_what_to_do(string node, string code, string says)
    {
        using var run = Trained();
        var failure = run[node].Single().Failure!;
        Assert.Equal(code, failure.Code);
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
    }

    private static float[] Values(GeometryData geometry) => geometry.Require(AttributeClass.Point, "value").Float32.ToArray();

    private static RecipeRun Trained()
    {
        string Node(string name, string from, string options) => $"  {name}: {{ from: {from}, uses: ml_regression_inference, with: {{ model: \"${{{{ nodes.train }}}}\", {options} }} }}\n";
        var run = SmallTraining.Prepared("max_epochs: 2", nodes:
            "  one: { uses: configure_joint_limits, with: { character: \"builtin:limb\" } }\n  two: { uses: configure_joint_limits, with: { character: \"builtin:limb\" } }\n" +
            "  first: { generate: 1, uses: ml_pose_generate, with: { limits: \"${{ nodes.one }}\" } }\n  both: { generate: 1, uses: ml_pose_generate, with: { limits: \"${{ nodes.two }}\" } }\n" +
            Node("single", "first", "batch: single") + Node("packed", "both", "batch: multiple_packed") + Node("reloaded", "first", "reload: true") +
            Node("single_of_packed", "both", "batch: single") + Node("packed_of_single", "first", "batch: multiple_packed") + Node("cuda", "first", "provider: cuda"));
        run.Cook("train", "first", "both");
        run.Replace("first", 0, _ => Component(0));
        run.Replace("both", 0, _ => GeometryData.Collection([new PackedPrimitive(Component(0), Matrix4x4.Identity), new PackedPrimitive(Component(1), Matrix4x4.Identity)]));
        return run.Cook();
    }

    private static GeometryData Component(int i) => SmallTraining.Input(i);
}
