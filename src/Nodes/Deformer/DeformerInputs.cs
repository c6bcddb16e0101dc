using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Learning.Pca;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Reduction.Pca;
using ExampleMlFarm.Nodes.Rigs.MlPoseSerialize;
using ExampleMlFarm.Nodes.Rigs.RestDisplacement;
using ExampleMlFarm.Nodes.Tissue;

namespace ExampleMlFarm.Nodes.Deformer;

/// <summary>What the nodes of a deformer have in common: a captured character, a basis, a data set in it, and how its poses and displacements were written.</summary>
public sealed record DeformerInputs(
    TissueStage Stage, PcaBasis Basis, Dataset Dataset, PoseSerializeOptions PoseOptions, PoseSerializer Serializer, DisplacementSettings Displacement)
{
    /// <summary>Opens them, and checks that they belong together.</summary>
    /// <exception cref="FarmException">The data set does not say how its poses were written, or was projected on another basis.</exception>
    public static DeformerInputs Open(CookContext cook, DeformerInputOptions options)
    {
        var stage = TissueStage.Open(cook, options.Capture!);
        var basis = PcaNode.OpenBasis(cook, options.Basis!);
        var dataset = Examples.DatasetInput.Open(cook, options.Dataset!);
        var metadata = dataset.Manifest.Metadata;
        if (!metadata.TryGetValue($"input.{PoseSettings.Attribute}", out var settings))
            throw FarmException.Invalid("deformer.dataset", $"data set '{options.Dataset!.Node}' does not say how its poses were written: give it 'input: {{ ml_pose_serialize: … }}'");
        if (!metadata.TryGetValue($"target.{PcaNode.BasisAttribute}", out var hash) || hash != PcaNode.HashOf(basis))
            throw FarmException.Invalid("deformer.basis", $"data set '{options.Dataset!.Node}' was not projected on the basis of '{options.Basis!.Node}': give both the same pca node");
        if (!metadata.TryGetValue($"target.{DisplacementSettings.Attribute}", out var displacement))
            throw FarmException.Invalid("deformer.dataset", $"data set '{options.Dataset!.Node}' does not say what its displacements are relative to: make its examples with rest_displacement");
        var pose = PoseSettings.Read(settings);
        return new(stage, basis, dataset, pose, new PoseSerializer(stage.Character.Skeleton, pose), DisplacementSettings.Read(displacement));
    }

    /// <summary>The skin in a pose with a displacement of the bind pose.</summary>
    /// <param name="pose">The pose.</param>
    /// <param name="displacement"><c>[points, 3]</c>.</param>
    /// <param name="skin"><c>[points, 3]</c>, written.</param>
    public void Deform(Pose pose, ReadOnlySpan<float> displacement, Span<double> skin) =>
        Stage.Skinning.Deform(pose, displacement, skin, Displacement.Encoding, Displacement.Skinning);
}
