using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Tests.Learning.Linear;

namespace ExampleMlFarm.Tests.Learning.Regression;

/// <summary>The tables with published splits: errors of the three models beside reference numbers that were worked out elsewhere.</summary>
public class PublishedSplitsTests
{
    [Theory]
    [InlineData("bostonHousing", 0.02, 1e-2, 2.8661)]
    [InlineData("energy", 0.1, 1e-3, 0.5760)]
    [InlineData("yacht", 0.5, 1e-4, 0.6686)]
    public void Kernel_ridge_regression_gives_the_reference_errors(string set, double gamma, double decay, double reference)
    {
        var splits = Splits(set);
        double error = splits.Average(s => s.Error(Predicted(s, new()
        {
            Kernel = new(KernelKind.Gaussian) { Width = 1 / Math.Sqrt(2 * gamma) },
            WeightDecay = decay,
            Penalty = KernelPenalty.Rkhs,
            Bias = false,
        })));
        Assert.Equal(reference, error, 6e-5);
    }

    [Theory]
    [InlineData("bostonHousing", 4.5880, 4.1597)]
    [InlineData("yacht", 8.9695, 7.1450)]
    [InlineData("wine-quality-red", 0.6544, 0.7345)]
    [InlineData("energy", 3.0560, 1.8130)]
    public void Linear_and_nearest_give_the_reference_errors_to_four_digits(string set, double linear, double nearest)
    {
        var splits = Splits(set);
        Assert.Equal(linear, splits.Average(s => s.Error(LinearRegression.Fit(s.Train, s.Columns, s.TrainTargets, 1, new() { WeightDecay = 1e-6 }).Model.Predict(s.Test))), 6e-5);
        Assert.Equal(nearest, splits.Average(s => s.Error(NeighbourModel.Fit(s.Train, s.Columns, s.TrainTargets, 1, new()).Predict(s.Test))), 6e-5);
    }

    [Theory]
    [InlineData("bostonHousing", 3.1)]
    [InlineData("yacht", 0.80)]
    public void Leave_one_out_chooses_without_looking_at_test_rows_and_comes_near_the_best(string set, double bound)
    {
        var splits = Splits(set).Take(2).ToList();
        double error = splits.Average(s => s.Error(KernelRegression.Fit(s.Train, s.Columns, s.TrainTargets, 1,
            new() { Penalty = KernelPenalty.Rkhs, LeaveOneOut = true, WeightDecays = [1e-6, 1e-4, 1e-2, 1] }).Model.Predict(s.Test)));
        Assert.InRange(error, 0, bound);
    }

    /// <summary>The reference takes the mean off the targets and has no bias.</summary>
    private static double[] Predicted(Uci.Split split, KernelRegressionOptions options)
    {
        double mean = split.TrainTargets.Average();
        var model = KernelRegression.Fit(split.Train, split.Columns, [.. split.TrainTargets.Select(y => y - mean)], 1, options).Model;
        return [.. model.Predict(split.Test).Select(y => y + mean)];
    }

    private static List<Uci.Split> Splits(string set)
    {
        string? folder = Uci.Find(set);
        Assert.SkipUnless(folder is not null, $"shared/data/uci/{set} is not beside this checkout");
        return [.. Uci.Splits(folder)];
    }
}
