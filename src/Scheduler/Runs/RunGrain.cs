using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;
using Orleans.Concurrency;

namespace ExampleMlFarm.Scheduler.Runs;

/// <summary>
/// A run in the farm: carries calls to <see cref="RunShell"/> and <see cref="RunExchange"/>, keeps the timer, and lets go of the run when its journal
/// cannot be written, so that the next call loads what is really there.
/// </summary>
[Reentrant]
internal sealed class RunGrain(IFarmStore store, ArtifactStore artifacts, SchedulerOptions options, FarmStopping stopping) : Grain, IRunGrain
{
    private static readonly WorkerId Watchers = new("watchers");

    private RunShell shell = null!;
    private RunExchange exchange = null!;
    private ParkedPolls watchers = null!;
    private ITimer? timer;
    private TaskScheduler turns = null!;
    private DateTimeOffset timerAt = DateTimeOffset.MaxValue;

    private RunId Id => new(this.GetPrimaryKeyLong());

    private long farmLife;

    private IFarmGrain Farm => GrainFactory.GetGrain<IFarmGrain>(0);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        turns = TaskScheduler.Current;
        // Replaying may take a second; it must not hold up the silo's other turns, nor does anything else run here before it is done.
        shell = await Task.Run(() => RunShell.Load(store, options, Id), cancellationToken);
        exchange = new(shell, options, OfferOf, (active, ready, wants) => Farm.Demand(Id.Value, active, ready, wants).Ignore(), stopping.Token);
        watchers = new(options.Time, stopping.Token);
        exchange.Changed += OnChanged;
        timer = options.Time.CreateTimer(_ => Task.Factory.StartNew(OnTimer, default, TaskCreationOptions.None, turns).Unwrap().Ignore(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await Carefully(async () =>
        {
            await exchange.ForgetDeadWorkers();
            return true;
        });
        SetTimer();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        exchange?.Close();
        watchers?.Close();
        if (timer is not null) await timer.DisposeAsync();
    }

    public Task<byte[]> Exchange(byte[] workerMessage) => Carefully(async () => MessageCodec.Encode(await exchange.Exchange(MessageCodec.DecodeMessage(workerMessage))));

    public Task<byte[]> Frozen() => Task.FromResult(shell.Frozen());

    public Task<byte[]> Plan() => Task.FromResult(RunLooks.Plan(shell));

    public Task<RunView> State() => Task.FromResult(RunLooks.View(shell));

    public async Task<RunView> Watch(long knownSequence, double waitSeconds)
    {
        if (shell.Machine.EventCount <= knownSequence) await watchers.Park(Watchers, TimeSpan.FromSeconds(Math.Min(waitSeconds, options.LongestPollSeconds)), watchers.Wakes);
        return RunLooks.View(shell);
    }

    public Task<byte[]> States(int node) => Task.FromResult(RunLooks.States(shell, node));

    public Task<ItemPage> Items(ItemQuery query) => Task.FromResult(RunLooks.Items(shell, query));

    public Task<Explanation> Explain(int node, long item) => Task.FromResult(RunLooks.Explain(shell, node, item));

    public Task<OrderRow[]> Orders() => Task.FromResult(shell.Orders().Select(o => new OrderRow(o.Sequence, o.At, o.Who, o.What, o.Reason)).ToArray());

    public Task<OrderOutcome> Order(RunOrder order) => Carefully(async () =>
    {
        var (outcome, commands) = RunOrders.Decide(shell, order, options.Time.GetUtcNow());
        await exchange.Follow(commands);
        // A run that goes on again, or that was only looked at before, needs workers.
        if (outcome.Accepted && !order.DryRun && order.Kind != OrderKind.Pause && !shell.Machine.IsFinished) await Farm.Activate(Id.Value);
        return outcome;
    });

    public Task<VerifyOutcome> Verify(bool readBytes) => Carefully(async () =>
    {
        var (outcome, commands) = await RunOrders.Verify(shell, artifacts, readBytes, options.Time);
        await exchange.Follow(commands);
        return outcome;
    });

    public Task Wake()
    {
        exchange.TellDemand(asked: true);
        return Task.CompletedTask;
    }

    public Task<KeyValuePair<string, double>[]> AllowLicences(long life, KeyValuePair<string, double>[]? allowed) => Carefully(async () =>
    {
        if (life >= farmLife && allowed is not null) await exchange.Follow(shell.Decide(new LicencesAllowed(options.Time.GetUtcNow(), allowed)).Commands);
        farmLife = Math.Max(farmLife, life);
        return shell.Machine.LicencesTaken.ToArray();
    });

    public Task LoseWorker(string worker, bool crashed) => Carefully(async () =>
    {
        await exchange.Lose(new(worker), crashed ? LossCause.Crashed : LossCause.Stopped);
        return true;
    });

    private async Task<WorkerOffer?> OfferOf(WorkerId worker)
    {
        var row = await Farm.Worker(worker.Value);
        return row is null ? null : new(row.Slots, new(row.Cpu, row.Gpu, row.MemoryBytes, [.. row.Custom.OrderBy(c => c.Key, StringComparer.Ordinal)]), row.Pools);
    }

    // A failed write leaves memory ahead of the journal. The activation ends, and with it everything that was not acknowledged.
    private async Task<T> Carefully<T>(Func<Task<T>> work)
    {
        try { return await work(); }
        catch (FarmException e) when (e.Failure.Code == "journal.write_failed")
        {
            exchange.Close();
            watchers.Close();
            DeactivateOnIdle();
            throw;
        }
    }

    private void OnChanged()
    {
        watchers.WakeAll();
        SetTimer();
    }

    private void SetTimer()
    {
        var next = exchange.NextTickAt;
        if (next == timerAt) return;
        timerAt = next;
        var wait = next == DateTimeOffset.MaxValue ? Timeout.InfiniteTimeSpan : next - options.Time.GetUtcNow();
        // A timer takes at most seven weeks; a millisecond more, so that it is never early.
        timer?.Change(next == DateTimeOffset.MaxValue ? wait : TimeSpan.FromMilliseconds(Math.Clamp(wait.TotalMilliseconds + 1, 1, int.MaxValue)), Timeout.InfiniteTimeSpan);
    }

    private Task OnTimer() => Carefully(async () =>
    {
        timerAt = DateTimeOffset.MaxValue;
        await exchange.Tick();
        SetTimer();
        return true;
    });
}
