using System.Diagnostics;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Tests.Nodes.World;

/// <summary>What became of one item.</summary>
internal sealed record CookedItem(ItemResult Result, IReadOnlyList<string> Lines, IReadOnlyList<(string Name, long Step, double Value)> Curves)
{
    public Failure? Failure => Result.Failure;
    public double Metric(string name) => Result.Metrics!.Single(m => m.Name == name).Value;
    public OutputRef Output(string name) => Result.Outputs!.Single(o => o.Name == name);
}

/// <summary>
/// Cooks a whole recipe in this process, node after node, with the recipe's own program deciding what each item reads: what scheduler and workers do, without
/// either of them.
/// </summary>
internal sealed class RecipeRun : IDisposable
{
    private readonly Dictionary<NodeId, CookedItem?[]> cooked = [];
    private readonly Dictionary<NodeId, IReadOnlyList<(long Expander, RangeSet Members)>> found = [];

    public RecipeRun(string recipe, params (string Name, string Value)[] parameters)
    {
        var compiled = RecipeCompiler.Compile(recipe, "test.yaml", parameters.ToDictionary(p => p.Name, p => p.Value), Catalogue.Descriptors, new DiskFiles("."));
        Program = compiled.Program ?? throw new InvalidOperationException(string.Join('\n', compiled.Errors));
    }

    public RecipeProgram Program { get; }
    public MemoryStore Store { get; } = new();
    public int Threads { get; init; } = 1;

    /// <summary>Order in which the items of a node are cooked.</summary>
    public Func<long, IEnumerable<long>> Order { get; init; } = count => Enumerable.Range(0, (int)count).Select(i => (long)i);

    /// <summary>Called before item and checkpoint number are saved.</summary>
    public Action<string, long, int>? Saving { get; set; }

    /// <summary>Told the seconds of each node as it is done.</summary>
    public Action<string, double>? NodeDone { get; init; }

    public IReadOnlyList<CookedItem> this[string node] => [.. cooked[Program.Find(node)!.Id].Select(c => c!)];
    public Failure? FirstFailure => cooked.OrderBy(c => c.Key.Value).SelectMany(c => c.Value).Select(c => c?.Failure).FirstOrDefault(f => f is not null);
    public byte[] Bytes(OutputRef output) => File.ReadAllBytes(Store.PathOf(output.Hash));

    /// <summary>Cooks all nodes, or those that the named ones need.</summary>
    public RecipeRun Cook(params string[] only)
    {
        foreach (string name in only.Length > 0 ? only : Program.Nodes.Select(n => n.Name)) Need(Program.Find(name)!);
        return this;
    }

