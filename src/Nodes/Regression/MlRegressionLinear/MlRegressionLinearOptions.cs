using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Regression.MlRegressionLinear;

/// <summary>Options of <c>ml_regression_linear</c>.</summary>
public sealed record MlRegressionLinearOptions
{
    /// <summary>What is done with which examples.</summary>
    [OptionGroup]
    public RegressionExampleOptions Learned { get; init; } = new();

    /// <summary>Weight decay.</summary>
    [Option("Coefficient λ of the sum of squared weights (the bias excluded) beside the sum of squared errors; 0 = least squares, of least norm where rows are too few.", Min = 0)]
    public double WeightDecay { get; init; }

    /// <summary>Candidates.</summary>
    [Option("Weight decays to choose from, by the error of leaving each training row out; replaces weight_decay when given.", Min = 0)]
    public IReadOnlyList<double> WeightDecays { get; init; } = [];

    /// <summary>Bias.</summary>
    [Option("Add a constant to the weights; without it the map goes through the origin.")]
    public bool Bias { get; init; } = true;

    /// <summary>Standardize.</summary>
    [Option("Give every input column mean 0 and deviation 1 first, so that the weight decay weighs on all alike; undone inside the model.")]
    public bool Standardize { get; init; }

    /// <summary>Error threshold.</summary>
    [Option("Relative residual of the normal equations above which the solution is refused with an error; does nothing else.", Min = 0)]
    public double ErrorThreshold { get; init; } = 1e-3;
}
