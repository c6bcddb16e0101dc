using System.Text;
using ExampleMlFarm.Recipes.Checking;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ExampleMlFarm.Recipes.Yaml;

/// <summary>
/// Reads one YAML document into nodes with places. It knows nothing of recipes. Anchors and aliases are refused, so that a document is never larger in
/// memory than on disk; depth is counted in a loop, never on the stack.
/// </summary>
public static class YamlReader
{
    /// <summary>The document; null when it cannot be read, with the reason among the errors.</summary>
    public static YamlNode? Read(string text, Diagnostics diagnostics)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(diagnostics);
        if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > Limits.RecipeBytes)
            return Refuse(diagnostics, new(1, 1), $"the recipe has {bytes} bytes; at most {Limits.RecipeBytes} are read (1 MiB). Long lists belong into a file that a node reads");
        var last = new TextMark(1, 1);
        try
        {
            return Build(text, diagnostics, ref last);
        }
        catch (YamlException) when (TabAt(text) is { } tab)
        {
            return Refuse(diagnostics, tab, "this is not YAML: the line is indented with a tab; use spaces");
        }
        catch (YamlException e)
        {
            // "While reading this, found that": the end is where it was found.
            return Refuse(diagnostics, MarkOf(e.End.Index >= e.Start.Index ? e.End : e.Start), $"this is not YAML: {Sentence(e.Message)}");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException or OverflowException or FormatException)
        {
            // The scanner answers some malformed texts with exceptions of the framework, which say nothing to anybody.
            return Refuse(diagnostics, last, "this is not YAML: it cannot be read from here on; a bracket, a quote or a colon may be missing");
        }
    }

    private static YamlNode? Build(string text, Diagnostics diagnostics, ref TextMark last)
    {
        var parser = new Parser(new StringReader(text));
        var open = new Stack<Frame>();
        YamlNode? root = null;
        int documents = 0, nodes = 0;
        while (parser.MoveNext())
        {
            var mark = last = MarkOf(parser.Current!.Start);
            YamlNode? done = null;
            switch (parser.Current)
            {
                case DocumentStart when ++documents > 1:
                    return Refuse(diagnostics, mark, "a second document starts here; a recipe is one document");
                case AnchorAlias alias:
                    return Refuse(diagnostics, mark, $"alias \"*{alias.Value}\" is not allowed; write the value again, or make it a parameter under \"params\"");
                case NodeEvent { Anchor.IsEmpty: false } anchored:
                    return Refuse(diagnostics, mark, $"anchor \"&{anchored.Anchor}\" is not allowed; a value used twice is a parameter under \"params\"");
                case NodeEvent { Tag: { IsEmpty: false } tag } tagged when !(tagged is Scalar && tag.IsNonSpecific):
                    return Refuse(diagnostics, mark, $"tag \"{tag}\" is not allowed; write the value plainly");
                case SequenceStart or MappingStart when open.Count >= Limits.YamlDepth:
                    return Refuse(diagnostics, mark, $"lists and mappings are nested deeper than {Limits.YamlDepth} levels");
                case SequenceStart: open.Push(new(false, mark)); break;
                case MappingStart: open.Push(new(true, mark)); break;
                case SequenceEnd or MappingEnd: done = open.Pop().Close(); break;
                case Scalar scalar:
                    int start = (int)Math.Min(scalar.Start.Index, text.Length), end = (int)Math.Min(scalar.End.Index, text.Length);
                    done = new YamlScalar(scalar.Value, scalar.Style, text[start..Math.Max(start, end)], mark);
                    break;
            }
            if (parser.Current is NodeEvent && ++nodes > Limits.YamlNodes)
                return Refuse(diagnostics, mark, $"the recipe has more than {Limits.YamlNodes} values; long lists belong into a file that a node reads");
            if (done is null) continue;
            if (open.Count == 0) root = done;
            else open.Peek().Add(done, diagnostics);
        }
        return root ?? Refuse(diagnostics, new(1, 1), "the recipe is empty; it starts with \"recipe: 1\"");
    }

    private sealed class Frame(bool isMapping, TextMark mark)
    {
        private readonly List<YamlNode> list = [];
        private readonly List<YamlEntry> entries = [];
        private readonly HashSet<string> keys = new(StringComparer.Ordinal);
        private YamlScalar? key;
        private bool skip, awaitsValue;

        public void Add(YamlNode node, Diagnostics diagnostics)
        {
            if (!isMapping)
            {
                list.Add(node);
                return;
            }
            if (!awaitsValue)
            {
                awaitsValue = true;
                key = node as YamlScalar;
                skip = key is null || !keys.Add(key.Text);
                if (key is null) diagnostics.Error(node.Mark, $"a key must be a single word, not {node.Kind}");
                else if (skip) diagnostics.Error(key.Mark, $"\"{Short(key.Text)}\" stands here twice; the first is in line {entries.First(e => e.Key.Text == key.Text).Key.Mark.Line}");
                return;
            }
            awaitsValue = false;
            if (!skip) entries.Add(new(key!, node));
        }

        public YamlNode Close() => isMapping ? new YamlMapping(entries, mark) : new YamlList(list, mark);
    }

    private static TextMark? TabAt(string text)
    {
        int line = 1;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            int first = content.IndexOfAnyExcept(' ');
            if (first >= 0 && content[first] == '\t') return new(line, first + 1);
            line++;
        }
        return null;
    }

    private static string Short(string text) => text.Length <= 60 ? text : text[..57] + "…";

    private static YamlNode? Refuse(Diagnostics diagnostics, TextMark mark, string message)
    {
        diagnostics.Error(mark, message);
        return null;
    }

    private static TextMark MarkOf(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private static string Sentence(string message)
    {
        // The library puts its own positions in front: "(Line: 1, Col: 1, Idx: 0) - (…): text".
        int text = message.IndexOf("): ", StringComparison.Ordinal);
        if (text >= 0) message = message[(text + 3)..];
        message = message.Trim().TrimEnd('.');
        return message.Length == 0 ? "it cannot be read" : char.ToLowerInvariant(message[0]) + message[1..];
    }
}
