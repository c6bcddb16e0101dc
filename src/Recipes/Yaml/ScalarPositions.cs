using YamlDotNet.Core;

namespace ExampleMlFarm.Recipes.Yaml;

/// <summary>
/// From a character of a scalar's value back to its line and column in the file, through quotes, escapes and folded lines: an error inside an
/// expression points at the operator, not at the start of the text that holds it.
/// </summary>
internal static class ScalarPositions
{
    public static TextMark Locate(YamlScalar scalar, int offset)
    {
        string raw = scalar.Raw;
        bool block = scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded;
        int at = 0, line = scalar.Mark.Line, column = scalar.Mark.Column, value = 0;
        int indent = 0;
        if (block)
        {
            // The header (| or > with indicators) ends at its line; the first non-blank line sets the indentation.
            while (at < raw.Length && raw[at] != '\n') at++;
            Step();
            indent = IndentAt(raw, at);
            Skip(indent);
        }
        else if (scalar.Style is ScalarStyle.DoubleQuoted or ScalarStyle.SingleQuoted) Step();

        while (value < offset && at < raw.Length)
        {
            char c = raw[at];
            if (c == '\n' || (!block && c is ' ' or '\t' or '\r' && FoldsHere(raw, at)))
            {
                int breaks = 0;
                if (block)
                {
                    Step();
                    Skip(indent);
                    value++;
                    continue;
                }
                while (at < raw.Length && raw[at] is ' ' or '\t' or '\r' or '\n')
                {
                    if (raw[at] == '\n') breaks++;
                    Step();
                }
                value += Math.Max(1, breaks - 1);
                continue;
            }
            int width = 1, made = 1;
            if (scalar.Style == ScalarStyle.SingleQuoted && c == '\'' && at + 1 < raw.Length && raw[at + 1] == '\'') width = 2;
            else if (scalar.Style == ScalarStyle.DoubleQuoted && c == '\\') (width, made) = Escape(raw, at);
            for (int i = 0; i < width && at < raw.Length; i++) Step();
            value += made;
        }
        return new(line, column);

        void Step()
        {
            if (at < raw.Length && raw[at] == '\n') (line, column) = (line + 1, 1);
            else column++;
            at++;
        }

        void Skip(int most)
        {
            for (int i = 0; i < most && at < raw.Length && raw[at] == ' '; i++) Step();
        }
    }

    private static bool FoldsHere(string raw, int at)
    {
        while (at < raw.Length && raw[at] is ' ' or '\t' or '\r') at++;
        return at < raw.Length && raw[at] == '\n';
    }

    private static int IndentAt(string raw, int at)
    {
        while (at < raw.Length)
        {
            int start = at;
            while (at < raw.Length && raw[at] == ' ') at++;
            if (at < raw.Length && raw[at] != '\n' && raw[at] != '\r') return at - start;
            while (at < raw.Length && raw[at] != '\n') at++;
            at++;
        }
        return 0;
    }

    private static (int Width, int Made) Escape(string raw, int at)
    {
        if (at + 1 >= raw.Length) return (1, 1);
        switch (raw[at + 1])
        {
            case 'x': return (4, 1);
            case 'u': return (6, 1);
            case 'U': return (10, raw.AsSpan(at + 2).StartsWith("0000") ? 1 : 2);
            case '\n':
            case '\r':
                int width = 1;
                while (at + width < raw.Length && raw[at + width] is ' ' or '\t' or '\r' or '\n') width++;
                return (width, 0);
            default: return (2, 1);
        }
    }
}
