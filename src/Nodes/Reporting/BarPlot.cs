using System.Globalization;
using System.Text;

namespace ExampleMlFarm.Nodes.Reporting;

/// <summary>Horizontal bars with their values written out, as SVG text.</summary>
public static class BarPlot
{
    private const double Width = 720, RowHeight = 26;

    /// <summary>Draws one bar per row; a second value of a row is marked by a line (a 95th percentile, say).</summary>
    public static string Draw(IReadOnlyList<(string Name, double Value, double? Mark)> rows, string unit)
    {
        double most = rows.Select(r => Math.Max(r.Value, r.Mark ?? 0)).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        if (most <= 0) most = 1;
        double left = Math.Min(260, 16 + 7.0 * rows.Max(r => r.Name.Length)), right = Width - 170, height = 8 + RowHeight * rows.Count;
        double X(double v) => left + v / most * (right - left);
        var svg = new StringBuilder($"<svg viewBox=\"0 0 {Width} {N(height)}\" width=\"{Width}\" role=\"img\" aria-label=\"{HtmlReport.Escape(unit)}\" font-size=\"13\" fill=\"currentColor\">\n");
        for (int i = 0; i < rows.Count; i++)
        {
            var (name, value, mark) = rows[i];
            double y = 4 + RowHeight * i, end = double.IsFinite(value) ? X(Math.Max(0, value)) : left;
            svg.Append($"<text x=\"{N(left - 8)}\" y=\"{N(y + 16)}\" text-anchor=\"end\">{HtmlReport.Escape(name)}</text>");
            svg.Append($"<rect x=\"{N(left)}\" y=\"{N(y + 4)}\" width=\"{N(end - left)}\" height=\"16\" fill=\"{LinePlot.Colours[i % LinePlot.Colours.Length]}\"/>");
            if (mark is { } m && double.IsFinite(m)) svg.Append($"<line x1=\"{N(X(m))}\" x2=\"{N(X(m))}\" y1=\"{N(y + 2)}\" y2=\"{N(y + 22)}\" stroke=\"currentColor\" stroke-width=\"2\"/>");
            // In a column of their own, where no mark runs through them.
            string text = value.ToString("G3", CultureInfo.InvariantCulture) + (mark is { } k && double.IsFinite(k) ? $" | {k.ToString("G3", CultureInfo.InvariantCulture)}" : "");
            svg.Append($"<text x=\"{N(right + 10)}\" y=\"{N(y + 16)}\">{text} {HtmlReport.Escape(unit)}</text>\n");
        }
        return svg.Append("</svg>").ToString();
    }

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
