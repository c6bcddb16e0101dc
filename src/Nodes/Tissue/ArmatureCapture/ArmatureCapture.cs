using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Rigs;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Simulation.Tissue;

namespace ExampleMlFarm.Nodes.Tissue.ArmatureCapture;

/// <summary>
/// Prepares a character for tissue simulation: tetrahedral cage, pins on the bones, binding of the skin. What it puts out holds the character
/// as well, so that all nodes downstream work on the same one, whatever happens to the file.
/// </summary>
public static class ArmatureCapture
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.Of<ArmatureCaptureOptions>(
        NodeDescriptor.From<ArmatureCaptureOptions>("armature_capture", 1, "Encloses a rigged character in a tetrahedral cage, pinned to its bones.") with
        {
            Family = "tissue",
            Input = DataKind.None,
            Output = DataKind.Files,
            HoudiniNames = ["armaturecapture"],
            Metrics = [new("tetrahedra", "Tetrahedra of the cage"), new("pins", "Cage points that move with a bone"), new("glued_cubes", "Cubes that join parts far apart in the skeleton")],
            Example = ExampleRecipe.Head + ExampleRecipe.Capture,
        },
        Cook);

    private static void Cook(ArmatureCaptureOptions options, CookContext cook)
    {
        var character = CharacterFile.Open(options.Character, cook);
        var capture = TissueCapture.Build(character.RestPoints, character.Triangles, TissueJoint.Of(character), options.ToCapture());
        var statistics = capture.Statistics;
        cook.Log($"{character.Name}: {character.PointCount} points, {character.Triangles.Length / 3} triangles, {character.Skeleton.JointCount} joints");
        cook.Log($"cage of {capture.VertexCount} points and {capture.TetCount} tetrahedra, {capture.PinVertices.Length} pins, cube edge {capture.ElementSize:G4}");
        if (statistics.GluedCubes > 0) cook.Log($"{statistics.GluedCubes} cubes join parts that are far apart in the skeleton; a higher resolution separates them");
        cook.Metric("tetrahedra", capture.TetCount);
        cook.Metric("pins", capture.PinVertices.Length);
        cook.Metric("glued_cubes", statistics.GluedCubes);
        cook.EmitBytes("file/character", "character", CharacterBinary.Write(character));
        cook.EmitBytes("file/capture", "capture", CaptureBinary.Write(capture));
        TissueArrays.EmitNpz(cook, "capture.npz", CaptureArrays.Of(capture));
    }
}
