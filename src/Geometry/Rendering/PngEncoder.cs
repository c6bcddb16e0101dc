using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace ExampleMlFarm.Geometry.Rendering;

/// <summary>Writes an image as PNG (ISO/IEC 15948): eight bits per channel, no alpha, rows predicted by the row above.</summary>
public static class PngEncoder
{
    public static byte[] Encode(RgbImage image)
    {
        using var stream = new MemoryStream();
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), image.Height);
        (header[8], header[9]) = (8, 2);
        Chunk(stream, "IHDR"u8, header);
        Chunk(stream, "sRGB"u8, [0]);
        Chunk(stream, "IDAT"u8, Rows(image));
        Chunk(stream, "IEND"u8, []);
        return stream.ToArray();
    }

    private static byte[] Rows(RgbImage image)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            var stride = 3 * image.Width;
            var row = new byte[stride + 1];
            // Filter type 2, "up": the difference to the row above, which is zero over backgrounds.
            row[0] = 2;
            for (var y = 0; y < image.Height; y++)
            {
                for (var i = 0; i < stride; i++) row[i + 1] = (byte)(image.Bytes[y * stride + i] - (y == 0 ? 0 : image.Bytes[(y - 1) * stride + i]));
                zlib.Write(row);
            }
        }
        return stream.ToArray();
    }

    private static void Chunk(MemoryStream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(data);
        var crc = new Crc32();
        crc.Append(type);
        crc.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
        stream.Write(number);
    }
}
