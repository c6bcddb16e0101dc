using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>What the run leaves in the output folder: a name, and the node whose outputs it is.</summary>
public sealed record RecipeOutput(string Name, NodeProgram Node);

/// <summary>
/// A compiled recipe: a pure function from (node, index, upstream results) to what the item does. The planner, the workers and the command line ask the
/// same object; it knows no clock, no scheduler and no cook.
/// </summary>
/// <remarks>Immutable; safe to share between threads.</remarks>
public sealed class RecipeProgram
{
    private readonly ItemSpec?[] constants;
    private readonly NodeKey?[] keys;
    private readonly bool?[] planned;

    internal RecipeProgram(string name, string description, ulong seed, IReadOnlyList<NodeProgram> nodes, IReadOnlyList<RecipeOutput> outputs, RecipeText source)
    {
        (Name, Description, Seed, Nodes, Outputs, Source) = (name, description, seed, nodes, outputs, source);
        Plan = new([.. nodes.Select(n => n.Policy)]);
        constants = new ItemSpec?[nodes.Count];
        keys = new NodeKey?[nodes.Count];
        planned = new bool?[nodes.Count];
    }

    /// <summary>Name of the recipe.</summary>
    public string Name { get; }

    /// <summary>What it is for.</summary>
    public string Description { get; }

    /// <summary>Seed of all draws that have no seed of their own.</summary>
    public ulong Seed { get; }

    /// <summary>The nodes, in the order of <see cref="Plan"/>.</summary>
    public IReadOnlyList<NodeProgram> Nodes { get; }

    /// <summary>What is placed in the output folder.</summary>
    public IReadOnlyList<RecipeOutput> Outputs { get; }

    /// <summary>What the scheduler gets.</summary>
    public RunPlan Plan { get; }

    /// <summary>The text, parameters and files it was compiled from.</summary>
    public RecipeText Source { get; }

    /// <summary>The node of that position.</summary>
    public NodeProgram this[NodeId id] => Nodes[id.Value];

    /// <summary>The node of that name; null when there is none.</summary>
    public NodeProgram? Find(string name) => Nodes.FirstOrDefault(n => n.Name == name);

