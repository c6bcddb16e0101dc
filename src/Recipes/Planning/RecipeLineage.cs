using System.Text;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>
/// Hash of the part of a recipe that a node's results come from: node types with their versions, options and attribute rules, with the values of parameters and
/// the content of files in them, of the node and of everything it reads, in canonical form.
/// </summary>
/// <remarks>
/// Not in it, as in cook keys: names, order, comments, policies. Not in it either: how many items there are and which values a wedge or a list gave them, so that more
/// poses leave it as it was; which items an expander chose; and the run, so that a node with <c>cache: write</c> has the same hash each time. Nodes downstream do
/// not count. Hence equal cook keys mean equal hashes, and a result from the cache says what a fresh one would.
/// </remarks>
internal static class RecipeLineage
{
    /// <summary>The hash.</summary>
    public static ContentHash Of(RecipeProgram program, NodeProgram node) => Of(program, node, []);

    private static ContentHash Of(RecipeProgram program, NodeProgram node, Dictionary<NodeProgram, ContentHash> known)
    {
        if (known.TryGetValue(node, out var done)) return done;
        var text = new StringBuilder("lineage ").Append(program.KeyOf(node).Base);
        // What goes into cook keys, and no more: the parent of the items, and nodes that are read whole.
        for (int d = 0; d < node.Dependencies.Count; d++)
        {
            var dependency = node.Dependencies[d];
            bool isParent = d == 0 && node.Source.Parent is not null;
            if (dependency.OrderOnly || !(isParent || dependency.Mapping is Mapping.All)) continue;
            text.Append(isParent ? " items " : $" input {d} ").Append(Of(program, program[dependency.Upstream], known));
        }
        return known[node] = ContentHash.Of(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
