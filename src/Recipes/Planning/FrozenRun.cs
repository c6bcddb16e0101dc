using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>
/// A submitted recipe as bytes: text, bound parameters, content of the files it names, versions of its node types. Workers rebuild the same program from
/// it, whatever became of the files since.
/// </summary>
public static class FrozenRun
{
    /// <summary>Canonical JSON of a program; equal programs give equal bytes.</summary>
    public static byte[] Freeze(RecipeProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        HashItemFiles(program);
        var source = program.Source;
        var json = new JsonObject
        {
            ["language"] = 1,
            ["file"] = source.FileName,
            ["folder"] = source.Files.Resolve("."),
            ["text"] = source.Text,
            ["parameters"] = new JsonObject(source.Parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value.ToJson()))),
            ["files"] = new JsonObject(source.Named.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => KeyValuePair.Create(f.Key, (JsonNode?)JsonValue.Create(f.Value.ToString())))),
            ["types"] = new JsonObject(TypesOf(program).Select(t => KeyValuePair.Create(t.Name, (JsonNode?)JsonValue.Create((long)t.Version)))),
        };
        // Only where it says something: whole recipes keep the bytes that they always had.
        if (source.Part.Only.Count > 0) json["only"] = Words(source.Part.Only);
        if (source.Part.Anew.Count > 0) json["anew"] = Words(source.Part.Anew);
        return Encoding.UTF8.GetBytes(CanonicalJson.Write(json));
    }

    /// <summary>The program again.</summary>
    /// <exception cref="FarmException">The bytes are damaged (<c>recipe.frozen</c>), or this program's node types have other versions (<c>recipe.version</c>).</exception>
    public static RecipeProgram Thaw(ReadOnlySpan<byte> bytes, INodeCatalogue catalogue)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        JsonObject json;
        CompileResult result;
        try
        {
            json = JsonNode.Parse(bytes)!.AsObject();
            var parameters = json["parameters"]!.AsObject().ToDictionary(p => p.Key, p => Value.FromJson(p.Value) ?? throw new FormatException($"parameter {p.Key} has no value"), StringComparer.Ordinal);
            var files = json["files"]!.AsObject().ToDictionary(f => f.Key, f => ContentHash.TryParse(f.Value!.GetValue<string>(), out var hash) ? hash : throw new FormatException($"{f.Key} has no hash"), StringComparer.Ordinal);
            foreach (var (name, version) in json["types"]!.AsObject())
            {
                long frozen = version!.GetValue<long>();
                if (catalogue.Find(name) is not { } type) throw FarmException.Invalid("recipe.version", $"the run uses node type {name}, which this program does not have; start a worker of the run's version");
                if (type.Version != frozen) throw FarmException.Invalid("recipe.version", $"the run was frozen with {name} version {frozen}, this program has version {type.Version}; start a worker of the run's version");
            }
            result = RecipeCompiler.Compile(json["text"]!.GetValue<string>(), json["file"]!.GetValue<string>(), new Dictionary<string, string>(), parameters, catalogue,
                new FrozenFiles(json["folder"]!.GetValue<string>(), files), false, new(Words(json["only"]), Words(json["anew"])));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            throw new FarmException(Failure.Invalid("recipe.frozen", $"the frozen recipe cannot be read: {e.Message}"), e);
        }
        return result.Program ?? throw FarmException.Invalid("recipe.frozen", $"the frozen recipe does not compile: {string.Join("; ", result.Errors)}");
    }

    private static JsonArray Words(IReadOnlyList<string> words) => new([.. words.Distinct().Order(StringComparer.Ordinal).Select(w => (JsonNode)JsonValue.Create(w))]);

    private static string[] Words(JsonNode? words) => words is null ? [] : [.. words.AsArray().Select(w => w!.GetValue<string>())];

    private static SortedDictionary<string, NodeDescriptor>.ValueCollection TypesOf(RecipeProgram program)
    {
        var types = new SortedDictionary<string, NodeDescriptor>(StringComparer.Ordinal);
        foreach (var node in program.Nodes)
        {
            if (node.Type is { } type) types[type.Name] = type;
            foreach (var tree in new OptionTree?[] { node.Options, node.Steps }.OfType<OptionTree>().SelectMany(t => t.Descendants()).OfType<OptionTree.Chain>())
                foreach (var step in tree.Of) types[step.Type.Name] = step.Type;
        }
        return types.Values;
    }

    // File options that depend on the item: every file they can name now is read once, so that workers know its content.
    private static void HashItemFiles(RecipeProgram program)
    {
        var keysOf = PlannedInputs.Keys(program, default);
        foreach (var node in program.Nodes)
        {
            if (program.KeyOf(node).Files.Count == 0 || !program.KeysArePlanned(node) || node.ItemCount > Limits.PlannedItems) continue;
            for (long i = 0; i < node.ItemCount; i++) keysOf(node).At(i, i + 1);
        }
    }
}
