using System.Text.Json.Nodes;

namespace ExampleMlFarm.Farm.Output;

/// <summary>Writes rows in any of the output shapes. One description of the columns serves all of them.</summary>
public static class TableWriter
{
    /// <summary>Writes all rows.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="format">Which shape.</param>
    /// <param name="columns">What of each row.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="name">The address of a row, for <see cref="OutputFormat.Name"/>.</param>
    /// <param name="total">How many rows there are in all; when more than are shown, it is said.</param>
    /// <param name="thing">What a row is, for that sentence: <c>items</c>.</param>
    public static void Write<T>(Terminal terminal, OutputFormat format, IReadOnlyList<Column<T>> columns, IReadOnlyList<T> rows, Func<T, string> name, long total, string thing)
    {
        if (format == OutputFormat.Automatic) format = terminal.OutIsTerminal ? OutputFormat.Table : OutputFormat.Tsv;
        switch (format)
        {
            case OutputFormat.Table:
                foreach (string line in Lines(columns, rows, terminal.Width)) terminal.Out.WriteLine(line);
                break;
            case OutputFormat.Tsv:
                terminal.Out.WriteLine(string.Join('\t', columns.Select(c => c.Name)));
                foreach (var row in rows) terminal.Out.WriteLine(string.Join('\t', columns.Select(c => c.Plain(row))));
                break;
            case OutputFormat.Json: terminal.Out.WriteLine(new JsonArray([.. rows.Select(r => (JsonNode)Json(columns, r))]).ToJsonString()); break;
            case OutputFormat.Ndjson:
                foreach (var row in rows) terminal.Out.WriteLine(Json(columns, row).ToJsonString());
                break;
            case OutputFormat.Name:
                foreach (var row in rows) terminal.Out.WriteLine(name(row));
                break;
            default: throw new ArgumentOutOfRangeException(nameof(format), format, "unknown shape");
        }
        // The rest is told even in a pipe, on the other stream: nothing is cut in silence.
        if (total > rows.Count) terminal.Error.WriteLine($"{Format.Count(rows.Count)} of {Format.Count(total)} {thing} shown");
        else if (format == OutputFormat.Table) terminal.Out.WriteLine($"{Format.Count(rows.Count)} {(rows.Count == 1 && thing.EndsWith('s') ? thing[..^1] : thing)}");
    }

    /// <summary>One row as a JSON object.</summary>
    public static JsonObject Json<T>(IReadOnlyList<Column<T>> columns, T row)
    {
        var json = new JsonObject();
        foreach (var column in columns) json[column.Name] = column.Json(row);
        return json;
    }

    /// <summary>A table as lines: header and rows, none wider than asked.</summary>
    public static List<string> Lines<T>(IReadOnlyList<Column<T>> columns, IReadOnlyList<T> rows, int width)
    {
        if (rows.Count == 0) return [];
        var all = rows.Select(r => columns.Select(c => c.Text?.Invoke(r) ?? c.Plain(r)).ToArray()).ToList();
        // A column that is empty in every row only takes width from the others.
        int[] shown = [.. Enumerable.Range(0, columns.Count).Where(i => all.Any(row => row[i].Length > 0))];
        columns = [.. shown.Select(i => columns[i])];
        var cells = all.Select(row => shown.Select(i => row[i]).ToArray()).ToList();
        var widths = columns.Select((c, i) => Math.Max(c.Title.Length, cells.Max(row => row[i].Length))).ToArray();
        Shrink(widths, [.. columns.Select(c => c.GivesWay)], width - 2 * (widths.Length + 1));
        return [Line(columns.Select(c => c.Title).ToArray()), .. cells.Select(Line)];

        string Line(string[] row)
        {
            var padded = row.Select((cell, i) =>
            {
                string cut = columns[i].GivesWay ? Format.Cut(cell, widths[i]) : Format.CutMiddle(cell, widths[i]);
                return columns[i].RightAligned ? cut.PadLeft(widths[i]) : cut.PadRight(widths[i]);
            });
            return Format.Cut(("  " + string.Join("  ", padded)).TrimEnd(), width);
        }
    }

    // Sentences give way first, then the widest column, so that short ones stay readable.
    private static void Shrink(int[] widths, bool[] givesWay, int available)
    {
        const int LeastSentence = 16, Least = 8;
        for (int i = 0; i < widths.Length; i++)
            if (givesWay[i]) widths[i] = Math.Max(Math.Min(widths[i], LeastSentence), widths[i] - Math.Max(0, widths.Sum() - available));
        while (widths.Sum() > available && widths.Max() > Least) widths[Array.IndexOf(widths, widths.Max())]--;
    }
}
