using CsCheck;
using ExampleMlFarm.Farm.Looks;

namespace ExampleMlFarm.Tests.Farm.Looks;

public class CurveThinningTests
{
    [Fact]
    public void Thinned_curve_keeps_ends_and_extremes_in_order_and_is_no_longer_than_asked()
        => Gen.Select(Gen.Double[-10, 10].Array[1, 300], Gen.Int[CurveThinning.Fewest, 100]).Sample((values, most) =>
        {
            int[] kept = [.. CurveThinning.Kept(values, most)];
            Assert.True(kept.Length <= Math.Max(most, CurveThinning.Fewest) || kept.Length == values.Length);
            Assert.True(values.Length > most || kept.Length == values.Length);
            Assert.Equal(kept.Order().Distinct(), kept);
            Assert.Equal((0, values.Length - 1), (kept[0], kept[^1]));
            Assert.Equal((values.Min(), values.Max()), (kept.Min(i => values[i]), kept.Max(i => values[i])));
        });

    [Fact]
    public void Value_that_is_no_number_stays()
    {
        double[] values = [.. Enumerable.Range(0, 1000).Select(i => i == 700 ? double.NaN : 1.0 / (i + 1))];
        Assert.Contains(700, CurveThinning.Kept(values, 20));
    }
}
