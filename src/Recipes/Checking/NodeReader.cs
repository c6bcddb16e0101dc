using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>Reads the nodes of a recipe, in an order in which everything a node reads is known before it, and builds their programs.</summary>
internal sealed partial class NodeReader(PlanValues values, INodeCatalogue catalogue, IRecipeFiles files, IReadOnlyCollection<string> names, ulong recipeSeed)
{
    private static readonly string[] Keys =
    [
        "description", "generate", "from", "each", "collect", "wedge", "frames", "needs", "generate_when", "uses", "with", "steps", "run", "out", "attributes",
        "batch", "resources", "pool", "tags", "max_parallel", "priority", "retry", "timeout", "allow_failed", "cache", "seed", "metric", "require",
    ];

    private static readonly Dictionary<string, string> NotYet = new(StringComparer.Ordinal)
    {
        ["repeat"] = "\"repeat\" is not there yet; a later version will have feedback loops",
        ["script"] = "\"script\" is not there yet; a later version will run scripts in a python_venv. Until then \"run\" starts any program",
        ["early_stop"] = "\"early_stop\" is not there yet; a later version will stop hopeless trials. Until then trials run to their end",
        ["exclude"] = "\"exclude\" is not there yet; a later version will have it",
        ["include"] = "\"include\" is not there yet; a later version will have it",
    };

    private readonly List<NodeProgram> nodes = [];
    private readonly Dictionary<string, NodeProgram> byName = new(StringComparer.Ordinal);

    public IReadOnlyList<NodeProgram> Nodes => nodes;

    public NodeProgram? Find(string name) => byName.GetValueOrDefault(name);

    private Diagnostics Diagnostics => values.Diagnostics;

    public void Read(YamlEntry entry)
    {
        string name = entry.Key.Text;
        var node = new NodeProgram(name, entry.Key.Mark) { Seed = recipeSeed };
        byName[name] = node;
        if (values.Mapping(entry.Value, $"node \"{name}\"", Keys, NotYet) is not { } map)
        {
            node.IsOpen = true;
            Finish(node, [], null, new("", new ItemRule.Fixed(1), []));
            return;
        }
        if (map.Find("description") is { } description) node.Description = values.Word(description, "description") ?? "";
        if (map.Find("seed") is { } seed) node.Seed = (ulong)(values.Int(seed, "seed", 0, long.MaxValue) ?? 0);
        var sets = ReadSource(node, map);
        ReadAttributes(node, map);
        ReadWork(node, map);
        CheckInput(node, map);
        node.ReportsAttributes |= node.Type is { } type && (type.HasOpenAttributes || type.DynamicAttributes.Count > 0);
        node.ReportsAttributes |= node.Steps?.Of.Any(s => s.Type.HasOpenAttributes || s.Type.DynamicAttributes.Count > 0) == true;
        if (node.Kind == NodeKind.Virtual && (sets.Expander is not null || node.ReportsAttributes || node.Source.Parent is { Kind: not NodeKind.Virtual })) node.Kind = NodeKind.PassThrough;
        ReadJudgement(node, map);
        Finish(node, sets.Dependencies, sets.Expander, ReadPolicy(node, map), map);
    }

    /// <summary>What the source of a node's items means for the plan.</summary>
    private readonly record struct ItemSets(List<(NodeProgram Upstream, Dependency Dependency)> Dependencies, Dependency? Expander, ItemRule Rule);

    private void ReadAttributes(NodeProgram node, YamlMapping map)
    {
        var visible = Inherited(node);
        bool open = node.IsOpen;
        if (map.Find("attributes") is { } attributes)
        {
            var reader = new AttributeReader(values, node, visible, open);
            var rules = reader.Read(attributes);
            node.Attributes = rules;
            foreach (var (name, rule) in rules) visible[name] = rule.Type;
            // Names whose rules are wrong exist all the same, so that one mistake is said once.
            foreach (var entry in (attributes as YamlMapping)?.Entries ?? []) visible.TryAdd(entry.Key.Text, StaticType.Any);
        }
        node.Visible = visible;
    }

