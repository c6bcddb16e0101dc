using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>
/// Upstream results as they will be if every item succeeds: what a plan can say before anything is cooked. Asking for what only a cook can
/// know is an <see cref="InvalidOperationException"/>; <see cref="RecipeProgram.KeysArePlanned"/> says beforehand.
/// </summary>
public sealed class PlannedInputs : IItemInputs
{
    private readonly RecipeProgram program;
    private readonly NodeProgram node;
    private readonly Func<NodeProgram, CookKeys> keysOf;

    private PlannedInputs(RecipeProgram program, NodeProgram node, Func<NodeProgram, CookKeys> keysOf) => (this.program, this.node, this.keysOf) = (program, node, keysOf);

    /// <summary>A way to the keys of every node of a recipe; whole-node digests are kept.</summary>
    public static Func<NodeProgram, CookKeys> Keys(RecipeProgram program, RunId run)
    {
        ArgumentNullException.ThrowIfNull(program);
        var known = new Dictionary<NodeProgram, CookKeys>();
        return Of;

        CookKeys Of(NodeProgram node)
        {
            if (!known.TryGetValue(node, out var keys)) known[node] = keys = new(program, node, run, new PlannedInputs(program, node, Of));
            return keys;
        }
    }

    /// <inheritdoc/>
    public RangeSet Members(int dependency, long index)
        => Mappings.Members(node.Dependencies[dependency].Mapping, index, Upstream(dependency).ItemCount ?? throw NotKnown()) ?? throw NotKnown();

    /// <inheritdoc/>
    public KeyRun KeyOf(int dependency, long upstreamIndex, long most) => keysOf(Upstream(dependency)).At(upstreamIndex, upstreamIndex + most);

    /// <inheritdoc/>
    public JsonObject? AttributesOf(int dependency, long upstreamIndex) => throw NotKnown();

    /// <inheritdoc/>
    public IReadOnlyList<Metric> MetricsOf(int dependency, long upstreamIndex) => throw NotKnown();

    /// <inheritdoc/>
    public long PositionInExpansion(long index) => throw NotKnown();

    private NodeProgram Upstream(int dependency) => program[node.Dependencies[dependency].Upstream];

    private static InvalidOperationException NotKnown() => new("only a cook can tell");
}
