using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm schema</c>: JSON Schemas of recipes, of <c>items --json</c>, and of the lines of <c>watch -o ndjson</c>.</summary>
internal static class SchemaCommand
{
    private enum Of { Recipe, Items, Events }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    public static Command Create()
    {
        var of = new Argument<Of>("of") { Description = "recipe, items or events; recipe unless given.", DefaultValueFactory = _ => Of.Recipe };
        var command = new Command("schema", "Prints a JSON Schema. Of recipes, of items --json, or of watch -o ndjson.\nExample: mlfarm schema recipe > .mlfarm/recipe.schema.json") { of };
        command.SetAction(invocation =>
        {
            var schema = invocation.Parsed.GetValue(of) switch { Of.Recipe => Recipe(), Of.Items => Items(), _ => Events() };
            invocation.Terminal.Out.WriteLine(schema.ToJsonString(Indented));
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The schema of recipes with every node type of this program.</summary>
    public static JsonObject Recipe() => RecipeSchema.Generate(Catalogue.Descriptors);

    private static JsonObject Items() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "mlfarm items --json", ["type"] = "array",
        ["items"] = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("node", "index", "state", "attempts", "worker", "seconds", "last_line"),
            ["properties"] = new JsonObject
            {
                ["node"] = Type("string", "Name of the node."), ["index"] = Type("integer", "Index of the item in its node, from 0."), ["state"] = States(),
                ["attempts"] = Type("integer", "Attempts so far, the present one included."), ["worker"] = OrNull("string", "Who cooked or cooks it."),
                ["seconds"] = OrNull("number", "Cooking time; 0 when cached."), ["last_line"] = Type("string", "What it failed with, or the last line that it printed."),
            },
            ["additionalProperties"] = new JsonObject { ["description"] = "Attributes and metrics, by name." },
        },
    };

    private static JsonObject Events()
    {
        var counts = new JsonObject { ["event"] = Constant("node"), ["run"] = Type("integer", "Number of the run."), ["node"] = Type("string", "Name of the node."), ["items"] = Type("integer", "Items known so far."), ["final"] = Type("boolean", "False while more items may be found."), ["seconds"] = Type("number", "Cooking time so far.") };
        foreach (string state in (string[])["waiting", "ready", "running", "stopped", "succeeded", "cached", "failed", "lost", "skipped", "cancelled"]) counts[state] = Type("integer", $"Items that are {state}.");
        return new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "A line of mlfarm watch -o ndjson",
            ["oneOf"] = new JsonArray(
                Line(counts),
                Line(new() { ["event"] = Constant("failed"), ["run"] = Type("integer", "Number of the run."), ["node"] = Type("string", "Name of the node."), ["index"] = Type("integer", "Index of the item."), ["attempts"] = Type("integer", "Attempts so far."), ["code"] = Type("string", "Stable, dotted."), ["message"] = Type("string", "One sentence.") }),
                Line(new() { ["event"] = Constant("run"), ["run"] = Type("integer", "Number of the run."), ["name"] = Type("string", "Name of the run."), ["status"] = Type("string", "running, paused, succeeded, failed, cancelled or checks failed."), ["finished"] = OrNull("string", "When it finished, ISO 8601 in UTC.") })),
        };
    }

    private static JsonObject Line(JsonObject properties)
        => new() { ["type"] = "object", ["required"] = new JsonArray([.. properties.Select(p => (JsonNode)JsonValue.Create(p.Key))]), ["properties"] = properties };

    private static JsonObject States() => new() { ["enum"] = new JsonArray([.. Enum.GetValues<ItemState>().Select(s => RunJson.Word(s)).Append("stopped").Select(w => (JsonNode)JsonValue.Create(w))]), ["description"] = "Where it stands." };
    private static JsonObject Type(string type, string description) => new() { ["type"] = type, ["description"] = description };
    private static JsonObject OrNull(string type, string description) => new() { ["type"] = new JsonArray(type, "null"), ["description"] = description };
    private static JsonObject Constant(string value) => new() { ["const"] = value };
}
