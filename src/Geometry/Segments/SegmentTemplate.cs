namespace ExampleMlFarm.Geometry.Segments;

/// <summary>
/// What the rows of a segment have in common (stored once), and which parts differ (one column each). Rows that deviate in
/// anything else are stored whole.
/// </summary>
internal sealed class SegmentTemplate
{
    /// <summary>Rows with more varying parts than this, such as collections of many examples, are stored whole.</summary>
    private const int MaxColumns = 256;

    public static readonly SegmentTemplate None = new(GeometryData.Empty, []);

    public SegmentTemplate(GeometryData common, SegmentColumn[] columns) => (Common, Columns) = (common, columns);

    public GeometryData Common { get; }

    public SegmentColumn[] Columns { get; }

    /// <summary>
    /// Decided by the first rows: what differs among them becomes a column. A single row cannot show what differs; there,
    /// point attributes and voxels are taken to.
    /// </summary>
    public static SegmentTemplate Of(IReadOnlyList<GeometryData> rows)
    {
        var candidates = SegmentColumn.Candidates(rows[0]).Take(16 * MaxColumns).ToList();
        if (candidates.Count == 16 * MaxColumns) return None;
        SegmentColumn[] columns = [.. candidates.Where(c => rows.Count == 1
            ? c.Kind == ColumnKind.Voxels || c is { Kind: ColumnKind.Attribute, Class: AttributeClass.Point }
            : Differs(c, rows))];
        return columns.Length > MaxColumns ? None : new(Stripped(rows[0], columns), columns);
    }

    /// <summary>The row's column values in column order, or null when the row deviates from the template.</summary>
    public AttributeValues[]? Split(GeometryData row)
    {
        if (Columns.Length == 0 && ReferenceEquals(Common, GeometryData.Empty)) return null;
        var values = new AttributeValues[Columns.Length];
        for (var c = 0; c < values.Length; c++)
        {
            if (Columns[c].Take(row) is not { } part) return null;
            values[c] = part;
        }
        return Stripped(row, Columns).Hash == Common.Hash ? values : null;
    }

    public GeometryData Join(ReadOnlySpan<AttributeValues> values)
    {
        var row = Common;
        for (var c = 0; c < Columns.Length; c++) row = Columns[c].Put(row, values[c]);
        return row;
    }

    private static GeometryData Stripped(GeometryData row, SegmentColumn[] columns)
    {
        foreach (var column in columns) row = column.Strip(row);
        return row;
    }

    private static bool Differs(SegmentColumn column, IReadOnlyList<GeometryData> rows)
    {
        var first = column.Take(rows[0])!;
        for (var r = 1; r < rows.Count; r++)
            if (column.Take(rows[r]) is { } other && !ReferenceEquals(first, other) && other.Hash != first.Hash) return true;
        return false;
    }
}
