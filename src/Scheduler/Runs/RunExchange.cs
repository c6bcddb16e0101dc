using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Hosting;

namespace ExampleMlFarm.Scheduler.Runs;

/// <summary>
/// The talk between a run and its workers: turns messages into events and commands into replies, holds back polls that have nothing to hear,
/// and notices workers that fell silent. It decides nothing about items.
/// </summary>
/// <remarks>
/// Not safe for several threads, but calls may overlap at awaits. A reply leaves only after all it tells of is durable. Replies to all but a worker's
/// newest message may be dropped: what was granted and is not held comes again, what is held and not granted is revoked.
/// </remarks>
internal sealed class RunExchange
{
    private readonly RunShell shell;
    private readonly SchedulerOptions options;
    private readonly Func<WorkerId, Task<WorkerOffer?>> offerOf;
    private readonly Action<bool, long, KeyValuePair<string, double>[]> demand;
    private readonly IReadOnlyList<string> custom;
    private readonly ParkedPolls polls;
    private readonly Dictionary<WorkerId, DateTimeOffset> heard = [];
    private (bool Active, long Ready) toldDemand;
    private KeyValuePair<string, double>[] toldWants = [];

    /// <param name="shell">The run.</param>
    /// <param name="options">Settings.</param>
    /// <param name="offerOf">What a worker that is new to the run brings; null when nobody knows it.</param>
    /// <param name="demand">Told whether the run is active, how many items it could start, and what they need of resources that may be licences.</param>
    /// <param name="stopping">Ends all waiting.</param>
    public RunExchange(RunShell shell, SchedulerOptions options, Func<WorkerId, Task<WorkerOffer?>> offerOf, Action<bool, long, KeyValuePair<string, double>[]> demand, CancellationToken stopping)
    {
        (this.shell, this.options, this.offerOf, this.demand) = (shell, options, offerOf, demand);
        polls = new(options.Time, stopping);
        custom = shell.Machine.CustomResources;
        // After a restart the workers have not spoken yet; their silence is counted from now.
        foreach (var worker in shell.Machine.Workers) heard[worker.Id] = Now;
    }

    /// <summary>Raised after something became durable.</summary>
    public event Action? Changed;

    /// <summary>Calls that wait for something to say.</summary>
    public int Waiting => polls.Count;

    /// <summary>When <see cref="Tick"/> should be called next.</summary>
    public DateTimeOffset NextTickAt
    {
        get
        {
            var next = shell.Machine.NextCallAt ?? DateTimeOffset.MaxValue;
            foreach (var last in heard.Values)
                if (last.AddSeconds(options.SilenceSeconds) < next) next = last.AddSeconds(options.SilenceSeconds);
            return next;
        }
    }

    private DateTimeOffset Now => options.Time.GetUtcNow();

    private RunMachine Machine => shell.Machine;

    /// <summary>One exchange with a worker.</summary>
    public async Task<RunReply> Exchange(WorkerMessage message)
    {
        var deadline = Now.AddSeconds(Math.Min(message.WaitSeconds, options.LongestPollSeconds));
        long call = polls.Arrive(message.Worker);
        await Hear(message.Worker);
        var commands = new List<RunCommand>();
        long acknowledged = -1;
        foreach (var report in message.Reports)
        {
            commands.AddRange(shell.Decide(new ResultsReported(Now, message.Worker, report)).Commands);
            acknowledged = Math.Max(acknowledged, report.Sequence);
        }
        bool hasReports = message.Reports.Count > 0;
        while (true)
        {
            // Persisting takes a while, and what others report meanwhile may be the very work this worker waits for.
            long seen = polls.Wakes;
            if (message.Wanted > 0) commands.AddRange(shell.Decide(new LeasesRequested(Now, message.Worker, message.Wanted)).Commands);
            await PersistAndAct(commands, message.Worker);
            if (LetGo(message, commands) is { Count: > 0 } freed)
            {
                await PersistAndAct(freed, message.Worker);
                commands.AddRange(freed);
            }
            var reply = Compose(message, commands, acknowledged);
            if (hasReports || reply.Granted.Count > 0 || reply.Revoked.Count > 0) return reply;
            var end = await polls.Park(message.Worker, deadline - Now, seen, call);
            if (heard.ContainsKey(message.Worker)) heard[message.Worker] = Now;
            // Released: the worker has asked anew, and whatever there is to say belongs into the newer reply.
            if (end == PollEnd.Released) return reply;
            if (end == PollEnd.TimedOut || Machine.IsFinished) return Compose(message, [], acknowledged);
            commands.Clear();
        }
    }

