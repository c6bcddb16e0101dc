using ExampleMlFarm.Core;

namespace ExampleMlFarm.Nodes.Regression;

/// <summary>What holds for the regression nodes where they are steps.</summary>
internal static class RegressionStep
{
    /// <summary>The options, unless they ask a step for a model.</summary>
    /// <exception cref="FarmException"><c>regression.mode</c>.</exception>
    public static TOptions Required<TOptions>(TOptions options, RegressionMode mode, string name) => mode == RegressionMode.Predict ? options
        : throw FarmException.Invalid("regression.mode", $"as a step, {name} takes 'mode: predict'; a model is trained by a node of its own");
}
