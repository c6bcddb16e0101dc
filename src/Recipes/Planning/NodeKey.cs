using System.Security.Cryptography;
using System.Text;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>One named part of what decides a node's results.</summary>
/// <param name="Name"><c>node type</c>, <c>with.components</c>, <c>attribute.radius</c>, …</param>
/// <param name="Text">Canonical text: a constant, or an expression.</param>
public sealed record KeyPart(string Name, string Text);

/// <summary>The named parts of a node's own key; kept so that somebody can say later what changed.</summary>
public sealed record KeyParts(IReadOnlyList<KeyPart> Parts)
{
    /// <summary>What differs, one line each: <c>with.compliance  1 / item.stiffness → 0.5 / item.stiffness</c>.</summary>
    public static IReadOnlyList<string> Difference(KeyParts earlier, KeyParts now)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(now);
        var old = earlier.Parts.ToDictionary(p => p.Name, p => p.Text, StringComparer.Ordinal);
        var current = now.Parts.ToDictionary(p => p.Name, p => p.Text, StringComparer.Ordinal);
        return [.. old.Keys.Union(current.Keys).Order(StringComparer.Ordinal)
            .Where(name => old.GetValueOrDefault(name) != current.GetValueOrDefault(name))
            .Select(name => $"{name}  {Short(old.GetValueOrDefault(name))} → {Short(current.GetValueOrDefault(name))}")];
    }

    private static string Short(string? text) => text is null ? "nothing" : text.Length <= 120 ? text : text[..117] + "…";
}

/// <summary>
/// What decides the results of a node's items besides their inputs: language, node type, options, the attribute rules they read. Not in it: names of
/// nodes and parameters, counts, resources, policies, comments, the order of keys.
/// </summary>
internal sealed class NodeKey
{
    private NodeKey(IReadOnlyList<KeyPart> parts, IReadOnlyList<string> salts, IReadOnlyList<OptionTree.Evaluated> files)
    {
        (Parts, Salts, Files) = (new(parts), salts, files);
        var text = new StringBuilder();
        foreach (var part in parts) text.Append(part.Name.Length).Append(':').Append(part.Name).Append(part.Text.Length).Append(':').Append(part.Text);
        Base = ContentHash.Of(Encoding.UTF8.GetBytes(text.ToString()));
    }

    public KeyParts Parts { get; }
    public ContentHash Base { get; }

    /// <summary>Attributes whose values go into the key of each item, because its index there does not tell them.</summary>
    public IReadOnlyList<string> Salts { get; }

    /// <summary>File options whose path depends on the item.</summary>
    public IReadOnlyList<OptionTree.Evaluated> Files { get; }

    public static NodeKey Of(RecipeProgram program, NodeProgram node)
    {
        var texts = new KeyTexts(program.Source.Files);
        var parts = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["language"] = "1" };
        var reads = new SortedSet<string>(StringComparer.Ordinal);
        void Read(string root, string name, int at)
        {
            if (root == "item") reads.Add(name);
        }
        switch (node.Kind)
        {
            case NodeKind.Uses:
                parts["node type"] = $"{node.Type!.Name}@{node.Type.Version}";
                AddOptions("with", node.Options!);
                if (node.Type.ReadsAttributes) reads.UnionWith(node.Visible.Keys.Where(n => n != "index"));
                break;
            case NodeKind.Steps:
                for (int i = 0; i < node.Steps!.Of.Count; i++)
                {
                    parts[$"steps.{i}"] = $"{node.Steps.Of[i].Type.Name}@{node.Steps.Of[i].Type.Version}";
                    AddOptions($"steps.{i}.{node.Steps.Of[i].Type.Name}", node.Steps.Of[i].Options);
                }
                break;
            case NodeKind.Command:
                parts["run"] = (node.CommandIsArguments ? "arguments " : "shell ") + string.Join("  ", node.Command.Select(texts.Of).Select(t => WithDependencies(node, t)));
                foreach (var output in node.Outputs) parts[$"out.{output.Name}"] = texts.Of(output.Path);
                foreach (var word in node.Command) word.CollectReads(Read);
                foreach (var output in node.Outputs) output.Path.CollectReads(Read);
                // A command finds all attributes in its environment.
                reads.UnionWith(node.Visible.Keys.Where(n => n != "index"));
                break;
            case NodeKind.Expander:
                parts["node type"] = node.Expands!.Source switch
                {
                    ItemSource.Each => "expander each",
                    _ => "expander",
                };
                break;
            default:
                parts["node type"] = "attributes";
                break;
        }
        if (node.Frames is { } frames) parts["frames"] = $"start {frames.Start} step {frames.Step}";
        node.Options?.CollectReads(Read, true);
        node.Steps?.CollectReads(Read, true);

