using System.Buffers.Binary;
using System.Text;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Wire;

/// <summary>
/// Writes values as bytes: little endian, whole numbers as variable-length groups of 7 bits (LEB128), text as length and UTF-8. One value
/// has one form, so equal values have equal bytes.
/// </summary>
/// <remarks>Grows one buffer; reuse it with <see cref="Clear"/>. Not safe for several threads.</remarks>
public sealed class WireWriter
{
    private byte[] buffer;
    private int length;

    /// <summary>An empty writer.</summary>
    public WireWriter(int capacity = 256) => buffer = new byte[Math.Max(16, capacity)];

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => buffer.AsMemory(0, length);

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Starts anew in the same buffer.</summary>
    public void Clear() => length = 0;

    /// <summary>One byte.</summary>
    public void Byte(byte value) => Room(1)[0] = value;

    /// <summary>0 or 1.</summary>
    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    /// <summary>A number of 0 or more, 1 to 9 bytes.</summary>
    public void Count(long value)
    {
        if (value < 0) throw new ArgumentOutOfRangeException(nameof(value), value, "must be 0 or more");
        ulong rest = (ulong)value;
        while (rest >= 0x80)
        {
            Byte((byte)(rest | 0x80));
            rest >>= 7;
        }
        Byte((byte)rest);
    }

    /// <summary>A number of −1 or more.</summary>
    public void CountOrNone(long value)
    {
        if (value == long.MaxValue) throw new ArgumentOutOfRangeException(nameof(value), value, "too large");
        Count(value + 1);
    }

    /// <summary>Any 64-bit number, 8 bytes.</summary>
    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);

    /// <summary>A double, bit for bit, 8 bytes.</summary>
    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Room(8), value);

    /// <summary>A moment, as UTC ticks of 100 ns.</summary>
    public void Time(DateTimeOffset value) => Int64(value.UtcTicks);

    /// <summary>Text.</summary>
    public void Text(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        int bytes = Encoding.UTF8.GetByteCount(value);
        Count(bytes);
        Encoding.UTF8.GetBytes(value, Room(bytes));
    }

    /// <summary>Text or nothing.</summary>
    public void TextOrNone(string? value)
    {
        Bool(value is not null);
        if (value is not null) Text(value);
    }

    /// <summary>A SHA-256, 32 bytes.</summary>
    public void Hash(ContentHash value) => value.CopyTo(Room(32));

    /// <summary>A range: start and count.</summary>
    public void Range(ItemRange value)
    {
        Count(value.Start);
        Count(value.Count);
    }

    /// <summary>Ranges, each as the gap from the last and its count.</summary>
    public void Ranges(RangeSet value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Count(value.Count);
        long at = 0;
        foreach (var range in value.AsSpan())
        {
            Count(range.Start - at);
            Count(range.Count);
            at = range.End;
        }
    }

    /// <summary>A list: its length and its elements.</summary>
    public void List<T>(IReadOnlyList<T> values, Action<WireWriter, T> write)
    {
        ArgumentNullException.ThrowIfNull(values);
        Count(values.Count);
        for (int i = 0; i < values.Count; i++) write(this, values[i]);
    }

    private Span<byte> Room(int bytes)
    {
        if (length + bytes > buffer.Length) Array.Resize(ref buffer, checked(Math.Max(buffer.Length * 2, length + bytes)));
        length += bytes;
        return buffer.AsSpan(length - bytes, bytes);
    }
}
