using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Tests.Nodes.Basics;

/// <summary>A host in memory: what a cook does is recorded, what it reads is given. Nothing touches the disk but scratch and emitted files.</summary>
internal sealed class RecordedCook : ICookHost, IDisposable
{
    private readonly Dictionary<(ContentHash, long), GeometryData> geometry = [];
    private readonly Dictionary<ContentHash, byte[]> files = [];
    private readonly Dictionary<(ContentHash, long, Type), object> remembered = [];
    private string? scratch;

    public List<string> LogLines { get; } = [];
    public List<(string Name, double Value, long Step)> Metrics { get; } = [];
    public List<(double Fraction, string? Status)> ProgressReports { get; } = [];
    public Dictionary<string, GeometryData> Geometry { get; } = [];
    public Dictionary<string, byte[]> Files { get; } = [];
    public Dictionary<string, string> Tags { get; } = [];
    public Dictionary<string, string> Attributes { get; } = [];
    public List<OutputRef> References { get; } = [];
    public List<CommandRequest> Commands { get; } = [];
    public Expansion? Expansion { get; private set; }
    public string? ExpansionAttributes { get; private set; }
    public byte[]? SavedState { get; set; }

    public ContentHash Lineage => default;

    public string Scratch => scratch ??= Directory.CreateTempSubdirectory("mlfarm-cook-").FullName;

    /// <summary>A context for one item.</summary>
    public CookContext Context(long index = 0, ulong seed = 1, string node = "node", CancellationToken cancellation = default, params CookInput[] inputs)
    {
        var context = new CookContext(this);
        foreach (var input in inputs) input.MoveTo(index);
        context.Begin(new(1), node, seed, index, 1, inputs, cancellation);
        return context;
    }

    /// <summary>An input that holds one item per geometry; every item reads all of them.</summary>
    public CookInput GeometryInput(string name, int position, params GeometryData[] items)
    {
        var results = new List<ItemResult>();
        for (int i = 0; i < items.Length; i++)
        {
            geometry[(items[i].Hash, i)] = items[i];
            results.Add(new(ItemRange.One(i), ResultKind.Succeeded, Outputs: [new("geometry", "geometry", items[i].Hash, 1, i)]));
        }
        return InputOf(name, position, results);
    }

    /// <summary>An input of one item with files by name, as (tag, content).</summary>
    public CookInput FileInput(string name, int position, params (string Name, string Tag, byte[] Content)[] outputs)
    {
        foreach (var output in outputs) files[ContentHash.Of(output.Content)] = output.Content;
        return InputOf(name, position, [new(ItemRange.One(0), ResultKind.Succeeded,
            Outputs: [.. outputs.Select(o => new OutputRef(o.Tag, o.Name, ContentHash.Of(o.Content), o.Content.Length))])]);
    }

    /// <summary>An input with these results; every item reads all of them.</summary>
    public CookInput InputOf(string name, int position, IReadOnlyList<ItemResult> results) =>
        new(this, position, name, "upstream", results, _ => new(new ItemRange(0, long.MaxValue)), _ => null);

    public void Log(ReadOnlySpan<char> text) => LogLines.Add(text.ToString());
    public void Metric(string name, double value, long step) => Metrics.Add((name, value, step));
    public void Progress(double fraction, string? status) => ProgressReports.Add((fraction, status));
    public void EmitGeometry(string name, GeometryData value) => Geometry.Add(name, value);
    public OutputRef EmitFile(string tag, string name, string path) => EmitBytes(tag, name, File.ReadAllBytes(path));

    public OutputRef EmitBytes(string tag, string name, ReadOnlySpan<byte> content)
    {
        Files.Add(name, content.ToArray());
        Tags.Add(name, tag);
        return new(tag, name, ContentHash.Of(content), content.Length);
    }

    public void EmitReference(OutputRef output) => References.Add(output);
    public void EmitExpansion(Expansion expansion) => Expansion = expansion;
    public void SetAttributesOfExpansion(string json) => ExpansionAttributes = json;
    public void SetAttribute(string name, string json) => Attributes[name] = json;
    public byte[]? LoadCheckpoint() => SavedState;
    public void SaveCheckpoint(ReadOnlySpan<byte> state) => SavedState = state.ToArray();
    public void RunCommand(CommandRequest request, CookContext cook) => Commands.Add(request);
    public GeometryData ReadGeometry(OutputRef output) => geometry[(output.Hash, output.Row)];

    public string LocalPath(RecipeFile file) => file.Path;

    public string ProgramPath(RecipeFile file) => file.Path;

    public string LocalPath(OutputRef output)
    {
        var path = Path.Combine(Scratch, output.Hash.ToString());
        File.WriteAllBytes(path, files[output.Hash]);
        return path;
    }

    public T Remember<T>(ContentHash content, long row, Func<T> decode) where T : class
    {
        if (!remembered.TryGetValue((content, row, typeof(T)), out var value)) remembered[(content, row, typeof(T))] = value = decode();
        return (T)value;
    }

    public void Dispose()
    {
        if (scratch is not null) Directory.Delete(scratch, recursive: true);
    }
}
