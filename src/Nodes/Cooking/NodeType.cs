using ExampleMlFarm.Geometry;

namespace ExampleMlFarm.Nodes.Cooking;

/// <summary>Cooks one item: reads the inputs of <paramref name="cook"/>, emits its outputs. Runs on one thread; what it throws fails the item.</summary>
public delegate void CookItem<in TOptions>(TOptions options, CookContext cook);

/// <summary>
/// A pure function on geometry: the same options, geometry and item give the same result. It reads other nodes only through its options, and
/// emits nothing itself, so that it can stand between two others in memory.
/// </summary>
public delegate IReadOnlyList<GeometryData> Operate<in TOptions>(TOptions options, IReadOnlyList<GeometryData> geometry, CookContext cook);

/// <summary>
/// One entry of the catalogue: a name, the record its options are written into, and what it does with an item. Knows nothing of
/// recipes, leases or files.
/// </summary>
public sealed class NodeType
{
    private readonly Action<object, CookContext> cook;
    private readonly Func<object, IReadOnlyList<GeometryData>, CookContext, IReadOnlyList<GeometryData>>? operate;

    private NodeType(string name, string summary, Type optionsType, Action<object, CookContext> cook,
        Func<object, IReadOnlyList<GeometryData>, CookContext, IReadOnlyList<GeometryData>>? operate)
    {
        Name = name;
        Summary = summary;
        OptionsType = optionsType;
        this.cook = cook;
        this.operate = operate;
    }

    /// <summary>What recipes write behind <c>uses:</c>; snake_case.</summary>
    public string Name { get; }

    /// <summary>One sentence for people.</summary>
    public string Summary { get; }

    /// <summary>The flat record of its options; every property documented with unit, default and range.</summary>
    public Type OptionsType { get; }

    /// <summary>Goes up when the same options and inputs give another result than before; part of the cook key.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Further names under which recipes may call it.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Tags of what it puts out, for the check of arrows between nodes.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>True when it may stand in a <c>steps:</c> chain.</summary>
    public bool IsOperator => operate is not null;

    /// <summary>A node that cooks items.</summary>
    public static NodeType Of<TOptions>(string name, string summary, CookItem<TOptions> cook) where TOptions : class =>
        new(name, summary, typeof(TOptions), (options, context) => cook((TOptions)options, context), null);

    /// <summary>
    /// A function on geometry. As a node, it is given the geometry of all items it reads, in order, and each geometry it returns is one output:
    /// <c>geometry</c>, <c>geometry.1</c>, …
    /// </summary>
    public static NodeType OfOperator<TOptions>(string name, string summary, Operate<TOptions> operate) where TOptions : class =>
        new(name, summary, typeof(TOptions),
            (options, context) => context.EmitAll(operate((TOptions)options, context.AllGeometry(), context)),
            (options, geometry, context) => operate((TOptions)options, geometry, context)) { Outputs = ["geometry"] };

    /// <summary>Cooks one item.</summary>
    public void Cook(object options, CookContext context) => cook(options, context);

    /// <summary>Runs it as one step of a chain.</summary>
    public IReadOnlyList<GeometryData> Operate(object options, IReadOnlyList<GeometryData> geometry, CookContext context) =>
        operate is null
            ? throw new InvalidOperationException($"{Name} is a node, not an operator")
            : operate(options, geometry, context);
}
