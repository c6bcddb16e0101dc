using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>A run of cook keys: item i of it has (Base, Index + i).</summary>
/// <param name="Base">Hash of all that the items share.</param>
/// <param name="Index">Number of the first item under that hash.</param>
/// <param name="Length">How many items in a row.</param>
public readonly record struct KeyRun(ContentHash Base, long Index, long Length)
{
    /// <summary>The run from an item further on, cut to a length.</summary>
    public KeyRun Skip(long items, long most) => new(Base, Index + items, Math.Min(Length - items, most));
}

/// <summary>
/// What is known of upstream items when an item of a node is looked at: on a worker the results in its lease, while planning the assumption that
/// everything succeeds. Dependencies count as in the plan node's list.
/// </summary>
public interface IItemInputs
{
    /// <summary>The upstream items that the item reads, failed ones left out, ascending.</summary>
    RangeSet Members(int dependency, long index);

    /// <summary>The upstream items that the item would read if they had not failed or been skipped, ascending.</summary>
    RangeSet Absent(int dependency, long index) => new();

    /// <summary>Cook keys from that upstream item on, at most <paramref name="most"/> of them; at least one.</summary>
    KeyRun KeyOf(int dependency, long upstreamIndex, long most);

    /// <summary>Attributes that the upstream item reported, for nodes with <see cref="NodeProgram.ReportsAttributes"/> and for expanders; null when none.</summary>
    JsonObject? AttributesOf(int dependency, long upstreamIndex);

    /// <summary>Metrics of the upstream item.</summary>
    IReadOnlyList<Metric> MetricsOf(int dependency, long upstreamIndex);

    /// <summary>For items that an expander found: the position among those that the same expander item found.</summary>
    long PositionInExpansion(long index);
}

/// <summary>For nodes whose items follow from the recipe alone.</summary>
public sealed class NoInputs : IItemInputs
{
    /// <summary>The one instance.</summary>
    public static NoInputs Instance { get; } = new();

    /// <inheritdoc/>
    public RangeSet Members(int dependency, long index) => throw Unknown();
    /// <inheritdoc/>
    public KeyRun KeyOf(int dependency, long upstreamIndex, long most) => throw Unknown();
    /// <inheritdoc/>
    public JsonObject? AttributesOf(int dependency, long upstreamIndex) => throw Unknown();
    /// <inheritdoc/>
    public IReadOnlyList<Metric> MetricsOf(int dependency, long upstreamIndex) => throw Unknown();
    /// <inheritdoc/>
    public long PositionInExpansion(long index) => throw Unknown();

    private static InvalidOperationException Unknown() => new("this item depends on results of upstream items; give its inputs");
}
