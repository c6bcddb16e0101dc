using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Plans;

/// <summary>
/// Which items of an upstream node an item reads: a rule, never a list of edges. The rules are data, so that a plan can be
/// stored and sent; what they mean is worked out by the run machine alone.
/// </summary>
public abstract record Mapping
{
    private Mapping() { }

    /// <summary>Item i reads item i.</summary>
    public sealed record OneToOne : Mapping;

    /// <summary>Every item reads all items.</summary>
    public sealed record All : Mapping;

    /// <summary>
    /// Item i reads item i / <paramref name="Times"/> (<c>wedge</c> grouped by input): upstream item u makes the items u·Times … u·Times + Times − 1.
    /// </summary>
    public sealed record Repeat(long Times) : Mapping;

    /// <summary>
    /// Item i reads the items i·Step … i·Step + Size − 1 that exist (<c>collect: {size}</c>). <paramref name="Step"/> below
    /// <paramref name="Size"/> overlaps.
    /// </summary>
    public sealed record Blocks(long Size, long Step) : Mapping;

    /// <summary>Item i reads <paramref name="Members"/>[i] (<c>collect: {by}</c>, combinations, selections known when planned).</summary>
    public sealed record Groups(IReadOnlyList<RangeSet> Members) : Mapping
    {
        /// <inheritdoc/>
        public bool Equals(Groups? other) => other is not null && Members.SequenceEqual(other.Members);
        /// <inheritdoc/>
        public override int GetHashCode() => Members.Count;
    }

    /// <summary>
    /// Item i of a chain of <paramref name="Length"/> items reads item i − 1 of the same node; the first of each chain reads
    /// nothing (<c>frames</c>). Only as a node's dependency on itself.
    /// </summary>
    public sealed record Previous(long Length) : Mapping;

    /// <summary>
    /// The node's items are those that the items of its expander node found (<c>each:</c>, <c>where</c>, <c>top</c>): reads what the
    /// expansion says. The upstream node of the dependency is the one that was expanded, or the expander itself: then an item
    /// reads the expander item that found it.
    /// </summary>
    public sealed record Expanded : Mapping;
}

/// <summary>One arrow of the plan.</summary>
/// <param name="Upstream">The node that is read.</param>
/// <param name="Name">The name under which a cook finds it: <c>from</c>, <c>collect</c>, or the option that names the node.</param>
/// <param name="Mapping">Which items.</param>
/// <param name="OrderOnly">True for <c>needs:</c>: waits, but reads nothing.</param>
/// <param name="AcceptsFailures">
/// True for a collect: it cooks with the members that succeeded, once all members are settled and the failures of the upstream
/// node are within its allowance. False: an item whose input failed is skipped (allowed failure) or keeps waiting.
/// </param>
public sealed record Dependency(NodeId Upstream, string Name, Mapping Mapping, bool OrderOnly = false, bool AcceptsFailures = false);
