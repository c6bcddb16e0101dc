using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>What a lease says of the upstream items of its node.</summary>
/// <remarks>Not safe for several threads.</remarks>
public sealed class LeaseInputs : IItemInputs
{
    private readonly RecipeProgram program;
    private readonly PlanNode node;
    private readonly Func<NodeProgram, CookKeys> planned;
    private readonly Lease lease;
    private readonly Dictionary<int, Input> inputs = [];
    private readonly int expander;

    private sealed record Input(LeaseInput Given, RangeSet Present)
    {
        public Dictionary<int, JsonObject?> Attributes { get; } = [];
        public long UpstreamEnd { get; } = Present.Count == 0 ? 0 : Present[Present.Count - 1].End;
    }

    /// <summary>Over one lease of a run of that recipe.</summary>
    public LeaseInputs(RecipeProgram program, RunId run, Lease lease)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(lease);
        (this.program, this.lease) = (program, lease);
        var plan = program.Plan;
        planned = PlannedInputs.Keys(program, run);
        node = plan.Nodes[lease.Node.Value];
        foreach (var input in lease.Inputs)
        {
            var present = new RangeSet();
            foreach (var result in input.Results)
                if (result.Kind is ResultKind.Succeeded or ResultKind.Cached) present.Add(result.Items);
            inputs[input.Dependency] = new(input, present);
        }
        expander = -1;
        for (int i = 0; i < node.Dependencies.Count; i++)
            if (node.Dependencies[i].Mapping is Mapping.Expanded && plan.Nodes[node.Dependencies[i].Upstream.Value].IsExpander) expander = i;
    }

    /// <inheritdoc/>
    public RangeSet Members(int dependency, long index)
    {
        // Items with attributes alone are never cooked, so no result speaks of them.
        if (VirtualUpstream(dependency) is { } upstream) return Mappings.Members(node.Dependencies[dependency].Mapping, index, upstream.ItemCount ?? 0) ?? new();
        return inputs.TryGetValue(dependency, out var input) ? Wanted(input, index).Intersect(input.Present) : new();
    }

    /// <inheritdoc/>
    public RangeSet Absent(int dependency, long index)
    {
        if (VirtualUpstream(dependency) is not null || !inputs.TryGetValue(dependency, out var input)) return new();
        var absent = new RangeSet(Wanted(input, index));
        absent.Remove(input.Present);
        return absent;
    }

    private RangeSet Wanted(Input input, long index) => input.Given.Members is { } given ? given[checked((int)(index - lease.Items.Start))]
        : Mappings.Members(node.Dependencies[input.Given.Dependency].Mapping, index, input.UpstreamEnd) ?? new();

    /// <inheritdoc/>
    public KeyRun KeyOf(int dependency, long upstreamIndex, long most)
    {
        if (VirtualUpstream(dependency) is { } upstream) return planned(upstream).At(upstreamIndex, upstreamIndex + most);
        var result = ResultOf(dependency, upstreamIndex) ?? throw new ArgumentOutOfRangeException(nameof(upstreamIndex), upstreamIndex, "the lease holds no result of this upstream item");
        long skip = upstreamIndex - result.Items.Start;
        return new(result.KeyBase, result.KeyIndex + skip, Math.Min(most, result.Items.Count - skip));
    }

    /// <inheritdoc/>
    public JsonObject? AttributesOf(int dependency, long upstreamIndex)
    {
        if (!inputs.TryGetValue(dependency, out var input)) return null;
        int at = Position(input.Given.Results, upstreamIndex);
        if (at < 0 || input.Given.Results[at].Attributes is not { } text) return null;
        if (!input.Attributes.TryGetValue(at, out var json)) input.Attributes[at] = json = JsonNode.Parse(text) as JsonObject;
        return json;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Metric> MetricsOf(int dependency, long upstreamIndex) => ResultOf(dependency, upstreamIndex)?.Metrics ?? [];

    /// <inheritdoc/>
    public long PositionInExpansion(long index)
    {
        if (expander < 0 || inputs[expander].Given.Members is not { } members) return 0;
        int at = checked((int)(index - lease.Items.Start)), first = at;
        long found = members[at][0].Start;
        while (first > 0 && members[first - 1][0].Start == found) first--;
        return at - first + (first == 0 ? inputs[expander].Given.FirstPosition : 0);
    }

    /// <summary>The upstream result that covers that item; null when there is none.</summary>
    public ItemResult? ResultOf(int dependency, long upstreamIndex)
        => inputs.TryGetValue(dependency, out var input) && Position(input.Given.Results, upstreamIndex) is >= 0 and var at ? input.Given.Results[at] : null;

    private NodeProgram? VirtualUpstream(int dependency) => program[node.Dependencies[dependency].Upstream] is { Kind: NodeKind.Virtual } upstream ? upstream : null;

    private static int Position(IReadOnlyList<ItemResult> results, long index)
    {
        int low = 0, high = results.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (results[middle].Items.Contains(index)) return middle;
            if (results[middle].Items.Start > index) high = middle - 1;
            else low = middle + 1;
        }
        return -1;
    }
}
