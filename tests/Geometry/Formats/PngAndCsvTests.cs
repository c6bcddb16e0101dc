using System.IO.Compression;
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
        var png = PngWriter.Encode(5, 2, pixels);
        Assert.Equal([0, 0, 0, 5, 0, 0, 0, 2, 8, channels == 3 ? (byte)2 : (byte)6, 0, 0, 0], png[16..29]);
        var size = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(33));
        using var zlib = new ZLibStream(new MemoryStream(png, 41, size), CompressionMode.Decompress);
        var raw = new byte[2 * (5 * channels + 1)];
        zlib.ReadExactly(raw);
        var back = new List<byte>();
        for (var y = 0; y < 2; y++)
            for (var i = 0; i < 5 * channels; i++)
                back.Add((byte)(raw[y * (5 * channels + 1) + 1 + i] + (i >= channels ? back[^channels] : 0)));
        Assert.Equal(pixels, back);
        // The checksum of the empty end chunk is a constant of the format.
        Assert.Equal([0xAE, 0x42, 0x60, 0x82], png[^4..]);
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
