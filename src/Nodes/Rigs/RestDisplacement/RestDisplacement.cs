using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Tissue;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Rigs.RestDisplacement;

/// <summary>
/// From a pose and a skin in that pose to the displacement of the bind pose which, skinned, gives that skin: point attribute <c>d</c> on the
/// skin in its bind pose.
/// </summary>
public static class RestDisplacement
{
    /// <summary>Name of the point attribute.</summary>
    public const string Attribute = "d";

    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfOperator<RestDisplacementOptions>(
        NodeDescriptor.From<RestDisplacementOptions>("rest_displacement", 1, "Carries a posed skin back to the bind pose, as a displacement that skinning undoes exactly.") with
        {
            Family = "rig",
            Input = DataKind.Geometry,
            Output = DataKind.Geometry,
            NeedsInput = true,
            Example = ExampleRecipe.Simulated + ExampleRecipe.Displacements,
        },
        Operate);

    private static IReadOnlyList<GeometryData> Operate(RestDisplacementOptions options, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        if (geometry.Count != 2)
            throw FarmException.Invalid("rest_displacement.inputs", $"rest_displacement takes two geometries, a pose and a skin, and was given {geometry.Count}; put ml_example_decompose before it");
        var stage = TissueStage.Open(cook, options.Capture!);
        var character = stage.Character;
        var pose = PoseGeometry.Read(geometry[0], character.Skeleton);
        var displacement = new double[3 * character.PointCount];
        int guarded = stage.Skinning.RestDisplacement(pose, SkinGeometry.Positions(geometry[1], character), displacement, options.Encoding, options.Skinning);
        if (guarded > 0) cook.Log($"{guarded} points have a blended matrix too near to singular to invert; their rotation was used");
        var skin = SkinGeometry.Of(character, character.RestPoints)
            .With(AttributeClass.Point, Attribute, AttributeValues.Of(Array.ConvertAll(displacement, v => (float)v), 3))
            .WithDetail(DisplacementSettings.Attribute, AttributeValues.Of([new DisplacementSettings(options.Encoding, options.Skinning).Write()]));
        if (geometry[1].Find(AttributeClass.Detail, "valid") is { } valid) skin = skin.WithDetail("valid", valid);
        return [geometry[0], skin];
    }
}
