using System.Text.Json;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Recipes.Checking;
using Microsoft.AspNetCore.Http;

namespace ExampleMlFarm.Farm.Serving.Requests;

/// <summary>
/// The JSON object that a request brings, read name by name; whatever is wrong with it is an error that names the field, the value and what is allowed.
/// </summary>
internal sealed class JsonBody
{
    private const int MostDepth = 32, ShownCharacters = 60;
    private readonly JsonObject json;
    private readonly HashSet<string> read = new(StringComparer.Ordinal);

    private JsonBody(JsonObject json, byte[] bytes) => (this.json, Bytes) = (json, bytes);

    /// <summary>The bytes as they came.</summary>
    public byte[] Bytes { get; }

    /// <summary>Reads the body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mostBytes">The longest body.</param>
    /// <param name="gone">The caller is gone.</param>
    /// <exception cref="FarmException">It is no JSON object, is sent as something else, or is too long.</exception>
    public static async Task<JsonBody> Read(HttpRequest request, int mostBytes, CancellationToken gone)
    {
        // A form or a plain text is what a foreign web page can send without asking.
        if (!request.HasJsonContentType()) throw FarmException.Invalid("http.content_type", $"the body is sent as \"{Shown(request.ContentType ?? "")}\"; it must be application/json");
        return Parse(await RequestBodies.Read(request, mostBytes, gone));
    }

    /// <summary>As <see cref="Read"/>, from bytes.</summary>
    public static JsonBody Parse(byte[] bytes)
    {
        JsonObject? json;
        try
        {
            json = JsonNode.Parse(bytes, documentOptions: new() { MaxDepth = MostDepth, AllowDuplicateProperties = false }) as JsonObject;
            // Escapes that are no characters are found only when a name or text is looked at.
            if (json is not null) Walk(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException) { throw FarmException.Invalid("http.json", $"the body is not JSON: {e.Message}"); }
        return json is null ? throw FarmException.Invalid("http.json", "the body is not a JSON object; write {\"name\": value, …}") : new(json, bytes);
    }

    /// <summary>True when the field is there and not null.</summary>
    public bool Has(string name) => Of(name) is not null;

    /// <summary>A text; null when it is not there.</summary>
    public string? Text(string name, int mostCharacters)
    {
        if (Of(name) is not { } node) return null;
        if (node.GetValueKind() != JsonValueKind.String) throw Wrong(name, node, "a text");
        string text = node.GetValue<string>();
        if (text.Length > mostCharacters) throw FarmException.Invalid("http.field", $"\"{name}\" has {text.Length} characters; at most {mostCharacters} are allowed");
        if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))) throw FarmException.Invalid("http.field", $"\"{name}\" holds a control character");
        return text;
    }

    /// <summary>A text that must be there.</summary>
    public string Demand(string name, int mostCharacters) => Text(name, mostCharacters) is { Length: > 0 } text ? text : throw FarmException.Invalid("http.field", $"\"{name}\" is missing");

    /// <summary>A whole number within bounds; null when it is not there.</summary>
    public int? Number(string name, int least, int most)
    {
        if (Of(name) is not { } node) return null;
        if (node.GetValueKind() != JsonValueKind.Number || !node.AsValue().TryGetValue(out int number) || number < least || number > most) throw Wrong(name, node, $"a whole number from {least} to {most}");
        return number;
    }

    /// <summary>True or false; false when it is not there.</summary>
    public bool Flag(string name) => Of(name) is { } node && (node.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => throw Wrong(name, node, "true or false") });

    /// <summary>A list of texts; empty when it is not there.</summary>
    public IReadOnlyList<string> Texts(string name, int most, int mostCharacters)
    {
        if (Of(name) is not { } node) return [];
        if (node is not JsonArray array || array.Any(e => e?.GetValueKind() != JsonValueKind.String)) throw Wrong(name, node, "a list of texts");
        if (array.Count > most) throw FarmException.Invalid("http.field", $"\"{name}\" has {array.Count} entries; at most {most} are allowed");
        return [.. array.Select(e => e!.GetValue<string>()).Select(t => t.Length <= mostCharacters && !t.Any(char.IsControl) ? t : throw FarmException.Invalid("http.field", $"an entry of \"{name}\" is longer than {mostCharacters} characters, or holds control characters"))];
    }

    /// <summary>Names with texts, numbers, truth values or lists, the latter three as text; empty when it is not there.</summary>
    public IReadOnlyDictionary<string, string> Map(string name, int most, int mostCharacters)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Of(name) is not { } node) return map;
        if (node is not JsonObject entries) throw Wrong(name, node, "an object");
        if (entries.Count > most) throw FarmException.Invalid("http.field", $"\"{name}\" has {entries.Count} entries; at most {most} are allowed");
        foreach (var (key, value) in entries)
        {
            string text = value?.GetValueKind() switch
            {
                JsonValueKind.String => value.GetValue<string>(),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Array => value.ToJsonString(),
                _ => throw Wrong($"{name}.{key}", value, "a text, a number, a list, true or false"),
            };
            if (key.Length > mostCharacters || text.Length > mostCharacters || key.Any(char.IsControl)) throw FarmException.Invalid("http.field", $"an entry of \"{name}\" is longer than {mostCharacters} characters, or its name holds control characters");
            map[key] = text;
        }
        return map;
    }

    /// <summary>Refuses fields that nobody asked for: a slip of the pen must not change what is done.</summary>
    public void End()
    {
        foreach (var (name, _) in json)
            if (!read.Contains(name))
                throw FarmException.Invalid("http.field", $"there is no field \"{Shown(name)}\"{(NearestName.Of(name, read) is { } near ? $"; did you mean \"{near}\"?" : "")} ({string.Join(", ", read)})");
    }

    private JsonNode? Of(string name)
    {
        read.Add(name);
        return json[name];
    }

    private static void Walk(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject o: foreach (var (_, value) in o) Walk(value); break;
            case JsonArray a: foreach (var value in a) Walk(value); break;
            case JsonValue v when v.GetValueKind() == JsonValueKind.String: _ = v.GetValue<string>(); break;
        }
    }

    private static FarmException Wrong(string name, JsonNode? value, string what) => FarmException.Invalid("http.field", $"\"{name}\" is {Shown(value?.ToJsonString() ?? "null")}; it must be {what}");

    private static string Shown(string text) => text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "…";
}
