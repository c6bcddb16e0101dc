using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Workers.Links;
using ExampleMlFarm.Workers.Reporting;

namespace ExampleMlFarm.Tests.Workers.World;

/// <summary>A farm of one run: the real run machine behind the worker's port, all messages through their bytes, on the test's clock.</summary>
internal sealed class FakeFarm : IFarmLink
{
    private readonly Lock gate = new();
    private readonly RunMachine machine = new();
    private readonly TimeProvider time;
    private readonly HashSet<WorkerId> joined = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeFarm(RunPlan plan, TimeProvider time)
    {
        this.time = time;
        var bytes = PlanCodec.Encode(plan);
        machine.Handle(new RunSubmitted(time.GetUtcNow(), PlanCodec.Decode(bytes)));
    }

    public static RunId Run { get; } = new(7);

    public bool IsUnreachable { get; set; }

    public bool IsGranted { get; set; } = true;

    /// <summary>Version of the grants that the worker said it follows, in its newest offer.</summary>
    public long FollowedVersion { get; private set; }

    public bool Stops { get; set; }

    public List<LeaseReport> Reports { get; } = [];

    public List<ContentHash> Forgotten { get; } = [];

    public Func<KeyRun, IReadOnlyList<ItemResult>> Cache { get; set; } = _ => [];

    public int Exchanges { get; private set; }

    public T Ask<T>(Func<RunMachine, T> question)
    {
        lock (gate) return question(machine);
    }

    public void Tell(RunEvent happened)
    {
        lock (gate) machine.Handle(happened);
        Wake();
    }

    public void Wake() => Interlocked.Exchange(ref changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    public async Task<Grants> Work(Offer offer, CancellationToken cancellation)
    {
        Reach();
        FollowedVersion = offer.KnownVersion;
        lock (gate)
            if (joined.Add(offer.Worker)) machine.Handle(new WorkerJoined(time.GetUtcNow(), offer.Worker, new(offer.Slots, new(offer.Slots, 0, 0, []), [])));
        var next = changed.Task;
        long version = (IsGranted ? 1 : 2) + (Stops ? 4 : 0);
        if (version == offer.KnownVersion)
        {
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(offer.WaitSeconds), time, cancellation));
            cancellation.ThrowIfCancellationRequested();
            version = (IsGranted ? 1 : 2) + (Stops ? 4 : 0);
        }
        return new(version, IsGranted ? [new(Run, offer.Slots)] : [], Stops);
    }

    public async Task<RunReply> Exchange(RunId run, WorkerMessage message, CancellationToken cancellation)
    {
        Assert.Equal(Run, run);
        message = MessageCodec.DecodeMessage(MessageCodec.Encode(message));
        var deadline = time.GetUtcNow().AddSeconds(message.WaitSeconds);
        while (true)
        {
            Reach();
            var next = changed.Task;
            RunReply reply;
            lock (gate)
            {
                Exchanges++;
                foreach (var report in message.Reports)
                {
                    Reports.Add(report);
                    machine.Handle(new ResultsReported(time.GetUtcNow(), message.Worker, report));
                }
                if (message.Wanted > 0) machine.Handle(new LeasesRequested(time.GetUtcNow(), message.Worker, message.Wanted));
                var leased = machine.LeasesOf(message.Worker).ToList();
                reply = new(message.Reports.Count == 0 ? -1 : message.Reports.Max(r => r.Sequence),
                    [.. leased.Where(id => !message.Held.Contains(id)).Select(id => machine.Describe(message.Worker, id)!)],
                    [.. message.Held.Where(h => !leased.Contains(h))], leased.Count == 0);
            }
            if (message.Reports.Count > 0) Wake();
            Reach();
            var left = deadline - time.GetUtcNow();
            if (message.Reports.Count > 0 || reply.Granted.Count > 0 || reply.Revoked.Count > 0 || left <= TimeSpan.Zero)
                return MessageCodec.DecodeReply(MessageCodec.Encode(reply));
            await Task.WhenAny(next, Task.Delay(left, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public Task<RunFiles> Load(RunId run, CancellationToken cancellation) => throw new InvalidOperationException("tests give the program");

    public Task<IReadOnlyList<IReadOnlyList<ItemResult>>> Find(IReadOnlyList<KeyRun> queries, CancellationToken cancellation)
    {
        Reach();
        return Task.FromResult<IReadOnlyList<IReadOnlyList<ItemResult>>>([.. queries.Select(q => Cache(q))]);
    }

    public Task Forget(ContentHash artifact, CancellationToken cancellation)
    {
        Forgotten.Add(artifact);
        return Task.CompletedTask;
    }

    private void Reach()
    {
        if (IsUnreachable) throw new FarmUnreachableException("the test cut the line");
    }
}
