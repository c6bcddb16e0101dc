using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Scheduler.Runs;

/// <summary>
/// A worker that cooks in no time, by hand: each message goes through the wire's bytes.
/// </summary>
internal sealed class FakeWorker(string name, Func<WorkerMessage, Task<RunReply>> exchange)
{
    private readonly List<LeaseReport> unacknowledged = [];
    private readonly List<Lease> held = [];
    private long sequence;

    public WorkerId Id { get; } = new(name);

    /// <summary>Leases not reported yet.</summary>
    public IReadOnlyList<Lease> Held => held;

    /// <summary>Items whose results were acknowledged, counted each time.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>What an item comes to; null = succeeded.</summary>
    public Func<Lease, ItemResult>? Cook { get; set; }

    /// <summary>Asks for leases and waits; returns what was granted.</summary>
    public async Task<RunReply> Poll(int wanted = 1, double waitSeconds = 0)
    {
        var reply = await exchange(RoundTrip(new(Id, [.. unacknowledged], [.. held.Select(l => l.Id)], wanted, waitSeconds)));
        Take(reply);
        return reply;
    }

    /// <summary>Cooks all held leases, and reports them with the next message.</summary>
    public void CookAll()
    {
        foreach (var lease in held) unacknowledged.Add(new(lease.Id, ++sequence, [Cook?.Invoke(lease) ?? new(lease.Items, ResultKind.Succeeded, 1e-6 * lease.Items.Count)], true));
        held.Clear();
    }

    /// <summary>Works until the run has nothing more for it.</summary>
    public async Task WorkUntilIdle(int wanted = 1)
    {
        while (true)
        {
            var reply = await Poll(wanted);
            if (held.Count == 0 && reply.Idle) return;
            CookAll();
        }
    }

    private void Take(RunReply reply)
    {
        foreach (var report in unacknowledged.Where(r => r.Sequence <= reply.AcknowledgedSequence))
            Acknowledged += report.Results.Sum(r => r.Items.Count);
        unacknowledged.RemoveAll(r => r.Sequence <= reply.AcknowledgedSequence);
        held.RemoveAll(l => reply.Revoked.Contains(l.Id));
        held.AddRange(reply.Granted);
    }

    private static WorkerMessage RoundTrip(WorkerMessage message) => MessageCodec.DecodeMessage(MessageCodec.Encode(message));
}

/// <summary>Plans for tests.</summary>
internal static class TestPlans
{
    public static WorkerOffer OneSlot { get; } = new(1, Resources.OneCore, []);

    public static RunPlan Single(long items, BatchRule? batch = null, RetryPolicy? retry = null) =>
        new([new("a", new ItemRule.Fixed(items), []) { Batch = batch ?? new BatchRule.Automatic(), Retry = retry ?? RetryPolicy.Once }]);

    /// <summary><c>b</c> collects all items of <c>a</c>.</summary>
    public static RunPlan Collected(long items, BatchRule batch) => new([
        new("a", new ItemRule.Fixed(items), []) { Batch = batch },
        new("b", new ItemRule.Fixed(1), [new(new(0), "collect", new Mapping.All())])]);
}