    private static SortedDictionary<string, StaticType> Inherited(NodeProgram node)
    {
        var visible = new SortedDictionary<string, StaticType>(StringComparer.Ordinal) { ["index"] = StaticType.Int };
        switch (node.Source)
        {
            case ItemSource.Listed l:
                foreach (var entry in l.Entries.SelectMany(e => e)) visible[entry.Key] = visible.TryGetValue(entry.Key, out var t) ? StaticType.Join(t, entry.Value.Type) : entry.Value.Type;
                break;
            case ItemSource.Collected { Rule.By: { } by } c:
                foreach (string name in by) visible[name] = c.Upstream.Visible.GetValueOrDefault(name) ?? StaticType.Any;
                break;
            case ItemSource.Collected: break;
            case { Parent: { } parent }:
                foreach (var (name, type) in CookedAttributes(parent)) visible[name] = type;
                node.IsOpen |= parent.IsOpen || parent.Type?.HasOpenAttributes == true;
                break;
        }
        foreach (var p in node.Wedge?.Parameters ?? []) visible[p.Name] = p.Type;
        if (node.Frames is not null) visible["frame"] = StaticType.Int;
        return visible;
    }

    private static IEnumerable<KeyValuePair<string, StaticType>> CookedAttributes(NodeProgram node)
        => node.Visible.Concat((node.Type?.DynamicAttributes ?? []).Concat(node.Steps?.Of.SelectMany(s => s.Type.DynamicAttributes) ?? []).Select(a => KeyValuePair.Create(a.Name, a.Type)));

    private static bool Compatible(DataKind output, DataKind input)
        => input is DataKind.Any or DataKind.None || output == DataKind.Any || output == input || (output, input) is (DataKind.Examples, DataKind.Geometry) or (DataKind.Geometry, DataKind.Examples);

    private static DataKind OutputOf(NodeProgram node) => node.Kind switch
    {
        NodeKind.Uses => node.Type?.Output ?? DataKind.Any,
        NodeKind.Steps => DataKind.Geometry,
        NodeKind.Command => DataKind.Files,
        NodeKind.PassThrough => node.Source.Parent is { } parent ? OutputOf(parent) : DataKind.Any,
        _ => DataKind.None,
    };

    private void CheckInput(NodeProgram node, YamlMapping map)
    {
        var type = node.Kind == NodeKind.Uses ? node.Type : node.Steps?.Of is [var (first, _), ..] ? first : null;
        if (type is null) return;
        bool hasSource = map.Find("from") is not null || map.Find("each") is not null || map.Find("collect") is not null;
        var mark = map.Find("uses")?.Mark ?? map.Find("steps")?.Mark ?? node.Mark;
        if (type.NeedsInput && !hasSource) values.Wrong(mark, $"{type.Name} works on the items of another node; add \"from\", \"each\" or \"collect\"");
        else if (type.NeedsInput && node.Source.Parent is { } parent && !Compatible(OutputOf(parent), type.Input))
        {
            string given = OutputOf(parent) == DataKind.None ? "has attributes alone" : $"puts out {Word(OutputOf(parent))}";
            values.Wrong(mark, $"{type.Name} takes {Word(type.Input)}, but node \"{parent.Name}\" {given}");
        }
    }

    private static string Word(DataKind kind) => kind.ToString().ToLowerInvariant() is var word && kind is DataKind.Dataset or DataKind.Model or DataKind.Basis or DataKind.Report ? $"a {word}" : word;

