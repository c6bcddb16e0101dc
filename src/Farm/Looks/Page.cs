using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Output;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>One screen about one thing: a JSON object for programs, sections of lines for people.</summary>
internal sealed class Page(string title, JsonObject json)
{
    private readonly List<(string Heading, IReadOnlyList<string> Lines)> sections = [];

    /// <summary>Lines under a heading; a section without lines is not shown.</summary>
    public Page Add(string heading, IReadOnlyList<string> lines)
    {
        if (lines.Count > 0) sections.Add((heading, lines));
        return this;
    }

    /// <summary>Names with values, aligned.</summary>
    public Page Add(string heading, IEnumerable<(string Name, string Value)> pairs)
    {
        var all = pairs.Where(p => p.Value.Length > 0).ToList();
        int width = all.Count == 0 ? 0 : all.Max(p => p.Name.Length);
        return Add(heading, [.. all.Select(p => $"  {p.Name.PadRight(width)}  {p.Value}")]);
    }

    public void Write(Invocation invocation)
    {
        var to = invocation.Terminal.Out;
        if (invocation.Format is OutputFormat.Json or OutputFormat.Ndjson)
        {
            to.WriteLine(json.ToJsonString());
            return;
        }
        // In a pipe nothing is cut to a width that nobody has.
        int width = invocation.Terminal.OutIsTerminal ? invocation.Terminal.Width : int.MaxValue;
        to.WriteLine(Format.Cut(title.TrimEnd(), width));
        foreach (var (heading, lines) in sections)
        {
            to.WriteLine();
            if (heading.Length > 0) to.WriteLine(heading);
            foreach (string line in lines) to.WriteLine(Format.Cut(line, width));
        }
    }
}
