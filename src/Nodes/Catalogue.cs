using ExampleMlFarm.Nodes.Basics;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes;

/// <summary>The one list of node types. What is not in here does not exist for recipes.</summary>
public static class Catalogue
{
    /// <summary>Every type, in the order in which people should read them.</summary>
    public static IReadOnlyList<NodeType> All { get; } =
    [
        NoOp.Type,
    ];

    private static readonly Dictionary<string, NodeType> ByName = All.ToDictionary(t => t.Descriptor.Name, StringComparer.Ordinal);

    /// <summary>What recipes are checked against.</summary>
    public static INodeCatalogue Descriptors { get; } = new NodeCatalogue(All.Select(t => t.Descriptor));

    /// <summary>The type of that name; a recipe that was checked has no other.</summary>
    public static NodeType Get(string name) => ByName.TryGetValue(name, out var type) ? type
        : throw new InvalidOperationException($"there is no node type '{name}', although a checked recipe names it");
}
