using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>
/// Attributes of items, by name: those a cook reported, else what the recipe says. Attributes that only a cook could tell are left out while it
/// has not told them.
/// </summary>
internal sealed class ItemAttributesLook(RecipeProgram program, RunMachine machine)
{
    private static readonly SortedDictionary<string, JsonNode> None = [];

    /// <summary>Attributes of one item; files as their paths.</summary>
    public IReadOnlyDictionary<string, JsonNode> Of(NodeId id, long index, ItemResult? result)
    {
        if (result?.Attributes is { } reported && JsonNode.Parse(reported) is JsonObject json)
            return Named(json.Select(a => KeyValuePair.Create(a.Key, Value.FromJson(a.Value))));
        var node = program[id];
        try
        {
            return Named(program.AttributesOf(node, index, new UpstreamLook(machine, node)).Values.Select(a => KeyValuePair.Create(a.Key, (Value?)a.Value)));
        }
        catch (FarmException)
        {
            // The item itself fails with this message when it is cooked; looking at it must not.
            return None;
        }
    }

    private static SortedDictionary<string, JsonNode> Named(IEnumerable<KeyValuePair<string, Value?>> values)
    {
        var named = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
            if (value is not null and not Value.Node) named[name] = value is Value.File file ? JsonValue.Create(file.Path) : value.ToJson();
        return named;
    }
}
