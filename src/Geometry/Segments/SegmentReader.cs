using Apache.Arrow;
using Apache.Arrow.Ipc;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry.Files;

namespace ExampleMlFarm.Geometry.Segments;

/// <summary>
/// Reads any row of a segment without reading the others: the file is mapped, and only the pages of the row are touched.
/// </summary>
/// <remarks>Every row is checked against its content hash. Safe for use by several threads until disposed.</remarks>
public sealed class SegmentReader : IDisposable
{
    private readonly MappedFile _file;
    private readonly int[] _firstRows;
    private Dictionary<long, int>? _rowsByItem;

    private SegmentReader(MappedFile file, SegmentTemplate template, SortedDictionary<string, string> metadata, List<RecordBatch> batches)
    {
        (_file, Template, Metadata, Batches) = (file, template, metadata, batches);
        _firstRows = new int[batches.Count];
        foreach (var (i, batch) in batches.Index())
        {
            _firstRows[i] = RowCount;
            RowCount += batch.Length;
        }
    }

    public string Path => _file.Path;

    public int RowCount { get; }

    /// <summary>What the writer was told to keep, in ordinal order of the keys.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    internal SegmentTemplate Template { get; }

    internal IReadOnlyList<RecordBatch> Batches { get; }

    /// <exception cref="FarmException"><c>segment.corrupt</c>, or what <see cref="MappedFile.Open"/> throws.</exception>
    public static SegmentReader Open(string path) => Open(path, null);

    /// <summary>One row of a segment that is not read further.</summary>
    /// <exception cref="FarmException"><c>segment.corrupt</c> or <c>segment.no_row</c>, naming file and row.</exception>
    public static GeometryData ReadRow(string path, int row)
    {
        using var reader = Open(path, row);
        return reader.Row(row);
    }

    /// <summary>The row's geometry, with the content hash it was written with.</summary>
    /// <exception cref="FarmException"><c>segment.corrupt</c> or <c>segment.no_row</c>, naming file and row.</exception>
    public GeometryData Row(int row) => At(row, (batch, r) =>
    {
        var geometry = SegmentBatch.RowAt(batch, Template, r, $"row {row} of '{Path}'");
        return geometry.Hash == SegmentBatch.HashAt(batch, r) ? geometry : throw new InvalidDataException("its content does not match its hash");
    });

    /// <summary>Index of the item that made the row.</summary>
    public long ItemOf(int row) => At(row, SegmentBatch.ItemAt);

    /// <summary>The content hash that the row was written with, without reading the row.</summary>
    public ContentHash HashOf(int row) => At(row, SegmentBatch.HashAt);

    /// <summary>The row an item made (the last one, if there are several), or -1.</summary>
    public int RowOf(long item)
    {
        if (_rowsByItem is null)
        {
            var rows = new Dictionary<long, int>(RowCount);
            for (var row = 0; row < RowCount; row++) rows[ItemOf(row)] = row;
            _rowsByItem = rows;
        }
        return _rowsByItem.GetValueOrDefault(item, -1);
    }

    public void Dispose() => _file.Dispose();

    private static SegmentReader Open(string path, int? row)
    {
        var file = MappedFile.Open(path);
        try
        {
            var seal = SegmentSeal.Check(file);
            if (file.Length > Limits.MaxSegmentBytes + (256 << 20)) throw new InvalidDataException("it is larger than a segment can be");
            // Behind the magic of the file format stands a plain stream, which the reader slices without copying.
            using var arrow = new ArrowStreamReader(file.Memory(8, (int)(file.Length - 8)));
            var (template, metadata) = SegmentBatch.Understand(arrow.Schema, $"'{path}'");
            var batches = new List<RecordBatch>();
            foreach (var expected in seal.Batches)
                batches.Add(arrow.ReadNextRecordBatch() is { } batch && batch.Length == expected.Rows
                    ? batch
                    : throw new InvalidDataException($"batch {batches.Count} is missing"));
            return new(file, template, metadata, batches);
        }
        catch (Exception e) when (IsDamage(e))
        {
            file.Dispose();
            throw Corrupt(path, row, e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private T At<T>(int row, Func<RecordBatch, int, T> read)
    {
        if (row < 0 || row >= RowCount)
            throw FarmException.Invalid("segment.no_row", $"The segment '{Path}' has no row {row}; it has {RowCount} rows, counted from 0.");
        var batch = System.Array.BinarySearch(_firstRows, row) is >= 0 and var exact ? exact : ~System.Array.BinarySearch(_firstRows, row) - 1;
        try
        {
            return read(Batches[batch], row - _firstRows[batch]);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Corrupt(Path, row, e);
        }
    }

    // The Arrow library promises no exception types for damaged input, so the likely ones are listed.
    private static bool IsDamage(Exception e) => e is InvalidDataException or ArgumentException or IndexOutOfRangeException or FormatException
        or InvalidOperationException and not ObjectDisposedException or InvalidCastException or NullReferenceException or OverflowException
        or NotSupportedException or NotImplementedException or KeyNotFoundException or IOException or System.Text.Json.JsonException
        or FarmException { Failure.Code: "geometry.corrupt" };

    private static FarmException Corrupt(string path, int? row, Exception cause) => new(new(FailureClass.InvalidInput, "segment.corrupt",
        $"The segment '{path}' is damaged{(row is { } r ? $", so row {r} cannot be read" : "")}: {cause.Message.TrimEnd('.')}. Cook the items of this segment again."), cause);
}
