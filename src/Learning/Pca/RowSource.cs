using ExampleMlFarm.Core;

namespace ExampleMlFarm.Learning.Pca;

/// <summary>Fills <paramref name="rows"/> with <paramref name="count"/> rows from <paramref name="firstRow"/> on.</summary>
public delegate void RowReader(int firstRow, int count, Span<float> rows);

/// <summary>
/// A table of rows [n, d] that is read block by block and several times, so that n × d need not be in memory: shards on disk, or an array.
/// </summary>
/// <param name="Rows">n, at least 1.</param>
/// <param name="Columns">d, at least 1.</param>
/// <param name="Read">Must give the same rows each time it is asked.</param>
public sealed record RowSource(int Rows, int Columns, RowReader Read)
{
    /// <summary>Rows that lie in memory; not copied.</summary>
    /// <exception cref="FarmException"><c>pca.input</c>.</exception>
    public static RowSource FromMemory(ReadOnlyMemory<float> values, int columns)
    {
        if (columns < 1 || values.Length == 0 || values.Length % columns != 0)
            throw FarmException.Invalid("pca.input", $"{values.Length} values are no whole positive number of rows of {columns}");
        return new(values.Length / columns, columns, (first, count, rows) => values.Span.Slice(first * columns, count * columns).CopyTo(rows));
    }
}
