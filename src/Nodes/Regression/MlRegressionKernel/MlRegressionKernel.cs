using System.Globalization;
using System.Text.Json.Nodes;
using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Regression.MlRegressionKernel;

/// <summary>Kernel regression in closed form: as a trainer of a model file, or from examples and query to prediction in one step.</summary>
public static class MlRegressionKernel
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfBoth<MlRegressionKernelOptions>(
        NodeDescriptor.From<MlRegressionKernelOptions>("ml_regression_kernel", 1, "Fits a sum of kernel functions in closed form, and puts out the model or its predictions.") with
        {
            Family = "training",
            HoudiniNames = ["ml_regressionkernel", "mlregressionkernel"],
            Metrics =
            [
                .. RegressionJob.Metrics, new("leave_one_out/rmse", "Error of leaving each training row out, for the chosen width and weight decay"),
                new("width", "Width that was used"), new("weight_decay", "Weight decay that was used"), new("centres", "Kernel functions"),
                new("residual", "Relative residual of the solved equations"), new("condition", "Condition estimate of the solved equations"),
            ],
            Example = ExampleRecipe.Data +
                "  kernel:\n    uses: ml_regression_kernel\n    with: { dataset: \"${{ nodes.dataset }}\", penalty: rkhs, leave_one_out: true }\n",
        },
        (options, cook) =>
        {
            if (options.Learned.Mode == RegressionMode.Train) Job(options).Train(cook);
            else cook.EmitAll(Job(options).Predict(cook.AllGeometry(), cook));
        },
        (options, geometry, cook) => Job(RegressionStep.Required(options, options.Learned.Mode, "ml_regression_kernel")).Predict(geometry, cook));

    private static RegressionJob Job(MlRegressionKernelOptions options) =>
        new(options, options.Learned.Source, (examples, cancellation) => Fit(options, examples, cancellation));

    private static RegressionFit Fit(MlRegressionKernelOptions options, RegressionExamples examples, CancellationToken cancellation)
    {
        var fit = KernelRegression.Fit(examples.Inputs, examples.InputLength, examples.Targets, examples.TargetLength, new()
        {
            Kernel = new(options.Kernel)
            {
                Width = options.Width > 0 ? options.Width : 1,
                Degree = options.PolynomialDegree,
                PolynomialOffset = options.PolynomialOffset,
                SigmoidScale = options.SigmoidScale > 0 ? options.SigmoidScale : 1.0 / examples.InputLength,
                SigmoidOffset = options.SigmoidOffset,
            },
            AutomaticWidth = options.Width == 0,
            WeightDecay = options.WeightDecay,
            Penalty = options.Penalty,
            Bias = options.Bias,
            ErrorThreshold = options.ErrorThreshold,
            Standardize = options.Standardize,
            LeaveOneOut = options.LeaveOneOut,
            Widths = options.Widths,
            WeightDecays = options.WeightDecays,
            SelectionRows = options.SelectionRows,
            NystromLimit = options.NystromLimit,
            Landmarks = options.Landmarks,
            Seed = (ulong)options.Seed,
        }, cancellation);
        var model = fit.Model;
        var metrics = new List<(string, double)>
        {
            ("width", model.Kernel.Width), ("weight_decay", model.WeightDecay), ("centres", model.Centres), ("residual", fit.Residual), ("condition", fit.Condition),
        };
        if (fit.Candidates.Count > 0) metrics.Add(("leave_one_out/rmse", fit.LeaveOneOutError));
        return new(model, metrics,
            new JsonObject
            {
                ["model"] = "kernel",
                ["kernel"] = options.Kernel.ToString(),
                ["width"] = model.Kernel.Width,
                ["weight_decay"] = model.WeightDecay,
                ["penalty"] = options.Penalty.ToString(),
                ["centres"] = model.Centres,
                ["standardize"] = options.Standardize,
            },
            fit.Candidates.Count == 0 ? null : "width,weight_decay,leave_one_out_rmse\n" + string.Concat(fit.Candidates.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Width:R},{c.WeightDecay:R},{c.Error:R}\n"))));
    }
}
