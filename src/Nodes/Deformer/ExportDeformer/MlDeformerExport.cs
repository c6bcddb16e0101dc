using ExampleMlFarm.Geometry.Formats.Gltf;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Learning.Inference;
using ExampleMlFarm.Learning.Pca;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Rigs;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Deformer.ExportDeformer;

/// <summary>
/// Packs a trained deformer: a <c>.mldeform</c> bundle with everything an evaluation needs, and a GLB whose morph targets any viewer plays.
/// </summary>
public static class MlDeformerExport
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.Of<MlDeformerExportOptions>(
        NodeDescriptor.From<MlDeformerExportOptions>("ml_deformer_export", 1, "Packs a trained deformer as a bundle and as a GLB with morph targets.") with
        {
            Family = "deformer",
            Input = DataKind.Model,
            Output = DataKind.Files,
            NeedsInput = true,
            Example = ExampleRecipe.Data + ExampleRecipe.Train +
                "  deformer:\n    from: train\n    uses: ml_deformer_export\n    with:\n      dataset: ${{ nodes.dataset }}\n      basis: ${{ nodes.basis }}\n      capture: ${{ nodes.capture }}\n      limits: ${{ nodes.limits }}\n",
        },
        Cook);

    private static void Cook(MlDeformerExportOptions options, CookContext cook)
    {
        var inputs = DeformerInputs.Open(cook, options.Inputs);
        using var dataset = inputs.Dataset;
        var character = inputs.Stage.Character;
        var onnx = File.ReadAllBytes(cook.From.Single().Path("model.onnx"));
        var bundle = new DeformerBundle(character.Name, character.SkinHash(), onnx, ShapesOf(inputs.Basis, dataset.TargetWidth), inputs.PoseOptions, LimitedCharacter.Open(cook, options.Limits!).Limits,
            inputs.Displacement.Encoding, inputs.Displacement.Skinning);
        cook.EmitBytes("file/mldeform", "deformer.mldeform", DeformerBundleFile.Write(bundle));
        cook.EmitBytes("file/onnx", "model.onnx", onnx);

        if (bundle.Encoding != DisplacementEncoding.Inverse || bundle.Skinning != SkinningMethod.Linear)
            cook.Log("the GLB differs from the deformer: glTF knows linear blend skinning after morph targets alone, which is encoding 'inverse' with skinning 'linear'");
        using var sessions = new InferenceSessions();
        var model = sessions.Open(onnx);
        cook.EmitBytes("file/glb", "deformer.glb", Glb(bundle, character, options.Clip, row => model.Evaluate(row.ToArray())));
    }

    /// <summary>The first shapes of a basis as the deformer keeps them.</summary>
    private static ShapeBasis ShapesOf(PcaBasis basis, int shapes) => new(basis.Mean.ToArray(), basis.Components[..(shapes * basis.Columns)].ToArray());

    /// <summary>
    /// Skin, skeleton, morph targets (the mean, then each shape) and one clip with the weights that the network gives for its frames. glTF adds morph targets
    /// before skinning, which is just how the deformer means its displacements.
    /// </summary>
    private static byte[] Glb(DeformerBundle bundle, Character character, string clipName, ShapeWeightModel model)
    {
        var shapes = new List<MorphShape> { new("mean", bundle.Basis.Mean) };
        for (int k = 0; k < bundle.Basis.ShapeCount; k++) shapes.Add(new($"shape {k}", bundle.Basis.Shape(k).ToArray()));
        var clips = new List<GltfClip>();
        if (character.Clips.Count > 0)
        {
            var clip = clipName.Length > 0 ? character.ClipNamed(clipName) : character.Clips[^1];
            var serializer = new PoseSerializer(character.Skeleton, bundle.Pose);
            var poses = Enumerable.Range(0, clip.FrameCount).Select(f => clip.PoseAt(character.Skeleton, f)).ToList();
            var row = new float[serializer.Length];
            clips.Add(new GltfClip(clip.Name, clip.TimesSeconds, poses, [.. poses.Select(pose =>
            {
                serializer.Serialize(bundle.Limits.Clamp(pose), row);
                return (float[])[1, .. model(row)];
            })]));
        }
        return GltfWriter.WriteCharacter(character, new GltfContent { Shapes = shapes, Clips = clips });
    }
}
