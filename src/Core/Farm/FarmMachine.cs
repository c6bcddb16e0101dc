using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Farm;

/// <summary>
/// Decides which runs each worker works on: priority first, then by slot-seconds used so far, the least first. It knows no items and keeps nothing
/// across a restart: workers and runs tell it anew.
/// </summary>
/// <remarks>Pure: time is in the events. Not safe for several threads.</remarks>
/// <param name="silenceSeconds">A worker that says nothing for longer is gone.</param>
public sealed class FarmMachine(double silenceSeconds)
{
    private sealed class ActiveRun(RunId id, int priority, double used)
    {
        public RunId Id => id;
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
    private bool draining;

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

    /// <summary>Takes an event in and says what to do. Events about runs and workers that are not there change nothing.</summary>
    public IReadOnlyList<FarmCommand> Handle(FarmEvent happened)
    {
        var commands = new List<FarmCommand>();
        switch (happened)
        {
            case FarmEvent.RunActivated e:
                // A newcomer starts level with the least served run: otherwise it would get the whole farm until it had caught up.
                if (runs.TryGetValue(e.Run, out var known)) known.Priority = e.Priority;
                else runs.Add(e.Run, new(e.Run, e.Priority, runs.Count == 0 ? 0 : runs.Values.Min(r => r.UsedSlotSeconds)));
                break;
            case FarmEvent.RunDemanded e:
                if (!runs.TryGetValue(e.Run, out var demanding) || demanding.Ready == e.Ready) return commands;
                demanding.Ready = e.Ready;
                break;
            case FarmEvent.RunEnded e:
                if (!runs.Remove(e.Run)) return commands;
                break;
            case FarmEvent.WorkerOffered e:
                Charge(e);
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

    private void Charge(FarmEvent.WorkerOffered e)
    {
        if (!workers.TryGetValue(e.Worker, out var seat))
        {
            // Versions begin at the time, so that those of an earlier life of the farm are never met again.
            workers.Add(e.Worker, seat = new() { LastHeard = e.At, Version = e.At.ToUnixTimeMilliseconds() });
        }
        double elapsed = Math.Max(0, (e.At - seat.LastHeard).TotalSeconds);
        foreach (var use in seat.Uses)
            if (runs.TryGetValue(use.Run, out var run)) run.UsedSlotSeconds += use.Slots * elapsed;
        seat.Slots = Math.Max(1, e.Slots);
        seat.Uses = e.Uses;
        seat.LastHeard = e.At;
    }

    private void Divide(List<FarmCommand> commands)
    {
        var order = runs.Values.OrderByDescending(r => r.Priority).ThenBy(r => r.UsedSlotSeconds).ThenBy(r => r.Id.Value).ToList();
        foreach (var (worker, seat) in workers)
        {
            var grants = Share(order, seat);
            if (seat.Stop == draining && grants.SequenceEqual(seat.Grants)) continue;
            seat.Grants = grants;
            seat.Stop = draining;
            seat.Version++;
            commands.Add(new FarmCommand.TellWorker(worker));
        }
    }

    // Slots go round within a priority, one at a time, up to what each run can use; what nobody can use now stays with the runs in order, so that
    // a worker goes on listening to a run that waits for its last upstream item.
    private static List<SlotUse> Share(List<ActiveRun> order, Seat seat)
    {
        var granted = new int[order.Count];
        int left = seat.Slots;
        for (int from = 0; from < order.Count && left > 0;)
        {
            int to = from;
            while (to < order.Count && order[to].Priority == order[from].Priority) to++;
            for (bool any = true; any && left > 0;)
            {
                any = false;
                for (int i = from; i < to && left > 0; i++)
                {
                    if (granted[i] >= Useful(order[i], seat)) continue;
                    granted[i]++;
                    left--;
                    any = true;
                }
            }
            from = to;
        }
        for (int i = 0; left > 0 && order.Count > 0; i = (i + 1) % order.Count, left--) granted[i]++;
        var grants = new List<SlotUse>();
        for (int i = 0; i < granted.Length; i++)
            if (granted[i] > 0) grants.Add(new(order[i].Id, granted[i]));
        return grants;
    }

    private static long Useful(ActiveRun run, Seat seat)
    {
        long busy = 0;
        foreach (var use in seat.Uses)
            if (use.Run == run.Id) busy += use.Slots;
        return busy + run.Ready;
    }
}

/// <summary>What one worker may work on.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Grants">Runs and slots, most urgent first.</param>
/// <param name="Stop">True when the worker shall finish and end.</param>
public readonly record struct FarmGrant(long Version, IReadOnlyList<SlotUse> Grants, bool Stop);
