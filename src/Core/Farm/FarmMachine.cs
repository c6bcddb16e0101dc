using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Farm;

/// <summary>
/// Decides which runs each worker works on: priority first, then by slot-seconds used so far, between owners and between the runs of each, the least first. It knows
/// no items and keeps nothing across a restart: workers and runs tell it anew.
/// </summary>
/// <remarks>Pure: time is in the events. Not safe for several threads.</remarks>
/// <param name="silenceSeconds">A worker that says nothing for longer is gone.</param>
public sealed class FarmMachine(double silenceSeconds)
{
    private sealed class Owner(string name)
    {
        public string Name => name;
        public int Runs { get; set; }
        public double UsedSlotSeconds { get; set; }
        public Quota Quota { get; set; } = Quota.None;
    }

    private sealed class ActiveRun(RunId id, int priority, Owner owner, double used)
    {
        public RunId Id => id;
        public Owner Owner => owner;
        public int Priority { get; set; } = priority;
        public double UsedSlotSeconds { get; set; } = used;
        public long Ready { get; set; }
    }

    private sealed class Seat
    {
        public int Slots { get; set; }
        public IReadOnlyList<SlotUse> Uses { get; set; } = [];
        public DateTimeOffset LastHeard { get; set; }
        public IReadOnlyList<SlotUse> Grants { get; set; } = [];
        public long Version { get; set; }
        public bool Stop { get; set; }
    }

    private readonly Dictionary<RunId, ActiveRun> runs = [];
    private readonly Dictionary<WorkerId, Seat> workers = [];
    private readonly LicenceDesk desk = new();
    private readonly Dictionary<string, Owner> owners = new(StringComparer.Ordinal);
    private DateTimeOffset? charged;
    private bool draining;

    /// <summary>How far two runs of a priority drift apart, in slot-seconds, before an odd slot changes hands.</summary>
    public const double TurnSlotSeconds = 2;

    /// <summary>The runs that are worked on.</summary>
    public IEnumerable<RunId> Runs => runs.Keys;

    /// <summary>The workers that are there.</summary>
    public IEnumerable<WorkerId> Workers => workers.Keys;

    /// <summary>True when the run is worked on.</summary>
    public bool IsActive(RunId run) => runs.ContainsKey(run);

    /// <summary>What a worker may work on now; version 0 when it is unknown.</summary>
    public FarmGrant GrantOf(WorkerId worker) => workers.TryGetValue(worker, out var seat) ? new(seat.Version, seat.Grants, seat.Stop) : new(0, [], false);

    /// <summary>What a run has used so far, in slot-seconds, beginning from what the least served run had used when it came.</summary>
    public double UsedSlotSeconds(RunId run) => runs.TryGetValue(run, out var r) ? r.UsedSlotSeconds : 0;

    /// <summary>What the runs of an owner have used so far, in slot-seconds, beginning from what the least served owner had used when he came.</summary>
    public double UsedSlotSecondsOf(string owner) => owners.TryGetValue(owner, out var o) ? o.UsedSlotSeconds : 0;

    /// <summary>The farm's licences: how many there are of each, and how many runs may hold.</summary>
    public IReadOnlyList<(string Name, long Total, long GivenOut)> Licences => [.. desk.Totals.Select(t => (t.Key, t.Value, desk.GivenOut(t.Key)))];

    /// <summary>What a run may hold of each licence; null when it only has to say what it holds.</summary>
    public IReadOnlyList<KeyValuePair<string, double>>? LicencesOf(RunId run) => desk.AllowedTo(run);

    /// <summary>The owners that were heard of.</summary>
    public IEnumerable<string> Owners => owners.Keys;

    /// <summary>What an owner may take.</summary>
    public Quota QuotaOf(string owner) => owners.TryGetValue(owner, out var o) ? o.Quota : Quota.None;

    /// <summary>Takes an event in and says what to do. Events about runs and workers that are not there change nothing.</summary>
    public IReadOnlyList<FarmCommand> Handle(FarmEvent happened)
    {
        var commands = new List<FarmCommand>();
        Charge(happened.At);
        switch (happened)
        {
            case FarmEvent.RunActivated e:
                // A newcomer starts level with the least served run: otherwise it would get the whole farm until it had caught up.
                if (runs.TryGetValue(e.Run, out var known)) known.Priority = e.Priority;
                else Add(e);
                break;
            case FarmEvent.RunExpected e:
                desk.Expect(e.Run);
                break;
            case FarmEvent.LicenceSet e:
                desk.Set(e.Name, e.Total);
                break;
            case FarmEvent.LicencesWanted e:
                if (!runs.ContainsKey(e.Run)) return commands;
                desk.Ask(e.Run, e.Wants);
                break;
            case FarmEvent.LicencesAnswered e:
                desk.Answer(e.Run, e.Allowed);
                break;
            case FarmEvent.LicencesUnanswered e:
                desk.Doubt(e.Run);
                // Tried again when time passes, and not at once.
                return commands;
            case FarmEvent.QuotaSet e:
                OwnerOf(e.Owner).Quota = e.Quota;
                break;
            case FarmEvent.RunDemanded e:
                if (!runs.TryGetValue(e.Run, out var demanding) || demanding.Ready == e.Ready) return commands;
                demanding.Ready = e.Ready;
                break;
            case FarmEvent.RunEnded e:
                if (!runs.Remove(e.Run, out var ended)) return commands;
                ended.Owner.Runs--;
                desk.End(e.Run);
                break;
            case FarmEvent.WorkerOffered e:
                Offer(e);
                break;
            case FarmEvent.WorkerExited e:
                // Told to the runs in any case: a restarted farm has not heard of the worker, but a run may hold leases of it.
                workers.Remove(e.Worker);
                commands.Add(new FarmCommand.LoseWorker(e.Worker));
                return commands;
            case FarmEvent.Drained:
                draining = true;
                break;
            case FarmEvent.TimePassed e:
                foreach (var (worker, seat) in workers.Where(w => (e.At - w.Value.LastHeard).TotalSeconds > silenceSeconds).ToList())
                {
                    workers.Remove(worker);
                    commands.Add(new FarmCommand.LoseWorker(worker));
                }
                break;
        }
        Divide(commands);
        return commands;
    }

