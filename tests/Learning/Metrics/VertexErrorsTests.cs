using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Metrics;

namespace ExampleMlFarm.Tests.Learning.Metrics;

public class VertexErrorsTests
{
    [Fact]
    public void Known_distances_give_known_figures()
    {
        double[] truth = new double[6], points = [3, 4, 0, 0, 0, 0];
        var summary = VertexErrors.Summarise(VertexErrors.Distances(points, truth), 50);
        Assert.Equal((2, 2.5, 5.0), (summary.Count, summary.Mean, summary.Maximum));
        Assert.Equal(Math.Sqrt(12.5), summary.RootMeanSquare, 1e-12);
        Assert.Equal(4.75, summary.Percentile95, 1e-12);
        Assert.Equal((5.0, 10.0, 9.5), (summary.MeanPercent, summary.MaximumPercent, summary.Percentile95Percent));
    }

    [Fact]
    public void Gain_is_one_for_no_error_and_negative_when_worse()
    {
        Assert.Equal(1, VertexErrors.Gain(0, 2));
        Assert.Equal(0.75, VertexErrors.Gain(0.5, 2));
        Assert.Equal(-0.5, VertexErrors.Gain(3, 2));
        Assert.True(double.IsNaN(VertexErrors.Gain(0, 0)));
    }

    [Fact]
    public void Diagonal_spans_the_box() => Assert.Equal(3, VertexErrors.BoundingDiagonal([0, 0, 0, 1, 2, 2, 0.5, 1, 1]));

    [Fact]
    public void Unequal_or_not_finite_points_are_refused()
    {
        Assert.Throws<FarmException>(() => VertexErrors.Distances(new double[3], new double[6]));
        Assert.Throws<FarmException>(() => VertexErrors.Summarise([double.NaN], 1));
        Assert.Throws<FarmException>(() => VertexErrors.Summarise([], 1));
        Assert.Throws<FarmException>(() => VertexErrors.Summarise([1], 0));
    }
}
