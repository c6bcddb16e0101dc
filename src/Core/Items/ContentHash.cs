using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ExampleMlFarm.Core.Items;

/// <summary>A SHA-256 as a value: the name of an artifact, or a cook key. 32 bytes, no allocation, ordered.</summary>
public readonly record struct ContentHash : IComparable<ContentHash>
{
    private readonly ulong a, b, c, d;

    /// <summary>Reads 32 bytes, big end first.</summary>
    public ContentHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 32) throw new ArgumentException($"a SHA-256 has 32 bytes, not {bytes.Length}", nameof(bytes));
        a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The hash of these bytes.</summary>
    public static ContentHash Of(ReadOnlySpan<byte> content)
    {
        Span<byte> bytes = stackalloc byte[32];
        SHA256.HashData(content, bytes);
        return new(bytes);
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, a);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], b);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], c);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], d);
    }

    /// <summary>The 32 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[32];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Reads 64 hex digits, with or without <c>sha256:</c> in front.</summary>
    public static bool TryParse(string? text, out ContentHash hash)
    {
        hash = default;
        if (text is null) return false;
        if (text.StartsWith("sha256:", StringComparison.Ordinal)) text = text[7..];
        if (text.Length != 64) return false;
        Span<byte> bytes = stackalloc byte[32];
        if (Convert.FromHexString(text, bytes, out _, out int written) != System.Buffers.OperationStatus.Done || written != 32) return false;
        hash = new(bytes);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(ContentHash other)
    {
        int order = a.CompareTo(other.a);
        if (order == 0) order = b.CompareTo(other.b);
        if (order == 0) order = c.CompareTo(other.c);
        return order == 0 ? d.CompareTo(other.d) : order;
    }

    /// <inheritdoc/>
    public static bool operator <(ContentHash left, ContentHash right) => left.CompareTo(right) < 0;
    /// <inheritdoc/>
    public static bool operator >(ContentHash left, ContentHash right) => left.CompareTo(right) > 0;
    /// <inheritdoc/>
    public static bool operator <=(ContentHash left, ContentHash right) => left.CompareTo(right) <= 0;
    /// <inheritdoc/>
    public static bool operator >=(ContentHash left, ContentHash right) => left.CompareTo(right) >= 0;

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => $"{a:x16}{b:x16}{c:x16}{d:x16}";
}
