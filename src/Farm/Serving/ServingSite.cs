using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Sites;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Serving;

/// <summary>The served farm as commands see it, for those that run within the server. Orders are signed with the name of whoever called.</summary>
internal sealed class ServingSite(ServedFarm farm, string who) : IFarmSite
{
    /// <inheritdoc/>
    public string Name => "this farm";

    /// <inheritdoc/>
    public IRunReader Runs => farm.Store;

    /// <inheritdoc/>
    public ArtifactStore Artifacts => farm.Artifacts;

    /// <inheritdoc/>
    public bool IsServed => true;

    /// <inheritdoc/>
    public string LogsOf(RunId run, string node) => farm.Logs;

    /// <inheritdoc/>
    public bool Has(OutputRef output) => farm.Artifacts.Glance(output.Hash, output.SizeBytes).IsIntact;

    /// <inheritdoc/>
    public IReadOnlyList<ItemResult> FindCooked(KeyRun keys)
        => [.. new CookedResults(farm.Store.Cache, farm.Artifacts).Find([new(keys.Base, keys.Index, keys.Length)])[0].Select(r => r with { Items = new(r.Items.Start - keys.Index, r.Items.End - keys.Index) })];

    /// <inheritdoc/>
    public async Task<OrderOutcome> Order(RunId run, RunOrder order, CancellationToken cancellation)
    {
        // A run that is over is not among those the farm works on.
        if (order is { Kind: OrderKind.Retry or OrderKind.Resume, DryRun: false }) await farm.Farm.Activate(run.Value);
        return await farm.Run(run.Value).Order(order with { Who = who });
    }

    /// <inheritdoc/>
    public async Task SetPriority(RunId run, int priority, CancellationToken cancellation)
    {
        await farm.Store.SetPriority(run, priority);
        if (!Scheduler.Runs.RunShell.LookAt(farm.Store, run).Machine.IsFinished) await farm.Farm.Activate(run.Value);
    }

    /// <inheritdoc/>
    public async Task Remove(IReadOnlyList<ContentHash> artifacts, CancellationToken cancellation)
    {
        await farm.Store.Cache.Forget(artifacts);
        foreach (var hash in artifacts) farm.Artifacts.Delete(hash);
    }

    /// <summary>The farm goes on.</summary>
    public void Dispose() { }
}