        var salts = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string name in reads)
            if (!AddRule(node, name, parts, texts, [])) salts.Add(name);
        var files = new[] { (OptionTree?)node.Options, node.Steps }.OfType<OptionTree>().SelectMany(t => t.Descendants()).OfType<OptionTree.Evaluated>().Where(e => e.IsFile).ToArray();
        return new([.. parts.Select(p => new KeyPart(p.Key, p.Value))], [.. salts], files);

        void AddOptions(string prefix, OptionTree.Fields options)
        {
            foreach (var (option, tree) in options.Of)
                if (!option.NotInKey) parts[$"{prefix}.{option.Name}"] = tree.KeyText(texts);
        }
    }

    private static string WithDependencies(NodeProgram node, string text)
    {
        for (int i = 0; i < node.DependencyNames.Count; i++) text = text.Replace($"nodes.{node.DependencyNames[i]}", $"input {i}", StringComparison.Ordinal);
        return text;
    }

    /// <summary>Adds the rule of an attribute where it is defined; false when the rule and the key index do not tell its value, so that the value itself must be hashed.</summary>
    private static bool AddRule(NodeProgram node, string name, SortedDictionary<string, string> parts, KeyTexts texts, HashSet<(string, string)> visited)
    {
        if (name == "index") return IndexIsKeyIndex(node);
        if (!visited.Add((node.Name, name))) return true;
        if (node.Attributes.TryGetValue(name, out var rule))
        {
            string text = texts.WithContents(rule.KeyText(node.Seed, node.Name, node.ItemCount ?? 0));
            string part = $"attribute.{name}";
            parts[part] = parts.TryGetValue(part, out string? already) && already != text ? $"{already}; {text}" : text;
            bool told = rule is not Attributes.AttributeRule.Drawn || IndexIsKeyIndex(node);
            rule.CollectReads((root, read, _) =>
            {
                if (root != "item") return;
                told &= read == name ? AddInherited(node, read, parts, texts, visited) : AddRule(node, read, parts, texts, visited);
            });
            return told;
        }
        return AddInherited(node, name, parts, texts, visited);
    }

    // Legs, listed entries, groups and what was found while cooking are in the key already: as salts of the item, or through upstream keys.
    private static bool AddInherited(NodeProgram node, string name, SortedDictionary<string, string> parts, KeyTexts texts, HashSet<(string, string)> visited)
        => name == "index" || node.Wedge?.IndexOf(name) >= 0 || (node.Frames is not null && name == "frame") || node.Source is ItemSource.Collected || node.Source.Parent is not { } parent
            || AddRule(parent, name, parts, texts, visited);

    /// <summary>True when an item's number under its key base is its index, so that rules of the index need no salt.</summary>
    private static bool IndexIsKeyIndex(NodeProgram node) => node.Wedge is null && node.Source switch
    {
        ItemSource.Generated or ItemSource.Single => true,
        ItemSource.From f => node.Frames is null && IndexIsKeyIndex(f.Upstream),
        _ => false,
    };
}
