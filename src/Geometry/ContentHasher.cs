using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Geometry;

/// <summary>Feeds typed fields to SHA-256 unambiguously: numbers have a fixed width, strings their length before them.</summary>
internal sealed class ContentHasher : IDisposable
{
    private readonly IncrementalHash _sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public ContentHasher(string tag) => Add(tag);

    public void Add(int value) => Add((long)value);

    public void Add(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        _sha.AppendData(bytes);
    }

    public void Add(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Add(bytes.Length);
        _sha.AppendData(bytes);
    }

    public void Add(ContentHash hash)
    {
        Span<byte> bytes = stackalloc byte[32];
        hash.CopyTo(bytes);
        _sha.AppendData(bytes);
    }

    public void Add<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        Add(values.Length);
        _sha.AppendData(MemoryMarshal.AsBytes(values));
    }

    public ContentHash Finish()
    {
        Span<byte> hash = stackalloc byte[32];
        _sha.GetHashAndReset(hash);
        return new(hash);
    }

    public void Dispose() => _sha.Dispose();
}
