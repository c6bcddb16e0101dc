using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Cooking;

/// <summary>
/// All that a cook may know and do: its item, its inputs, its outputs. One object serves all items that a slot cooks, one after the
/// other; a cook must not keep it.
/// </summary>
/// <remarks>Not safe for several threads: a cook that computes in parallel talks to it from the thread it was called on.</remarks>
public sealed class CookContext
{
    private static readonly string[] GeometryNames = ["geometry", "geometry.1", "geometry.2", "geometry.3"];
    private readonly ICookHost host;
    private IReadOnlyList<CookInput> inputs = [];

    /// <summary>A context whose effects go to <paramref name="host"/>.</summary>
    public CookContext(ICookHost host) => this.host = host;

    /// <summary>Number of the run.</summary>
    public RunId Run { get; private set; }

    /// <summary>Name of the node in its recipe.</summary>
    public string Node { get; private set; } = "";

    /// <summary>Index of the item in its node.</summary>
    public long Index { get; private set; }

    /// <summary>1 for the first attempt. Results must not depend on it.</summary>
    public int Attempt { get; private set; }

    /// <summary>The recipe's seed.</summary>
    public ulong Seed { get; private set; }

    /// <summary>Set when the item should stop: cancelled, timed out, its lease taken back. Long cooks look at it about every 100 ms.</summary>
    public CancellationToken Cancellation { get; private set; }

    /// <summary>Throws when the item should stop.</summary>
    public void ThrowIfCancelled() => Cancellation.ThrowIfCancellationRequested();

    /// <summary>What the item reads, one entry per dependency that is not order-only, in the order of the plan.</summary>
    public IReadOnlyList<CookInput> Inputs => inputs;

    /// <summary>The input of <c>from:</c>, <c>each:</c> or <c>collect:</c>.</summary>
    /// <exception cref="FarmException">The node has none.</exception>
    public CookInput From => FindFrom() ?? throw FarmException.Invalid("node.no_input", $"node '{Node}' reads nothing: give it 'from:', 'each:' or 'collect:'");

    /// <summary>The input of <c>from:</c>, <c>each:</c> or <c>collect:</c>, or null. Inputs that options name are none of these.</summary>
    public CookInput? FindFrom() => FindInput("from") ?? FindInput("collect") ?? FindInput("each");

    /// <summary>The input with this name: <c>from</c>, <c>collect</c>, or the option that names a node.</summary>
    public CookInput Input(string name) => FindInput(name)
        ?? throw FarmException.Invalid("node.input_missing", $"node '{Node}' has no input '{name}'; it has {Listed()}");

    /// <summary>The input that an option names.</summary>
    public CookInput Input(NodeInput option)
    {
        for (int i = 0; i < inputs.Count; i++)
            if (inputs[i].Position == option.Dependency) return inputs[i];
        throw new InvalidOperationException($"the lease of '{Node}' brought no input {option.Dependency} for node '{option.Node}'");
    }

    /// <summary>The input with this name, or null.</summary>
    public CookInput? FindInput(string name)
    {
        for (int i = 0; i < inputs.Count; i++)
            if (inputs[i].Name == name) return inputs[i];
        return null;
    }

    /// <summary>The geometry of all items of <see cref="From"/>, in order; nothing when the node has none.</summary>
    public IReadOnlyList<GeometryData> AllGeometry()
    {
        if (FindFrom() is not { } from) return [];
        var all = new List<GeometryData>((int)Math.Min(from.Count, 1024));
        foreach (var item in from)
            item.AppendGeometry(all);
        return all;
    }

    /// <summary>Operators one after the other in memory: what lies between them is never written.</summary>
    public IReadOnlyList<GeometryData> Apply(OperatorChain chain, IReadOnlyList<GeometryData> geometry)
    {
        foreach (var step in chain.Steps)
        {
            ThrowIfCancelled();
            geometry = Catalogue.Get(step.Operator).Operate(step.Options, geometry, this);
        }
        return geometry;
    }

    /// <summary>
    /// Random numbers of this item: decided by the seed, node, item and <paramref name="stream"/> alone. Worker, attempt and order do not matter.
    /// </summary>
    public CounterRandom Random(string stream = "") => CounterRandom.Keyed(Seed, Node, Index, stream);

