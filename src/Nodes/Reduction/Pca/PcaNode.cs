using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Contributions;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Learning.Pca;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Examples;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Reduction.Pca;

/// <summary>
/// Principal component analysis over the items of a node (<c>analyze</c>, <c>scree</c>), and its use on one sample (<c>project</c>, <c>reconstruct</c>),
/// also as a step.
/// </summary>
public static class PcaNode
{
    // Samples are read several times; up to this many bytes they are kept instead of read again.
    private const long KeepBytes = 1L << 30;

    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfBoth<PcaNodeOptions>(
        NodeDescriptor.From<PcaNodeOptions>("pca", 2, "Finds the principal components of samples, and projects on them or back.") with
        {
            Family = "reduction",
            Input = DataKind.Geometry,
            Output = DataKind.Any,
            NeedsInput = true,
            HoudiniNames = ["pca"],
            Metrics = [new("components", "Components kept"), new("explained", "Share of the variance that they hold")],
            Example = ExampleRecipe.Simulated + ExampleRecipe.Displacements + ExampleRecipe.Basis,
        },
        Cook, Operate);

    /// <summary>Detail attribute of projected samples: hash of the basis, so that weights and basis can be matched later.</summary>
    public const string BasisAttribute = "pca_basis";

    // Hashing a basis takes longer than projecting on it.
    private static readonly ConditionalWeakTable<PcaBasis, string> Hashes = [];

    /// <summary>Hash of a basis, worked out once.</summary>
    public static string HashOf(PcaBasis basis) => Hashes.GetValue(basis, b => b.Hash());

    /// <summary>Opens the basis that an option names, once per worker process.</summary>
    public static PcaBasis OpenBasis(CookContext cook, NodeInput option) =>
        cook.Input(option).Single().Load("basis.safetensors", path => PcaBasis.Parse(File.ReadAllBytes(path)));

    private static void Cook(PcaNodeOptions options, CookContext cook)
    {
        if (options.Mode is PcaMode.Project or PcaMode.Reconstruct)
        {
            cook.EmitAll(Operate(options, cook.AllGeometry(), cook));
            return;
        }
        var samples = new Samples(options, cook);
        var basis = PrincipalComponents.Analyse(samples.Source, new PcaOptions
        {
            Components = options.Components > 0 ? options.Components : 4096,
            Algorithm = options.Algorithm,
            Seed = (ulong)options.Seed,
        });
        var scree = basis.Scree();
        cook.Metric("components", basis.Count);
        cook.Metric("explained", scree.Count > 0 ? scree[^1].Cumulative : 0);
        cook.Log($"{basis.SampleCount} samples of {basis.Columns} numbers: {basis.Count} components hold {(scree.Count > 0 ? scree[^1].Cumulative : 0):P2} of the variance");
        var table = new StringBuilder("component,variance,proportion,cumulative\n");
        foreach (var point in scree)
            table.Append(CultureInfo.InvariantCulture, $"{point.Component},{point.Variance:R},{point.Proportion:R},{point.Cumulative:R}\n");
        if (options.Mode == PcaMode.Analyze) cook.EmitBytes("basis", "basis.safetensors", basis.ToBytes());
        cook.EmitBytes("file/csv", "scree.csv", Encoding.UTF8.GetBytes(table.ToString()));
    }

