using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>Who reads whom, before anything else is known of the nodes: finds cycles and gives an order in which everything read stands first.</summary>
internal sealed class NodeGraph
{
    private readonly record struct Reference(string Name, TextMark Mark, string Word);

    private readonly Dictionary<string, List<Reference>> references = new(StringComparer.Ordinal);
    private readonly List<string> order = [];
    private readonly Diagnostics diagnostics;

    private NodeGraph(Diagnostics diagnostics) => this.diagnostics = diagnostics;

    /// <summary>The nodes in order. References that close a cycle are reported and left out.</summary>
    public static IReadOnlyList<YamlEntry> Order(IReadOnlyList<YamlEntry> nodes, Diagnostics diagnostics)
    {
        var graph = new NodeGraph(diagnostics);
        var names = nodes.Select(n => n.Key.Text).ToHashSet(StringComparer.Ordinal);
        foreach (var node in nodes) graph.references[node.Key.Text] = [.. ReferencesOf(node.Value).Where(r => names.Contains(r.Name))];
        graph.Walk(nodes);
        var byName = nodes.ToDictionary(n => n.Key.Text, StringComparer.Ordinal);
        return [.. graph.order.Select(n => byName[n])];
    }

    // Depth first with a stack of its own: a chain of a thousand nodes is no reason to use the thread's.
    private void Walk(IReadOnlyList<YamlEntry> nodes)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        var path = new List<(string Name, int Next)>();
        foreach (var node in nodes)
        {
            if (done.Contains(node.Key.Text)) continue;
            path.Add((node.Key.Text, 0));
            while (path.Count > 0)
            {
                var (name, next) = path[^1];
                if (next == references[name].Count)
                {
                    path.RemoveAt(path.Count - 1);
                    if (done.Add(name)) order.Add(name);
                    continue;
                }
                path[^1] = (name, next + 1);
                var reference = references[name][next];
                if (done.Contains(reference.Name)) continue;
                int at = path.FindIndex(p => p.Name == reference.Name);
                if (at < 0) path.Add((reference.Name, 0));
                else if (reference.Name == name) diagnostics.Error(reference.Mark, $"node \"{name}\" reads itself through \"{reference.Word}\"");
                else diagnostics.Error(reference.Mark, $"these nodes read each other in a circle: {string.Join(" → ", path.Skip(at).Select(p => p.Name))} → {reference.Name}");
            }
        }
    }

    private static IEnumerable<Reference> ReferencesOf(YamlNode node)
    {
        if (node is not YamlMapping map) yield break;
        foreach (var (key, value) in map.Entries)
        {
            switch (key.Text)
            {
                case "from" or "each" or "collect":
                    if ((value is YamlMapping m ? m.Find("node") : value) is YamlScalar parent) yield return new(parent.Text, parent.Mark, key.Text);
                    break;
                case "needs":
                    foreach (var need in (value is YamlList l ? l.Entries : [value]).OfType<YamlScalar>()) yield return new(need.Text, need.Mark, key.Text);
                    break;
                case "with" or "steps" or "run" or "out":
                    foreach (var reference in Expressions(value, key.Text)) yield return reference;
                    break;
            }
        }
    }

    private static IEnumerable<Reference> Expressions(YamlNode node, string word)
    {
        switch (node)
        {
            case YamlList l: return l.Entries.SelectMany(e => Expressions(e, word));
            case YamlMapping m: return m.Entries.SelectMany(e => Expressions(e.Value, word));
            case YamlScalar s when Template.HasExpression(s.Text):
                var found = new List<Reference>();
                try
                {
                    Template.Parse(s.Text).CollectReads((root, name, at) =>
                    {
                        if (root == "nodes") found.Add(new(name, s.Locate(at), word));
                    });
                }
                catch (ExpressionException)
                {
                    // It is reported when the option is read.
                }
                return found;
            default: return [];
        }
    }
}
