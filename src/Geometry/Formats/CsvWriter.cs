using System.Globalization;
using System.Text;
using ExampleMlFarm.Geometry.Files;

namespace ExampleMlFarm.Geometry.Formats;

/// <summary>
/// Writes comma-separated values (RFC 4180, but lines end with a line feed). Floats have the fewest digits that read back as
/// the same number.
/// </summary>
public sealed class CsvWriter : IDisposable
{
    private readonly PublishedFile _file;
    private readonly StreamWriter _text;
    private readonly int _columns;
    private int _column;

    public CsvWriter(string path, IReadOnlyList<string> header)
    {
        _file = new(path);
        _text = new(_file.Stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        _columns = header.Count;
        foreach (var name in header) Add(name);
        EndRow();
    }

    public CsvWriter Add(string value) =>
        Raw(value.AsSpan().ContainsAny("\",\r\n") ? $"\"{value.Replace("\"", "\"\"")}\"" : value);

    public CsvWriter Add(long value) => Raw(value.ToString(CultureInfo.InvariantCulture));

    public CsvWriter Add(float value) => Raw(value.ToString("R", CultureInfo.InvariantCulture));

    public CsvWriter Add(double value) => Raw(value.ToString("R", CultureInfo.InvariantCulture));

    public CsvWriter Add(ReadOnlySpan<float> values)
    {
        foreach (var value in values) Add(value);
        return this;
    }

    /// <exception cref="InvalidOperationException">The row has another number of values than the header.</exception>
    public void EndRow()
    {
        if (_column != _columns) throw new InvalidOperationException($"A row has {_column} values; the header has {_columns}.");
        _text.WriteLine();
        _column = 0;
    }

    public void Publish()
    {
        _text.Flush();
        _file.Publish();
    }

    public void Dispose()
    {
        // An unpublished file goes away, so what is still buffered need not be written.
        if (_file.Stream.CanWrite) _text.Dispose();
        _file.Dispose();
    }

    private CsvWriter Raw(string text)
    {
        if (_column++ > 0) _text.Write(',');
        _text.Write(text);
        return this;
    }
}
