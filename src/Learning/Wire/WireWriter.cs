using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace ExampleMlFarm.Learning.Wire;

/// <summary>Writes protobuf's wire format: varints and length-delimited fields. Knows no message types.</summary>
internal sealed class WireWriter
{
    private readonly ArrayBufferWriter<byte> bytes = new();

    public byte[] ToBytes() => bytes.WrittenSpan.ToArray();

    public WireWriter Integer(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public WireWriter Float(int field, float value)
    {
        Varint(((ulong)field << 3) | 5);
        Span<byte> four = stackalloc byte[4];
        MemoryMarshal.Write(four, value);
        bytes.Write(four);
        return this;
    }

    public WireWriter Double(int field, double value)
    {
        Varint(((ulong)field << 3) | 1);
        Span<byte> eight = stackalloc byte[8];
        MemoryMarshal.Write(eight, value);
        bytes.Write(eight);
        return this;
    }

    public WireWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public WireWriter Floats(int field, ReadOnlySpan<float> values) => Bytes(field, MemoryMarshal.AsBytes(values));

    /// <summary>Bytes as they are.</summary>
    public WireWriter Raw(int field, ReadOnlySpan<byte> value) => Bytes(field, value);

    public WireWriter Message(int field, WireWriter message) => Bytes(field, message.bytes.WrittenSpan);

    private WireWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        bytes.Write(value);
        return this;
    }

    private void Varint(ulong value)
    {
        var ten = bytes.GetSpan(10);
        int count = 0;
        for (; value >= 0x80; value >>= 7) ten[count++] = (byte)(value | 0x80);
        ten[count++] = (byte)value;
        bytes.Advance(count);
    }
}