    /// <summary>What an item does. With <see cref="NodeProgram.HasConstantOptions"/> every item gets the same instance.</summary>
    /// <exception cref="FarmException">An expression has no value for this item, or one that the option does not take.</exception>
    public ItemSpec Specify(NodeProgram node, long index, IItemInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.HasConstantOptions) return constants[node.Id.Value] ??= Specify(node, NoNames.Instance);
        return Specify(node, new ItemNames(node, index, inputs));
    }

    private ItemSpec Specify(NodeProgram node, IExpressionNames names)
    {
        try
        {
            return new()
            {
                Options = node.Options?.Evaluate(names)?.AsObject() ?? [],
                Steps = node.Steps is null ? OperatorChain.Empty
                    : new([.. node.Steps.Of.Select(s => new OperatorStep(s.Type.Name, s.Options.Evaluate(names)!.AsObject()))]),
                Command = [.. node.Command.Select(word => WordOf(node, word, names))],
                IsShellLine = node.Command.Count > 0 && !node.CommandIsArguments,
                Outputs = [.. node.Outputs.Select(o => new OutputFile(o.Name, o.Path.Evaluate(names).ToString()!))],
            };
        }
        catch (ExpressionException e)
        {
            throw FarmException.Invalid("recipe.expression", $"{(names is ItemNames item ? item.Address : node.Name)} (line {node.Mark.Line}): {e.Message}");
        }
    }

    private CommandWord WordOf(NodeProgram node, Template word, IExpressionNames names)
    {
        var parts = new List<CommandPart>();
        foreach (var part in word.Parts)
        {
            var value = Evaluator.Evaluate(part, names);
            if (value is Value.Node n)
            {
                parts.Add(new(null, new(n.Name, DependencyOn(node, n.Name))));
                continue;
            }
            if (value is Value.File file)
            {
                parts.Add(new(null, null, new(Source.Files.Resolve(file.Path))));
                continue;
            }
            string text = value.ToString()!;
            if (parts is [.., { Text: { } before }]) parts[^1] = new(before + text, null);
            else parts.Add(new(text, null));
        }
        return new(parts);
    }

    internal static int DependencyOn(NodeProgram node, string upstream)
    {
        for (int i = 0; i < node.Dependencies.Count; i++)
            if (!node.Dependencies[i].OrderOnly && node.DependencyNames[i] == upstream && node.Dependencies[i].Mapping is Mapping.All) return i;
        return -1;
    }

    /// <summary>All attributes of an item.</summary>
    /// <exception cref="FarmException">A rule has no value for this item.</exception>
    public ItemAttributes AttributesOf(NodeProgram node, long index, IItemInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(node);
        return new(new ItemNames(node, index, inputs).All());
    }

    /// <summary>One attribute of an item; null when it has none of that name.</summary>
    /// <exception cref="FarmException">Its rule has no value for this item.</exception>
    public Value? AttributeOf(NodeProgram node, long index, string name, IItemInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(node);
        return new ItemNames(node, index, inputs).Attribute(name);
    }

    /// <summary>The lines of <c>require:</c> that do not hold for a cooked (or cached) item. A metric that is missing breaks the check that reads it.</summary>
    public IReadOnlyList<string> BrokenChecks(NodeProgram node, long index, IItemInputs inputs, IReadOnlyList<Metric> metrics)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Requirements.Count == 0) return [];
        var names = new ItemNames(node, index, inputs, metrics);
        var broken = new List<string>();
        foreach (var requirement in node.Requirements)
        {
            try
            {
                if (requirement.Condition.Evaluate(names) is Value.Bool { Truth: true }) continue;
                var read = new SortedSet<string>(StringComparer.Ordinal);
                requirement.Condition.CollectReads((root, name, _) =>
                {
                    if (root == "metrics" && names.Metric(name) is { } m) read.Add($"{name} = {m.ToString("G6")}");
                });
                broken.Add(read.Count == 0 ? requirement.Text : $"{requirement.Text} ({string.Join(", ", read)})");
            }
            catch (ExpressionException e)
            {
                broken.Add($"{requirement.Text}: {e.Message}");
            }
        }
        return broken;
    }

    /// <summary>
    /// What an item of an expander of <c>where</c>, <c>top</c> or <c>collect</c> finds, with attributes as columns. Expanders of <c>each</c> look into
    /// geometry, which is the worker's business.
    /// </summary>
    /// <exception cref="FarmException">A metric is missing, or an expression has no value.</exception>
    public (Expansion Expansion, string? Attributes) Expand(NodeProgram expander, long index, IItemInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(expander);
        var node = expander.Expands ?? throw new ArgumentException($"{expander.Name} is no expander", nameof(expander));
        switch (node.Source)
        {
            case ItemSource.Selected s when s.Choice.IsPerItem && expander.Dependencies[0].Mapping is Mapping.OneToOne:
                return (new(Choosing.Choose(s.Upstream, s.Choice, inputs.Members(0, index), inputs).Count, null), null);
            case ItemSource.Selected s:
                var chosen = Choosing.Choose(s.Upstream, s.Choice, inputs.Members(0, index), inputs);
                return (new(chosen.Count, [.. chosen.Select(i => new RangeSet(ItemRange.One(i)))]), null);
            case ItemSource.Collected c:
                var groups = Grouping.Group(c.Rule, inputs.Members(0, index), (item, name) => Choosing.AttributeOf(c.Upstream, item, name, inputs), c.Upstream.Name);
                var columns = c.Rule.By is { Count: > 0 } by
                    ? new JsonObject(by.Select((name, i) => KeyValuePair.Create(name, (JsonNode?)new JsonArray([.. groups.Values.Select(v => v[i].ToJson())])))) : null;
                return (new(groups.Members.Count, groups.Members), columns is null ? null : CanonicalJson.Write(columns));
            default: throw new InvalidOperationException($"the items of {node.Name} are counted by looking at geometry");
        }
    }

    /// <summary>True when the keys of a node's items follow from the recipe alone, so that a plan can look them up.</summary>
    public bool KeysArePlanned(NodeProgram node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return planned[node.Id.Value] ??= node.ItemCount is not null && node.Expander is null
            && node.Dependencies.All(d => d.OrderOnly || d.Upstream == node.Id || KeysArePlanned(this[d.Upstream]))
            && (KeyOf(node).Salts.Count == 0 || !node.ReportsAttributes);
    }

    /// <summary>
    /// Identifies how a node's results are made: a hash of its own type, options and rules and of those of all it reads, with values of parameters and contents of files,
    /// but without names, policies, item counts and values of wedges. The same recipe with the same parameters gives the same hash, from the cache or not.
    /// </summary>
    public ContentHash LineageOf(NodeProgram node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return RecipeLineage.Of(this, node);
    }

    internal NodeKey KeyOf(NodeProgram node) => keys[node.Id.Value] ??= NodeKey.Of(this, node);
}

/// <summary>The text of a recipe with all that was put into it.</summary>
/// <param name="FileName">Name in messages.</param>
/// <param name="Text">The YAML.</param>
/// <param name="Parameters">Every parameter with its value, files resolved.</param>
/// <param name="Files">Where files are looked up.</param>
/// <param name="Named">Absolute paths of the files that were named, with their content.</param>
/// <param name="Part">What of it is cooked.</param>
public sealed record RecipeText(string FileName, string Text, IReadOnlyDictionary<string, Value> Parameters, IRecipeFiles Files, IReadOnlyDictionary<string, ContentHash> Named, RecipePart Part);
