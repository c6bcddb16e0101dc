using ExampleMlFarm.Core.Farm;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Runs;
using Orleans.Concurrency;

namespace ExampleMlFarm.Scheduler.Farm;

/// <summary>The farm: carries calls to <see cref="FarmMachine"/> and keeps what workers said of themselves. Nothing of it outlives the process.</summary>
[Reentrant, KeepAlive]
internal sealed class FarmGrain(IFarmStore store, SchedulerOptions options, FarmStopping stopping) : Grain, IFarmGrain
{
    private readonly FarmMachine machine = new(options.SilenceSeconds);
    private readonly Dictionary<WorkerId, (WorkerPresence Presence, DateTimeOffset At)> presences = [];
    private readonly ParkedPolls polls = new(options.Time, stopping.Token);
    private ITimer? timer;

    private DateTimeOffset Now => options.Time.GetUtcNow();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var turns = TaskScheduler.Current;
        // Also the pace at which runs take turns on an odd slot.
        var period = TimeSpan.FromSeconds(Math.Min(2, options.SilenceSeconds / 4));
        if (options.ResumesStoredRuns) ResumeStored();
        timer = options.Time.CreateTimer(_ => Task.Factory.StartNew(() => Handle(new FarmEvent.TimePassed(Now)), default, TaskCreationOptions.None, turns).Ignore(), null, period, period);
        return Task.CompletedTask;
    }

    // After its server died the farm begins anew on another one: what was under way is in the store.
    private void ResumeStored()
    {
        RunId? before = null;
        while (store.List(before, 1000) is { Count: > 0 } page)
        {
            foreach (var record in page)
                if (record.Progress.Ended is null)
                {
                    machine.Handle(new FarmEvent.RunActivated(record.Id, record.Priority, Now));
                    GrainFactory.GetGrain<IRunGrain>(record.Id.Value).Wake().Ignore();
                }
            before = page[^1].Id;
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        polls.Close();
        if (timer is not null) await timer.DisposeAsync();
    }

    public async Task<FarmGrants> Work(WorkerPresence presence)
    {
        var worker = new WorkerId(presence.Worker);
        long call = polls.Arrive(worker);
        presences[worker] = (presence, Now);
        Handle(new FarmEvent.WorkerOffered(worker, presence.Slots, [.. presence.Uses.Select(u => new SlotUse(new(u.Run), u.BusySlots))], Now));
        if (machine.GrantOf(worker).Version == presence.KnownVersion)
            await polls.Park(worker, TimeSpan.FromSeconds(Math.Min(presence.WaitSeconds, options.LongestPollSeconds)), polls.Wakes, call);
        var grant = machine.GrantOf(worker);
        return new(grant.Version, Rows(grant), grant.Stop);
    }

    public Task WorkerExited(string worker, bool crashed)
    {
        presences.Remove(new(worker));
        Handle(new FarmEvent.WorkerExited(new(worker), Now), crashed);
        return Task.CompletedTask;
    }

    public async Task<long> Submit(RunSubmission submission)
    {
        var shell = await RunShell.Submit(store, options, submission.Name, submission.Folder, submission.Priority, submission.Frozen, PlanCodec.Decode(submission.Plan), submission.Key);
        Handle(new FarmEvent.RunActivated(shell.Id, submission.Priority, Now));
        await GrainFactory.GetGrain<IRunGrain>(shell.Id.Value).Wake();
        return shell.Id.Value;
    }

    public async Task<bool> Activate(long run)
    {
        if (store.Find(new(run)) is not { } record) return false;
        Handle(new FarmEvent.RunActivated(record.Id, record.Priority, Now));
        await GrainFactory.GetGrain<IRunGrain>(run).Wake();
        return true;
    }

    public Task<RunRow[]> Runs(long beforeRun, int count) => Task.FromResult(store.List(beforeRun <= 0 ? null : new RunId(beforeRun), Math.Clamp(count, 1, 1000)).Select(r => new RunRow(
        r.Id.Value, r.Name, r.Folder, r.Priority, r.Progress.Status, r.Submitted, r.Progress.Ended, r.Progress.Items, r.Progress.Settled, r.Progress.Failed, machine.IsActive(r.Id))).ToArray());

    public Task<WorkerRow[]> Workers() => Task.FromResult(presences.OrderBy(p => p.Key.Value, StringComparer.Ordinal).Select(p => Row(p.Key)!).ToArray());

    public Task<WorkerRow?> Worker(string worker) => Task.FromResult(Row(new(worker)));

    public Task Drain()
    {
        Handle(new FarmEvent.Drained(Now));
        return Task.CompletedTask;
    }

    public Task Demand(long run, bool active, long ready)
    {
        // A run that somebody merely looks at says it too; only activation makes the farm work on it.
        Handle(active ? new FarmEvent.RunDemanded(new(run), ready, Now) : new FarmEvent.RunEnded(new(run), Now));
        return Task.CompletedTask;
    }

    private void Handle(FarmEvent happened, bool crashed = true)
    {
        foreach (var command in machine.Handle(happened))
        {
            switch (command)
            {
                case FarmCommand.TellWorker tell:
                    polls.Wake(tell.Worker);
                    break;
                case FarmCommand.LoseWorker lose:
                    presences.Remove(lose.Worker);
                    polls.Forget(lose.Worker);
                    foreach (var run in machine.Runs) GrainFactory.GetGrain<IRunGrain>(run.Value).LoseWorker(lose.Worker.Value, crashed).Ignore();
                    break;
            }
        }
    }

    private WorkerRow? Row(WorkerId worker) => presences.TryGetValue(worker, out var known)
        ? new(worker.Value, known.Presence.Host, known.Presence.Pid, known.Presence.Pools, known.Presence.Slots, known.Presence.Cpu, known.Presence.Gpu, known.Presence.MemoryBytes,
            known.Presence.Custom, known.Presence.Uses, Rows(machine.GrantOf(worker)), known.At, known.Presence.Tags, known.Presence.Facts)
        : null;

    private static RunGrant[] Rows(FarmGrant grant) => [.. grant.Grants.Select(g => new RunGrant(g.Run.Value, g.Slots))];
}