    // By what is granted, as long as the run has items for it: what workers report is as old as their last call.
    private void Charge(DateTimeOffset now)
    {
        double elapsed = charged is { } last ? Math.Max(0, (now - last).TotalSeconds) : 0;
        if (charged is null || now > charged) charged = now;
        if (elapsed <= 0) return;
        foreach (var seat in workers.Values)
            foreach (var grant in seat.Grants)
                if (runs.TryGetValue(grant.Run, out var run))
                {
                    double used = elapsed * (run.Ready > 0 ? grant.Slots : Math.Min(grant.Slots, BusyOf(seat, grant.Run)));
                    run.UsedSlotSeconds += used;
                    run.Owner.UsedSlotSeconds += used;
                }
    }

    private void Add(FarmEvent.RunActivated e)
    {
        var owner = OwnerOf(e.Owner);
        if (owner.Runs++ == 0) owner.UsedSlotSeconds = Math.Max(owner.UsedSlotSeconds, owners.Values.Where(o => o != owner && o.Runs > 0).Select(o => o.UsedSlotSeconds).DefaultIfEmpty(0).Min());
        runs.Add(e.Run, new(e.Run, e.Priority, owner, runs.Values.Where(r => r.Owner == owner).Select(r => r.UsedSlotSeconds).DefaultIfEmpty(0).Min()));
    }

    private Owner OwnerOf(string name)
    {
        if (!owners.TryGetValue(name, out var owner)) owners.Add(name, owner = new(name));
        return owner;
    }

    private static int BusyOf(Seat seat, RunId run)
    {
        foreach (var use in seat.Uses)
            if (use.Run == run) return use.Slots;
        return 0;
    }

    private void Offer(FarmEvent.WorkerOffered e)
    {
        if (!workers.TryGetValue(e.Worker, out var seat))
        {
            // Versions begin at the time, so that those of an earlier life of the farm are never met again.
            workers.Add(e.Worker, seat = new() { Version = e.At.ToUnixTimeMilliseconds() });
        }
        seat.Slots = Math.Max(1, e.Slots);
        seat.Uses = e.Uses;
        seat.LastHeard = e.At;
    }

    private void Divide(List<FarmCommand> commands)
    {
        var held = new Dictionary<RunId, int>();
        var busy = new Dictionary<RunId, long>();
        foreach (var seat in workers.Values)
        {
            foreach (var grant in seat.Grants) held[grant.Run] = held.GetValueOrDefault(grant.Run) + grant.Slots;
            foreach (var use in seat.Uses) busy[use.Run] = busy.GetValueOrDefault(use.Run) + use.Slots;
        }
        // Within a turn whoever has slots keeps them, or the odd slot would change hands with every event.
        var order = runs.Values.OrderByDescending(r => r.Priority).ThenBy(r => Math.Floor(r.Owner.UsedSlotSeconds / TurnSlotSeconds)).ThenBy(r => Math.Floor(r.UsedSlotSeconds / TurnSlotSeconds)).ThenByDescending(r => held.GetValueOrDefault(r.Id)).ThenBy(r => r.Id.Value)
            .ToList();
        foreach (var run in desk.Divide([.. order.Select(r => (r.Id, r.Priority))])) commands.Add(new FarmCommand.TellLicences(run));
        var claims = order.Select(r => new FarmShare.Claim(r.Id, r.Priority, r.Owner.Name, busy.GetValueOrDefault(r.Id) + r.Ready)).ToList();
        var seats = workers.ToList();
        var shares = FarmShare.Divide(claims, [.. seats.Select(s => new FarmShare.Place(s.Value.Slots, s.Value.Grants))], QuotaOf);
        for (int i = 0; i < seats.Count; i++)
        {
            var (worker, seat) = seats[i];
            if (seat.Stop == draining && shares[i].SequenceEqual(seat.Grants)) continue;
            seat.Grants = shares[i];
            seat.Stop = draining;
            seat.Version++;
            commands.Add(new FarmCommand.TellWorker(worker));
        }
    }
}

/// <summary>What one worker may work on.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Grants">Runs and slots, most urgent first.</param>
/// <param name="Stop">True when the worker shall finish and end.</param>
public readonly record struct FarmGrant(long Version, IReadOnlyList<SlotUse> Grants, bool Stop);
