using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Workers.Reporting;

namespace ExampleMlFarm.Workers.Leases;

/// <summary>One lease in this worker, from its arrival to its last report.</summary>
public sealed class LeaseWork
{
    private readonly Dictionary<long, int>? attempts;
    private volatile bool revoked;

    /// <summary>A lease that has arrived.</summary>
    /// <param name="session">The run it came from.</param>
    /// <param name="lease">What is to be cooked.</param>
    /// <param name="node">Its node.</param>
    /// <param name="slots">Slots it fills: as many as the cores an item asks for, but never more than there are.</param>
    public LeaseWork(RunSession session, Lease lease, PlanNode node, int slots)
    {
        Session = session;
        Lease = lease;
        Node = node;
        Slots = slots;
        if (lease.Attempts.Count > 0) attempts = lease.Attempts.ToDictionary(a => a.Key, a => a.Value);
    }

    /// <summary>The run it came from.</summary>
    public RunSession Session { get; }

    /// <summary>The lease.</summary>
    public Lease Lease { get; }

    /// <summary>Its node.</summary>
    public PlanNode Node { get; }

    /// <summary>Slots it fills.</summary>
    public int Slots { get; }

    /// <summary>Guards <see cref="Results"/> and their reporting: the slot and the watch both report.</summary>
    public Lock Gate { get; } = new();

    /// <summary>What has not been reported yet; null until a slot has begun.</summary>
    public LeaseResults? Results { get; set; }

    /// <summary>Hears of all results that were published; called under <see cref="Gate"/>.</summary>
    public Action<IReadOnlyList<ItemResult>>? Published { get; set; }

    /// <summary>When the last report was made.</summary>
    public long ReportedAt { get; set; }

    /// <summary>True when the last report has been made.</summary>
    public bool IsFinished { get; set; }

    /// <summary>True when the run wants it back, or has given it to somebody else.</summary>
    public bool IsRevoked => revoked;

    /// <summary>Which attempt of the item this is.</summary>
    public int AttemptOf(long item) => attempts is null ? 1 : attempts.GetValueOrDefault(item, 1);

    /// <summary>The run wants it back.</summary>
    public void Revoke() => revoked = true;

    /// <summary>
    /// Publishes what was collected and hands it to the session. Call with <see cref="Gate"/> held.
    /// </summary>
    public void Report(bool finished, TimeProvider time)
    {
        if (IsFinished) return;
        ReportedAt = time.GetTimestamp();
        if (IsRevoked)
        {
            // Nobody waits for these results any more; the run has the items under another fence.
            IsFinished = finished;
            if (finished) Session.Ended(this);
            return;
        }
        IReadOnlyList<ItemResult> results = Results?.Take() ?? [];
        if (results.Count == 0 && !finished) return;
        IsFinished = finished;
        Published?.Invoke(results);
        Session.Report(this, results, finished);
    }
}
