using System.Globalization;
using System.Text.Json.Nodes;
using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Regression.MlRegressionLinear;

/// <summary>Linear regression with a penalty on the weights, in closed form: as a trainer of a model file, or from examples and query to prediction in one step.</summary>
public static class MlRegressionLinear
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfBoth<MlRegressionLinearOptions>(
        NodeDescriptor.From<MlRegressionLinearOptions>("ml_regression_linear", 1, "Fits a linear map in closed form, and puts out the model or its predictions.") with
        {
            Family = "training",
            HoudiniNames = ["ml_regressionlinear", "mlregressionlinear"],
            Metrics =
            [
                .. RegressionJob.Metrics, new("leave_one_out/rmse", "Error of leaving each training row out, for the chosen weight decay"),
                new("weight_decay", "Weight decay that was used"), new("condition", "Condition estimate of the system that was solved"),
            ],
            Example = ExampleRecipe.Data +
                "  linear:\n    uses: ml_regression_linear\n    with: { dataset: \"${{ nodes.dataset }}\", weight_decays: [1e-4, 1e-3, 1e-2, 0.1, 1] }\n",
        },
        (options, cook) =>
        {
            if (options.Learned.Mode == RegressionMode.Train) Job(options).Train(cook);
            else cook.EmitAll(Job(options).Predict(cook.AllGeometry(), cook));
        },
        (options, geometry, cook) => Job(RegressionStep.Required(options, options.Learned.Mode, "ml_regression_linear")).Predict(geometry, cook));

    private static RegressionJob Job(MlRegressionLinearOptions options) =>
        new(options, options.Learned.Source, (examples, _) => Fit(options, examples));

    private static RegressionFit Fit(MlRegressionLinearOptions options, RegressionExamples examples)
    {
        var fit = LinearRegression.Fit(examples.Inputs, examples.InputLength, examples.Targets, examples.TargetLength, new()
        {
            WeightDecay = options.WeightDecay,
            WeightDecays = options.WeightDecays,
            Bias = options.Bias,
            Standardize = options.Standardize,
            ErrorThreshold = options.ErrorThreshold,
        });
        var metrics = new List<(string, double)> { ("weight_decay", fit.WeightDecay), ("condition", fit.Model.ConditionEstimate) };
        if (fit.Candidates.Count > 0) metrics.Add(("leave_one_out/rmse", fit.LeaveOneOutError));
        return new(fit.Model, metrics,
            new JsonObject { ["model"] = "linear", ["weight_decay"] = fit.WeightDecay, ["bias"] = options.Bias, ["standardize"] = options.Standardize },
            fit.Candidates.Count == 0 ? null : "weight_decay,leave_one_out_rmse\n" + string.Concat(fit.Candidates.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.WeightDecay:R},{c.Error:R}\n"))));
    }
}
