using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Progress;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Scheduler.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>One command that cooks a run: in the farm that works on the folder already, in one of its own, or in one that it leaves in the background.</summary>
/// <param name="Invocation">The command.</param>
/// <param name="Project">The project.</param>
/// <param name="Plan">What the run is.</param>
/// <param name="Open">Nodes of it that still have items to cook: only these must fit the workers.</param>
/// <param name="Begin">Makes the run active and gives its number.</param>
/// <param name="Prepare">What is asked of the run before it is followed; may be null.</param>
internal sealed record CookSession(Invocation Invocation, ProjectFolder Project, RunPlan Plan, IReadOnlyList<PlanNode> Open, Func<IFarmGrain, Task<long>> Begin, Func<IRunGrain, Task>? Prepare)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1), UntilFree = TimeSpan.FromSeconds(30);

    /// <summary>Cooks it and tells how it ended.</summary>
    /// <param name="workers">Items cooked at once, when a farm has to be started.</param>
    /// <param name="detach">True to leave it to a process in the background.</param>
    /// <param name="cancellation">Ctrl+C.</param>
    public async Task<ExitCode> Run(int workers, bool detach, CancellationToken cancellation)
    {
        if (workers < 1) throw new CliException(ExitCode.Usage, $"--workers is {workers}; at least 1 is needed");
        var offer = LocalOffer.OfThisMachine(workers);
        for (long begun = Invocation.Time.GetTimestamp(); ; await Task.Delay(BetweenLooks / 4, Invocation.Time, cancellation))
        {
            await using var live = await LiveFarm.Join(Project, Invocation.Time, cancellation);
            try
            {
                if (live is not null) return await Join(live, workers, detach, cancellation);
                Demand([offer], "the workers of this machine offer", "ask for less in \"resources:\", or run it where there is more");
                return detach ? await Background.Start(Invocation, Project, Begin, Prepare, workers, cancellation) : await CookHere(offer, cancellation);
            }
            // Another command's farm comes or goes at this very moment: it is joined, or its place is taken.
            catch (Exception e) when (Invocation.Time.GetElapsedTime(begun) < UntilFree
                && (e is FarmException { Failure.Code: "farm.locked" or "farm.closing" } || (e is CliException { Code: ExitCode.Unreachable } && live is { Run: null, IsGone: true }))) { }
        }
    }

    // A farm works on this folder already: it takes the run, and this command only watches.
    private async Task<ExitCode> Join(LiveFarm live, int workers, bool detach, CancellationToken cancellation)
    {
        var serving = await live.Ask(grains => grains.GetGrain<IFarmGrain>(0).Workers(), cancellation);
        Demand([.. serving.Select(LocalOffer.Of)], "each worker of the farm that works here offers", "run it when that farm is done, or lend it a larger worker: mlfarm worker start --help");
        var id = new RunId(await live.Call(grains => Begin(grains.GetGrain<IFarmGrain>(0)), null, cancellation));
        live.Run = id;
        Invocation.Hint($"Run {id}  cooks in the farm that already works on {Project.Root}     (Ctrl+C leaves; the run goes on)");
        if (Prepare is not null)
            await live.Call(async grains =>
            {
                await Prepare(grains.GetGrain<IRunGrain>(id.Value));
                return true;
            }, null, cancellation);
        if (detach) return ExitCode.Success;
        await RunFollower.Follow(known => live.Ask(grains => Look(grains.GetGrain<IRunGrain>(id.Value), known), cancellation), Progress(), workers, cancellation);
        return RunFollower.Conclude(Invocation, Project, id);
    }

    private async Task<ExitCode> CookHere(LocalOffer offer, CancellationToken cancellation)
    {
        RunId? begun = null;
        ExitCode? concluded = null;
        try
        {
            await using var farm = await EmbeddedFarm.Start(Project, offer, Plan, Log(), cancellation);
            var id = new RunId(await Begin(farm.Farm));
            begun = id;
            if (Prepare is not null) await Prepare(farm.Run(id));
            var state = await farm.Run(id).State();
            Invocation.Hint($"Run {id}  {state.Name}  {offer.Slots} {(offer.Slots == 1 ? "worker" : "workers")} in {Project.Root}     (Ctrl+C stops; mlfarm resume {id} goes on)");
            await RunFollower.Follow(known => Look(farm.Run(id), known).WaitAsync(cancellation), Progress(), offer.Slots, cancellation);
            // Others may have given runs to this farm meanwhile, or may be about to.
            while (true)
            {
                long taken = await farm.Farm.Taken();
                var open = await StillOpen(farm);
                if (open.Count == 0 && await farm.Farm.Close(taken)) break;
                if (open.Count > 0 && concluded is null)
                {
                    concluded = RunFollower.Conclude(Invocation, Project, id);
                    Invocation.Hint($"The farm stays for {(open.Count == 1 ? "run" : "runs")} {string.Join(", ", open)}     (Ctrl+C stops it; mlfarm resume goes on)");
                }
                await Task.Delay(BetweenLooks / 4, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            if (concluded is null) Invocation.Hint("\nStopped. Everything cooked so far is kept; go on with: mlfarm resume");
            return concluded ?? ExitCode.Left;
        }
        return concluded ?? RunFollower.Conclude(Invocation, Project, begun!.Value);
    }

    // They would end with the farm.
    private static async Task<IReadOnlyList<long>> StillOpen(EmbeddedFarm farm)
    {
        var open = new List<long>();
        foreach (var row in await farm.Farm.Runs(0, 1000))
            if (row is { IsActive: true } && !RunFollower.IsOver(await farm.Run(new(row.Run)).State())) open.Add(row.Run);
        return open;
    }

    private static Task<RunView> Look(IRunGrain run, long known) => known < 0 ? run.State() : run.Watch(known, 1);

    private RunProgressView Progress() => new(Invocation.Terminal, Invocation.Time, Invocation.ShowsProgress);

    private void Demand(IReadOnlyList<LocalOffer> offers, string who, string advice)
    {
        var misfits = Open.Select(n => LocalOffer.Lacking(n, offers)).OfType<Misfit>().ToList();
        if (misfits.Count == 0) return;
        foreach (var further in misfits.Skip(1)) Invocation.Hint(Sentence(further));
        throw new CliException(ExitCode.Invalid, Sentence(misfits[0]), $"{advice}\nnothing was started");

        string Sentence(Misfit m) => $"node \"{m.Node}\" asks for {m.Resource}: {m.Asked}, and {who} {m.Offered}: its items would wait for ever";
    }

    private ILogger Log() => Invocation.IsQuiet
        ? NullLogger.Instance
        : LoggerFactory.Create(b => b.AddSimpleConsole(o => o.SingleLine = true).AddFilter(l => l >= LogLevel.Warning)).CreateLogger("mlfarm");
}
