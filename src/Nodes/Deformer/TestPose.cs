using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Rigs;
using ExampleMlFarm.Nodes.Rigs.RestDisplacement;

namespace ExampleMlFarm.Nodes.Deformer;

/// <summary>A pose whose true skin is known.</summary>
/// <param name="Name">Its address.</param>
/// <param name="Pose">The pose.</param>
/// <param name="Displacement">The true displacement of the bind pose, <c>[points, 3]</c>.</param>
/// <param name="Truth">The true skin in the pose, <c>[points, 3]</c>.</param>
/// <param name="Skinned">The skin by skinning alone, <c>[points, 3]</c>.</param>
public sealed record TestPose(string Name, Pose Pose, float[] Displacement, double[] Truth, double[] Skinned)
{
    /// <summary>Reads an item that holds (pose, skin with displacement), as <c>rest_displacement</c> makes them; null when it was discarded.</summary>
    /// <exception cref="FarmException">Its displacement is relative to something else than those of the data set.</exception>
    public static TestPose? Read(CookInputItem item, DeformerInputs inputs)
    {
        var collection = item.Geometry();
        if (collection.PrimitiveCount == 0) return null;
        var (input, target) = Example.Decompose(collection);
        var pose = PoseGeometry.Read(input, inputs.Stage.Character.Skeleton);
        var relativeTo = DisplacementSettings.Of(target);
        if (relativeTo != inputs.Displacement)
            throw FarmException.Invalid("deformer.displacement", $"the displacement of {item} was taken with {relativeTo.Write()} and those of the data set with {inputs.Displacement.Write()}: use the same options of rest_displacement");
        var displacement = target.Require(AttributeClass.Point, RestDisplacement.Attribute, AttributeType.Float32, 3).Float32.ToArray();
        var truth = new double[displacement.Length];
        inputs.Deform(pose, displacement, truth);
        return new(item.ToString(), pose, displacement, truth, inputs.Stage.Skinning.Deform(pose));
    }
}
