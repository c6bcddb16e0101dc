using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using ExampleMlFarm.Geometry.Files;

namespace ExampleMlFarm.Geometry.Formats;

/// <summary>Writes PNG pictures of 8 bits per channel, for reports. Knows nothing of colour spaces: sRGB is assumed.</summary>
/// <remarks>
/// Source: PNG specification, third edition (W3C). No time chunk, so equal pixels give equal bytes. Each row is written as differences to
/// the pixels at the left or to the row above, whichever have the smaller sum of magnitudes (the heuristic of its section 12.7).
/// </remarks>
public static class PngWriter
{
    private const byte FilterSub = 1, FilterUp = 2;

    /// <param name="path">Where the picture appears.</param>
    /// <param name="width">At least 1.</param>
    /// <param name="height">At least 1.</param>
    /// <param name="pixels"><c>[height, width, 3]</c> RGB or <c>[height, width, 4]</c> RGBA, first row at the top.</param>
    public static void Write(string path, int width, int height, ReadOnlySpan<byte> pixels) => PublishedFile.Write(path, Encode(width, height, pixels));

    /// <summary>The same as bytes, for pictures inside a page.</summary>
    public static byte[] Encode(int width, int height, ReadOnlySpan<byte> pixels)
    {
        var channels = width > 0 && height > 0 ? pixels.Length / ((long)width * height) : 0;
        if (channels is not (3 or 4) || channels * width * height != pixels.Length)
            throw new ArgumentException($"A picture of {width} x {height} takes 3 or 4 bytes per pixel; {pixels.Length} bytes are given.", nameof(pixels));
        using var output = new MemoryStream();
        output.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        Span<byte> header = stackalloc byte[13];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8;
        header[9] = channels == 3 ? (byte)2 : (byte)6;
        Chunk(output, "IHDR"u8, header);
        Chunk(output, "sRGB"u8, [0]);
        Chunk(output, "IDAT"u8, Compressed(width * (int)channels, pixels, (int)channels));
        Chunk(output, "IEND"u8, []);
        return output.ToArray();
    }

    private static byte[] Compressed(int rowBytes, ReadOnlySpan<byte> pixels, int channels)
    {
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            byte[] left = new byte[rowBytes + 1], above = new byte[rowBytes + 1];
            (left[0], above[0]) = (FilterSub, FilterUp);
            for (var at = 0; at < pixels.Length; at += rowBytes)
            {
                var (fromLeft, fromAbove) = (0L, 0L);
                for (var i = 0; i < rowBytes; i++)
                {
                    var value = pixels[at + i];
                    left[i + 1] = (byte)(value - (i >= channels ? pixels[at + i - channels] : 0));
                    above[i + 1] = (byte)(value - (at > 0 ? pixels[at + i - rowBytes] : 0));
                    fromLeft += Math.Abs((int)(sbyte)left[i + 1]);
                    fromAbove += Math.Abs((int)(sbyte)above[i + 1]);
                }
                zlib.Write(fromAbove < fromLeft ? above : left);
            }
        }
        return data.ToArray();
    }

    private static void Chunk(MemoryStream output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        output.Write(number);
        output.Write(type);
        output.Write(data);
        var crc = new Crc32();
        crc.Append(type);
        crc.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
        output.Write(number);
    }
}
