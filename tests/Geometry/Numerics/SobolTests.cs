using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Tests.Geometry.Numerics;

public class SobolTests
{
    [Fact]
    public void First_powers_of_two_fall_one_into_each_equal_part_in_every_dimension()
    {
        var sobol = new Sobol(80, 5);
        for (var d = 0; d < 80; d++)
            for (var k = 0; k <= 10; k += 5)
                Assert.Equal(1 << k, Enumerable.Range(0, 1 << k).Select(i => (int)(sobol.At(i, d) * (1 << k))).Distinct().Count());
    }

    [Fact]
    public void Pairs_of_early_dimensions_fill_the_square()
    {
        var sobol = new Sobol(12, 5);
        for (var a = 0; a < 12; a++)
            for (var b = 0; b < a; b++)
                Assert.Equal(64, Enumerable.Range(0, 1024).Select(i => ((int)(sobol.At(i, a) * 8), (int)(sobol.At(i, b) * 8))).Distinct().Count());
    }

    [Fact]
    public void Seed_shifts_the_points() => Assert.NotEqual(new Sobol(2, 1).At(7, 1), new Sobol(2, 2).At(7, 1));
}
