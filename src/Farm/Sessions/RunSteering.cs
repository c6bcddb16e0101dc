using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>Gives orders to a run: through the farm that works on the folder, or, when none does, straight into the journal.</summary>
internal static class RunSteering
{
    /// <summary>Gives one order.</summary>
    public static async Task<OrderOutcome> Order(ProjectFolder project, RunId run, RunOrder order, CancellationToken cancellation)
    {
        if (FarmConnection.TryFindEndpoint(project.Root) is not null)
        {
            await using var farm = await FarmConnection.Connect(project.Root, cancellation: cancellation);
            // A run that is over is not among those the farm works on.
            if (order is { Kind: OrderKind.Retry, DryRun: false }) await farm.Call(grains => grains.GetGrain<IFarmGrain>(0).Activate(run.Value), cancellation);
            return await farm.Call(grains => grains.GetGrain<IRunGrain>(run.Value).Order(order), cancellation);
        }
        using var held = FarmLock.Take(project.Root);
        using var store = FarmStore.Open(Path.Combine(project.State, "farm.db"));
        var shell = RunShell.Load(store, new SchedulerOptions(), run);
        var (outcome, _) = RunOrders.Decide(shell, order, TimeProvider.System.GetUtcNow());
        await shell.Persist();
        return outcome;
    }

    /// <summary>The name that orders are signed with.</summary>
    public static string Who => $"{Environment.UserName}@{Environment.MachineName}";
}
