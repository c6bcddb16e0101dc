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
        await using (var farm = await LiveFarm.Join(project, TimeProvider.System, cancellation))
        {
            // A run that is over is not among those the farm works on.
            if (farm is not null && order is { Kind: OrderKind.Retry, DryRun: false }) await farm.Ask(grains => grains.GetGrain<IFarmGrain>(0).Activate(run.Value), cancellation);
            if (farm is not null) return await farm.Ask(grains => grains.GetGrain<IRunGrain>(run.Value).Order(order), cancellation);
        }
        using var held = FarmLock.Take(project.Root);
        using var store = FarmStore.Open(Path.Combine(project.State, "farm.db"));
        var shell = RunShell.Load(store, new SchedulerOptions(), run);
        var (outcome, _) = RunOrders.Decide(shell, order, TimeProvider.System.GetUtcNow());
        await shell.Persist();
        return outcome;
    }

    /// <summary>Changes the priority of a run: in the journal, and in the farm that works on it, if one does.</summary>
    public static async Task SetPriority(ProjectFolder project, RunLook look, RunId run, int priority, CancellationToken cancellation)
    {
        await look.Store.SetPriority(run, priority);
        await using var farm = await LiveFarm.Join(project, TimeProvider.System, cancellation);
        // The farm reads it with the run; a run that is over needs no workers.
        if (farm is not null && !look.Load(run).Machine.IsFinished) await farm.Ask(grains => grains.GetGrain<IFarmGrain>(0).Activate(run.Value), cancellation);
    }

    /// <summary>The name that orders are signed with.</summary>
    public static string Who => $"{Environment.UserName}@{Environment.MachineName}";
}
