using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Contributions;
using ExampleMlFarm.Learning.Inference;
using ExampleMlFarm.Learning.Onnx;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Examples;
using ExampleMlFarm.Nodes.Regression;
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
        var batch = ComponentBatch.Of(geometry[0]);
        Check(batch, geometry[0], options.Batch);
        var contributions = ContributionNames.Resolve(batch.Components[0], options.InputContributions, "input");
        using var alone = options.Reload ? new InferenceSessions() : null;
        var model = (alone ?? Sessions).Open(File.ReadAllBytes(PathOf(options, cook)));
        if (model.Metadata.TryGetValue(OnnxModel.InputContributionsKey, out var trained))
            ContributionList.FromJson(trained).RequireEqual(contributions, "the model was trained with", "the input has");
        var rows = batch.Rows(contributions, model.InputLength);
        if (model.OutputLength % options.OutputTupleSize != 0)
            throw FarmException.Invalid("inference.tuple", $"the model gives {model.OutputLength} numbers, which are not {options.OutputTupleSize} per point; choose an output_tuple_size that divides them");
        var outputs = model.Evaluate(rows, options.MaxBatch);
        var results = new List<GeometryData>(batch.Components.Count);
        for (int i = 0; i < batch.Components.Count; i++)
        {
            var values = outputs.AsSpan(i * model.OutputLength, model.OutputLength).ToArray();
            results.Add(GeometryData.PointCloud(new float[3 * (values.Length / options.OutputTupleSize)])
                .With(AttributeClass.Point, options.OutputAttribute, AttributeValues.Of(values, options.OutputTupleSize)));
        }
        return batch.Pack(results);
    }

    private static void Check(ComponentBatch found, GeometryData geometry, InferenceBatch asked)
    {
        if (asked == InferenceBatch.Single && found.IsPacked)
            throw FarmException.Invalid("inference.batch", $"'batch: single' takes one component and was given {geometry.PrimitiveCount} packed primitives: use 'batch: multiple_packed'");
        if (asked == InferenceBatch.MultiplePacked && !found.IsPacked)
            throw FarmException.Invalid("inference.batch",
                $"'batch: multiple_packed' evaluates packed primitives, and the geometry has {geometry.PointCount} points and {geometry.PrimitiveCount} primitives that are not packed: use 'batch: single'");
    }

    private static string PathOf(MlRegressionInferenceOptions options, CookContext cook)
    {
        if (options.Model is null == options.File is null)
            throw FarmException.Invalid("inference.model", "ml_regression_inference needs either 'model' (a node) or 'file' (an .onnx file), one of the two");
        return options.Model is { } node ? cook.Input(node).Single().Path("model.onnx") : cook.LocalPath(options.File!.Value);
    }
}
