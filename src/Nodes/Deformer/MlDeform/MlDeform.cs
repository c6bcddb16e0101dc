using System.Runtime.CompilerServices;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Learning.Inference;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Rigs;
using ExampleMlFarm.Nodes.Tissue;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Deformer.MlDeform;

/// <summary>Poses the skin of a character with a trained deformer: pose in, skin out.</summary>
public static class MlDeform
{
    private static readonly InferenceSessions Sessions = new();
    private static readonly ConditionalWeakTable<DeformerBundle, ThreadLocal<Geometry.Rigs.Deformer>> Deformers = [];

    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfOperator<MlDeformOptions>(
        NodeDescriptor.From<MlDeformOptions>("ml_deform", 1, "Poses a skin with a trained deformer.") with
        {
            Family = "deformer",
            Input = DataKind.Geometry,
            Output = DataKind.Geometry,
            NeedsInput = true,
            HoudiniNames = ["ml_deform"],
            Example = ExampleRecipe.Data + ExampleRecipe.Train +
                "  deformer:\n    from: train\n    uses: ml_deformer_export\n    with:\n      dataset: ${{ nodes.dataset }}\n      basis: ${{ nodes.basis }}\n      capture: ${{ nodes.capture }}\n      limits: ${{ nodes.limits }}\n" +
                "  posed:\n    from: poses\n    uses: ml_deform\n    with: { capture: \"${{ nodes.capture }}\", deformer: \"${{ nodes.deformer }}\" }\n",
        },
        Operate);

    private static IReadOnlyList<GeometryData> Operate(MlDeformOptions options, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        if (geometry.Count < 1) throw FarmException.Invalid("ml_deform.inputs", "ml_deform takes a pose and was given nothing");
        var stage = TissueStage.Open(cook, options.Capture!);
        var character = stage.Character;
        var bundle = BundleOf(options, cook, character);
        var deformer = Deformers.GetValue(bundle, b => new ThreadLocal<Geometry.Rigs.Deformer>(() =>
        {
            var model = Sessions.Open(b.Model);
            return new Geometry.Rigs.Deformer(b, character, row => model.Evaluate(row.ToArray()));
        })).Value!;
        var skin = new double[3 * character.PointCount];
        var pose = PoseGeometry.Read(geometry[0], character.Skeleton);
        CheckLimits(pose, bundle.Limits, options.OutsideLimits, cook);
        deformer.Deform(pose, skin, options.OutsideLimits == OutsideLimits.Clamp);
        return [SkinGeometry.Of(character, skin)];
    }

    private static void CheckLimits(Pose pose, Geometry.Rigs.JointLimits limits, OutsideLimits rule, CookContext cook)
    {
        // Joints without limits were held still in training; turning them moves the character as a whole, which the deformer allows.
        var outside = limits.Check(pose).Where(v => limits.Joints.Any(l => l.Joint == v.Joint)).ToList();
        if (outside.Count == 0) return;
        string found = string.Join(" ", outside.Take(4)) + (outside.Count > 4 ? $" And {outside.Count - 4} more." : "");
        if (rule == OutsideLimits.Fail)
            throw FarmException.Invalid("pose.outside_limits", $"the pose is outside the limits that the deformer was trained within. {found} Use 'outside_limits: clamp', or train with wider limits");
        cook.Log(rule == OutsideLimits.Clamp ? $"brought into the limits: {found}" : $"outside the limits, what follows is a guess: {found}");
    }

    private static DeformerBundle BundleOf(MlDeformOptions options, CookContext cook, Character character)
    {
        if (options.Deformer is null == options.File is null)
            throw FarmException.Invalid("ml_deform.deformer", "ml_deform needs either 'deformer' (a node) or 'file' (a .mldeform file), one of the two");
        return options.Deformer is { } node
            ? cook.Input(node).Single().Load("deformer.mldeform", path => DeformerBundleFile.Read(File.ReadAllBytes(path), character.Skeleton))
            : Files.GetValue(character, _ => []).GetOrAdd(cook.LocalPath(options.File!.Value), path => DeformerBundleFile.Read(File.ReadAllBytes(path), character.Skeleton));
    }

    private static readonly ConditionalWeakTable<Character, System.Collections.Concurrent.ConcurrentDictionary<string, DeformerBundle>> Files = [];
}
