using YamlDotNet.Core;

namespace ExampleMlFarm.Recipes.Yaml;

/// <summary>A place in a text; line and column count from 1, as editors do.</summary>
public readonly record struct TextMark(int Line, int Column)
{
    /// <summary><c>11:17</c>.</summary>
    public override string ToString() => $"{Line}:{Column}";
}

/// <summary>A piece of a YAML document with the place where it starts.</summary>
public abstract record YamlNode(TextMark Mark)
{
    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }
}

/// <summary>A single value.</summary>
/// <param name="Text">After YAML's own escapes and folding.</param>
/// <param name="Style">How it is written; only plain scalars can be numbers.</param>
/// <param name="Raw">The source characters, quotes included.</param>
/// <param name="Mark">Where it starts.</param>
public sealed record YamlScalar(string Text, ScalarStyle Style, string Raw, TextMark Mark) : YamlNode(Mark)
{
    /// <summary>True for unquoted one-line scalars.</summary>
    public bool IsPlain => Style == ScalarStyle.Plain;

    /// <summary>True for an empty value, <c>~</c> and <c>null</c>.</summary>
    public bool IsNull => IsPlain && Text is "" or "~" or "null";

    /// <inheritdoc/>
    public override string Kind => IsNull ? "nothing" : "a single value";

    /// <summary>The place in the file of character <paramref name="offset"/> of <see cref="Text"/>.</summary>
    public TextMark Locate(int offset) => ScalarPositions.Locate(this, offset);
}

/// <summary>A list.</summary>
public sealed record YamlList(IReadOnlyList<YamlNode> Entries, TextMark Mark) : YamlNode(Mark)
{
    /// <inheritdoc/>
    public override string Kind => "a list";
}

/// <summary>A mapping with its keys in the order of the file; no key stands twice.</summary>
public sealed record YamlMapping(IReadOnlyList<YamlEntry> Entries, TextMark Mark) : YamlNode(Mark)
{
    /// <inheritdoc/>
    public override string Kind => "a mapping";

    /// <summary>The value of that key; null when it is absent.</summary>
    public YamlNode? Find(string key) => Entries.FirstOrDefault(e => e.Key.Text == key)?.Value;
}

/// <summary>One key and its value.</summary>
public sealed record YamlEntry(YamlScalar Key, YamlNode Value);
