using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Sites;

/// <summary>
/// The farm of a folder, whether a process works on it now or not: everything acknowledged is in its journal. Orders go through the process that works on it, or,
/// when none does, straight into the journal.
/// </summary>
internal sealed class FolderSite : IFarmSite
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250), UntilFree = TimeSpan.FromSeconds(30);

    private readonly ProjectFolder project;
    private readonly FarmStore store;
    private CookedResults? cooked;

    private FolderSite(ProjectFolder project)
    {
        this.project = project;
        store = FarmStore.OpenToRead(Path.Combine(project.State, "farm.db"));
        Artifacts = ArtifactStore.OpenToRead(Path.Combine(project.State, "artifacts"));
    }

    /// <summary>True when something was run there.</summary>
    public static bool Exists(ProjectFolder project) => File.Exists(Path.Combine(project.State, "farm.db"));

    /// <summary>Opens the project's journal for looking.</summary>
    /// <exception cref="CliException">Nothing was ever run there.</exception>
    public static FolderSite Open(ProjectFolder project) => Exists(project)
        ? new(project)
        : throw new CliException(ExitCode.NotFound, $"{project.Root} has no runs yet", "start one with: mlfarm run ml-deformer");

    /// <inheritdoc/>
    public string Name => project.Root;

    /// <inheritdoc/>
    public IRunReader Runs => store;

    /// <inheritdoc/>
    public ArtifactStore Artifacts { get; }

    /// <inheritdoc/>
    public bool IsServed => FarmConnection.TryFindEndpoint(project.Root) is not null;

    /// <inheritdoc/>
    public string LogsOf(RunId run, string node) => Path.Combine(project.State, "logs");

    /// <inheritdoc/>
    public bool Has(OutputRef output) => Artifacts.Glance(output.Hash, output.SizeBytes).IsIntact;

    /// <inheritdoc/>
    public IReadOnlyList<ItemResult> FindCooked(KeyRun keys)
    {
        cooked ??= new(store.Cache, Artifacts);
        return [.. cooked.Find([new(keys.Base, keys.Index, keys.Length)])[0].Select(r => r with { Items = new(r.Items.Start - keys.Index, r.Items.End - keys.Index) })];
    }

    /// <inheritdoc/>
    public async Task<OrderOutcome> Order(RunId run, RunOrder order, CancellationToken cancellation)
    {
        for (long begun = TimeProvider.System.GetTimestamp(); ; await Task.Delay(BetweenLooks, cancellation))
        {
            await using var farm = await LiveFarm.Join(project, TimeProvider.System, cancellation);
            if (farm is null) break;
            try
            {
                // A run that is over is not among those the farm works on.
                if (order is { Kind: OrderKind.Retry, DryRun: false }) await farm.Ask(grains => grains.GetGrain<IFarmGrain>(0).Activate(run.Value), cancellation);
                return await farm.Ask(grains => grains.GetGrain<IRunGrain>(run.Value).Order(order), cancellation);
            }
            // It ends in a moment; then the order goes into the journal.
            catch (FarmException e) when (e.Failure.Code == "farm.closing" && TimeProvider.System.GetElapsedTime(begun) < UntilFree) { }
        }
        using var held = FarmLock.Take(project.Root);
        using var writing = FarmStore.Open(Path.Combine(project.State, "farm.db"));
        var shell = RunShell.Load(writing, new SchedulerOptions(), run);
        var (outcome, _) = RunOrders.Decide(shell, order, TimeProvider.System.GetUtcNow());
        await shell.Persist();
        return outcome;
    }

    /// <inheritdoc/>
    public async Task SetPriority(RunId run, int priority, CancellationToken cancellation)
    {
        await store.SetPriority(run, priority);
        await using var farm = await LiveFarm.Join(project, TimeProvider.System, cancellation);
        // The farm reads it with the run; a run that is over needs no workers.
        if (farm is null || RunShell.LookAt(store, run).Machine.IsFinished) return;
        try { await farm.Ask(grains => grains.GetGrain<IFarmGrain>(0).Activate(run.Value), cancellation); }
        // The next farm reads it.
        catch (FarmException e) when (e.Failure.Code == "farm.closing") { }
    }

    /// <inheritdoc/>
    public async Task Remove(IReadOnlyList<ContentHash> artifacts, CancellationToken cancellation)
    {
        await store.Cache.Forget(artifacts);
        foreach (var hash in artifacts) Artifacts.Delete(hash);
    }

    /// <inheritdoc/>
    public void Dispose() => store.Dispose();
}
