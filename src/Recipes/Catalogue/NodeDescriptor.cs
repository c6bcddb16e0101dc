using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Catalogue;

/// <summary>What a node type takes or gives.</summary>
public enum DataKind : byte
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Anything at all; it is handed on as it is.</summary>
    Any = 1,
    /// <summary>Geometry, examples included.</summary>
    Geometry = 2,
    /// <summary>Examples: packed pairs of input and target.</summary>
    Examples = 3,
    /// <summary>A data set.</summary>
    Dataset = 4,
    /// <summary>A trained model.</summary>
    Model = 5,
    /// <summary>A reduced basis.</summary>
    Basis = 6,
    /// <summary>A report for people.</summary>
    Report = 7,
    /// <summary>Files.</summary>
    Files = 8,
}

/// <summary>An attribute that items of a node carry once they are cooked, beyond what the recipe says.</summary>
public sealed record AttributeDescriptor(string Name, StaticType Type, string Doc);

/// <summary>A number that items of a node report.</summary>
public sealed record MetricDescriptor(string Name, string Doc);

/// <summary>
/// All that is known of a node type without running it. The recipe language knows node types only as these.
/// </summary>
/// <param name="Name">In snake_case, as <c>uses:</c> writes it.</param>
/// <param name="Version">Raised whenever results change; part of every cook key.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Options">Every option.</param>
/// <param name="OptionsType">The record they are read into.</param>
public sealed record NodeDescriptor(string Name, int Version, string Summary, IReadOnlyList<OptionDescriptor> Options, Type OptionsType)
{
    /// <summary>What comes in through <c>from</c>, <c>each</c> or <c>collect</c>.</summary>
    public DataKind Input { get; init; } = DataKind.Any;

    /// <summary>What it puts out.</summary>
    public DataKind Output { get; init; } = DataKind.Any;

    /// <summary>True when it is a pure function on geometry, and so may be a step of a chain.</summary>
    public bool IsOperator { get; init; }

    /// <summary>True when an item without <c>from</c>, <c>each</c> or <c>collect</c> makes no sense.</summary>
    public bool NeedsInput { get; init; }

    /// <summary>The chapter it stands in: <c>rig</c>, <c>examples</c>, <c>training</c>.</summary>
    public string Family { get; init; } = "";

    /// <summary>Names of the same thing in Houdini.</summary>
    public IReadOnlyList<string> HoudiniNames { get; init; } = [];

    /// <summary>A recipe, or the node of one, as YAML.</summary>
    public string Example { get; init; } = "";

    /// <summary>Numbers it reports; <c>metric</c>, <c>top</c> and <c>require</c> may use them.</summary>
    public IReadOnlyList<MetricDescriptor> Metrics { get; init; } = [];

    /// <summary>Attributes its items carry once cooked. For a node that is expanded by <c>each</c>: those of every example.</summary>
    public IReadOnlyList<AttributeDescriptor> DynamicAttributes { get; init; } = [];

    /// <summary>True when cooked items may carry attributes nobody can list beforehand, such as the columns of a table.</summary>
    public bool HasOpenAttributes { get; init; }

    /// <summary>True when the cook looks at item attributes by itself; all of them then count for the cook key.</summary>
    public bool ReadsAttributes { get; init; }

    /// <summary>
    /// Describes a type by its options record: a public record with a parameterless constructor whose properties carry
    /// <see cref="OptionAttribute"/>; the property's initial value is the default.
    /// </summary>
    /// <exception cref="ArgumentException">The record holds a property without a description, or of a type no option can have.</exception>
    public static NodeDescriptor From<TOptions>(string name, int version, string summary) where TOptions : class, new()
        => new(name, version, summary, OptionRecords.Describe(typeof(TOptions)), typeof(TOptions));

    /// <summary>Fills the options record from evaluated options (those of an item specification or of an operator step).</summary>
    public TOptions Read<TOptions>(System.Text.Json.Nodes.JsonObject options) where TOptions : class => (TOptions)OptionRecords.Read(OptionsType, options);
}

/// <summary>The node types a recipe may use.</summary>
public interface INodeCatalogue
{
    /// <summary>Every type, in the order in which people should read them.</summary>
    IReadOnlyList<NodeDescriptor> All { get; }

    /// <summary>The type of that name; null when there is none.</summary>
    NodeDescriptor? Find(string name);
}

/// <summary>A catalogue over a list of descriptors.</summary>
public sealed class NodeCatalogue : INodeCatalogue
{
    private readonly Dictionary<string, NodeDescriptor> byName;

    /// <summary>Takes the descriptors; two of one name are a bug.</summary>
    public NodeCatalogue(IEnumerable<NodeDescriptor> descriptors)
    {
        All = [.. descriptors];
        byName = All.ToDictionary(d => d.Name, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public IReadOnlyList<NodeDescriptor> All { get; }

    /// <inheritdoc/>
    public NodeDescriptor? Find(string name) => byName.GetValueOrDefault(name);
}
