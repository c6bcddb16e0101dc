using System.Buffers.Binary;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Files;

namespace ExampleMlFarm.Geometry.Segments;

/// <summary>
/// Appends rows of geometry to an Arrow IPC file that other tools open as a table. What the rows have in common is stored
/// once; the file appears whole, with <see cref="Publish"/>, or not at all.
/// </summary>
/// <remarks>
/// No clock and no name of a machine is in the bytes: the same rows in the same order give the same file. A row reads back
/// with the same content hash whatever other rows share its segment. Not for several threads. Holds about
/// <see cref="BatchBytes"/> of rows in memory.
/// </remarks>
public sealed class SegmentWriter : IDisposable
{
    private const long BatchBytes = 4 << 20;
    private const int BatchRows = 1024;

    private readonly PublishedFile _file;
    private readonly BufferedStream _stream;
    private readonly Dictionary<string, string> _metadata;
    private readonly List<(long Item, GeometryData Row)> _pending = [];
    private readonly List<(long Offset, int Rows)> _batches = [];
    private ArrowFileWriter? _arrow;
    private Schema? _schema;
    private SegmentTemplate? _template;
    private long _pendingBytes;

    /// <param name="path">Where the segment appears.</param>
    /// <param name="metadata">Contribution list, seed, recipe hash: whatever a reader of the file should know.</param>
    public SegmentWriter(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        _file = new(path);
        _stream = new(_file.Stream, 1 << 16);
        _metadata = new(metadata ?? new Dictionary<string, string>());
    }

    public int RowCount { get; private set; }

    /// <summary>Bytes written and waiting, for callers that begin another segment at some size.</summary>
    public long SizeBytes => _stream.Position + _pendingBytes;

    /// <param name="item">Index of the item that made the row.</param>
    /// <param name="row">The item's geometry.</param>
    /// <returns>The row's number in the segment.</returns>
    /// <exception cref="FarmException"><c>segment.full</c></exception>
    public int Append(long item, GeometryData row)
    {
        var bytes = SizeOf(row);
        if (SizeBytes + bytes > Limits.MaxSegmentBytes)
            throw FarmException.Invalid("segment.full",
                $"The segment '{_file.Path}' holds {RowCount} rows in {SizeBytes} bytes; another {bytes} bytes pass the limit of "
                + $"{Limits.MaxSegmentBytes}. Publish it and begin another.");
        _pending.Add((item, row));
        _pendingBytes += bytes;
        // The first batch needs two rows: one alone cannot show what differs from row to row.
        if ((_pendingBytes >= BatchBytes && (_template is not null || _pending.Count > 1)) || _pending.Count >= BatchRows) WriteBatch();
        return RowCount++;
    }

    /// <summary>Ends the segment and makes it appear under its name, flushed to the disk.</summary>
    public void Publish()
    {
        // The Arrow library writes the schema with the first batch, so an empty segment has one batch without rows.
        if (_pending.Count > 0 || _batches.Count == 0) WriteBatch();
        _arrow!.WriteEnd();
        _stream.Flush();
        const int magicBytes = 8;
        var schemaEnd = magicBytes + MessageHeaderBytes(magicBytes);
        _batches[0] = (schemaEnd, _batches[0].Rows);
        new SegmentSeal(schemaEnd, [.. _batches.Select(b => new SegmentSeal.Batch(b.Offset, MessageHeaderBytes(b.Offset), b.Rows))]).Insert(_stream);
        _stream.Flush();
        _file.Publish();
    }

    public void Dispose()
    {
        _arrow?.Dispose();
        _file.Dispose();
    }

    /// <summary>Copies the batches of a segment with the same template, without decoding a row.</summary>
    internal void AppendBatches(SegmentReader segment)
    {
        if (_template is null) Start(segment.Template);
        foreach (var batch in segment.Batches) Write(batch);
        RowCount += segment.RowCount;
    }

    private void Start(SegmentTemplate template)
    {
        _template = template;
        _schema = SegmentBatch.SchemaOf(template, _metadata);
        _arrow = new(_stream, _schema, leaveOpen: true);
        _arrow.WriteStart();
    }

    private void WriteBatch()
    {
        if (_template is null) Start(_pending.Count == 0 ? SegmentTemplate.None : SegmentTemplate.Of([.. _pending.Select(p => p.Row)]));
        using (var batch = SegmentBatch.Build(_schema!, _template!, _pending)) Write(batch);
        _pending.Clear();
        _pendingBytes = 0;
    }

    private void Write(RecordBatch batch)
    {
        _batches.Add((_stream.Position, batch.Length));
        _arrow!.WriteRecordBatch(batch);
    }

    // A message is 0xFFFFFFFF, int32 header length, header, body.
    private int MessageHeaderBytes(long offset)
    {
        Span<byte> prefix = stackalloc byte[8];
        _stream.Position = offset;
        _stream.ReadExactly(prefix);
        return 8 + BinaryPrimitives.ReadInt32LittleEndian(prefix[4..]);
    }

    private static long SizeOf(GeometryData geometry)
    {
        long bytes = 64;
        foreach (var of in Enum.GetValues<AttributeClass>())
            foreach (var (_, values) in geometry.Attributes(of)) bytes += (long)values.Length * Math.Max(4, AttributeValues.SizeOf(values.Type));
        foreach (var payload in geometry.Payloads)
            bytes += payload switch { PackedPrimitive p => SizeOf(p.Geometry), Volume v => 4L * v.Voxels.Length, _ => 0 };
        return bytes;
    }
}
