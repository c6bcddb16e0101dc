using System.Text.Json.Nodes;

namespace ExampleMlFarm.Farm.Output;

/// <summary>One column of a result, told once for every shape of output.</summary>
/// <param name="Name">Field name in JSON, header in TSV; the table's header is this in capitals.</param>
/// <param name="Value">The full value: number, text, boolean or null.</param>
/// <param name="Text">How a person reads it in a table; null = the full value.</param>
/// <param name="RightAligned">Numbers.</param>
/// <param name="Heading">The table's header where the field name is not what people would read.</param>
/// <param name="GivesWay">True for sentences: where a table is too wide they are cut before names and numbers are.</param>
public sealed record Column<T>(string Name, Func<T, object?> Value, Func<T, string>? Text = null, bool RightAligned = false, string? Heading = null, bool GivesWay = false)
{
    /// <summary>What a table writes above it.</summary>
    public string Title => Heading ?? Name.Replace('_', ' ').ToUpperInvariant();

    /// <summary>The value as JSON.</summary>
    public JsonNode? Json(T row) => Value(row) switch
    {
        null => null,
        bool b => JsonValue.Create(b),
        // JSON has no infinity; a word in its place would be a surprise to whoever reads numbers.
        double d => double.IsFinite(d) ? JsonValue.Create(d) : null,
        float f => float.IsFinite(f) ? JsonValue.Create(f) : null,
        long n => JsonValue.Create(n),
        int n => JsonValue.Create(n),
        DateTimeOffset t => JsonValue.Create(Format.Iso(t)),
        JsonNode node => node.DeepClone(),
        var other => JsonValue.Create(other.ToString()),
    };

    /// <summary>The value in full, without tabs or line ends.</summary>
    public string Plain(T row) => Value(row) switch
    {
        null => "",
        bool b => b ? "true" : "false",
        double d => Format.Full(d),
        DateTimeOffset t => Format.Iso(t),
        JsonNode node => node.ToJsonString(),
        var other => other.ToString()!.Replace('\t', ' ').Replace('\n', ' ').Replace("\r", ""),
    };
}
