namespace ExampleMlFarm.Workers.Leases;

/// <summary>
/// Leases that wait for a slot of this worker, and who may have how many slots. Slots take from the most urgent run that has a lease ready
/// and is not using all that it was granted.
/// </summary>
/// <remarks>Safe for several threads; taking blocks.</remarks>
public sealed class LeaseQueue(int slots)
{
    private readonly object gate = new();
    private readonly List<Share> shares = [];
    private int free = slots;
    private bool closed;

    /// <summary>Slots of the worker.</summary>
    public int Slots { get; } = slots;

    /// <summary>Sets who may have how many slots, the most urgent first. What cooks already goes on.</summary>
    public void Grant(IReadOnlyList<KeyValuePair<RunSession, int>> grants)
    {
        lock (gate)
        {
            foreach (var share in shares) share.Granted = 0;
            foreach (var (session, granted) in grants) ShareOf(session).Granted = granted;
            shares.Sort((a, b) => Order(a).CompareTo(Order(b)));
            shares.RemoveAll(s => s.Granted == 0 && s.Busy == 0 && s.Waiting.Count == 0);
            Monitor.PulseAll(gate);
        }

        int Order(Share share)
        {
            for (int i = 0; i < grants.Count; i++)
                if (grants[i].Key == share.Session) return i;
            return int.MaxValue;
        }
    }

    /// <summary>A lease has arrived.</summary>
    public void Add(LeaseWork work)
    {
        lock (gate)
        {
            ShareOf(work.Session).Waiting.AddLast(work);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>The next lease for a slot; waits for one. Null when the worker ends.</summary>
    public LeaseWork? Take()
    {
        lock (gate)
        {
            while (true)
            {
                if (closed) return null;
                foreach (var share in shares)
                {
                    if (share.Waiting.First is not { } first) continue;
                    // One lease may pass the grant, so that an item of four cores is not stuck on a grant of three.
                    if (share.Busy > 0 && share.Busy + first.Value.Slots > share.Granted) continue;
                    if (share.Granted == 0) continue;
                    if (first.Value.Slots > free) continue;
                    share.Waiting.RemoveFirst();
                    share.Busy += first.Value.Slots;
                    free -= first.Value.Slots;
                    return first.Value;
                }
                Monitor.Wait(gate);
            }
        }
    }

    /// <summary>A slot is done with a lease.</summary>
    public void Release(LeaseWork work)
    {
        lock (gate)
        {
            ShareOf(work.Session).Busy -= work.Slots;
            free += work.Slots;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Takes out the leases that no slot has begun and that the condition holds for.</summary>
    public IReadOnlyList<LeaseWork> Withdraw(Func<LeaseWork, bool> condition)
    {
        lock (gate)
        {
            var withdrawn = new List<LeaseWork>();
            foreach (var share in shares)
                for (var entry = share.Waiting.First; entry is not null;)
                {
                    var next = entry.Next;
                    if (condition(entry.Value))
                    {
                        withdrawn.Add(entry.Value);
                        share.Waiting.Remove(entry);
                    }
                    entry = next;
                }
            return withdrawn;
        }
    }

    /// <summary>What a run has here: slots granted, slots that cook, leases that wait.</summary>
    public (int Granted, int Busy, int Waiting) Of(RunSession session)
    {
        lock (gate)
        {
            var share = shares.Find(s => s.Session == session);
            return share is null ? default : (share.Granted, share.Busy, share.Waiting.Count);
        }
    }

    /// <summary>No slot gets anything any more.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed = true;
            Monitor.PulseAll(gate);
        }
    }

    private Share ShareOf(RunSession session)
    {
        var share = shares.Find(s => s.Session == session);
        if (share is null) shares.Add(share = new(session));
        return share;
    }

    private sealed class Share(RunSession session)
    {
        public RunSession Session { get; } = session;
        public LinkedList<LeaseWork> Waiting { get; } = [];
        public int Granted, Busy;
    }
}
