using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>Where the items of a node come from, before a wedge multiplies them.</summary>
public abstract record ItemSource
{
    private ItemSource() { }

    /// <summary>The node read through <c>from</c>, <c>each</c> or <c>collect</c>; null when there is none.</summary>
    public virtual NodeProgram? Parent => null;

    /// <summary>One item from nothing.</summary>
    public sealed record Single : ItemSource;

    /// <summary><c>generate: n</c>.</summary>
    public sealed record Generated(long Count) : ItemSource;

    /// <summary><c>generate: [ … ]</c>: one item per entry, whose fields are attributes.</summary>
    public sealed record Listed(IReadOnlyList<IReadOnlyDictionary<string, Value>> Entries) : ItemSource;

    /// <summary><c>from: node</c>.</summary>
    public sealed record From(NodeProgram Upstream) : ItemSource
    {
        /// <inheritdoc/>
        public override NodeProgram? Parent => Upstream;
    }

    /// <summary><c>from: {node, where, top, by}</c>.</summary>
    /// <param name="Upstream">The node chosen from.</param>
    /// <param name="Choice">How.</param>
    /// <param name="Chosen">The chosen items in order, when that follows from rules alone; null when an expander finds them.</param>
    public sealed record Selected(NodeProgram Upstream, ChoiceRule Choice, IReadOnlyList<long>? Chosen) : ItemSource
    {
        /// <inheritdoc/>
        public override NodeProgram? Parent => Upstream;
    }

    /// <summary><c>each: node</c>: one item per example of every upstream item.</summary>
    public sealed record Each(NodeProgram Upstream) : ItemSource
    {
        /// <inheritdoc/>
        public override NodeProgram? Parent => Upstream;
    }

    /// <summary><c>collect</c>.</summary>
    /// <param name="Upstream">The node collected.</param>
    /// <param name="Rule">How.</param>
    /// <param name="Groups">The groups, when they follow from rules alone and are not simply all items or blocks.</param>
    public sealed record Collected(NodeProgram Upstream, CollectRule Rule, CollectedGroups? Groups) : ItemSource
    {
        /// <inheritdoc/>
        public override NodeProgram? Parent => Upstream;
    }
}

/// <summary>Which upstream items are taken, and in which order.</summary>
/// <param name="Where">A bool over item and metrics; null = all.</param>
/// <param name="Top">How many of the best; null = all.</param>
/// <param name="By">A number over item and metrics; null = upstream order.</param>
/// <param name="SmallestFirst">True when small is good.</param>
public sealed record ChoiceRule(Template? Where, long? Top, Template? By, bool SmallestFirst)
{
    /// <summary>True when each upstream item can be judged on its own.</summary>
    public bool IsPerItem => Top is null && By is null;
}

/// <summary>How <c>collect</c> groups. All parts that are set apply, in the order range, keep, by, then size or count or combinations.</summary>
/// <param name="Size">Items per group, 0 = no such rule.</param>
/// <param name="Overlap">Items a group shares with the one before.</param>
/// <param name="Count">Number of even groups, 0 = no such rule.</param>
/// <param name="By">Attributes whose values make the groups.</param>
/// <param name="First">First item taken.</param>
/// <param name="Last">Last item taken, included; −1 = the end.</param>
/// <param name="Combinations">Members of each combination, 0 = no such rule.</param>
/// <param name="Keep">Chance of each item (each combination, where there are some) to stay, in (0, 1].</param>
/// <param name="Seed">Seed of that chance.</param>
public sealed record CollectRule(long Size = 0, long Overlap = 0, long Count = 0, IReadOnlyList<string>? By = null, long First = 0, long Last = -1, int Combinations = 0, double Keep = 1, ulong Seed = 0)
{
    /// <summary>True when everything goes into one group.</summary>
    public bool IsAll => Size == 0 && Count == 0 && By is not { Count: > 0 } && First == 0 && Last < 0 && Combinations == 0 && Keep >= 1;

    /// <summary>True for plain blocks, which are a mapping and need no list.</summary>
    public bool IsBlocks => Size > 0 && Overlap == 0 && By is not { Count: > 0 } && First == 0 && Last < 0 && Combinations == 0 && Keep >= 1;
}

/// <summary>Groups with the attribute values they stand for.</summary>
/// <param name="Members">Upstream items of each group.</param>
/// <param name="Values">For each group the values of the <c>by</c> attributes, in their order; empty lists without <c>by</c>.</param>
public sealed record CollectedGroups(IReadOnlyList<RangeSet> Members, IReadOnlyList<IReadOnlyList<Value>> Values);

/// <summary>Items cooked in order by one worker that keeps its state.</summary>
/// <param name="Start">First frame.</param>
/// <param name="Step">From one frame to the next, not 0.</param>
/// <param name="Length">Frames of a chain.</param>
public sealed record FrameRule(long Start, long Step, long Length);
