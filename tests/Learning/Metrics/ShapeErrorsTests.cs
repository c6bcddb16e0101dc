using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Metrics;

namespace ExampleMlFarm.Tests.Learning.Metrics;

public sealed class ShapeErrorsTests
{
    // A unit cube, two triangles per side, seen counter-clockwise from outside.
    private static readonly double[] Cube = [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1];
    private static readonly int[] Sides = [0, 2, 1, 0, 3, 2, 4, 5, 6, 4, 6, 7, 0, 1, 5, 0, 5, 4, 2, 3, 7, 2, 7, 6, 1, 2, 6, 1, 6, 5, 3, 0, 4, 3, 4, 7];
    private static readonly ShapeErrors Errors = new(Sides);

    private static double[] Mapped(Func<double, double, double, (double, double, double)> map)
    {
        var points = new double[Cube.Length];
        for (int i = 0; i < points.Length; i += 3) (points[i], points[i + 1], points[i + 2]) = map(Cube[i], Cube[i + 1], Cube[i + 2]);
        return points;
    }

    [Fact]
    public void Equal_and_moved_surfaces_have_no_error_of_shape()
    {
        Assert.Equal(new ShapeErrorSummary(0, 0, 0), Errors.Measure(Cube, Cube));
        var moved = Errors.Measure(Mapped((x, y, z) => (x + 1000, y - 5, z + 3)), Cube);
        Assert.Equal(0, moved.NormalDegrees, 1e-9);
        Assert.Equal(0, moved.EdgeDistortion, 1e-9);
        Assert.Equal(0, moved.VolumeError, 1e-9);
    }

    [Fact]
    public void Twice_the_size_keeps_the_normals_doubles_the_edges_and_has_eight_times_the_volume()
    {
        var twice = Errors.Measure(Mapped((x, y, z) => (2 * x, 2 * y, 2 * z)), Cube);
        Assert.Equal(0, twice.NormalDegrees, 1e-9);
        Assert.Equal(1, twice.EdgeDistortion, 1e-12);
        Assert.Equal(7, twice.VolumeError, 1e-12);
    }

    [Fact]
    public void Turned_about_z_four_of_six_sides_turn_by_the_angle_and_nothing_else_changes()
    {
        var (c, s) = (Math.Cos(Math.PI / 6), Math.Sin(Math.PI / 6));
        var turned = Errors.Measure(Mapped((x, y, z) => (c * x - s * y, s * x + c * y, z)), Cube);
        Assert.Equal(30 * 4 / 6.0, turned.NormalDegrees, 1e-9);
        Assert.Equal(0, turned.EdgeDistortion, 1e-12);
        Assert.Equal(0, turned.VolumeError, 1e-12);
    }

    [Fact]
    public void Stretched_along_x_a_third_of_the_edges_along_the_axes_is_longer()
    {
        var stretched = Errors.Measure(Mapped((x, y, z) => (1.5 * x, y, z)), Cube);
        Assert.Equal(0.5, stretched.VolumeError, 1e-12);
        // 4 of 18 edges by 1/2; diagonals of the four sides along x by sqrt((1.5^2 + 1) / 2) - 1.
        Assert.Equal((4 * 0.5 + 4 * (Math.Sqrt(3.25 / 2) - 1)) / 18, stretched.EdgeDistortion, 1e-12);
    }

    [Fact]
    public void Surface_turned_inside_out_encloses_minus_its_volume_and_half_a_turn_is_180_degrees()
    {
        Assert.Equal(2, Errors.Measure(Mapped((x, y, z) => (-x, -y, -z)), Cube).VolumeError, 1e-12);
        Assert.Equal(180 * 4 / 6.0, Errors.Measure(Mapped((x, y, z) => (-x, -y, z)), Cube).NormalDegrees, 1e-9);
    }

    [Fact]
    public void Open_sheet_has_no_volume_and_the_mean_leaves_it_out()
    {
        double[] sheet = [0, 0, 0, 1, 0, 0, 0, 1, 0];
        var flat = new ShapeErrors([0, 1, 2]).Measure(sheet, sheet);
        Assert.True(double.IsNaN(flat.VolumeError));
        var mean = ShapeErrorSummary.Mean([flat, new(4, 0.5, 0.25)]);
        Assert.Equal(new ShapeErrorSummary(2, 0.25, 0.25), mean);
    }

    [Fact]
    public void Different_numbers_of_points_are_refused() =>
        Assert.Equal("metrics.input", Assert.Throws<FarmException>(() => Errors.Measure(Cube.AsSpan(3), Cube)).Failure.Code);
}
