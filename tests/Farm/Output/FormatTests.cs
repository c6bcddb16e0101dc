using ExampleMlFarm.Farm.Output;

namespace ExampleMlFarm.Tests.Farm.Output;

public class FormatTests
{
    [Theory]
    [InlineData(0.012, "0.012 s")]
    [InlineData(3.21, "3.2 s")]
    [InlineData(41, "41 s")]
    [InlineData(59.7, "59 s")]
    [InlineData(124, "2 min 04 s")]
    [InlineData(11520, "3 h 12 min")]
    [InlineData(442800, "5 d 3 h")]
    [InlineData(double.NaN, "-")]
    public void Duration_has_two_units_at_most(double seconds, string expected) => Assert.Equal(expected, Format.Duration(seconds));

    [Theory]
    [InlineData(812, "812 B")]
    [InlineData(4100, "4.1 KB")]
    [InlineData(412_000_000, "412 MB")]
    public void Size_has_three_digits_at_most(long bytes, string expected) => Assert.Equal(expected, Format.Size(bytes));

    [Theory]
    [InlineData(0.0183, "0.0183")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(123456, "123456")]
    [InlineData(0, "0")]
    public void Number_keeps_four_digits(double value, string expected) => Assert.Equal(expected, Format.Number(value));

    [Fact]
    public void Count_separates_thousands() => Assert.Equal("10 000 000", Format.Count(10_000_000));
}
