using System.Globalization;
using System.Text;

namespace ExampleMlFarm.Nodes.Reporting;

/// <summary>One curve.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Points">x and y; points that are not finite break the line.</param>
/// <param name="Dashed">For reference lines.</param>
/// <param name="Markers">A dot at each point, for few points.</param>
public sealed record Curve(string Name, IReadOnlyList<(double X, double Y)> Points, bool Dashed = false, bool Markers = false);

/// <summary>Curves over a common x as SVG text. Told apart by dash and marker as well as by colour.</summary>
public static class LinePlot
{
    /// <summary>Okabe and Ito's colours, which people with any colour vision can tell apart.</summary>
    internal static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#b8a900"];

    private const double Width = 720, Left = 62, Top = 12, Bottom = 44;

    /// <summary>Draws the curves.</summary>
    /// <param name="curves">At least one.</param>
    /// <param name="xTitle">Under the x axis.</param>
    /// <param name="yTitle">Beside the y axis.</param>
    /// <param name="logX">Logarithmic x.</param>
    /// <param name="logY">Logarithmic y.</param>
    /// <param name="xTicks">Where the x axis is marked; null chooses round numbers.</param>
    /// <param name="height">Of the picture, in its own units; it is 720 wide.</param>
    public static string Draw(IReadOnlyList<Curve> curves, string xTitle, string yTitle, bool logX = false, bool logY = false, IReadOnlyList<double>? xTicks = null, double height = 300)
    {
        var xAxis = Axis.Around(curves.SelectMany(c => c.Points).Select(p => p.X), logX);
        var yAxis = Axis.Around(curves.SelectMany(c => c.Points).Select(p => p.Y), logY);
        double legend = Math.Min(190, 46 + 6.6 * curves.Max(c => c.Name.Length)), right = Width - legend, bottom = height - Bottom;
        double X(double v) => Left + xAxis.Position(v) * (right - Left);
        double Y(double v) => bottom - yAxis.Position(v) * (bottom - Top);

        var svg = new StringBuilder();
        svg.Append($"<svg viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" role=\"img\" aria-label=\"{HtmlReport.Escape($"{yTitle} over {xTitle}")}\" font-size=\"12\" fill=\"currentColor\">\n");
        foreach (double t in yAxis.Ticks(6))
            svg.Append($"<line x1=\"{N(Left)}\" x2=\"{N(right)}\" y1=\"{N(Y(t))}\" y2=\"{N(Y(t))}\" stroke=\"currentColor\" stroke-opacity=\".15\"/><text x=\"{N(Left - 6)}\" y=\"{N(Y(t) + 4)}\" text-anchor=\"end\">{Axis.Label(t)}</text>\n");
        foreach (double t in xTicks ?? xAxis.Ticks(8))
            svg.Append($"<line x1=\"{N(X(t))}\" x2=\"{N(X(t))}\" y1=\"{N(bottom)}\" y2=\"{N(bottom + 4)}\" stroke=\"currentColor\"/><text x=\"{N(X(t))}\" y=\"{N(bottom + 17)}\" text-anchor=\"middle\">{Axis.Label(t)}</text>\n");
        svg.Append($"<line x1=\"{N(Left)}\" x2=\"{N(right)}\" y1=\"{N(bottom)}\" y2=\"{N(bottom)}\" stroke=\"currentColor\"/>\n");
        svg.Append($"<text x=\"{N((Left + right) / 2)}\" y=\"{N(height - 8)}\" text-anchor=\"middle\">{HtmlReport.Escape(xTitle)}</text>");
        svg.Append($"<text transform=\"translate(13 {N((Top + bottom) / 2)}) rotate(-90)\" text-anchor=\"middle\">{HtmlReport.Escape(yTitle)}</text>\n");
        for (int c = 0; c < curves.Count; c++)
        {
            string colour = Colours[c % Colours.Length], dash = curves[c].Dashed ? " stroke-dasharray=\"6 4\"" : "";
            var path = new StringBuilder();
            bool pen = false;
            foreach (var (x, y) in curves[c].Points)
            {
                bool visible = double.IsFinite(x) && double.IsFinite(y) && (!logX || x > 0) && (!logY || y > 0);
                if (visible) path.Append($"{(pen ? 'L' : 'M')}{N(X(x))} {N(Y(y))}");
                if (visible && curves[c].Markers) svg.Append(Marker(c, X(x), Y(y), colour));
                pen = visible;
            }
            svg.Append($"<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"{dash}/>\n");
            double row = Top + 8 + 18 * c;
            svg.Append($"<line x1=\"{N(right + 10)}\" x2=\"{N(right + 32)}\" y1=\"{N(row)}\" y2=\"{N(row)}\" stroke=\"{colour}\" stroke-width=\"1.8\"{dash}/>");
            if (curves[c].Markers) svg.Append(Marker(c, right + 21, row, colour));
            svg.Append($"<text x=\"{N(right + 38)}\" y=\"{N(row + 4)}\">{HtmlReport.Escape(curves[c].Name)}</text>\n");
        }
        return svg.Append("</svg>").ToString();
    }

    private static string Marker(int curve, double x, double y, string colour) => (curve % 3) switch
    {
        0 => $"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"3.5\" fill=\"{colour}\"/>",
        1 => $"<rect x=\"{N(x - 3.2)}\" y=\"{N(y - 3.2)}\" width=\"6.4\" height=\"6.4\" fill=\"{colour}\"/>",
        _ => $"<path d=\"M{N(x)} {N(y - 4)}L{N(x + 4)} {N(y + 3)}L{N(x - 4)} {N(y + 3)}Z\" fill=\"{colour}\"/>",
    };

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
