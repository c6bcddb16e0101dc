using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ExampleMlFarm.Recipes.Expressions;

/// <summary>A value of the recipe language: immutable, finite, comparable.</summary>
public abstract record Value
{
    private Value() { }

    /// <summary>A whole number of 64 bits.</summary>
    public sealed record Int(long Number) : Value
    {
        /// <inheritdoc/>
        public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A number; finite wherever the language made it.</summary>
    public sealed record Float(double Number) : Value
    {
        /// <inheritdoc/>
        public override string ToString() => Format(Number);
    }

    /// <summary>Text.</summary>
    public sealed record Text(string Characters) : Value
    {
        /// <inheritdoc/>
        public override string ToString() => Characters;
    }

    /// <summary>A truth value.</summary>
    public sealed record Bool(bool Truth) : Value
    {
        /// <inheritdoc/>
        public override string ToString() => Truth ? "true" : "false";
    }

    /// <summary>A file, by path or by a name such as <c>builtin:limb</c>.</summary>
    public sealed record File(string Path) : Value
    {
        /// <inheritdoc/>
        public override string ToString() => Path;
    }

    /// <summary>Another node: stands in options and command lines, and is no data to compute with.</summary>
    public sealed record Node(string Name) : Value
    {
        /// <inheritdoc/>
        public override string ToString() => $"nodes.{Name}";
    }

    /// <summary>A list.</summary>
    public sealed record List(IReadOnlyList<Value> Entries) : Value
    {
        /// <inheritdoc/>
        public bool Equals(List? other) => other is not null && Entries.SequenceEqual(other.Entries);
        /// <inheritdoc/>
        public override int GetHashCode() => Entries.Aggregate(Entries.Count, HashCode.Combine);
        /// <inheritdoc/>
        public override string ToString() => $"[{string.Join(", ", Entries)}]";
    }

    /// <summary>Its type.</summary>
    public StaticType Type => this switch
    {
        Int => StaticType.Int,
        Float => StaticType.Float,
        Text => StaticType.Text,
        Bool => StaticType.Bool,
        File => StaticType.File,
        Node => StaticType.Node,
        List l => StaticType.ListOf(l.Entries.Count == 0 ? StaticType.Any : l.Entries.Select(e => e.Type).Aggregate(StaticType.Join)),
        _ => StaticType.Any,
    };

    /// <summary>As JSON. Files become <c>{"$file": path}</c>, so that they stay files on the way back; nodes have no JSON of their own.</summary>
    public JsonNode ToJson() => this switch
    {
        Int i => JsonValue.Create(i.Number),
        Float f => JsonValue.Create(f.Number),
        Text t => JsonValue.Create(t.Characters),
        Bool b => JsonValue.Create(b.Truth),
        File f => new JsonObject { ["$file"] = f.Path },
        List l => new JsonArray([.. l.Entries.Select(e => e.ToJson())]),
        _ => throw new InvalidOperationException($"{this} is not data"),
    };

    /// <summary>From JSON that <see cref="ToJson"/> or a cook made; null for null and for objects that are no file.</summary>
    public static Value? FromJson(JsonNode? json)
    {
        switch (json)
        {
            case JsonArray array:
                var entries = array.Select(FromJson).ToArray();
                return entries.Any(e => e is null) ? null : new List(entries!);
            case JsonObject o: return o["$file"] is JsonValue path && path.TryGetValue(out string? p) ? new File(p) : null;
            case JsonValue v:
                if (v.TryGetValue(out bool b)) return new Bool(b);
                if (v.TryGetValue(out string? s)) return new Text(s);
                if (v.GetValueKind() != System.Text.Json.JsonValueKind.Number) return null;
                return FromNumber(v);
            default: return null;
        }
    }

    /// <summary>A JSON number: numbers in memory are ints or floats by their type, those from text by their point.</summary>
    internal static Value FromNumber(JsonValue number) => number.GetValue<object>() switch
    {
        double d => new Float(d),
        float f => new Float(f),
        System.Text.Json.JsonElement e when !e.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') && e.TryGetInt64(out long whole) => new Int(whole),
        System.Text.Json.JsonElement e => new Float(e.GetDouble()),
        var other => new Int(Convert.ToInt64(other, CultureInfo.InvariantCulture)),
    };

    /// <summary>The shortest text that reads back as the same float, always with a point or an exponent.</summary>
    public static string Format(double number)
    {
        string text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E', 'N') || text.Contains('∞', StringComparison.Ordinal) ? text.Replace("E", "e", StringComparison.Ordinal) : text + ".0";
    }

    /// <summary>A list from anything that counts them.</summary>
    internal static List ListFrom(IEnumerable source) => new([.. source.Cast<Value>()]);
}
