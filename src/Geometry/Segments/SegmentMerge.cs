using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Segments;

/// <summary>Puts segments one after the other into one. Where their templates agree, record batches are copied undecoded.</summary>
public static class SegmentMerge
{
    /// <param name="paths">The segments, in the order of the result.</param>
    /// <param name="output">Where the merged segment appears.</param>
    /// <param name="metadata">Its metadata; by default that of the first segment.</param>
    /// <returns>Rows written.</returns>
    /// <exception cref="FarmException">A segment is missing or damaged, or the result would be larger than a segment can be.</exception>
    public static int Concatenate(IReadOnlyList<string> paths, string output, IReadOnlyDictionary<string, string>? metadata = null)
    {
        SegmentWriter? writer = null;
        try
        {
            var alike = AllAlike(paths);
            foreach (var path in paths)
            {
                using var segment = SegmentReader.Open(path);
                writer ??= new(output, metadata ?? segment.Metadata);
                if (alike)
                    writer.AppendBatches(segment);
                else
                    for (var row = 0; row < segment.RowCount; row++) writer.Append(segment.ItemOf(row), segment.Row(row));
            }
            writer ??= new(output, metadata);
            writer.Publish();
            return writer.RowCount;
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private static bool AllAlike(IReadOnlyList<string> paths)
    {
        string? first = null;
        var size = 0L;
        foreach (var path in paths)
        {
            using var segment = SegmentReader.Open(path);
            size += new FileInfo(path).Length;
            // Record equality compares arrays by reference; the description in the schema compares by content.
            var description = segment.Template.Common.Hash + string.Concat(segment.Template.Columns.Select(c => c.ToJson()));
            if ((first ??= description) != description) return false;
        }
        if (size > Limits.MaxSegmentBytes)
            throw FarmException.Invalid("segment.full",
                $"The {paths.Count} segments hold {size} bytes; one segment holds at most {Limits.MaxSegmentBytes}. Merge fewer at a time.");
        return true;
    }
}
