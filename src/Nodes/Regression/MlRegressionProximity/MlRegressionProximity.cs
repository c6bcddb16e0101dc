using System.Text.Json.Nodes;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Regression.MlRegressionProximity;

/// <summary>
/// Targets of the nearest examples: as a model file, or from examples and query to prediction in one step. Predictions say which example was nearest
/// (<c>example_index</c>) and how far it was (<c>distance</c>).
/// </summary>
public static class MlRegressionProximity
{
    /// <summary>Detail attribute of predictions: row of the nearest example.</summary>
    public const string IndexAttribute = "example_index";

    /// <summary>Detail attribute of predictions: distance of the nearest example, in (standardised) input units.</summary>
    public const string DistanceAttribute = "distance";

    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfBoth<MlRegressionProximityOptions>(
        NodeDescriptor.From<MlRegressionProximityOptions>("ml_regression_proximity", 1, "Answers with the targets of the nearest examples, and puts out the model or its predictions.") with
        {
            Family = "training",
            HoudiniNames = ["ml_regressionproximity", "mlregressionproximity"],
            Metrics = RegressionJob.Metrics,
            Example = ExampleRecipe.Data + ExampleRecipe.Numbers +
                "  nearest:\n    from: numbers\n    uses: ml_regression_proximity\n    with: { mode: predict, dataset: \"${{ nodes.dataset }}\", k: 4, weights: inverse_distance }\n",
        },
        (options, cook) =>
        {
            if (options.Learned.Mode == RegressionMode.Train) Job(options).Train(cook);
            else cook.EmitAll(Job(options).Predict(cook.AllGeometry(), cook, Annotate));
        },
        (options, geometry, cook) => Job(RegressionStep.Required(options, options.Learned.Mode, "ml_regression_proximity")).Predict(geometry, cook, Annotate));

    private static RegressionJob Job(MlRegressionProximityOptions options) =>
        new(options, options.Learned.Source, (examples, _) => Fit(options, examples));

    private static RegressionFit Fit(MlRegressionProximityOptions options, RegressionExamples examples)
    {
        var model = NeighbourModel.Fit(examples.Inputs, examples.InputLength, examples.Targets, examples.TargetLength, new()
        {
            Neighbours = options.K,
            Weights = options.Weights,
            Width = options.Width,
            Standardize = options.Standardize,
            Algorithm = options.Search,
        });
        return new(model, [], new JsonObject
        {
            ["model"] = "proximity",
            ["k"] = options.K,
            ["weights"] = options.Weights.ToString(),
            ["width"] = options.Width,
            ["standardize"] = options.Standardize,
        });
    }

    private static GeometryData Annotate(IRegressionModel model, float[] row, GeometryData prediction)
    {
        var (examples, distances) = ((NeighbourModel)model).Find(RegressionModels.Wide(row), 1);
        return prediction.WithDetail(IndexAttribute, AttributeValues.Of([examples[0]])).WithDetail(DistanceAttribute, AttributeValues.Of([(float)distances[0]]));
    }
}