    /// <summary>A worker is gone: its leases go back.</summary>
    public async Task Lose(WorkerId worker, LossCause cause)
    {
        heard.Remove(worker);
        polls.Forget(worker);
        var outcome = shell.Decide(new WorkerLost(Now, worker, cause));
        if (!outcome.IsIgnored) await PersistAndAct(outcome.Commands, worker);
    }

    /// <summary>What was decided elsewhere (a person's order) is persisted and carried out.</summary>
    public Task Follow(IReadOnlyList<RunCommand> commands) => PersistAndAct(commands, null);

    /// <summary>Retries whose time has come go on, and workers that have been silent for too long are lost.</summary>
    public async Task Tick()
    {
        var now = Now;
        foreach (var worker in heard.Where(h => h.Value.AddSeconds(options.SilenceSeconds) <= now).Select(h => h.Key).ToList()) await Lose(worker, LossCause.Vanished);
        if (Machine.NextCallAt is { } due && due <= now) await PersistAndAct(shell.Decide(new TimePassed(now)).Commands, null);
    }

    /// <summary>Workers whose process ended together with an earlier life of the scheduler: nobody is to blame for their leases.</summary>
    public async Task ForgetDeadWorkers()
    {
        foreach (var worker in heard.Keys.Where(WorkerName.IsGone).ToList()) await Lose(worker, LossCause.Stopped);
    }

    /// <summary>Sends all waiting calls home.</summary>
    public void Close() => polls.Close();

    /// <summary>Tells whether the run is active and what it could start: when that changed, or when it is asked for.</summary>
    public void TellDemand(bool asked = false)
    {
        // The farm shares slots, of which there are few: above a thousand ready items it needs no exact figure.
        var now = (!Machine.IsFinished, Ready: Math.Min(1000, Machine.Startable));
        var wants = custom.Count == 0 ? toldWants : [.. custom.Select(name => KeyValuePair.Create(name, Math.Min(1000, Machine.LicenceUse(name).Wanted)))];
        if (now == toldDemand && !asked && wants.AsSpan().SequenceEqual(toldWants)) return;
        (toldDemand, toldWants) = (now, wants);
        demand(now.Item1, now.Ready, wants);
    }

    private async Task Hear(WorkerId worker)
    {
        bool known = heard.ContainsKey(worker);
        heard[worker] = Now;
        if (known) return;
        // A worker that nobody knows may still report: its leases are on the books. It only gets no new ones.
        if (await offerOf(worker) is { } offer) shell.Decide(new WorkerJoined(Now, worker, offer));
        else heard.Remove(worker);
    }

    private async Task PersistAndAct(IReadOnlyList<RunCommand> commands, WorkerId? asking)
    {
        await shell.Persist();
        foreach (var command in commands)
        {
            switch (command)
            {
                case Wake or FinishRun:
                    polls.WakeAll();
                    break;
                // The asking worker's own reply tells it, from what it holds.
                case RevokeLease revoke when revoke.Worker != asking:
                    polls.Wake(revoke.Worker);
                    break;
            }
        }
        TellDemand();
        Changed?.Invoke();
    }

    /// <summary>
    /// Leases that the worker never received and that cannot be said again, because what they read is gone since, go back; left on the books they
    /// would hold their items for as long as the worker lives.
    /// </summary>
    private List<RunCommand> LetGo(WorkerMessage message, List<RunCommand> commands)
    {
        var freed = new List<RunCommand>();
        foreach (var id in Machine.LeasesOf(message.Worker))
        {
            if (message.Held.Contains(id) || commands.Any(c => c is GrantLease grant && grant.Lease.Id == id) || Machine.Describe(message.Worker, id) is not null) continue;
            freed.AddRange(shell.Decide(new LeaseLost(Now, id, LossCause.Stopped)).Commands);
        }
        return freed;
    }

    private RunReply Compose(WorkerMessage message, IReadOnlyList<RunCommand> commands, long acknowledged)
    {
        var leased = Machine.LeasesOf(message.Worker);
        var granted = new List<Lease>();
        foreach (var id in leased)
        {
            if (message.Held.Contains(id)) continue;
            var fresh = commands.OfType<GrantLease>().FirstOrDefault(g => g.Lease.Id == id)?.Lease;
            // Granted before, and not held: that reply never arrived, so it is said again.
            if ((fresh ?? Machine.Describe(message.Worker, id)) is { } lease) granted.Add(lease);
        }
        var revoked = message.Held.Where(h => !leased.Contains(h)).ToList();
        return new(acknowledged, granted, revoked, Idle: leased.Count == 0);
    }
}
