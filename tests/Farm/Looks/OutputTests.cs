using ExampleMlFarm.Farm.Output;

namespace ExampleMlFarm.Tests.Farm.Looks;

public class OutputTests
{
    [Fact]
    public void Falling_curve_falls_in_the_sparkline() => Assert.Equal("█▆▄▁", Sparkline.Of([4, 3, 2, 0.5], 4));

    [Fact]
    public void Long_curve_is_averaged_to_the_width() => Assert.Equal(8, Sparkline.Of([.. Enumerable.Range(0, 1000).Select(i => (double)i)], 8).Length);

    [Fact]
    public void Flat_empty_and_broken_curves_have_a_sparkline() => Assert.Equal("▁▁||▁ █", $"{Sparkline.Of([1, 1], 5)}|{Sparkline.Of([], 5)}|{Sparkline.Of([0, double.NaN, 1], 5)}");

    [Fact]
    public void Words_break_at_the_width_and_hang_below_the_first()
        => Assert.Equal(["a: one two", "   three", "   extraordinarily"], Wrapping.Lines("a: ", "one two three extraordinarily", 11));
}
