using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Scheduler.Cache;

namespace ExampleMlFarm.Farm.Sites;

/// <summary>The cook cache as a plan may rely on it: results whose artifacts are all there. Sizes are looked at, contents when they are used.</summary>
/// <remarks>Not safe for several threads; remembers what it looked at, so it is made anew for each plan.</remarks>
internal sealed class CookedResults(ICookCache cache, ArtifactStore artifacts)
{
    private readonly Dictionary<ContentHash, bool> looked = [];

    /// <summary>Usable results of each query, items counted under the key base.</summary>
    public IReadOnlyList<IReadOnlyList<ItemResult>> Find(IReadOnlyList<CookQuery> queries)
        => [.. cache.Find(queries).Select(found => (IReadOnlyList<ItemResult>)[.. found.Where(r => r.Outputs is null || r.Outputs.All(IsThere))])];

    private bool IsThere(OutputRef output)
    {
        if (!looked.TryGetValue(output.Hash, out bool there)) looked[output.Hash] = there = artifacts.Glance(output.Hash, output.SizeBytes).IsIntact;
        return there;
    }
}