    private void Need(NodeProgram node)
    {
        if (cooked.ContainsKey(node.Id)) return;
        foreach (var dependency in node.Dependencies) Need(Program[dependency.Upstream]);
        if (node.Expander is { } expander)
            found[node.Id] = [.. cooked[expander.Id].SelectMany((e, i) => Enumerable.Range(0, (int)(e?.Result.Expansion?.Count ?? 0))
                .Select(k => ((long)i, e!.Result.Expansion!.Members?[k] ?? new RangeSet(ItemRange.One(i)))))];
        long count = node.ItemCount ?? found[node.Id].Count;
        var items = cooked[node.Id] = new CookedItem?[count];
        long started = Stopwatch.GetTimestamp();
        Parallel.ForEach(Order(count), new ParallelOptions { MaxDegreeOfParallelism = Threads }, i => items[i] = CookItem(node, i));
        NodeDone?.Invoke(node.Name, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Cook key of an item, with what its upstream has put out.</summary>
    public ContentHash KeyOf(string node, long index)
    {
        var of = Program.Find(node)!;
        foreach (var dependency in of.Dependencies) Need(Program[dependency.Upstream]);
        var lease = new Lease(new(1), of.Id, ItemRange.One(index), [], [.. Inputs(of, index)]);
        return new CookKeys(Program, of, new(1), new LeaseInputs(Program, new(1), lease)).At(index, index + 1).Base;
    }

    /// <summary>Puts another geometry in the place of what a cooked item put out.</summary>
    public void Replace(string node, long index, Func<GeometryData, GeometryData> change)
    {
        var items = cooked[Program.Find(node)!.Id];
        var item = items[index]!;
        items[index] = item with { Result = item.Result with { Outputs = [.. item.Result.Outputs!.Select(o => Store.Put(o.Name, change(Store.Geometry(o))))] } };
    }

    /// <summary>Makes a cooked item one that failed.</summary>
    public void Fail(string node, long index)
    {
        var items = cooked[Program.Find(node)!.Id];
        items[index] = items[index]! with { Result = new(ItemRange.One(index), ResultKind.Failed, Failure: new(FailureClass.Permanent, "test.failed", "this item was told to fail")) };
    }

    /// <summary>Cooks one item again; its upstream must have been cooked.</summary>
    public CookedItem CookItem(NodeProgram node, long index)
    {
        var host = new MemoryHost(Store, node.Name, index, () => Program.LineageOf(node)) { Saving = number => Saving?.Invoke(node.Name, index, number) };
        Failure? failure = null;
        IReadOnlyList<string>? broken = null;
        string? attributes = null;
        try
        {
            var lease = new Lease(new(1), node.Id, ItemRange.One(index), [], [.. Inputs(node, index)]);
            IItemInputs given = lease.Inputs.Count == 0 ? NoInputs.Instance : new LeaseInputs(Program, new(1), lease);
            var context = new CookContext(host);
            var inputs = lease.Inputs.Select(i => InputOf(node, i, given, host, index)).ToList();
            context.Begin(new(1), node.Name, Program.Seed, index, 1, inputs, TestContext.Current.CancellationToken);
            if (node.ReportsAttributes) attributes = Program.AttributesOf(node, index, given).ToJson();
            Cook(node, index, given, context);
            broken = Program.BrokenChecks(node, index, given, host.Metrics);
        }
        catch (FarmException e)
        {
            failure = e.Failure;
        }
        finally
        {
            host.End();
        }
        var kind = failure is null ? ResultKind.Succeeded : ResultKind.Failed;
        return new(new ItemResult(ItemRange.One(index), kind, Outputs: host.Outputs, Metrics: host.Metrics, Expansion: host.Expansion, Failure: failure, BrokenChecks: broken, Attributes: attributes), host.Lines, host.Curves);
    }

    private void Cook(NodeProgram node, long index, IItemInputs given, CookContext context)
    {
        switch (node.Kind)
        {
            case NodeKind.Uses: Catalogue.Get(node.Type!.Name).Cook(Program.Specify(node, index, given).Options, context); break;
            case NodeKind.Steps: context.EmitAll(context.Apply(Program.Specify(node, index, given).Steps, context.AllGeometry())); break;
            case NodeKind.Expander: context.EmitExpansion(Program.Expand(node, index, given).Expansion); break;
            default: throw new NotSupportedException($"{node.Name} is {node.Kind}");
        }
    }

    private IEnumerable<LeaseInput> Inputs(NodeProgram node, long index)
    {
        for (int d = 0; d < node.Dependencies.Count; d++)
        {
            var dependency = node.Dependencies[d];
            if (dependency.OrderOnly) continue;
            var results = cooked[dependency.Upstream].Select(c => c!.Result).ToList();
            if (results.Find(r => r.Kind == ResultKind.Failed) is { } bad && !dependency.AcceptsFailures && MappingRules.Reads(dependency.Mapping, index, results.Count) is { } reads && reads.Contains(bad.Items.Start))
                throw new FarmException(new Failure(FailureClass.Permanent, "test.upstream", $"{dependency.Upstream} failed: {bad.Failure}"));
            RangeSet[]? members = dependency.Mapping is not Mapping.Expanded ? null
                : node.Expander is { } expander && found.TryGetValue(node.Id, out var items)
                    ? [dependency.Upstream == expander.Id ? new(ItemRange.One(items[(int)index].Expander)) : items[(int)index].Members] : null;
            // As the run machine does: where something failed, it says who was to be read.
            if (members is null && dependency.AcceptsFailures && results.Exists(r => r.Kind == ResultKind.Failed) && MappingRules.Reads(dependency.Mapping, index, results.Count) is { } wanted)
                members = [new(wanted)];
            yield return new(d, members, results);
        }
    }

    private CookInput InputOf(NodeProgram node, LeaseInput input, IItemInputs given, ICookHost host, long index)
    {
        var dependency = node.Dependencies[input.Dependency];
        var upstream = Program[dependency.Upstream];
        var made = new CookInput(host, input.Dependency, dependency.Name, upstream.Name, input.Results.Where(r => r.Kind == ResultKind.Succeeded),
            i => given.Members(input.Dependency, i), i => given.AttributesOf(input.Dependency, i) ?? Known(upstream, i), i => given.Absent(input.Dependency, i));
        made.MoveTo(index);
        return made;
    }

    private JsonObject? Known(NodeProgram upstream, long index) => upstream.ReportsAttributes ? null
        : JsonNode.Parse(Program.AttributesOf(upstream, index, NoInputs.Instance).ToJson()) as JsonObject;

    public void Dispose() => Store.Dispose();
}
