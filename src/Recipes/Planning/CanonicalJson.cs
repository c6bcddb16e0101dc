using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>One text per JSON value: keys in ordinal order, no spaces, shortest numbers. What is hashed or compared is written so.</summary>
public static class CanonicalJson
{
    private static readonly JsonSerializerOptions Escaping = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text; <c>null</c> for null.</summary>
    public static string Write(JsonNode? json)
    {
        var text = new StringBuilder();
        Write(text, json);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? json)
    {
        switch (json)
        {
            case null: text.Append("null"); break;
            case JsonObject o:
                text.Append('{');
                bool first = true;
                foreach (var (key, value) in o.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    if (!first) text.Append(',');
                    first = false;
                    text.Append(JsonSerializer.Serialize(key, Escaping)).Append(':');
                    Write(text, value);
                }
                text.Append('}');
                break;
            case JsonArray a:
                text.Append('[');
                for (int i = 0; i < a.Count; i++)
                {
                    if (i > 0) text.Append(',');
                    Write(text, a[i]);
                }
                text.Append(']');
                break;
            case JsonValue v when v.GetValueKind() == JsonValueKind.Number:
                // Whole floats keep their point, so that reading the text back gives a float again.
                text.Append(Expressions.Value.FromNumber(v));
                break;
            default: text.Append(json.ToJsonString(Escaping)); break;
        }
    }
}
