using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry.Serialization;

namespace ExampleMlFarm.Geometry.Segments;

/// <summary>The Arrow side of a segment: schema, and rows to arrays and back.</summary>
/// <remarks>
/// Columns: <c>item</c> int64 (the item's index), <c>sha256</c> (content hash of the row), <c>whole</c> (the binary form of a
/// row that deviates from the template, else null), then one fixed-size list per varying part, null where the row deviates.
/// </remarks>
internal static class SegmentBatch
{
    public const string Version = "1";
    public const string VersionKey = "mlfarm.segment", TemplateKey = "mlfarm.template", ColumnKey = "mlfarm.column", UserPrefix = "user.";
    private const int LeadingColumns = 3;

    public static Schema SchemaOf(SegmentTemplate template, IReadOnlyDictionary<string, string> metadata)
    {
        List<Field> fields =
        [
            new("item", Int64Type.Default, nullable: false),
            new("sha256", new FixedSizeBinaryType(32), nullable: false),
            new("whole", BinaryType.Default, nullable: true),
        ];
        foreach (var column in template.Columns)
            fields.Add(new(column.FieldName, ListType(column), nullable: true, [new(ColumnKey, column.ToJson())]));
        // Ordinal order, so that equal metadata gives equal bytes however it was filled.
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [VersionKey] = Version,
            [TemplateKey] = Convert.ToBase64String(GeometryBinaryWriter.Write(template.Common)),
        };
        foreach (var (key, value) in metadata) all[UserPrefix + key] = value;
        return new(fields, all);
    }

    public static (SegmentTemplate Template, SortedDictionary<string, string> Metadata) Understand(Schema schema, string source)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (schema.Metadata is null || !schema.Metadata.TryGetValue(VersionKey, out var version) || version != Version
            || !schema.Metadata.TryGetValue(TemplateKey, out var template))
            throw new InvalidDataException($"it is no segment of version {Version}");
        foreach (var (key, value) in schema.Metadata)
            if (key.StartsWith(UserPrefix, StringComparison.Ordinal)) metadata[key[UserPrefix.Length..]] = value;
        var common = GeometryBinaryReader.Read(Convert.FromBase64String(template), $"the template of {source}");
        var columns = schema.FieldsList.Skip(LeadingColumns).Select(f =>
            SegmentColumn.FromJson(f.Metadata[ColumnKey]) ?? throw new InvalidDataException($"column '{f.Name}' has no description")).ToArray();
        return (new(common, columns), metadata);
    }

    public static RecordBatch Build(Schema schema, SegmentTemplate template, IReadOnlyList<(long Item, GeometryData Row)> rows)
    {
        var split = rows.Select(r => template.Split(r.Row)).ToList();
        var arrays = new List<IArrowArray> { Items(rows), Hashes(rows), Whole(rows, split) };
        for (var c = 0; c < template.Columns.Length; c++) arrays.Add(Lists(template.Columns[c], c, split));
        return new(schema, arrays, rows.Count);
    }

    public static long ItemAt(RecordBatch batch, int row) => ((Int64Array)batch.Column(0)).GetValue(row)!.Value;

    public static ContentHash HashAt(RecordBatch batch, int row) => new(((FixedSizeBinaryArray)batch.Column(1)).GetBytes(row));

    public static GeometryData RowAt(RecordBatch batch, SegmentTemplate template, int row, string source)
    {
        var whole = (BinaryArray)batch.Column(2);
        if (whole.IsValid(row)) return GeometryBinaryReader.Read(whole.GetBytes(row), source);
        var values = new AttributeValues[template.Columns.Length];
        for (var c = 0; c < values.Length; c++) values[c] = ValuesAt(batch.Column(LeadingColumns + c), template.Columns[c], row);
        return template.Join(values);
    }

    private static AttributeValues ValuesAt(IArrowArray array, SegmentColumn column, int row)
    {
        var list = (FixedSizeListArray)array;
        if (!list.IsValid(row)) throw new InvalidDataException($"column '{column.FieldName}' is null");
        var (from, length, tuple) = (row * column.Length, column.Length, column.TupleSize);
        return list.Values switch
        {
            FloatArray a when column.Type == AttributeType.Float32 => AttributeValues.Of(a.Values.Slice(from, length).ToArray(), tuple),
            DoubleArray a when column.Type == AttributeType.Float64 => AttributeValues.Of(a.Values.Slice(from, length).ToArray(), tuple),
            Int32Array a when column.Type == AttributeType.Int32 => AttributeValues.Of(a.Values.Slice(from, length).ToArray(), tuple),
            Int64Array a when column.Type == AttributeType.Int64 => AttributeValues.Of(a.Values.Slice(from, length).ToArray(), tuple),
            _ => throw new InvalidDataException($"column '{column.FieldName}' is not {column.Type}"),
        };
    }

    private static Int64Array Items(IReadOnlyList<(long Item, GeometryData Row)> rows)
    {
        var bytes = new byte[8 * rows.Count];
        for (var r = 0; r < rows.Count; r++) BitConverter.TryWriteBytes(bytes.AsSpan(8 * r), rows[r].Item);
        return new(new ArrayData(Int64Type.Default, rows.Count, 0, 0, [ArrowBuffer.Empty, new(bytes)]));
    }

    private static FixedSizeBinaryArray Hashes(IReadOnlyList<(long Item, GeometryData Row)> rows)
    {
        var bytes = new byte[32 * rows.Count];
        for (var r = 0; r < rows.Count; r++) rows[r].Row.Hash.CopyTo(bytes.AsSpan(32 * r));
        return new(new ArrayData(new FixedSizeBinaryType(32), rows.Count, 0, 0, [ArrowBuffer.Empty, new(bytes)]));
    }

    private static BinaryArray Whole(IReadOnlyList<(long Item, GeometryData Row)> rows, List<AttributeValues[]?> split)
    {
        var builder = new BinaryArray.Builder();
        for (var r = 0; r < rows.Count; r++)
            if (split[r] is null) builder.Append(GeometryBinaryWriter.Write(rows[r].Row).AsSpan());
            else builder.AppendNull();
        return builder.Build();
    }

    private static FixedSizeListArray Lists(SegmentColumn column, int index, List<AttributeValues[]?> split)
    {
        var rowBytes = column.Length * AttributeValues.SizeOf(column.Type);
        var bytes = new byte[checked(rowBytes * split.Count)];
        var valid = new byte[(split.Count + 7) / 8];
        var nulls = 0;
        for (var r = 0; r < split.Count; r++)
        {
            if (split[r] is not { } values)
            {
                nulls++;
                continue;
            }
            valid[r / 8] |= (byte)(1 << (r % 8));
            values[index].Bytes.CopyTo(bytes.AsSpan(r * rowBytes));
        }
        var child = new ArrayData(ValueType(column), column.Length * split.Count, 0, 0, [ArrowBuffer.Empty, new(bytes)]);
        return new(new ArrayData(ListType(column), split.Count, nulls, 0, [nulls == 0 ? ArrowBuffer.Empty : new(valid)], [child]));
    }

    private static FixedSizeListType ListType(SegmentColumn column) => new(new Field("value", ValueType(column), nullable: false), column.Length);

    private static ArrowType ValueType(SegmentColumn column) => column.Type switch
    {
        AttributeType.Float32 => FloatType.Default,
        AttributeType.Float64 => DoubleType.Default,
        AttributeType.Int32 => Int32Type.Default,
        _ => Int64Type.Default,
    };
}
