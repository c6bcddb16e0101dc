using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Contributions;
using ExampleMlFarm.Learning.Onnx;
using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Examples;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Regression;

/// <summary>What a regression node does.</summary>
public enum RegressionMode
{
    /// <summary>Learns the examples and puts out a model file.</summary>
    Train,
    /// <summary>Learns the examples and puts out the prediction for each query, in one step.</summary>
    Predict,
}

/// <summary>A fitted model and what is worth saying about it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Metrics">Numbers of this kind of model alone.</param>
/// <param name="Hyperparameters">As they were used, chosen ones included.</param>
/// <param name="Candidates">Table of what they were chosen from, CSV; null without a choice.</param>
internal sealed record RegressionFit(IRegressionModel Model, IReadOnlyList<(string Name, double Value)> Metrics, JsonObject Hyperparameters, string? Candidates = null);

/// <summary>
/// What the regression nodes share: examples to a fit, a fit to files and metrics, queries to predictions. Knows nothing of the kind of model.
/// </summary>
/// <param name="Options">The options record: a fit lives as long as it does.</param>
/// <param name="Source">The examples.</param>
/// <param name="Fit">Examples to model.</param>
internal sealed record RegressionJob(object Options, RegressionSource Source, Func<RegressionExamples, CancellationToken, RegressionFit> Fit)
{
    /// <summary>Metrics of every kind of model.</summary>
    public static IReadOnlyList<MetricDescriptor> Metrics { get; } =
    [
        new("validation/rmse", "Root mean square error on the validation rows, in the target's own units"), new("train/rmse", "The same on the training rows"),
        new("validation/loss", "Share of the training targets' variance that is not explained on the validation rows"), new("train/loss", "The same on the training rows"),
        new("rows", "Training rows"),
    ];

    // A fit takes longer than what it is asked: it is kept for the items that follow, as long as options and examples are the same.
    private static readonly ConditionalWeakTable<object, Kept> Fits = [];

    /// <summary>Puts out <c>model.onnx</c>, <c>weights.safetensors</c>, <c>hyperparameters.json</c>, <c>outputs.csv</c> and, after a choice, <c>candidates.csv</c>.</summary>
    public void Train(CookContext cook)
    {
        var examples = Source.Read(cook);
        var fit = Fit(examples, cook.Cancellation);
        cook.ThrowIfCancelled();
        var errors = new OutputErrors(fit.Model, examples);
        cook.Metric("rows", examples.Count);
        cook.Metric("train/rmse", errors.TrainRootMeanSquare);
        cook.Metric("train/loss", errors.TrainLoss);
        if (examples.ValidationInputs.Length > 0)
        {
            cook.Metric("validation/rmse", errors.ValidationRootMeanSquare);
            cook.Metric("validation/loss", errors.ValidationLoss);
        }
        foreach (var (name, value) in fit.Metrics) cook.Metric(name, value);
        string validation = examples.ValidationInputs.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $", validation rmse {errors.ValidationRootMeanSquare:G5}") : "";
        cook.Log(string.Create(CultureInfo.InvariantCulture, $"{examples.Count} rows of {examples.InputLength} + {examples.TargetLength} numbers: train rmse {errors.TrainRootMeanSquare:G5}{validation}; {fit.Hyperparameters.ToJsonString()}"));

        cook.EmitBytes("file/onnx", "model.onnx", fit.Model.ToOnnx(Metadata(examples, cook)));
        cook.EmitBytes("file/safetensors", "weights.safetensors", fit.Model.ToTensors());
        cook.EmitBytes("file/json", "hyperparameters.json", Encoding.UTF8.GetBytes(fit.Hyperparameters.ToJsonString()));
        cook.EmitBytes("file/csv", "outputs.csv", Encoding.UTF8.GetBytes(errors.Csv()));
        if (fit.Candidates is { } table) cook.EmitBytes("file/csv", "candidates.csv", Encoding.UTF8.GetBytes(table));
    }

    /// <summary>Predictions for a query component, or for those a collection embeds, as components like the targets.</summary>
    /// <param name="geometry">The query.</param>
    /// <param name="cook">The item.</param>
    /// <param name="annotate">Adds to the prediction of each row (its model, its input row) what else is known of it.</param>
    public IReadOnlyList<GeometryData> Predict(IReadOnlyList<GeometryData> geometry, CookContext cook, Func<IRegressionModel, float[], GeometryData, GeometryData>? annotate = null)
    {
        if (Source.Dataset is null && Source.Examples is null)
            throw FarmException.Invalid("regression.examples", "'mode: predict' needs 'dataset' (a data set node) or 'examples' (a node whose items hold labeled examples) to learn from");
        if (geometry.Count != 1) throw FarmException.Invalid("inference.inputs", $"'mode: predict' takes one geometry per item, the query, and was given {geometry.Count}");
        var (examples, model) = Fitted(cook);
        var batch = ComponentBatch.Of(geometry[0]);
        // What the examples consist of is looked for in the query, which may hold more.
        var names = Source.InputContributions.Count > 0 || examples.InputContributions is null ? Source.InputContributions : [.. examples.InputContributions.Select(c => c.Name)];
        var contributions = ContributionNames.Resolve(batch.Components[0], names, "query");
        examples.InputContributions?.RequireEqual(contributions, "the examples", "the query");
        float[] rows = batch.Rows(contributions, model.InputLength), outputs = model.Predict((ReadOnlySpan<float>)rows);
        var targets = examples.TargetContributions ?? ContributionList.Of(Contribution.Point("value", 1));
        var results = new GeometryData[batch.Components.Count];
        for (int i = 0; i < results.Length; i++)
        {
            var result = ComponentVector.Deserialize(targets, outputs.AsSpan(i * model.OutputLength, model.OutputLength));
            results[i] = annotate is null ? result : annotate(model, rows[(i * model.InputLength)..((i + 1) * model.InputLength)], result);
        }
        return batch.Pack(results);
    }

    private (RegressionExamples Examples, IRegressionModel Model) Fitted(CookContext cook)
    {
        var kept = Fits.GetOrCreateValue(Options);
        lock (kept)
        {
            string hash = Source.Hash(cook);
            if (kept.Hash != hash || kept.Fit is not { } fit)
            {
                var examples = Source.Read(cook);
                kept.Fit = fit = (examples, Fit(examples, cook.Cancellation).Model);
                kept.Hash = hash;
            }
            return fit;
        }
    }

    private Dictionary<string, string> Metadata(RegressionExamples examples, CookContext cook)
    {
        var metadata = new Dictionary<string, string> { ["mlfarm.examples_sha256"] = Source.Hash(cook) };
        if (examples.InputContributions is { } inputs) metadata[OnnxModel.InputContributionsKey] = inputs.ToJson();
        if (examples.TargetContributions is { } targets) metadata[OnnxModel.OutputContributionsKey] = targets.ToJson();
        return metadata;
    }

    private sealed class Kept
    {
        public string? Hash { get; set; }
        public (RegressionExamples Examples, IRegressionModel Model)? Fit { get; set; }
    }
}
