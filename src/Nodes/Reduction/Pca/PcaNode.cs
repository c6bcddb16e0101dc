using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Learning.Pca;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Reduction.Pca;

/// <summary>
/// Principal component analysis over the items of a node (<c>analyze</c>, <c>scree</c>), and its use on one sample (<c>project</c>, <c>reconstruct</c>),
/// also as a step.
/// </summary>
public static class PcaNode
{
    // With fewer, a median says nothing.
    private const int LeastForOutliers = 8;

    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfBoth<PcaNodeOptions>(
        NodeDescriptor.From<PcaNodeOptions>("pca", 3, "Finds the principal components of samples, and projects on them or back.") with
        {
            Family = "reduction",
            Input = DataKind.Geometry,
            Output = DataKind.Any,
            NeedsInput = true,
            HoudiniNames = ["pca"],
            Metrics = [new("components", "Components kept"), new("explained", "Share of the variance that they hold"), new("outliers", "Samples left out, where outlier_mads is given")],
            Example = ExampleRecipe.Simulated + ExampleRecipe.Displacements + ExampleRecipe.Basis,
        },
        Cook, Operate);

    /// <summary>Detail attribute of projected samples: hash of the basis, so that weights and basis can be matched later.</summary>
    public const string BasisAttribute = "pca_basis";

    /// <summary>Detail attribute of projected samples where the basis has a limit: 0 for outliers, which a data set leaves out.</summary>
    public const string ValidAttribute = "valid";

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
        var samples = new PcaSamples(options, cook);
        var settings = new PcaOptions { Components = options.Components > 0 ? options.Components : 4096, Algorithm = options.Algorithm, Seed = (ulong)options.Seed };
        var source = samples.Source;
        Outliers.Found? found = null;
        if (options.OutlierMads > 0 && source.Rows >= LeastForOutliers)
        {
            found = Outliers.Find(source, settings, options.OutlierMads);
            foreach (int row in found.Rows) cook.Log($"{samples.NameOf(row)} is {found.Residuals[row]:G4} from the basis of the others, more than {found.Limit:G4}: left out");
            cook.Metric("outliers", found.Rows.Count);
            if (found.Rows.Count > 0) source = Outliers.Only(source, [.. Enumerable.Range(0, source.Rows).Except(found.Rows)]);
        }
        var basis = PrincipalComponents.Analyse(source, settings) with { Contributions = samples.Layout.Contributions, ResidualLimit = found?.Limit };
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
            var layout = SampleLayout.Of(geometry[0], options.Attribs, options.Stride);
            int count = layout.SamplesIn(geometry[0], "the sample", options.Stride > 0);
            if (layout.Columns != basis.Columns)
                throw FarmException.Invalid("pca.length", $"the sample has {layout.Columns} numbers and the basis {basis.Columns}: project samples of the kind the basis was made from");
            var rows = new float[count * layout.Columns];
            layout.Fill(geometry[0], rows);
            var weights = basis.Project(rows, range);
            var projected = GeometryData.PointCloud(new float[3 * weights.Length])
                .With(AttributeClass.Point, options.WeightAttribute, AttributeValues.Of(weights))
                .WithDetail(BasisAttribute, AttributeValues.Of([HashOf(basis)]));
            // What the sample says of itself in text is still true of its weights: whoever reconstructs it needs it.
            foreach (var (said, text) in geometry[0].Attributes(AttributeClass.Detail))
                if (text.Type == AttributeType.String) projected = projected.WithDetail(said, text);
            if (basis.ResidualLimit is not { } limit) return [projected];
            double farthest = basis.Residuals(rows).DefaultIfEmpty().Max();
            if (farthest > limit) cook.Log($"{farthest:G4} from the basis, more than {limit:G4}: marked as not valid");
            return [projected.WithDetail(ValidAttribute, AttributeValues.Of([farthest > limit ? 0 : 1]))];
        }
        var given = geometry[0].Require(AttributeClass.Point, options.WeightAttribute, AttributeType.Float32, 1).Float32;
        var values = basis.Reconstruct(given, range);
        var made = SampleLayout.OfRows(basis.Contributions, basis.Columns, options.Attribs)
            ?? throw FarmException.Invalid("pca.format", "the basis does not say what its rows are made of, so that nothing can be made of them: cook it again");
        return [made.Geometry(values)];
    }
}
