using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Tests.Nodes.World;

/// <summary>The host of one item: keeps what it logs, measures and puts out.</summary>
internal sealed class MemoryHost(MemoryStore store, string node, long index, Func<ContentHash> lineage) : ICookHost
{
    private readonly SortedDictionary<string, double> metrics = new(StringComparer.Ordinal);
    private string? scratch;

    public List<string> Lines { get; } = [];
    public List<(string Name, long Step, double Value)> Curves { get; } = [];
    public List<OutputRef> Outputs { get; } = [];
    public Expansion? Expansion { get; private set; }
    public IReadOnlyList<Metric> Metrics => [.. metrics.Select(m => new Metric(m.Key, m.Value))];

    /// <summary>Called before a checkpoint is saved; may throw to end the item there.</summary>
    public Action<int>? Saving { get; init; }
    public int Saved { get; private set; }

    public string Scratch => scratch ??= store.NewFolder();
    public void Log(ReadOnlySpan<char> text) => Lines.Add(text.ToString());
    public void Progress(double fraction, string? status) => Assert.InRange(fraction, 0, 1);
    public void EmitGeometry(string name, GeometryData geometry) => Add(store.Put(name, geometry));
    public OutputRef EmitFile(string tag, string name, string path) => Add(store.Put(tag, name, File.ReadAllBytes(path)));
    public OutputRef EmitBytes(string tag, string name, ReadOnlySpan<byte> content) => Add(store.Put(tag, name, content));
    public void EmitReference(OutputRef output) => Add(output);
    public void EmitExpansion(Expansion expansion) => Expansion = expansion;
    public void SetAttributesOfExpansion(string json) => throw new NotSupportedException("no node of this family finds attributes");
    public void SetAttribute(string name, string json) => throw new NotSupportedException("no node of this family sets attributes");
    public byte[]? LoadCheckpoint() => store.Checkpoints.GetValueOrDefault((node, index));
    public ContentHash Lineage => lineage();
    public void RunCommand(CommandRequest request, CookContext cook) => throw new NotSupportedException("no node of this family runs programs");
    public string LocalPath(RecipeFile file) => file.Path;

    public string ProgramPath(RecipeFile file) => file.Path;

    public string LocalPath(OutputRef output) => store.PathOf(output.Hash);
    public GeometryData ReadGeometry(OutputRef output) => store.Geometry(output);
    public T Remember<T>(ContentHash content, long row, Func<T> decode) where T : class => store.Remember(content, row, decode);

    public void Metric(string name, double value, long step)
    {
        metrics[name] = value;
        if (step >= 0) Curves.Add((name, step, value));
    }

    public void SaveCheckpoint(ReadOnlySpan<byte> state)
    {
        Saving?.Invoke(++Saved);
        store.Checkpoints[(node, index)] = state.ToArray();
    }

    public void End()
    {
        if (scratch is not null) Directory.Delete(scratch, recursive: true);
    }

    private OutputRef Add(OutputRef output)
    {
        Assert.DoesNotContain(Outputs, o => o.Name == output.Name);
        Outputs.Add(output);
        return output;
    }
}
