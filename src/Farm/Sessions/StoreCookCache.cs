using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>
/// The cook cache of a project as a plan sees it: results whose artifacts are all there. Sizes are looked at, contents when they are used.
/// </summary>
internal sealed class StoreCookCache(FarmStore store, ArtifactStore artifacts, Func<string, KeyParts?> latestParts) : ICookCache
{
    private readonly Dictionary<ContentHash, bool> looked = [];

    /// <inheritdoc/>
    public IReadOnlyList<ItemResult> Find(KeyRun run)
    {
        var found = store.Cache.Find(run.Base, run.Index, run.Length);
        var usable = new List<ItemResult>(found.Count);
        foreach (var result in found)
            if (result.Outputs is null || result.Outputs.All(IsThere))
                usable.Add(result with { Items = new(result.Items.Start - run.Index, result.Items.End - run.Index) });
        return usable;
    }

    /// <inheritdoc/>
    public KeyParts? LatestParts(string node) => latestParts(node);

    private bool IsThere(OutputRef output)
    {
        if (!looked.TryGetValue(output.Hash, out bool there)) looked[output.Hash] = there = artifacts.Glance(output.Hash, output.SizeBytes).IsIntact;
        return there;
    }
}
