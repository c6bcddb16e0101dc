using System.Buffers.Binary;
using System.Text;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Wire;

/// <summary>
/// Reads what <see cref="WireWriter"/> wrote, and nothing else: any other form of a value, a length that the bytes cannot hold, or bytes left over is a
/// <see cref="FarmException"/> with the code <c>wire.corrupt</c>. Allocates no more than a small multiple of the bytes it was given.
/// </summary>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> bytes = bytes;
    private int at;

    /// <summary>Reads one element of a list.</summary>
    public delegate T Element<T>(ref WireReader reader);

    /// <summary>Bytes not read yet.</summary>
    public readonly int Left => bytes.Length - at;

    /// <summary>One byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>0 or 1.</summary>
    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw Corrupt($"a yes or no is written as {other}"),
    };

    /// <summary>One of the values of an enumeration, by its byte.</summary>
    public T Choice<T>() where T : struct, Enum
    {
        var value = (T)Enum.ToObject(typeof(T), Byte());
        return Enum.IsDefined(value) ? value : throw Corrupt($"{value} is no {typeof(T).Name}");
    }

    /// <summary>A number of 0 or more.</summary>
    public long Count()
    {
        ulong value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if ((next & 0x80) != 0) continue;
            if (next == 0 && shift > 0) throw Corrupt("a number is longer than it has to be");
            return (long)value;
        }
        throw Corrupt("a number has more than 63 bits");
    }

    /// <summary>A number of −1 or more.</summary>
    public long CountOrNone() => Count() - 1;

    /// <summary>A number from 0 to <see cref="int.MaxValue"/>.</summary>
    public int Small()
    {
        long value = Count();
        return value <= int.MaxValue ? (int)value : throw Corrupt($"{value} is too large here");
    }

    /// <summary>Any 64-bit number.</summary>
    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>A double.</summary>
    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    /// <summary>A moment.</summary>
    public DateTimeOffset Time()
    {
        long ticks = Int64();
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new(ticks, TimeSpan.Zero) : throw Corrupt($"{ticks} is no time");
    }

    /// <summary>Text.</summary>
    public string Text()
    {
        var text = Take(Length(1));
        try
        {
            return Utf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw Corrupt("a text is not UTF-8");
        }
    }

    /// <summary>Text or nothing.</summary>
    public string? TextOrNone() => Bool() ? Text() : null;

    /// <summary>A SHA-256.</summary>
    public ContentHash Hash() => new(Take(32));

    /// <summary>A range.</summary>
    public ItemRange Range()
    {
        long start = Count(), count = Count();
        return start <= long.MaxValue - count ? new(start, start + count) : throw Corrupt("a range ends beyond 2^63");
    }

    /// <summary>Ranges.</summary>
    public RangeSet Ranges()
    {
        int count = Length(2);
        var set = new RangeSet();
        long position = 0;
        for (int i = 0; i < count; i++)
        {
            long gap = Count(), items = Count();
            if (items == 0 || (gap == 0 && i > 0)) throw Corrupt("ranges touch or are empty");
            if (gap > long.MaxValue - position || items > long.MaxValue - position - gap) throw Corrupt("a range ends beyond 2^63");
            set.Add(new ItemRange(position + gap, position + gap + items));
            position += gap + items;
        }
        return set;
    }

    /// <summary>A list.</summary>
    /// <param name="read">Reads one element.</param>
    /// <param name="leastBytes">The fewest bytes an element takes: a longer list than the bytes can hold is rejected before it is allocated.</param>
    public List<T> List<T>(Element<T> read, int leastBytes = 1)
    {
        ArgumentNullException.ThrowIfNull(read);
        int count = Length(leastBytes);
        var list = new List<T>(Math.Min(count, 1024));
        for (int i = 0; i < count; i++) list.Add(read(ref this));
        return list;
    }

    /// <summary>The version byte at the start of a message.</summary>
    public void Version(byte expected, string what)
    {
        byte version = Byte();
        if (version != expected) throw Corrupt($"{what} has version {version}; this program reads version {expected}");
    }

    /// <summary>Nothing may be left over.</summary>
    public readonly void End(string what)
    {
        if (Left != 0) throw Corrupt($"{Left} bytes follow the end of {what}");
    }

    /// <summary>The exception for bytes that mean nothing, with the place.</summary>
    public readonly FarmException Corrupt(string what)
        => FarmException.Invalid("wire.corrupt", $"The bytes cannot be read: {what} (before byte {at} of {bytes.Length}). The file or message is damaged, or was written by another version.");

    private int Length(int leastBytes)
    {
        long count = Count();
        if (count > Left / leastBytes) throw Corrupt($"a length of {count} is more than the bytes can hold");
        return (int)count;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Left) throw Corrupt($"{count} bytes are wanted and {Left} are left");
        at += count;
        return bytes.Slice(at - count, count);
    }
}
