using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Nodes.Basics;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Workers.Reporting;
using KeyRun = ExampleMlFarm.Workers.Reporting.KeyRun;

namespace ExampleMlFarm.Workers.Programs;

/// <summary>
/// A lease of a node of a recipe: evaluates what each item does and hands it to the node type. What does not depend on the item is evaluated once per lease.
/// </summary>
internal sealed class RecipeLeaseProgram : ILeaseProgram
{
    private readonly RunId run;
    private readonly RecipeProgram recipe;
    private readonly NodeProgram node;
    private readonly IItemInputs given;
    private readonly NodeType? type;
    private readonly ItemSpec? constant;
    private readonly CookInput[] inputs;
    private readonly bool isExample;
    private CookInput? chain;
    private long item;

    public RecipeLeaseProgram(RunId run, RecipeProgram recipe, Lease lease, ICookHost host)
    {
        this.run = run;
        this.recipe = recipe;
        node = recipe[lease.Node];
        given = lease.Inputs.Count == 0 ? NoInputs.Instance : new LeaseInputs(recipe, run, lease);
        type = node.Kind == NodeKind.Uses ? Catalogue.Get(node.Type!.Name) : null;
        isExample = node.Source is ItemSource.Each && node.Kind != NodeKind.Expander;
        inputs = [.. lease.Inputs.Select(i => InputOf(i, host))];
        Keys = KeysOf(lease.Items);
        constant = node.HasConstantOptions ? recipe.Specify(node, lease.Items.Start, given) : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<KeyRun> Keys { get; }

    /// <inheritdoc/>
    public bool ReadsCache => node.Cache is CacheMode.Automatic or CacheMode.Read;

    /// <inheritdoc/>
    public IReadOnlyList<CookInput> Inputs => inputs;

    /// <inheritdoc/>
    public bool IsChain => chain is not null;

    /// <inheritdoc/>
    public string CheckpointName(long index)
    {
        foreach (var keys in Keys)
            if (keys.Items.Contains(index)) return $"{keys.KeyBase}-{keys.KeyIndex + index - keys.Items.Start}";
        return $"run-{run}-{node.Id.Value}-{index}";
    }

    /// <inheritdoc/>
    public ContentHash Lineage => recipe.LineageOf(node);

    /// <inheritdoc/>
    public ContentHash? ContentOf(RecipeFile file) => recipe.Source.Named.TryGetValue(file.Path, out var content) ? content : null;

    /// <inheritdoc/>
    public void MoveTo(long index)
    {
        item = index;
        int example = isExample ? checked((int)given.PositionInExpansion(index)) : -1;
        foreach (var input in inputs) input.MoveTo(index, input.Name == "each" ? example : -1);
    }

    /// <inheritdoc/>
    public void Cook(CookContext cook)
    {
        // What may come from the cache was looked for before; what is cooked here was not there.
        if (node.Cache == CacheMode.Read)
            throw FarmException.Invalid("cache.missing", $"no earlier result of {node.Name}/{item} is in the cache, and 'cache: read' forbids cooking it: use 'cache: automatic'");
        switch (node.Kind)
        {
            case NodeKind.Uses:
                type!.Cook(Spec().Options, cook);
                break;
            case NodeKind.Steps:
                cook.EmitAll(cook.Apply(Spec().Steps, cook.AllGeometry()));
                break;
            case NodeKind.Command:
                Command.Cook(Spec(), () => recipe.AttributesOf(node, item, given).ToJson(), cook);
                break;
            case NodeKind.PassThrough:
                PassThrough.Cook(cook);
                break;
            case NodeKind.Expander:
                Expand(cook);
                break;
            default:
                throw new InvalidOperationException($"items of {node.Name} ({node.Kind}) are not cooked");
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Finish(ItemOutputs outputs)
    {
        if (node.Kind != NodeKind.Expander && (node.ReportsAttributes || outputs.Attributes.Count > 0))
        {
            var all = new JsonObject();
            foreach (var (name, value) in recipe.AttributesOf(node, item, given).Values) all[name] = value.ToJson();
            foreach (var (name, json) in outputs.Attributes) all[name] = JsonNode.Parse(json);
            outputs.Touch();
            outputs.AttributesJson = CanonicalJson.Write(all);
        }
        if (node.Requirements.Count == 0) return null;
        var broken = recipe.BrokenChecks(node, item, given, outputs.Metrics);
        return broken.Count == 0 ? null : broken;
    }

    /// <inheritdoc/>
    public void Published(IReadOnlyList<ItemResult> results) => chain?.Add([.. results.Where(r => r.Kind is ResultKind.Succeeded or ResultKind.Cached)]);

    private ItemSpec Spec() => constant ?? recipe.Specify(node, item, given);

    private void Expand(CookContext cook)
    {
        if (node.Expands!.Source is ItemSource.Each)
        {
            // Only counting: the items find their example by its position.
            long count = 0;
            foreach (var upstream in cook.Inputs[0])
                foreach (var output in upstream.Outputs)
                    if (output.Tag.StartsWith("geometry", StringComparison.Ordinal))
                        count += ExampleCollection.Require(upstream.Geometry(output.Name), $"The output of {upstream}").PrimitiveCount;
            cook.EmitExpansion(new(count, null));
            return;
        }
        var (expansion, attributes) = recipe.Expand(node, item, given);
        cook.EmitExpansion(expansion);
        if (attributes is not null) cook.SetAttributesOfExpansion(attributes);
    }

    private CookInput InputOf(LeaseInput input, ICookHost host)
    {
        int position = input.Dependency;
        var dependency = node.Dependencies[position];
        Func<long, RangeSet> members = index => given.Members(position, index);
        if (dependency.Mapping is Mapping.Previous previous)
            members = index => index % previous.Length == 0 ? new() : new(ItemRange.One(index - 1));
        var upstream = recipe[dependency.Upstream];
        var made = new CookInput(host, position, dependency.Name, upstream.Name, input.Results.Where(r => r.Kind is ResultKind.Succeeded or ResultKind.Cached),
            members, index => given.AttributesOf(position, index) ?? Known(upstream, index), index => given.Absent(position, index));
        if (dependency.Mapping is Mapping.Previous) chain = made;
        return made;
    }

    // Attributes that follow from rules alone are not reported, so they are worked out again. Those that need further inputs are always reported.
    private JsonObject? Known(NodeProgram upstream, long index) => upstream.ReportsAttributes ? null
        : JsonNode.Parse(recipe.AttributesOf(upstream, index, NoInputs.Instance).ToJson()) as JsonObject;

    private List<KeyRun> KeysOf(ItemRange items)
    {
        var keys = new CookKeys(recipe, node, run, given);
        var runs = new List<KeyRun>();
        for (long index = items.Start; index < items.End;)
        {
            var next = keys.At(index, items.End);
            runs.Add(new(new(index, index + next.Length), next.Base, next.Index));
            index += next.Length;
        }
        return runs;
    }
}
