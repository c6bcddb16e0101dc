using System.Net;
using System.Text;

namespace ExampleMlFarm.Nodes.Reporting;

/// <summary>
/// One self-contained HTML page: headings, sentences, tables, plots and pictures, without scripts and without anything fetched. The same
/// content gives the same bytes.
/// </summary>
public sealed class HtmlReport
{
    private readonly StringBuilder body = new();
    private readonly string title;
    private int figures;

    /// <summary>A page with this title.</summary>
    public HtmlReport(string title)
    {
        this.title = title;
        body.Append($"<h1>{Escape(title)}</h1>\n");
    }

    /// <summary>A section.</summary>
    public HtmlReport Heading(string text)
    {
        body.Append($"<h2>{Escape(text)}</h2>\n");
        return this;
    }

    /// <summary>A paragraph.</summary>
    public HtmlReport Paragraph(string text)
    {
        body.Append($"<p>{Escape(text)}</p>\n");
        return this;
    }

    /// <summary>The few numbers a reader came for, large, each with what it means.</summary>
    public HtmlReport KeyFigures(IEnumerable<(string Value, string Meaning)> values)
    {
        body.Append("<div class=\"key\">");
        foreach (var (value, meaning) in values) body.Append($"<div><b>{Escape(value)}</b><span>{Escape(meaning)}</span></div>");
        body.Append("</div>\n");
        return this;
    }

    /// <summary>A table; columns whose cells all read as numbers are aligned right.</summary>
    /// <param name="header">Column titles.</param>
    /// <param name="rows">Cells.</param>
    /// <param name="caption">What it shows, and in which unit.</param>
    /// <param name="highlighted">Index of the row to stress, or −1.</param>
    public HtmlReport Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows, string caption, int highlighted = -1)
    {
        var all = rows.ToList();
        var align = Enumerable.Range(0, header.Count).Select(c => all.Count > 0 && all.TrueForAll(r => IsNumber(r[c])) ? " class=\"n\"" : "").ToArray();
        body.Append($"<table><caption>{Escape(caption)}</caption><thead><tr>{string.Concat(header.Select((h, c) => $"<th scope=\"col\"{align[c]}>{Escape(h)}</th>"))}</tr></thead><tbody>\n");
        for (int r = 0; r < all.Count; r++)
        {
            body.Append(r == highlighted ? "<tr class=\"best\">" : "<tr>");
            for (int c = 0; c < header.Count; c++) body.Append($"<td{align[c]}>{Escape(all[r][c])}</td>");
            body.Append("</tr>\n");
        }
        body.Append("</tbody></table>\n");
        return this;
    }

    /// <summary>A plot as drawn by <see cref="LinePlot"/> or <see cref="BarPlot"/>.</summary>
    public HtmlReport Figure(string svg, string caption)
    {
        body.Append($"<figure>{svg}<figcaption>Figure {++figures}. {Escape(caption)}</figcaption></figure>\n");
        return this;
    }

    /// <summary>A row of PNG pictures, each with its own line below.</summary>
    public HtmlReport Pictures(IEnumerable<(byte[] Png, string Caption)> pictures, string caption)
    {
        body.Append("<figure class=\"row\"><div>");
        foreach (var (png, line) in pictures)
            body.Append($"<span><img alt=\"{Escape(line)}\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\"><small>{Escape(line)}</small></span>\n");
        body.Append($"</div><figcaption>Figure {++figures}. {Escape(caption)}</figcaption></figure>\n");
        return this;
    }

    /// <summary>What the colours of pictures mean: a bar from low to high.</summary>
    /// <param name="bar">PNG of the scale, low values at the left.</param>
    /// <param name="low">Written at the left end.</param>
    /// <param name="high">Written at the right end.</param>
    public HtmlReport Legend(byte[] bar, string low, string high)
    {
        body.Append($"<p class=\"legend\"><span>{Escape(low)}</span><img alt=\"colour scale from {Escape(low)} to {Escape(high)}\" src=\"data:image/png;base64,{Convert.ToBase64String(bar)}\"><span>{Escape(high)}</span></p>\n");
        return this;
    }

    /// <summary>The page.</summary>
    public string ToHtml() => $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Escape(title)}</title>
        <style>{Style}</style></head>
        <body><main>
        {body}</main></body></html>

        """;

    /// <summary>Text as HTML.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static bool IsNumber(string cell) => cell.Length > 0 && (char.IsAsciiDigit(cell[0]) || cell[0] is '-' or '–' or '.' or '−' or '+');

    private const string Style = """
        :root{color-scheme:light dark;--fg:#1c2024;--dim:#60646c;--line:#d9d9e0;--bg:#fff;--soft:#f4f5f7}
        @media(prefers-color-scheme:dark){:root{--fg:#e8eaed;--dim:#a0a4ab;--line:#3a3d42;--bg:#17181a;--soft:#212327}}
        body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}
        main{max-width:60rem;margin:0 auto;padding:2rem 1rem}
        h1{font-size:1.7rem;margin:0 0 1rem}h2{font-size:1.25rem;margin:2.5rem 0 .5rem;border-top:1px solid var(--line);padding-top:1rem}
        .key{display:flex;flex-wrap:wrap;gap:1rem;margin:1rem 0}
        .key div{background:var(--soft);border-radius:.5rem;padding:.7rem 1rem;min-width:8rem;flex:1}
        .key b{display:block;font-size:1.6rem}.key span{color:var(--dim);font-size:.85rem}
        table{border-collapse:collapse;width:100%;font-size:.92rem;margin:1rem 0}caption{text-align:left;color:var(--dim);padding-bottom:.4rem}
        th{text-align:left;border-bottom:2px solid var(--line);padding:.3rem .5rem}td{border-bottom:1px solid var(--line);padding:.3rem .5rem}
        td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}tr.best td{font-weight:600;background:var(--soft)}
        figure{margin:1rem 0}figcaption{color:var(--dim);font-size:.85rem}figure svg{max-width:100%;height:auto}
        figure.row div{display:flex;flex-wrap:wrap;gap:.5rem}figure.row span{flex:1;min-width:11rem}figure.row img{width:100%;display:block;border-radius:.3rem}
        .legend{display:flex;align-items:center;gap:.6rem;font-size:.9rem}.legend img{height:1rem;width:16rem;border-radius:.2rem}
        small{color:var(--dim)}
        """;
}
