using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Rigs.MlPoseSerialize;

/// <summary>Writes a pose as numbers for a network: one point per number, in joint order.</summary>
public static class MlPoseSerialize
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfOperator<PoseSerializeSettings>(
        NodeDescriptor.From<PoseSerializeSettings>("ml_pose_serialize", 1, "Writes a pose as numbers for a network, one per point.") with
        {
            Family = "rig",
            Input = DataKind.Geometry,
            Output = DataKind.Geometry,
            NeedsInput = true,
            HoudiniNames = ["ml_poseserialize", "mlposeserialize"],
            Example = ExampleRecipe.Head + ExampleRecipe.Limits + ExampleRecipe.Poses + ExampleRecipe.Numbers,
        },
        Operate);

    private static IReadOnlyList<GeometryData> Operate(PoseSerializeSettings options, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        if (geometry.Count < 1) throw FarmException.Invalid("ml_pose_serialize.inputs", "ml_pose_serialize takes a pose and was given nothing");
        var (character, serializer, settings) = SerializerOf(options, cook);
        var numbers = new float[serializer.Length];
        serializer.Serialize(PoseGeometry.Read(geometry[0], character.Skeleton), numbers);
        // One point per number. They lie at the origin: what counts is the attribute.
        return [GeometryData.PointCloud(new float[3 * numbers.Length])
            .With(AttributeClass.Point, options.SerialAttribute, AttributeValues.Of(numbers))
            .WithDetail(PoseSettings.Attribute, AttributeValues.Of([settings]))];
    }

    /// <summary>The character and the serializer that the options mean, and the settings as text.</summary>
    internal static (Character Character, PoseSerializer Serializer, string Settings) SerializerOf(PoseSerializeSettings options, CookContext cook)
    {
        var item = cook.Input(options.Character!).Single();
        var character = item.Load("character", path => CharacterBinary.Read(File.ReadAllBytes(path), $"character of {item}"));
        IReadOnlyList<string> group = item.FindOutput("limits.json") is null ? [] : [.. LimitedCharacter.Open(cook, options.Character!).Limits.Joints.Select(l => l.Joint)];
        var rig = options.ToRig(group);
        return (character, new PoseSerializer(character.Skeleton, rig), PoseSettings.Write(rig));
    }
}
