using System.Buffers.Binary;
using System.Security.Cryptography;
using ExampleMlFarm.Geometry.Files;

namespace ExampleMlFarm.Geometry.Segments;

/// <summary>
/// A hash over the parts of a segment that a parser follows (schema, batch headers, footer), kept between Arrow's end-of-stream
/// mark and its footer, where other readers of the format skip it. Damage is found before a parser sees it; the rows have
/// hashes of their own.
/// </summary>
/// <remarks>
/// Layout, little endian, before the footer: per batch int64 offset, int32 header bytes, int32 rows; then int32 batch count,
/// int32 schema end, 32 bytes SHA-256 over schema, batch headers, table and footer, and <c>MLSEAL01</c>.
/// </remarks>
internal sealed record SegmentSeal(int SchemaEnd, IReadOnlyList<SegmentSeal.Batch> Batches)
{
    internal readonly record struct Batch(long Offset, int HeaderBytes, int Rows);

    private const int EntrySize = 16, TailSize = 48;

    private static ReadOnlySpan<byte> Magic => "MLSEAL01"u8;

    private static ReadOnlySpan<byte> ArrowMagic => "ARROW1"u8;

    /// <summary>Inserts the seal into a finished Arrow file.</summary>
    public void Insert(Stream file)
    {
        var end = new byte[10];
        file.Position = file.Length - end.Length;
        file.ReadExactly(end);
        var footer = new byte[BinaryPrimitives.ReadInt32LittleEndian(end)];
        var footerStart = file.Length - end.Length - footer.Length;
        file.Position = footerStart;
        file.ReadExactly(footer);
        var table = Table();
        var hash = Hash(table, footer, (offset, length) =>
        {
            var bytes = new byte[length];
            file.Position = offset;
            file.ReadExactly(bytes);
            return bytes;
        });
        file.Position = footerStart;
        // The footer keeps its alignment of 8 bytes: entry and tail are multiples of it.
        file.Write([.. table, .. hash, .. Magic, .. footer, .. end]);
    }

    /// <summary>Reads and checks the seal.</summary>
    /// <exception cref="InvalidDataException">Says what is damaged.</exception>
    public static SegmentSeal Check(MappedFile file)
    {
        if (file.Length < 18 + TailSize || !file.Span(file.Length - 6, 6).SequenceEqual(ArrowMagic))
            throw new InvalidDataException("its end is missing");
        var footerLength = BinaryPrimitives.ReadInt32LittleEndian(file.Span(file.Length - 10, 4));
        var sealEnd = file.Length - 10 - footerLength;
        if (footerLength < 0 || sealEnd < TailSize || !file.Span(sealEnd - 8, 8).SequenceEqual(Magic))
            throw new InvalidDataException("its seal is missing");
        var tail = file.Span(sealEnd - TailSize, TailSize);
        int count = BinaryPrimitives.ReadInt32LittleEndian(tail), schemaEnd = BinaryPrimitives.ReadInt32LittleEndian(tail[4..]);
        var tableStart = sealEnd - TailSize - (long)count * EntrySize;
        if (count < 0 || schemaEnd < 8 || tableStart < schemaEnd) throw new InvalidDataException("its seal is damaged");
        var batches = new Batch[count];
        var rest = file.Span(tableStart, count * EntrySize);
        for (var i = 0; i < count; i++, rest = rest[EntrySize..])
        {
            batches[i] = new(BinaryPrimitives.ReadInt64LittleEndian(rest), BinaryPrimitives.ReadInt32LittleEndian(rest[8..]),
                BinaryPrimitives.ReadInt32LittleEndian(rest[12..]));
            if (batches[i].Offset < schemaEnd || batches[i].HeaderBytes < 0 || batches[i].Rows < 0
                || batches[i].Offset > tableStart - batches[i].HeaderBytes)
                throw new InvalidDataException("its seal is damaged");
        }
        var seal = new SegmentSeal(schemaEnd, batches);
        var hash = seal.Hash(seal.Table(), file.Span(sealEnd, footerLength), (offset, length) => file.Span(offset, length).ToArray());
        return hash.AsSpan().SequenceEqual(tail.Slice(8, 32)) ? seal : throw new InvalidDataException("its structure does not match its hash");
    }

    private byte[] Table()
    {
        var table = new byte[Batches.Count * EntrySize + 8];
        var at = table.AsSpan();
        foreach (var batch in Batches)
        {
            BinaryPrimitives.WriteInt64LittleEndian(at, batch.Offset);
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], batch.HeaderBytes);
            BinaryPrimitives.WriteInt32LittleEndian(at[12..], batch.Rows);
            at = at[EntrySize..];
        }
        BinaryPrimitives.WriteInt32LittleEndian(at, Batches.Count);
        BinaryPrimitives.WriteInt32LittleEndian(at[4..], SchemaEnd);
        return table;
    }

    private byte[] Hash(ReadOnlySpan<byte> table, ReadOnlySpan<byte> footer, Func<long, int, byte[]> read)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(read(0, SchemaEnd));
        foreach (var batch in Batches) sha.AppendData(read(batch.Offset, batch.HeaderBytes));
        sha.AppendData(table);
        sha.AppendData(footer);
        return sha.GetHashAndReset();
    }
}