    /// <summary>
    /// Hash of the part of the recipe that this item is made by: for results that say where they come from. The same for all items of the node, and the same whether a
    /// result is cooked or comes from the cache.
    /// </summary>
    public ContentHash Lineage => host.Lineage;

    /// <summary>A line for the item's log.</summary>
    public void Log(string text) => host.Log(text);

    /// <summary>A number about this item. With a step it is a point of a curve; the last value of a name is the item's metric.</summary>
    public void Metric(string name, double value, long step = -1) => host.Metric(name, value, step);

    /// <summary>How far the item is, from 0 to 1.</summary>
    public void Progress(double fraction, string? status = null) => host.Progress(fraction, status);

    /// <summary>An empty folder of this item, made when first asked for and removed when the item ends.</summary>
    public string Scratch => host.Scratch;

    /// <summary>The path of a file that an option names; see <see cref="ICookHost.LocalPath(RecipeFile)"/>.</summary>
    public string LocalPath(RecipeFile file) => host.LocalPath(file);

    /// <summary>The path of a file on a command line; see <see cref="ICookHost.ProgramPath"/>.</summary>
    public string ProgramPath(RecipeFile file) => host.ProgramPath(file);

    /// <summary>
    /// The state this item saved in an attempt that did not end (<c>kill -9</c> included), or null. A cook that uses it must reach
    /// the same bytes as one that never stopped.
    /// </summary>
    public byte[]? LoadCheckpoint() => host.LoadCheckpoint();

    /// <summary>Replaces the saved state: atomic and durable when it returns. Removed when the item succeeds.</summary>
    public void SaveCheckpoint(ReadOnlySpan<byte> state) => host.SaveCheckpoint(state);

    /// <summary>Puts out a geometry: one row of the lease's segment for <paramref name="name"/>. At most one per name and item.</summary>
    public void EmitGeometry(GeometryData geometry, string name = "geometry") => host.EmitGeometry(name, geometry);

    /// <summary>Puts out geometries as <c>geometry</c>, <c>geometry.1</c>, …</summary>
    public void EmitAll(IReadOnlyList<GeometryData> geometry)
    {
        for (int i = 0; i < geometry.Count; i++)
            host.EmitGeometry(i < GeometryNames.Length ? GeometryNames[i] : $"geometry.{i}", geometry[i]);
    }

    /// <summary>Puts out a file, which is moved into the store.</summary>
    /// <param name="tag">What it is: <c>file/onnx</c>, <c>report</c>, …</param>
    /// <param name="name">Name within the item, with an extension people know.</param>
    /// <param name="path">A finished file, best in <see cref="Scratch"/>.</param>
    public OutputRef EmitFile(string tag, string name, string path) => host.EmitFile(tag, name, path);

    /// <summary>Puts out bytes as a file.</summary>
    public OutputRef EmitBytes(string tag, string name, ReadOnlySpan<byte> content) => host.EmitBytes(tag, name, content);

    /// <summary>Puts out what another item put out, as it is.</summary>
    public void EmitReference(OutputRef output) => host.EmitReference(output);

    /// <summary>For expander items: how many items were found, and what they read.</summary>
    public void EmitExpansion(Expansion expansion) => host.EmitExpansion(expansion);

    /// <summary>For expander items: attributes of the found items as columns, a JSON object of arrays.</summary>
    public void SetAttributesOfExpansion(string json) => host.SetAttributesOfExpansion(json);

    /// <summary>Sets an attribute of this item, which items downstream inherit; the value as canonical JSON.</summary>
    public void SetAttributeJson(string name, string json) => host.SetAttribute(name, json);

    /// <summary>Runs a program for this item; see <see cref="ICookHost.RunCommand"/>.</summary>
    public void RunCommand(CommandRequest request) => host.RunCommand(request, this);

    /// <summary>Points the context at the next item. For whoever runs cooks, not for cooks.</summary>
    public void Begin(RunId run, string node, ulong seed, long index, int attempt, IReadOnlyList<CookInput> inputs, CancellationToken cancellation)
    {
        Run = run;
        Node = node;
        Seed = seed;
        Index = index;
        Attempt = attempt;
        this.inputs = inputs;
        Cancellation = cancellation;
    }

    private string Listed() => inputs.Count == 0 ? "none" : string.Join(", ", inputs.Select(i => $"'{i.Name}'"));
}