    private static IReadOnlyList<GeometryData> Operate(PcaNodeOptions options, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        if (options.Mode is not (PcaMode.Project or PcaMode.Reconstruct))
            throw FarmException.Invalid("pca.mode", "as a step, pca takes 'mode: project' or 'mode: reconstruct'; a basis is found by a node of its own with 'collect:'");
        if (options.Basis is null)
            throw FarmException.Invalid("pca.basis", $"'mode: {options.Mode.ToString().ToLowerInvariant()}' needs 'basis: ${{{{ nodes.NAME }}}}', a pca node with 'mode: analyze'");
        if (geometry.Count < 1) throw FarmException.Invalid("pca.inputs", "pca takes one sample and was given nothing");
        var basis = OpenBasis(cook, options.Basis);
        var range = new PcaRange(options.Skip, Math.Min(options.Components, basis.Count), options.IncludeMeanWeight);
        if (options.Mode == PcaMode.Project)
        {
            var sample = ComponentVector.Serialize(geometry[0], ContributionNames.Resolve(geometry[0], options.Attribs, "sample"));
            if (sample.Length != basis.Columns)
                throw FarmException.Invalid("pca.length", $"the sample has {sample.Length} numbers and the basis {basis.Columns}: project samples of the kind the basis was made from");
            var weights = basis.Project(sample, range);
            var projected = GeometryData.PointCloud(new float[3 * weights.Length])
                .With(AttributeClass.Point, options.WeightAttribute, AttributeValues.Of(weights))
                .WithDetail(BasisAttribute, AttributeValues.Of([HashOf(basis)]));
            // What the sample says of itself in text is still true of its weights: whoever reconstructs it needs it.
            foreach (var (said, text) in geometry[0].Attributes(AttributeClass.Detail))
                if (text.Type == AttributeType.String) projected = projected.WithDetail(said, text);
            return [projected];
        }
        if (options.Attribs.Count > 1)
            throw FarmException.Invalid("pca.attribs", $"reconstruct writes one point attribute, and 'attribs' names {options.Attribs.Count}");
        var given = geometry[0].Require(AttributeClass.Point, options.WeightAttribute, AttributeType.Float32, 1).Float32;
        var values = basis.Reconstruct(given, range);
        if (values.Length % 3 != 0)
            throw FarmException.Invalid("pca.length", $"the basis has {values.Length} numbers, which are not three per point: reconstruct makes vectors per point");
        string name = options.Attribs.Count == 1 ? options.Attribs[0] : "d";
        return [GeometryData.PointCloud(new float[values.Length]).With(AttributeClass.Point, name, AttributeValues.Of(values, 3))];
    }

    /// <summary>The samples of all items, read when asked for.</summary>
    private sealed class Samples
    {
        private readonly PcaNodeOptions options;
        private readonly List<CookInputItem> items;
        private readonly ContributionList contributions;
        private readonly float[]? kept;

        public Samples(PcaNodeOptions options, CookContext cook)
        {
            this.options = options;
            items = [.. cook.From.Where(i => i.Geometry().PrimitiveCount > 0 || i.Geometry().PointCount > 0)];
            if (items.Count == 0) throw FarmException.Invalid("pca.empty", $"none of the {cook.From.Count} items of '{cook.From.Upstream}' holds a sample");
            var first = SampleOf(items[0]);
            contributions = ContributionNames.Resolve(first, options.Attribs, "sample");
            int columns = checked((int)contributions.Size(first.PointCount));
            if ((long)items.Count * columns * sizeof(float) <= KeepBytes)
            {
                kept = new float[items.Count * columns];
                for (int i = 0; i < items.Count; i++)
                {
                    cook.ThrowIfCancelled();
                    Fill(i, columns, kept.AsSpan(i * columns, columns));
                }
            }
            Source = kept is not null ? RowSource.FromMemory(kept, columns) : new RowSource(items.Count, columns, (from, count, rows) =>
            {
                for (int i = 0; i < count; i++) Fill(from + i, columns, rows.Slice(i * columns, columns));
            });
        }

        public RowSource Source { get; }

        private void Fill(int index, int columns, Span<float> row)
        {
            var sample = SampleOf(items[index]);
            if (contributions.Size(sample.PointCount) != columns)
                throw FarmException.Invalid("pca.length", $"{items[index]} has {contributions.Size(sample.PointCount)} numbers and {items[0]} {columns}: all samples need the same points");
            ComponentVector.Serialize(sample, contributions, row);
        }

        private GeometryData SampleOf(CookInputItem item)
        {
            var geometry = item.Geometry();
            if (geometry.PrimitiveCount != 1 || !ExampleCollection.IsLabeled(geometry, 0)) return geometry;
            var (input, target) = Example.Decompose(geometry);
            return options.Component == SampleComponent.Target ? target : input;
        }
    }
}
