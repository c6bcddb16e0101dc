using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Rigs.RestDisplacement;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Rigs.BoneDeform;

/// <summary>Options of <c>bone_deform</c>.</summary>
public sealed record BoneDeformOptions
{
    /// <summary>The character.</summary>
    [Option("A configure_joint_limits or armature_capture node of the character.", Required = true)]
    public NodeInput? Character { get; init; }

    /// <summary>The method.</summary>
    [Option("Linear blend skinning, or dual quaternions.")]
    public SkinningMethod Method { get; init; } = SkinningMethod.Linear;
}

/// <summary>
/// Poses the skin of a character by its joints: pose in, skin out. A second geometry with a point attribute <c>d</c> is added to the bind pose
/// first.
/// </summary>
public static class BoneDeform
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfOperator<BoneDeformOptions>(
        NodeDescriptor.From<BoneDeformOptions>("bone_deform", 1, "Poses a skin by its joints: linear blend skinning or dual quaternions.") with
        {
            Family = "rig",
            Input = DataKind.Geometry,
            Output = DataKind.Geometry,
            NeedsInput = true,
            HoudiniNames = ["bonedeform", "kinefx::bonedeform"],
            Example = ExampleRecipe.Head + ExampleRecipe.Limits + ExampleRecipe.Poses +
                "  skinned: { from: poses, uses: bone_deform, with: { character: \"${{ nodes.limits }}\" } }\n",
        },
        Operate);

    private static IReadOnlyList<GeometryData> Operate(BoneDeformOptions options, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        if (geometry.Count is < 1 or > 2)
            throw FarmException.Invalid("bone_deform.inputs", $"bone_deform takes a pose and, if wanted, a skin with displacements; it was given {geometry.Count} geometries");
        var item = cook.Input(options.Character!).Single();
        var character = item.Load("character", path => CharacterBinary.Read(File.ReadAllBytes(path), $"character of {item}"));
        var pose = PoseGeometry.Read(geometry[0], character.Skeleton);
        var skinning = new Skinning(character);
        var skin = new double[3 * character.PointCount];
        if (geometry.Count == 1) skinning.Deform(pose, options.Method, skin);
        else AddDisplacement(geometry[1]);
        return [SkinGeometry.Of(character, skin)];

        void AddDisplacement(GeometryData displaced)
        {
            var displacement = displaced.Require(AttributeClass.Point, RestDisplacement.RestDisplacement.Attribute, AttributeType.Float32, 3).Float32;
            if (displacement.Length != skin.Length)
                throw FarmException.Invalid("skin.points", $"the displacement has {displacement.Length / 3} points and the character '{character.Name}' {character.PointCount}: they must be the same mesh");
            // A displacement made by a model says nothing of itself; it is taken to be of the usual kind.
            var relativeTo = displaced.Find(AttributeClass.Detail, DisplacementSettings.Attribute) is null
                ? new(DisplacementEncoding.Inverse, options.Method) : DisplacementSettings.Of(displaced);
            if (relativeTo.Skinning != options.Method)
                throw FarmException.Invalid("bone_deform.method", $"the displacement was taken relative to '{relativeTo.Skinning}' skinning and 'method' is '{options.Method}': use the same");
            skinning.Deform(pose, displacement, skin, relativeTo.Encoding, relativeTo.Skinning);
        }
    }
}
