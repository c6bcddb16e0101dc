using System.Text.Json.Nodes;

namespace ExampleMlFarm.Recipes.Catalogue;

/// <summary>The JSON schema of recipes (draft 2020-12), made from a catalogue: completion and first checks in any editor that knows YAML.</summary>
public static class RecipeSchema
{
    private const string ExpressionPattern = @"\$\{\{";

    /// <summary>The schema.</summary>
    public static JsonObject Generate(INodeCatalogue catalogue)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        var definitions = new JsonObject { ["node"] = Node(catalogue), ["step"] = Step(catalogue) };
        foreach (var type in catalogue.All) definitions[$"options_{type.Name}"] = Options(type.Options, type.Summary);
        return new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "ExampleMlFarm recipe",
            ["type"] = "object",
            ["required"] = Words("recipe", "nodes"),
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject
            {
                ["recipe"] = Described(new JsonObject { ["enum"] = new JsonArray(1) }, "Version of the language."),
                ["name"] = Text("Name of the recipe."),
                ["description"] = Text("What it is for."),
                ["seed"] = Or(Typed("integer"), "Seed of all random draws."),
                ["params"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = Parameter() },
                ["nodes"] = new JsonObject { ["type"] = "object", ["minProperties"] = 1, ["additionalProperties"] = Reference("node") },
                ["outputs"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = Typed("string") },
            },
            ["$defs"] = definitions,
        };
    }

    private static JsonObject Parameter() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = Words("string", "number", "boolean", "array") },
            new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = false,
                ["properties"] = new JsonObject
                {
                    ["type"] = new JsonObject { ["enum"] = Words("int", "float", "string", "bool", "file", "list") },
                    ["default"] = new JsonObject(),
                    ["help"] = Typed("string"),
                    ["unit"] = Typed("string"),
                    ["min"] = Typed("number"),
                    ["max"] = Typed("number"),
                    ["choices"] = Typed("array"),
                },
            }),
    };

    private static JsonObject Node(INodeCatalogue catalogue)
    {
        var properties = new JsonObject
        {
            ["description"] = Text("What it does, for people."),
            ["generate"] = Described(new JsonObject { ["type"] = Words("integer", "string", "array") }, "That many items from nothing, or one per entry of a list."),
            ["from"] = Described(new JsonObject { ["type"] = Words("string", "object") }, "One item per (chosen) item of another node: node, or {node, where, top, by}."),
            ["each"] = Text("One item per example of another node's geometry."),
            ["collect"] = Described(new JsonObject { ["type"] = Words("string", "object") }, "Fan-in: node, or {node, size, count, by, range, overlap, combinations, keep, seed}."),
            ["wedge"] = Described(Typed("object"), "Variations: {method, parameters}."),
            ["frames"] = Described(Typed("object"), "Items in order by one worker that keeps its state: {start, end, step}."),
            ["needs"] = Described(new JsonObject { ["type"] = Words("string", "array") }, "Order without data."),
            ["generate_when"] = new JsonObject { ["enum"] = Words("automatic", "all_upstream_generated", "each_upstream_cooked", "all_upstream_cooked") },
            ["uses"] = Described(new JsonObject { ["enum"] = Words([.. catalogue.All.Select(t => t.Name)]) }, "Node type."),
            ["with"] = Typed("object"),
            ["steps"] = Described(new JsonObject { ["anyOf"] = new JsonArray(Reference("step"), new JsonObject { ["type"] = "array", ["items"] = Reference("step") }) }, "Operators, in memory, one after the other."),
            ["run"] = Described(new JsonObject { ["type"] = Words("string", "array") }, "A command line, or a program and its arguments."),
            ["out"] = Described(new JsonObject { ["type"] = "object", ["additionalProperties"] = Typed("string") }, "Files that the command writes."),
            ["attributes"] = Described(Typed("object"), "Attributes of the items: values, expressions, distributions."),
            ["batch"] = Described(new JsonObject { ["type"] = Words("integer", "string") }, "Items per lease: auto, all, or a number."),
            ["resources"] = Described(Typed("object"), "What an item needs: cpu, gpu, memory, or resources of your own. Programs of an item that use more memory than it says are ended (command.memory); what cooks inside a worker is not held to it."),
            ["pool"] = Text("Workers that may cook it."),
            ["tags"] = new JsonObject { ["type"] = Words("string", "array") },
            ["max_parallel"] = Or(Typed("integer"), "Most items at once."),
            ["priority"] = Or(Typed("integer"), "Greater goes first."),
            ["retry"] = Described(new JsonObject { ["type"] = Words("integer", "object", "string") }, "More attempts after a failure, or {attempts, backoff, on}."),
            ["timeout"] = Described(new JsonObject { ["type"] = Words("number", "string") }, "Longest time of one item: 30s, 10m, 2h."),
            ["allow_failed"] = Described(new JsonObject { ["type"] = Words("integer", "string") }, "Failures that do not fail the run: a count or a percentage."),
            ["cache"] = new JsonObject { ["enum"] = Words("automatic", "read", "write", "ignore") },
            ["seed"] = Or(Typed("integer"), "Seed of this node's draws."),
            ["metric"] = Described(new JsonObject { ["type"] = Words("string", "object") }, "What it is judged by: {name, goal}."),
            ["require"] = Described(new JsonObject { ["type"] = Words("string", "array") }, "Conditions that must hold."),
        };
        return new()
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
            ["allOf"] = new JsonArray([.. catalogue.All.Select(t => (JsonNode)new JsonObject
            {
                ["if"] = new JsonObject { ["required"] = Words("uses"), ["properties"] = new JsonObject { ["uses"] = new JsonObject { ["enum"] = Words(t.Name) } } },
                ["then"] = new JsonObject { ["properties"] = new JsonObject { ["with"] = Reference($"options_{t.Name}") } },
            })]),
        };
    }

    private static JsonObject Step(INodeCatalogue catalogue)
    {
        var operators = catalogue.All.Where(t => t.IsOperator).ToArray();
        return new()
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["enum"] = Words([.. operators.Select(t => t.Name)]) },
                new JsonObject
                {
                    ["type"] = "object",
                    ["minProperties"] = 1,
                    ["maxProperties"] = 1,
                    ["additionalProperties"] = false,
                    ["properties"] = new JsonObject(operators.Select(t => KeyValuePair.Create(t.Name, (JsonNode?)Reference($"options_{t.Name}")))),
                }),
        };
    }

    private static JsonObject Options(IReadOnlyList<OptionDescriptor> options, string doc)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["description"] = doc,
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject(options.Select(o => KeyValuePair.Create(o.Name, (JsonNode?)Option(o)))),
        };
        string[] required = [.. options.Where(o => o.Required).Select(o => o.Name)];
        if (required.Length > 0) schema["required"] = Words(required);
        return schema;
    }

    private static JsonObject Option(OptionDescriptor option)
    {
        var schema = Type(option.Type, option);
        string range = option.DescribeRange();
        schema["description"] = option.Doc + (range.Length > 0 ? $" ({range}{(option.Unit.Length > 0 ? " " + option.Unit : "")})" : "");
        if (option.Default is not null) schema["default"] = option.Default.DeepClone();
        return schema;
    }

    private static JsonObject Type(OptionType type, OptionDescriptor option)
    {
        switch (type)
        {
            case OptionType.Int or OptionType.Float:
                var number = Typed(type is OptionType.Int ? "integer" : "number");
                if (double.IsFinite(option.Min)) number[option.MinExcluded ? "exclusiveMinimum" : "minimum"] = option.Min;
                if (double.IsFinite(option.Max)) number["maximum"] = option.Max;
                return Alternatives(number, option.Unit == "fraction" ? new JsonObject { ["type"] = "string", ["pattern"] = "%$" } : null);
            case OptionType.Bool: return Alternatives(Typed("boolean"));
            case OptionType.Choice c: return Alternatives(new JsonObject { ["enum"] = Words([.. c.Words]) });
            case OptionType.Text: return new() { ["type"] = Words("string", "number", "boolean") };
            case OptionType.File or OptionType.Node: return Typed("string");
            case OptionType.ListOf l:
                var entry = Type(l.Entry, option);
                return new() { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "array", ["items"] = entry }, entry.DeepClone(), Expression()) };
            case OptionType.Chain: return new() { ["anyOf"] = new JsonArray(Reference("step"), new JsonObject { ["type"] = "array", ["items"] = Reference("step") }) };
            case OptionType.Fields f: return Options(f.Options, "");
            case OptionType.Map m: return new() { ["type"] = "object", ["additionalProperties"] = Type(m.Entry, option) };
            default: return [];
        }
    }

    private static JsonObject Alternatives(params JsonObject?[] types) => new() { ["anyOf"] = new JsonArray([.. types.OfType<JsonObject>(), Expression()]) };

    private static JsonObject Expression() => new() { ["type"] = "string", ["pattern"] = ExpressionPattern };

    private static JsonObject Or(JsonObject type, string doc) => Described(Alternatives(type), doc);

    private static JsonObject Typed(string type) => new() { ["type"] = type };

    private static JsonObject Text(string doc) => Described(Typed("string"), doc);

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/$defs/{name}" };

    private static JsonObject Described(JsonObject schema, string doc)
    {
        schema["description"] = doc;
        return schema;
    }

    private static JsonArray Words(params string[] words) => new([.. words.Select(w => (JsonNode)JsonValue.Create(w))]);
}
