using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Contributions;
using ExampleMlFarm.Learning.Inference;
using ExampleMlFarm.Learning.Onnx;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Examples;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Training.MlRegressionInference;

/// <summary>
/// Evaluates a trained model on components. A collection of packed components is evaluated in one batch and gives a collection; the bits do not
/// depend on the batch.
/// </summary>
public static class MlRegressionInference
{
    private static readonly InferenceSessions Sessions = new();

    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfOperator<MlRegressionInferenceOptions>(
        NodeDescriptor.From<MlRegressionInferenceOptions>("ml_regression_inference", 1, "Evaluates a trained model.") with
        {
            Family = "training",
            Input = DataKind.Geometry,
            Output = DataKind.Geometry,
            NeedsInput = true,
            HoudiniNames = ["ml_regressioninference", "mlregressioninference"],
            Example = ExampleRecipe.Data + ExampleRecipe.Train + ExampleRecipe.Numbers +
                "  weights:\n    from: numbers\n    uses: ml_regression_inference\n    with: { model: \"${{ nodes.train }}\", output_attribute: weight }\n",
        },
        Operate);

    private static IReadOnlyList<GeometryData> Operate(MlRegressionInferenceOptions options, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        if (geometry.Count != 1) throw FarmException.Invalid("inference.inputs", $"ml_regression_inference takes one geometry and was given {geometry.Count}");
        if (options.Provider != InferenceProvider.Cpu)
            throw FarmException.Invalid("inference.provider", $"'provider: {options.Provider.ToString().ToLowerInvariant()}' is not in this build of mlfarm, which carries ONNX Runtime for processors: use 'provider: cpu'");
        bool packed = IsPacked(geometry[0], options.Batch);
        var components = packed
            ? Enumerable.Range(0, geometry[0].PrimitiveCount).Select(p => GeometryTransform.Unpack(geometry[0].Packed(p))).ToList()
            : [geometry[0]];
        var contributions = ContributionNames.Resolve(components[0], options.InputContributions, "input");
        using var alone = options.Reload ? new InferenceSessions() : null;
        var model = (alone ?? Sessions).Open(File.ReadAllBytes(PathOf(options, cook)));
        if (model.Metadata.TryGetValue(OnnxModel.InputContributionsKey, out var trained))
            ContributionList.FromJson(trained).RequireEqual(contributions, "the model was trained with", "the input has");
        var rows = new float[components.Count * model.InputLength];
        for (int i = 0; i < components.Count; i++)
        {
            long size = contributions.Size(components[i].PointCount);
            if (size != model.InputLength)
                throw FarmException.Invalid("inference.length", $"component {i} has {size} numbers and the model takes {model.InputLength}: give it components like those it was trained on");
            ComponentVector.Serialize(components[i], contributions, rows.AsSpan(i * model.InputLength, model.InputLength));
        }
        if (model.OutputLength % options.OutputTupleSize != 0)
            throw FarmException.Invalid("inference.tuple", $"the model gives {model.OutputLength} numbers, which are not {options.OutputTupleSize} per point; choose an output_tuple_size that divides them");
        var outputs = model.Evaluate(rows, options.MaxBatch);
        var results = new List<GeometryData>(components.Count);
        for (int i = 0; i < components.Count; i++)
        {
            var values = outputs.AsSpan(i * model.OutputLength, model.OutputLength).ToArray();
            results.Add(GeometryData.PointCloud(new float[3 * (values.Length / options.OutputTupleSize)])
                .With(AttributeClass.Point, options.OutputAttribute, AttributeValues.Of(values, options.OutputTupleSize)));
        }
        return packed ? [GeometryData.Collection([.. results.Select(r => new PackedPrimitive(r, System.Numerics.Matrix4x4.Identity))])] : results;
    }

    private static bool IsPacked(GeometryData geometry, InferenceBatch batch)
    {
        bool isCollection = geometry.PrimitiveCount > 0 && geometry.Topology.ConsistsOf(PrimitiveKind.Packed);
        return batch switch
        {
            InferenceBatch.Single when isCollection => throw FarmException.Invalid("inference.batch",
                $"'batch: single' takes one component and was given {geometry.PrimitiveCount} packed primitives: use 'batch: multiple_packed'"),
            InferenceBatch.MultiplePacked when !isCollection => throw FarmException.Invalid("inference.batch",
                $"'batch: multiple_packed' evaluates packed primitives, and the geometry has {geometry.PointCount} points and {geometry.PrimitiveCount} primitives that are not packed: use 'batch: single'"),
            _ => isCollection,
        };
    }

    private static string PathOf(MlRegressionInferenceOptions options, CookContext cook)
    {
        if (options.Model is null == options.File is null)
            throw FarmException.Invalid("inference.model", "ml_regression_inference needs either 'model' (a node) or 'file' (an .onnx file), one of the two");
        return options.Model is { } node ? cook.Input(node).Single().Path("model.onnx") : cook.LocalPath(options.File!.Value);
    }
}
