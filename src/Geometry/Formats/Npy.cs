using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace ExampleMlFarm.Geometry.Formats;

/// <summary>One array in NumPy's NPY format. Reads versions 1 to 3 in C and Fortran order, writes version 1 in C order.</summary>
/// <remarks>Source: NumPy Enhancement Proposal 1. Pickled objects are refused.</remarks>
internal static partial class Npy
{
    private const int MaxHeaderBytes = 1 << 20;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    public static void Write(Stream stream, NamedArray array)
    {
        var shape = array.Shape.Length == 1 ? $"({array.Shape[0]},)" : $"({string.Join(", ", array.Shape)})";
        var descr = ElementTypeNames.Of(array.Type).Npy ?? throw new NotSupportedException($"{array.Type} is not written.");
        var dictionary = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}";
        // The data begin at a multiple of 64 bytes; the header ends with a line feed.
        var text = Encoding.ASCII.GetBytes(dictionary.PadRight((10 + dictionary.Length + 1 + 63) / 64 * 64 - 11) + "\n");
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, checked((ushort)text.Length));
        stream.Write([.. Magic, 1, 0, .. length, .. text]);
        array.InPieces(stream.Write);
    }

    /// <param name="stream">At the beginning of the array.</param>
    /// <param name="name">The name of the result.</param>
    /// <param name="availableBytes">An upper bound of what the stream holds, so that no lie of the header is allocated.</param>
    /// <exception cref="InvalidDataException">What is wrong. Also <see cref="EndOfStreamException"/>.</exception>
    public static NamedArray Read(Stream stream, string name, long availableBytes)
    {
        Span<byte> start = stackalloc byte[8];
        stream.ReadExactly(start);
        if (!start[..6].SequenceEqual(Magic) || start[6] is < 1 or > 3) throw new InvalidDataException("it does not begin as NPY 1, 2 or 3 does");
        var lengthBytes = start[6] == 1 ? 2 : 4;
        Span<byte> length = stackalloc byte[4];
        length.Clear();
        stream.ReadExactly(length[..lengthBytes]);
        var headerLength = BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (headerLength > MaxHeaderBytes) throw new InvalidDataException($"its header would take {headerLength} bytes");
        var header = new byte[headerLength];
        stream.ReadExactly(header);
        var (type, fortran, shape) = Parse(Encoding.UTF8.GetString(header));
        var count = shape.Aggregate((Int128)1, (product, d) => Int128.Min(product * d, long.MaxValue));
        if (shape.Contains(0)) count = 0;
        var left = availableBytes - 8 - lengthBytes - headerLength;
        if (count * type.SizeBytes > left || count > Array.MaxLength)
            throw new InvalidDataException($"its shape ({string.Join(", ", shape)}) takes more than the {left} bytes that follow");
        var stored = fortran ? [.. shape.Reverse()] : shape;
        var array = NamedArray.Zero(name, type.Type, (int)count, stored);
        array.Fill(stream);
        return fortran && shape.Length > 1 ? FromFortran(array, shape) : array;
    }

    private static (ElementTypeNames, bool Fortran, long[] Shape) Parse(string header)
    {
        var descr = DescrPattern().Match(header);
        var order = OrderPattern().Match(header);
        var shape = ShapePattern().Match(header);
        if (!descr.Success || !order.Success || !shape.Success) throw new InvalidDataException("its header is not understood");
        // '=' is this machine's order, and '<' says nothing for single bytes.
        var code = descr.Groups[1].Value is var c && c[^1] == '1' ? "|" + c[1..] : c.Replace('=', '<');
        var type = ElementTypeNames.All.FirstOrDefault(t => t.Npy == code)
            ?? throw new InvalidDataException($"its element type '{descr.Groups[1].Value}' is not one of {string.Join(", ", ElementTypeNames.All.Select(t => t.Npy).OfType<string>())}");
        var dimensions = shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (dimensions.Length > Limits.MaxArrayRank) throw new InvalidDataException($"it has {dimensions.Length} dimensions; at most {Limits.MaxArrayRank} are read");
        var sizes = new long[dimensions.Length];
        for (var i = 0; i < sizes.Length; i++)
            if (!long.TryParse(dimensions[i], out sizes[i]) || sizes[i] < 0) throw new InvalidDataException($"its dimension '{dimensions[i]}' is no number");
        return (type, order.Groups[1].Value == "True", sizes);
    }

    // The stored array has the reversed shape in C order; its transpose is what the file means.
    private static NamedArray FromFortran(NamedArray stored, long[] shape) => stored.Values switch
    {
        float[] v => NamedArray.Of(stored.Name, Transposed(v, shape), shape),
        double[] v => NamedArray.Of(stored.Name, Transposed(v, shape), shape),
        int[] v => NamedArray.Of(stored.Name, Transposed(v, shape), shape),
        long[] v => NamedArray.Of(stored.Name, Transposed(v, shape), shape),
        byte[] v => NamedArray.Of(stored.Name, Transposed(v, shape), shape),
        _ => NamedArray.Of(stored.Name, Transposed((bool[])stored.Values, shape), shape),
    };

    private static T[] Transposed<T>(T[] source, long[] shape)
    {
        var result = new T[source.Length];
        var index = new long[shape.Length];
        var strides = new long[shape.Length];
        long stride = 1;
        for (var d = 0; d < shape.Length; d++)
        {
            strides[d] = stride;
            stride *= shape[d];
        }
        long at = 0;
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = source[at];
            for (var d = shape.Length - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < shape[d]) break;
                at -= strides[d] * shape[d];
                index[d] = 0;
            }
        }
        return result;
    }

    [GeneratedRegex(@"'descr'\s*:\s*'([^']{2,8})'")]
    private static partial Regex DescrPattern();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex(@"'shape'\s*:\s*\(([\d, ]*)\)")]
    private static partial Regex ShapePattern();
}