    private void Finish(NodeProgram node, List<(NodeProgram Upstream, Dependency Dependency)> dependencies, Dependency? expander, PlanNode policy, YamlMapping? map = null)
    {
        var upstream = dependencies.Select(d => d.Upstream.Name).ToList();
        var all = dependencies.Select(d => d.Dependency).ToList();
        if (expander is not null)
        {
            var hidden = new NodeProgram(node.Name + "?", node.Mark)
            {
                Kind = NodeKind.Expander,
                Source = node.Source.Parent is { } parent ? new ItemSource.From(parent) : new ItemSource.Single(),
                Expands = node,
                Dependencies = [expander],
                DependencyNames = [node.Source.Parent?.Name ?? ""],
                // Whoever is expanded must see the same failures as everybody else, so the expander cooks once all have settled.
                ItemCount = expander.Mapping is Mapping.All ? 1 : node.Source.Parent?.ItemCount,
                ReportsAttributes = true,
                HasConstantOptions = true,
                Cache = expander.Mapping is Mapping.OneToOne && node.Source is ItemSource.Each ? CacheMode.Automatic : CacheMode.Ignore,
                Id = new(nodes.Count),
            };
            hidden.Policy = new(hidden.Name, expander.Mapping is Mapping.All ? new ItemRule.Fixed(1) : new ItemRule.FollowsInput(), hidden.Dependencies) { IsExpander = true, Priority = policy.Priority, Pool = policy.Pool };
            nodes.Add(hidden);
            node.Expander = hidden;
            // Position 1, right after what was expanded.
            all.Insert(1, new(hidden.Id, "expander", new Mapping.Expanded()));
            upstream.Insert(1, hidden.Name);
        }
        node.Id = new(nodes.Count);
        foreach (var (name, option) in NodeReferences(node))
        {
            if (Find(name) is not { } read) continue;
            int known = -1;
            for (int i = 0; i < all.Count; i++)
                if (upstream[i] == name && all[i].Mapping is Mapping.All) known = i;
            if (known >= 0) continue;
            all.Add(new(read.Id, option, new Mapping.All()));
            upstream.Add(name);
        }
        if (node.Frames is { } frames)
        {
            all.Add(new(node.Id, "previous", new Mapping.Previous(frames.Length)));
            upstream.Add(node.Name);
        }
        foreach (var need in Needs(map, node.Name))
        {
            all.Add(new(need.Id, "needs", new Mapping.All(), OrderOnly: true));
            upstream.Add(need.Name);
        }
        node.Dependencies = all;
        node.DependencyNames = upstream;
        foreach (var tree in new OptionTree?[] { node.Options, node.Steps }.OfType<OptionTree>().SelectMany(t => t.Descendants()).OfType<OptionTree.Node>())
            tree.Dependency = RecipeProgram.DependencyOn(node, tree.Name);
        bool reads = false;
        foreach (var template in node.Command.Concat(node.Outputs.Select(o => o.Path))) template.CollectReads((root, _, _) => reads |= root is "item" or "out");
        node.HasConstantOptions = !reads && node.Options?.IsConstant != false && node.Steps?.IsConstant != false && node.Outputs.All(o => o.Path.Constant is not null);
        node.Policy = policy with { Name = node.Name, Dependencies = all, IsVirtual = node.Kind == NodeKind.Virtual, Items = RuleOf(node, policy.Items) };
        nodes.Add(node);
    }

    private static ItemRule RuleOf(NodeProgram node, ItemRule rule) => node.Expander is { } expander ? new ItemRule.FoundBy(expander.Id) : node.Source switch
    {
        ItemSource.From => new ItemRule.FollowsInput(),
        ItemSource.Collected { Rule.IsBlocks: true } => new ItemRule.FollowsInput(),
        _ when node.ItemCount is { } count => new ItemRule.Fixed(count),
        _ => rule,
    };

    private static List<(string Node, string Option)> NodeReferences(NodeProgram node)
    {
        var found = new List<(string, string)>();
        if (node.Options is not null) Collect(node.Options, "");
        if (node.Steps is not null) Collect(node.Steps, "steps");
        foreach (var word in node.Command)
        {
            word.CollectReads((root, name, _) =>
            {
                if (root == "nodes") found.Add((name, "run"));
            });
        }
        return found;

        void Collect(OptionTree tree, string path)
        {
            string Under(string name) => path.Length == 0 ? name : $"{path}.{name}";
            switch (tree)
            {
                case OptionTree.Node n: found.Add((n.Name, path)); break;
                case OptionTree.Fields f:
                    foreach (var (option, inner) in f.Of) Collect(inner, Under(option.Name));
                    break;
                case OptionTree.Map m:
                    foreach (var (name, inner) in m.Of) Collect(inner, Under(name));
                    break;
                case OptionTree.Entries e:
                    foreach (var inner in e.Of) Collect(inner, path);
                    break;
                case OptionTree.Chain c:
                    foreach (var (type, inner) in c.Of) Collect(inner, Under(type.Name));
                    break;
            }
        }
    }

    private IEnumerable<NodeProgram> Needs(YamlMapping? map, string node)
    {
        if (map?.Find("needs") is not { } needs) yield break;
        foreach (var entry in needs is YamlList l ? l.Entries : [needs])
        {
            if (values.Word(entry, "needs") is not { } name) continue;
            if (Find(name) is { } found && name != node) yield return found;
            else if (!names.Contains(name)) UnknownNode(entry.Mark, name, node);
        }
    }

    private void UnknownNode(TextMark mark, string name, string self)
        => values.Wrong(mark, $"unknown node \"{name}\"{NearestName.Hint(name, [.. names.Where(n => n != self)])}");
}
