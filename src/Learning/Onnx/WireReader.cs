using System.Buffers.Binary;
using System.Text;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Onnx;

/// <summary>Walks the fields of one protobuf message. Never reads past its span, never allocates by a length it was told.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> message = message;
    private int at;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Wire type of the current field: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.</summary>
    public int Kind { get; private set; }

    /// <summary>Value of a varint field, and the bits of a fixed-length one.</summary>
    public ulong Number { get; private set; }

    /// <summary>Content of a length-delimited field.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>The content as text.</summary>
    public readonly string Text => Encoding.UTF8.GetString(Content);

    /// <summary>Moves to the next field; false at the end.</summary>
    public bool Next()
    {
        if (at == message.Length) return false;
        ulong tag = Varint();
        (Field, Kind) = (tag >> 3) is > 0 and <= 0x1fffffff ? ((int)(tag >> 3), (int)(tag & 7)) : throw Bad("a field number is out of range");
        Content = default;
        switch (Kind)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                ulong length = Varint();
                Content = Take(length > int.MaxValue ? int.MaxValue : (int)length);
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw Bad($"wire type {Kind} is not used in ONNX");
        }
        return true;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > message.Length - at) throw Bad($"a field of {count} bytes ends behind its message");
        var part = message.Slice(at, count);
        at += count;
        return part;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (at == message.Length) throw Bad("it ends in the middle of a number");
            byte next = message[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
        throw Bad("a number has more than ten bytes");
    }

    public static FarmException Bad(string what) => FarmException.Invalid("onnx.corrupt", $"not a usable ONNX model: {what}");
}
