using System.Buffers.Binary;
using ExampleMlFarm.Core;
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
    private const string QuotaPrefix = "quota/", LicencePrefix = "licence/";

    private readonly HashSet<RunId> telling = [], tellAgain = [];
    private readonly long life = options.Time.GetUtcNow().UtcTicks;

    private readonly FarmMachine machine = new(options.SilenceSeconds);
    private readonly Dictionary<WorkerId, (WorkerPresence Presence, DateTimeOffset At)> presences = [];
    private readonly ParkedPolls polls = new(options.Time, stopping.Token);
    private ITimer? timer;
    private long taken;
    private bool isClosed;

    private DateTimeOffset Now => options.Time.GetUtcNow();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var turns = TaskScheduler.Current;
        // Also the pace at which runs take turns on an odd slot.
        var period = TimeSpan.FromSeconds(Math.Min(2, options.SilenceSeconds / 4));
        foreach (var (name, value) in store.Kept(QuotaPrefix)) machine.Handle(new FarmEvent.QuotaSet(name[QuotaPrefix.Length..], ReadQuota(value), Now));
        foreach (var (name, value) in store.Kept(LicencePrefix))
            if (value.Length == 8) machine.Handle(new FarmEvent.LicenceSet(name[LicencePrefix.Length..], BinaryPrimitives.ReadInt64LittleEndian(value), Now));
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
                    machine.Handle(new FarmEvent.RunActivated(record.Id, record.Priority, record.Owner, Now));
                    machine.Handle(new FarmEvent.RunExpected(record.Id, Now));
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
        Take();
        var shell = await RunShell.Submit(store, options, submission.Name, submission.Folder, submission.Priority, submission.Frozen, PlanCodec.Decode(submission.Plan), submission.Key, submission.Owner);
        Handle(new FarmEvent.RunActivated(shell.Id, submission.Priority, shell.Record.Owner, Now));
        await GrainFactory.GetGrain<IRunGrain>(shell.Id.Value).Wake();
        return shell.Id.Value;
    }

    public async Task<bool> Activate(long run)
    {
        if (store.Find(new(run)) is not { } record) return false;
        Take();
        // It may be at work since an earlier life of the farm.
        if (!machine.IsActive(record.Id)) Handle(new FarmEvent.RunExpected(record.Id, Now));
        Handle(new FarmEvent.RunActivated(record.Id, record.Priority, record.Owner, Now));
        await GrainFactory.GetGrain<IRunGrain>(run).Wake();
        return true;
    }

    public Task<long> Taken() => Task.FromResult(taken);

    public Task<bool> Close(long taken) => Task.FromResult(isClosed |= taken == this.taken);

    // Counted before anything is awaited: whoever closes the farm meanwhile must notice.
    private void Take()
    {
        if (isClosed) throw new FarmException(new Failure(FailureClass.Transient, "farm.closing", "this farm ends in a moment and takes no more runs; try again"));
        taken++;
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

    public Task Demand(long run, bool active, long ready, KeyValuePair<string, double>[] wants)
    {
        if (active && wants.Length > 0) Handle(new FarmEvent.LicencesWanted(new(run), [.. wants.Select(w => new LicenceWant(w.Key, w.Value))], Now));
        // A run that somebody merely looks at says it too; only activation makes the farm work on it.
        Handle(active ? new FarmEvent.RunDemanded(new(run), ready, Now) : new FarmEvent.RunEnded(new(run), Now));
        return Task.CompletedTask;
    }

    public async Task SetQuota(string owner, long slots, long burst)
    {
        if (slots < 0) await store.Drop(QuotaPrefix + owner);
        else
        {
            byte[] value = new byte[16];
            BinaryPrimitives.WriteInt64LittleEndian(value, slots);
            BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(8), burst);
            await store.Keep(QuotaPrefix + owner, value, replace: true);
        }
        Handle(new FarmEvent.QuotaSet(owner, slots < 0 ? Quota.None : new(slots, Math.Max(0, burst)), Now));
    }

    public async Task SetLicence(string name, long total)
    {
        if (total < 0) await store.Drop(LicencePrefix + name);
        else
        {
            byte[] value = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(value, total);
            await store.Keep(LicencePrefix + name, value, replace: true);
        }
        Handle(new FarmEvent.LicenceSet(name, total, Now));
    }

    public Task<LicenceRow[]> Licences() => Task.FromResult(machine.Licences.Select(l => new LicenceRow(l.Name, l.Total, l.GivenOut)).ToArray());

    // One call at a time to each run, or an older word might come after a newer one.
    private async Task TellLicences(RunId run)
    {
        if (!telling.Add(run))
        {
            tellAgain.Add(run);
            return;
        }
        try
        {
            do
            {
                tellAgain.Remove(run);
                var answer = await GrainFactory.GetGrain<IRunGrain>(run.Value).AllowLicences(life, machine.LicencesOf(run)?.ToArray());
                Handle(new FarmEvent.LicencesAnswered(run, answer, Now));
            }
            while (tellAgain.Contains(run));
        }
        // Its server died, or its journal cannot be written now: what it was given counts as given until it has answered.
        catch (Exception e) when (e is not OperationCanceledException) { Handle(new FarmEvent.LicencesUnanswered(run, Now)); }
        finally { telling.Remove(run); }
    }

    public Task<OwnerRow[]> Owners() => Task.FromResult(machine.Owners.Order(StringComparer.Ordinal).Select(o => machine.QuotaOf(o) is var quota && quota == Quota.None
        ? new OwnerRow(o, machine.UsedSlotSecondsOf(o), -1, 0) : new OwnerRow(o, machine.UsedSlotSecondsOf(o), quota.Slots, quota.Burst)).ToArray());

    private static Quota ReadQuota(byte[] value) => value.Length == 16 ? new(BinaryPrimitives.ReadInt64LittleEndian(value), BinaryPrimitives.ReadInt64LittleEndian(value.AsSpan(8))) : Quota.None;

    private void Handle(FarmEvent happened, bool crashed = true)
    {
        foreach (var command in machine.Handle(happened))
        {
            switch (command)
            {
                case FarmCommand.TellWorker tell:
                    polls.Wake(tell.Worker);
                    break;
                case FarmCommand.TellLicences tell:
                    TellLicences(tell.Run).Ignore();
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
