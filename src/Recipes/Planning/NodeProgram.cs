using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Recipes.Attributes;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Wedges;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>What an item of a node does.</summary>
public enum NodeKind : byte
{
    /// <summary><c>uses:</c> a node type.</summary>
    Uses = 0,
    /// <summary><c>steps:</c>, a chain of operators.</summary>
    Steps = 1,
    /// <summary><c>run:</c>, a command line.</summary>
    Command = 2,
    /// <summary>Attributes alone; in the plan its items count as done.</summary>
    Virtual = 3,
    /// <summary>Attributes over items that do have results: hands its inputs' outputs on. A worker "cooks" it in no time.</summary>
    PassThrough = 4,
    /// <summary>Hidden: finds out which items another node has (<see cref="NodeProgram.Expands"/>).</summary>
    Expander = 5,
}

/// <summary>What may come from the cache.</summary>
public enum CacheMode : byte
{
    /// <summary>Taken from the cache when there, else cooked and kept.</summary>
    Automatic = 0,
    /// <summary>Must be in the cache; a missing result fails.</summary>
    Read = 1,
    /// <summary>Always cooked and kept; everything downstream cooks again too (its keys are those of this run).</summary>
    Write = 2,
    /// <summary>Always cooked, never looked up or kept; downstream is not disturbed.</summary>
    Ignore = 3,
}

/// <summary>The metric a node is judged by.</summary>
public sealed record MetricGoal(string Name, bool Minimize);

/// <summary>A file that a command writes.</summary>
/// <param name="Name">Key in <c>out:</c>.</param>
/// <param name="Path">Path relative to the item's folder.</param>
public sealed record CommandOutput(string Name, Template Path);

/// <summary>A line of <c>require:</c>.</summary>
/// <param name="Condition">A bool over metrics and item.</param>
/// <param name="Text">As the recipe writes it.</param>
/// <param name="Mark">Where.</param>
public sealed record Requirement(Template Condition, string Text, TextMark Mark);

/// <summary>One node of a recipe, compiled: everything about its items follows from here, from their index and from upstream results.</summary>
/// <remarks>Immutable once the recipe is compiled; safe to share between threads.</remarks>
public sealed class NodeProgram
{
    internal NodeProgram(string name, TextMark mark) => (Name, Mark) = (name, mark);

    /// <summary>Name in the recipe; an expander's ends in <c>?</c>.</summary>
    public string Name { get; }

    /// <summary>Where it stands in the recipe.</summary>
    public TextMark Mark { get; }

    /// <summary>Where the recipe asks for a resource, by its name; empty when it asks for none.</summary>
    public IReadOnlyDictionary<string, TextMark> ResourceMarks { get; internal set; } = new Dictionary<string, TextMark>();

    /// <summary>Position in the plan.</summary>
    public NodeId Id { get; internal set; }

    /// <summary>What its items do.</summary>
    public NodeKind Kind { get; internal set; }

    /// <summary>What people wrote about it.</summary>
    public string Description { get; internal set; } = "";

    /// <summary>The node type of <c>uses:</c>.</summary>
    public NodeDescriptor? Type { get; internal set; }

    /// <summary>Where items come from.</summary>
    public ItemSource Source { get; internal set; } = new ItemSource.Single();

    /// <summary>What multiplies them.</summary>
    public WedgeRule? Wedge { get; internal set; }

    /// <summary>Frames of each.</summary>
    public FrameRule? Frames { get; internal set; }

    /// <summary>Its own attributes, by name.</summary>
    public IReadOnlyDictionary<string, AttributeRule> Attributes { get; internal set; } = new Dictionary<string, AttributeRule>();

    /// <summary>Every attribute its items are known to carry, inherited ones included, by name.</summary>
    public IReadOnlyDictionary<string, StaticType> Visible { get; internal set; } = new Dictionary<string, StaticType>();

    /// <summary>True when they may carry more than <see cref="Visible"/>.</summary>
    public bool IsOpen { get; internal set; }

    /// <summary>
    /// True when attributes do not follow from the recipe alone: the worker that cooks an item must then report all of them in
    /// <see cref="ItemResult.Attributes"/>, and downstream reads them from there.
    /// </summary>
    public bool ReportsAttributes { get; internal set; }

    /// <summary>Number of items; null when an expander has to find out.</summary>
    public long? ItemCount { get; internal set; }

    /// <summary>What it reads, in plan order; order-only ones last.</summary>
    public IReadOnlyList<Dependency> Dependencies { get; internal set; } = [];

    /// <summary>Names of the upstream nodes, one per dependency.</summary>
    internal IReadOnlyList<string> DependencyNames { get; set; } = [];

    /// <summary>Seed of its draws.</summary>
    public ulong Seed { get; internal set; }

    /// <summary>Options of <c>uses:</c>.</summary>
    internal OptionTree.Fields? Options { get; set; }

    /// <summary>Steps of <c>steps:</c>.</summary>
    internal OptionTree.Chain? Steps { get; set; }

    /// <summary>Words of <c>run:</c>; one part for a shell line.</summary>
    internal IReadOnlyList<Template> Command { get; set; } = [];

    /// <summary>True when <c>run:</c> is a list: a program and its arguments, without a shell.</summary>
    public bool CommandIsArguments { get; internal set; }

    /// <summary>Files of <c>out:</c>.</summary>
    public IReadOnlyList<CommandOutput> Outputs { get; internal set; } = [];

    /// <summary>Checks on every item.</summary>
    public IReadOnlyList<Requirement> Requirements { get; internal set; } = [];

    /// <summary>What it is judged by.</summary>
    public MetricGoal? Metric { get; internal set; }

    /// <summary>Use of the cache.</summary>
    public CacheMode Cache { get; internal set; }

    /// <summary>Tags that a worker must have.</summary>
    public IReadOnlyList<string> Tags { get; internal set; } = [];

    /// <summary>For an expander: the node whose items it finds.</summary>
    public NodeProgram? Expands { get; internal set; }

    /// <summary>For an expanded node: its expander.</summary>
    public NodeProgram? Expander { get; internal set; }

    /// <summary>True when options and command depend on no item: the worker may read them once per lease.</summary>
    public bool HasConstantOptions { get; internal set; }

    /// <summary>Everything about cooking that is not the result's business.</summary>
    public PlanNode Policy { get; internal set; } = new("", new ItemRule.Fixed(1), []);

    /// <summary>Items each item of the source makes: legs of the wedge or frames of the chain.</summary>
    internal long Times => Wedge?.Legs ?? Frames?.Length ?? 1;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
