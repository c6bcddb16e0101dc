using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace ExampleMlFarm.Tests.Geometry.Formats;

/// <summary>A PNG file of eight bits per channel, read as its specification says, whichever filter each row names.</summary>
internal sealed record DecodedPng(int Width, int Height, int Channels, byte[] Filters, byte[] Pixels)
{
    public static DecodedPng Of(byte[] png)
    {
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], png[..8]);
        var chunks = Chunks(png);
        Assert.Equal(("IHDR", "IEND"), (chunks[0].Type, chunks[^1].Type));
        var header = chunks[0].Data;
        int width = BinaryPrimitives.ReadInt32BigEndian(header), height = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4));
        int channels = header[9] == 2 ? 3 : 4, stride = width * channels;
        Assert.Equal([8, channels == 3 ? (byte)2 : (byte)6, 0, 0, 0], header[8..]);
        using var zlib = new ZLibStream(new MemoryStream([.. chunks.Where(c => c.Type == "IDAT").SelectMany(c => c.Data)]), CompressionMode.Decompress);
        var (filters, pixels, row) = (new byte[height], new byte[height * stride], new byte[stride + 1]);
        for (var y = 0; y < height; y++)
        {
            zlib.ReadExactly(row);
            filters[y] = row[0];
            for (var i = 0; i < stride; i++)
            {
                int left = i < channels ? 0 : pixels[y * stride + i - channels], above = y == 0 ? 0 : pixels[(y - 1) * stride + i];
                var corner = i < channels || y == 0 ? 0 : pixels[(y - 1) * stride + i - channels];
                pixels[y * stride + i] = (byte)(row[i + 1] + row[0] switch { 0 => 0, 1 => left, 2 => above, 3 => (left + above) / 2, _ => Paeth(left, above, corner) });
            }
        }
        Assert.Equal(-1, zlib.ReadByte());
        return new(width, height, channels, filters, pixels);
    }

    private static List<(string Type, byte[] Data)> Chunks(byte[] png)
    {
        var chunks = new List<(string, byte[])>();
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            Assert.Equal(Crc32.HashToUInt32(png.AsSpan(at + 4, length + 4)), BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)));
            chunks.Add((System.Text.Encoding.ASCII.GetString(png, at + 4, 4), png[(at + 8)..(at + 8 + length)]));
            at += 12 + length;
        }
        return chunks;
    }

    private static int Paeth(int left, int above, int corner)
    {
        var (a, b, c) = (Math.Abs(above - corner), Math.Abs(left - corner), Math.Abs(left + above - 2 * corner));
        return a <= b && a <= c ? left : b <= c ? above : corner;
    }
}
