using ExampleMlFarm.Geometry.Formats;

namespace ExampleMlFarm.Tests.Geometry.Formats;

public sealed class PngAndCsvTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Png_holds_the_pixels_it_was_given(int channels)
    {
        byte[] pixels = [.. Enumerable.Range(0, 5 * 2 * channels).Select(i => (byte)(i * 37))];
        var png = DecodedPng.Of(PngWriter.Encode(5, 2, pixels));
        Assert.Equal((5, 2, channels), (png.Width, png.Height, png.Channels));
        Assert.Equal(pixels, png.Pixels);
    }

    [Fact]
    public void Png_row_is_written_as_differences_to_whichever_neighbour_is_nearer()
    {
        // A ramp along x, the same ramp again, then a flat row.
        byte[] ramp = [0, 0, 0, 40, 40, 40, 80, 80, 80], flat = [200, 200, 200, 200, 200, 200, 200, 200, 200];
        var png = DecodedPng.Of(PngWriter.Encode(3, 3, [.. ramp, .. ramp, .. flat]));
        Assert.Equal([1, 2, 1], png.Filters);
        Assert.Equal([.. ramp, .. ramp, .. flat], png.Pixels);
    }

    [Fact]
    public void Png_of_wrong_size_is_refused() => Assert.Throws<ArgumentException>(() => PngWriter.Encode(2, 2, new byte[5]));

    [Fact]
    public void Csv_quotes_what_needs_it_and_keeps_every_digit()
    {
        using (var csv = new CsvWriter(_folder["a.csv"], ["name", "x"]))
        {
            csv.Add("a,\"b\"").Add(0.1f).EndRow();
            csv.Add("c").Add(1e-300).EndRow();
            csv.Publish();
        }
        Assert.Equal("name,x\n\"a,\"\"b\"\"\",0.1\nc,1E-300\n", File.ReadAllText(_folder["a.csv"]));
    }

    [Fact]
    public void Csv_row_of_wrong_length_is_refused()
    {
        using var csv = new CsvWriter(_folder["a.csv"], ["x", "y"]);
        Assert.Throws<InvalidOperationException>(() => csv.Add(1L).EndRow());
    }
}
