using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>What a run knows of the upstream items of a node, whether they are cooked or not: the looker's counterpart of a worker's lease.</summary>
internal sealed class UpstreamLook(RunMachine machine, NodeProgram node) : IItemInputs
{
    /// <inheritdoc/>
    public RangeSet Members(int dependency, long index) => machine.Reads(node.Id, dependency, ItemRange.One(index));

    /// <inheritdoc/>
    public KeyRun KeyOf(int dependency, long upstreamIndex, long most)
    {
        var result = ResultOf(dependency, upstreamIndex) ?? throw new InvalidOperationException("an item that is not cooked has no key yet");
        return new(result.KeyBase, result.KeyIndex, 1);
    }

    /// <inheritdoc/>
    public JsonObject? AttributesOf(int dependency, long upstreamIndex)
        => ResultOf(dependency, upstreamIndex)?.Attributes is { } json ? JsonNode.Parse(json) as JsonObject : null;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> MetricsOf(int dependency, long upstreamIndex) => ResultOf(dependency, upstreamIndex)?.Metrics ?? [];

    /// <inheritdoc/>
    public long PositionInExpansion(long index)
    {
        int dependency = -1;
        for (int i = 0; i < node.Dependencies.Count; i++)
            if (node.Dependencies[i].Mapping is Mapping.Expanded && machine.Plan!.Nodes[node.Dependencies[i].Upstream.Value].IsExpander) dependency = i;
        if (dependency < 0) return 0;
        // Items of one expander item stand in a row, so the first of them is found by halving.
        long found = Members(dependency, index)[0].Start, low = 0, high = index;
        while (low < high)
        {
            long middle = low + (high - low) / 2;
            if (Members(dependency, middle)[0].Start < found) low = middle + 1;
            else high = middle;
        }
        return index - low;
    }

    private ItemResult? ResultOf(int dependency, long upstreamIndex) => machine.Results(node.Dependencies[dependency].Upstream, ItemRange.One(upstreamIndex)).FirstOrDefault();
}
