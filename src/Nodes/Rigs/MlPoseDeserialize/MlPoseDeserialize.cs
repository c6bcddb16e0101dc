using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Rigs.MlPoseSerialize;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Rigs.MlPoseDeserialize;

/// <summary>
/// Reads the numbers of <c>ml_pose_serialize</c> back into a pose. What the numbers do not say is taken from the bind pose, or from a template pose
/// given as second geometry.
/// </summary>
public static class MlPoseDeserialize
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfOperator<PoseSerializeSettings>(
        NodeDescriptor.From<PoseSerializeSettings>("ml_pose_deserialize", 1, "Reads numbers back into a pose.") with
        {
            Family = "rig",
            Input = DataKind.Geometry,
            Output = DataKind.Geometry,
            NeedsInput = true,
            HoudiniNames = ["ml_posedeserialize", "mlposedeserialize"],
            Example = ExampleRecipe.Head + ExampleRecipe.Limits + ExampleRecipe.Poses + ExampleRecipe.Numbers +
                "  again: { from: numbers, uses: ml_pose_deserialize, with: { character: \"${{ nodes.limits }}\" } }\n",
        },
        Operate);

    private static IReadOnlyList<GeometryData> Operate(PoseSerializeSettings options, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        if (geometry.Count is < 1 or > 2)
            throw FarmException.Invalid("ml_pose_deserialize.inputs", $"ml_pose_deserialize takes the numbers and, if wanted, a template pose; it was given {geometry.Count} geometries");
        var (character, serializer, _) = MlPoseSerialize.MlPoseSerialize.SerializerOf(options, cook);
        var values = geometry[0].Require(AttributeClass.Point, options.SerialAttribute, AttributeType.Float32, 1).Float32;
        if (values.Length != serializer.Length)
            throw FarmException.Invalid("pose.numbers", $"the pose has {values.Length} numbers and these settings write {serializer.Length}: use the settings it was written with");
        var numbers = new double[values.Length];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = values[i];
        var template = geometry.Count == 2 ? PoseGeometry.Read(geometry[1], character.Skeleton) : Pose.Bind(character.Skeleton);
        return [PoseGeometry.Of(serializer.Deserialize(numbers, template))];
    }
}
