using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Sites;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Serving.Looking;

/// <summary>The farm that this server answers for, as looks and orders want it.</summary>
internal sealed class ServingSite(ServedFarm farm) : IFarmSite
{
    /// <inheritdoc/>
    public string Name => "this farm";

    /// <inheritdoc/>
    public IRunReader Runs => farm.Store;

    /// <inheritdoc/>
    public ArtifactStore Artifacts => farm.Artifacts;

    /// <summary>A server that answers works on its runs.</summary>
    public bool IsServed => true;

    /// <inheritdoc/>
    public string LogsOf(RunId run, string node) => farm.Logs;

    /// <inheritdoc/>
    public IReadOnlyList<ItemResult> FindCooked(KeyRun keys) =>
        [.. new CookedResults(farm.Store.Cache, farm.Artifacts).Find([new(keys.Base, keys.Index, keys.Length)])[0].Select(r => r with { Items = new(r.Items.Start - keys.Index, r.Items.End - keys.Index) })];

    /// <inheritdoc/>
    public async Task<OrderOutcome> Order(RunId run, RunOrder order, CancellationToken cancellation)
    {
        // What was lost or damaged since is cooked again; names and sizes are looked at, contents when they are used.
        if (order is { Kind: OrderKind.Resume, DryRun: false }) await farm.Run(run.Value).Verify(false);
        return await farm.Run(run.Value).Order(order);
    }

    /// <inheritdoc/>
    public async Task SetPriority(RunId run, int priority, CancellationToken cancellation)
    {
        await farm.Store.SetPriority(run, priority);
        // The farm reads it with the run; a run that is over needs no workers.
        if (farm.Store.Find(run) is { Progress.Ended: null }) await farm.Farm.Activate(run.Value);
    }

    /// <inheritdoc/>
    public async Task Remove(IReadOnlyList<ContentHash> artifacts, CancellationToken cancellation)
    {
        await farm.Store.Cache.Forget(artifacts);
        foreach (var hash in artifacts) farm.Artifacts.Delete(hash);
    }

    /// <summary>The farm outlives who looks at it.</summary>
    public void Dispose() { }
}
