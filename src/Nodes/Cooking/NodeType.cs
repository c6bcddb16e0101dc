using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Cooking;

/// <summary>Cooks one item: reads the inputs of <paramref name="cook"/>, emits its outputs. Runs on one thread; what it throws fails the item.</summary>
public delegate void CookItem<in TOptions>(TOptions options, CookContext cook);

/// <summary>
/// A pure function on geometry: the same options, geometry and item give the same result. It reads other nodes only through its options, and
/// emits nothing itself, so that it can stand between two others in memory.
/// </summary>
public delegate IReadOnlyList<GeometryData> Operate<in TOptions>(TOptions options, IReadOnlyList<GeometryData> geometry, CookContext cook);

/// <summary>
/// One entry of the catalogue: the description that recipes are checked against, and what the node does with an item. Knows nothing of leases or files.
/// </summary>
public sealed class NodeType
{
    private readonly Action<object, CookContext> cook;
    private readonly Func<object, IReadOnlyList<GeometryData>, CookContext, IReadOnlyList<GeometryData>>? operate;
    private readonly ConditionalWeakTable<JsonObject, object> records = [];
    private readonly Func<JsonObject, object> read;

    private NodeType(NodeDescriptor descriptor, Func<JsonObject, object> read, Action<object, CookContext> cook,
        Func<object, IReadOnlyList<GeometryData>, CookContext, IReadOnlyList<GeometryData>>? operate)
    {
        Descriptor = descriptor;
        this.read = read;
        this.cook = cook;
        this.operate = operate;
    }

    /// <summary>Name, version, options, what goes in and out.</summary>
    public NodeDescriptor Descriptor { get; }

    /// <summary>A node that cooks items.</summary>
    public static NodeType Of<TOptions>(NodeDescriptor descriptor, CookItem<TOptions> cook) where TOptions : class =>
        new(Checked<TOptions>(descriptor), descriptor.Read<TOptions>, (options, context) => cook((TOptions)options, context), null);

    /// <summary>
    /// A function on geometry. As a node, it is given the geometry of all items it reads, in order, and each geometry it returns is one output:
    /// <c>geometry</c>, <c>geometry.1</c>, …
    /// </summary>
    public static NodeType OfOperator<TOptions>(NodeDescriptor descriptor, Operate<TOptions> operate) where TOptions : class =>
        new(Checked<TOptions>(descriptor) with { IsOperator = true }, descriptor.Read<TOptions>,
            (options, context) => context.EmitAll(operate((TOptions)options, context.AllGeometry(), context)),
            (options, geometry, context) => operate((TOptions)options, geometry, context));

    /// <summary>A node that cooks items in a way of its own, and is a function on geometry as a step.</summary>
    public static NodeType OfBoth<TOptions>(NodeDescriptor descriptor, CookItem<TOptions> cook, Operate<TOptions> operate) where TOptions : class =>
        new(Checked<TOptions>(descriptor) with { IsOperator = true }, descriptor.Read<TOptions>,
            (options, context) => cook((TOptions)options, context),
            (options, geometry, context) => operate((TOptions)options, geometry, context));

    /// <summary>Cooks one item with evaluated options.</summary>
    public void Cook(JsonObject options, CookContext context) => cook(OptionsOf(options), context);

    /// <summary>Runs it as one step of a chain.</summary>
    public IReadOnlyList<GeometryData> Operate(JsonObject options, IReadOnlyList<GeometryData> geometry, CookContext context) =>
        operate is null
            ? throw new InvalidOperationException($"{Descriptor.Name} is a node, not an operator")
            : operate(OptionsOf(options), geometry, context);

    // Nodes whose options are the same for all items come with the same object each time: their record is made once.
    private object OptionsOf(JsonObject options) => records.GetValue(options, o => read(o));

    private static NodeDescriptor Checked<TOptions>(NodeDescriptor descriptor) => descriptor.OptionsType == typeof(TOptions) ? descriptor
        : throw new ArgumentException($"{descriptor.Name} is described by {descriptor.OptionsType.Name} but cooks {typeof(TOptions).Name}");
}
