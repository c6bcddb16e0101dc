using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Plans;

/// <summary>
/// What the scheduler knows of a frozen recipe: item sets, arrows and policies. It names no node type and holds no recipe text;
/// to the run machine an item is (node, index).
/// </summary>
/// <param name="Nodes">In an order in which every node stands after those it reads (but for its dependency on itself).</param>
public sealed record RunPlan(IReadOnlyList<PlanNode> Nodes);

/// <summary>One node of a plan.</summary>
/// <param name="Name">As in the recipe; expander nodes carry the expanded node's name and a question mark.</param>
/// <param name="Items">How many items it has.</param>
/// <param name="Dependencies">What it reads. The first one that is not order-only decides the count of <see cref="ItemRule.FollowsInput"/>.</param>
public sealed record PlanNode(string Name, ItemRule Items, IReadOnlyList<Dependency> Dependencies)
{
    /// <summary>How items are put into leases.</summary>
    public BatchRule Batch { get; init; } = new BatchRule.Automatic();

    /// <summary>What each item needs of a worker.</summary>
    public Resources Resources { get; init; } = Resources.OneCore;

    /// <summary>Attempts and waiting times after failures.</summary>
    public RetryPolicy Retry { get; init; } = RetryPolicy.Once;

    /// <summary>The longest one item may cook, in seconds; 0 = no limit.</summary>
    public double TimeoutSeconds { get; init; }

    /// <summary>Failures that do not fail the run.</summary>
    public FailureAllowance AllowFailed { get; init; } = new(0, 0);

    /// <summary>Most items cooking at once; 0 = no limit.</summary>
    public int MaxParallel { get; init; }

    /// <summary>Greater goes first; equal priorities go in plan order, downstream nodes first so that results come out early.</summary>
    public int Priority { get; init; }

    /// <summary>The pool whose workers may cook it; null = any.</summary>
    public string? Pool { get; init; }

    /// <summary>True for the hidden nodes whose items find out how many items another node has.</summary>
    public bool IsExpander { get; init; }

    /// <summary>True for nodes that only carry attributes: their items count as done without being cooked.</summary>
    public bool IsVirtual { get; init; }
}

/// <summary>Where the item count of a node comes from.</summary>
public abstract record ItemRule
{
    private ItemRule() { }

    /// <summary>Known when planned.</summary>
    public sealed record Fixed(long Count) : ItemRule;

    /// <summary>Follows from the count of the first input through its mapping, as that becomes known.</summary>
    public sealed record FollowsInput : ItemRule;

    /// <summary>
    /// The items found by the items of node <paramref name="Expander"/>, in the order of those items: item indices do not depend on which expander
    /// item was cooked first.
    /// </summary>
    public sealed record FoundBy(NodeId Expander) : ItemRule;
}

/// <summary>How many items go into one lease.</summary>
public abstract record BatchRule
{
    private BatchRule() { }

    /// <summary>By measured seconds per item: about one second of work, less at the tail.</summary>
    public sealed record Automatic : BatchRule;

    /// <summary>Exactly this many, fewer at the end.</summary>
    public sealed record Size(long Items) : BatchRule;

    /// <summary>All ready items at once (of one chain, for <c>frames</c>).</summary>
    public sealed record Whole : BatchRule;
}

/// <summary>What one item needs.</summary>
/// <param name="Cpu">Cores.</param>
/// <param name="Gpu">GPUs.</param>
/// <param name="MemoryBytes">Memory; 0 = not stated.</param>
/// <param name="Custom">Further amounts by name, sorted.</param>
public sealed record Resources(double Cpu, double Gpu, long MemoryBytes, IReadOnlyList<KeyValuePair<string, double>> Custom)
{
    /// <summary>One core and nothing else.</summary>
    public static Resources OneCore { get; } = new(1, 0, 0, []);

    /// <inheritdoc/>
    public bool Equals(Resources? other) => other is not null && Cpu == other.Cpu && Gpu == other.Gpu && MemoryBytes == other.MemoryBytes && Custom.SequenceEqual(other.Custom);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Cpu, Gpu, MemoryBytes, Custom.Count);
}

/// <summary>Attempts after failures. A lost worker is not a failure and costs no attempt.</summary>
/// <param name="Attempts">Attempts in all, 1 or more.</param>
/// <param name="BackoffSeconds">Wait before the second attempt; doubles each time, up to <see cref="LongestBackoffSeconds"/>.</param>
/// <param name="On">Classes that are tried again.</param>
public sealed record RetryPolicy(int Attempts, double BackoffSeconds, IReadOnlyList<FailureClass> On)
{
    /// <summary>No second attempt.</summary>
    public static RetryPolicy Once { get; } = new(1, 0, []);

    /// <summary>Ten minutes: past that, a person should look.</summary>
    public const double LongestBackoffSeconds = 600;

    /// <inheritdoc/>
    public bool Equals(RetryPolicy? other) => other is not null && Attempts == other.Attempts && BackoffSeconds == other.BackoffSeconds && On.SequenceEqual(other.On);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Attempts, BackoffSeconds, On.Count);
}

/// <summary>Failed items that do not fail the run: a count, and a fraction of the node's items; the larger of the two counts.</summary>
public sealed record FailureAllowance(long Count, double Fraction)
{
    /// <summary>How many of <paramref name="items"/> may fail. A fraction is rounded down: 5 % of 10 is none.</summary>
    public long Of(long items) => Math.Max(Count, (long)Math.Floor(Fraction * items + 1e-9));
}
