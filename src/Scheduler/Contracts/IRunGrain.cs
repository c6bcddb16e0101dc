using Orleans.Concurrency;

namespace ExampleMlFarm.Scheduler.Contracts;

/// <summary>One run; the key is its number. Workers exchange results for leases with it; people look at it and steer it.</summary>
[Alias("run")]
public interface IRunGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// <c>WorkerMessage</c> in, <c>RunReply</c> out, in the bytes of <c>MessageCodec</c>. What it reports is durable when it answers. Without reports it is
    /// held back until there is something to say, for as long as the message allows. A newer call of the same worker ends the wait of an older one.
    /// </summary>
    [Alias("exchange"), ResponseTimeout("00:01:00")]
    Task<byte[]> Exchange([Immutable] byte[] workerMessage);

    /// <summary>What was frozen with the run.</summary>
    [Alias("frozen")]
    Task<byte[]> Frozen();

    /// <summary>The plan, in the bytes of <c>PlanCodec</c>.</summary>
    [Alias("plan")]
    Task<byte[]> Plan();

    /// <summary>Counters of every node and the failures so far.</summary>
    [Alias("state")]
    Task<RunView> State();

    /// <summary>As <see cref="State"/>, as soon as the run has gone past a sequence number, or after the wait (at most ten seconds).</summary>
    [Alias("watch"), ResponseTimeout("00:01:00")]
    Task<RunView> Watch(long knownSequence, double waitSeconds);

    /// <summary>One byte per item of a node: its <c>ItemState</c>.</summary>
    [Alias("states")]
    Task<byte[]> States(int node);

    /// <summary>A page of items.</summary>
    [Alias("items")]
    Task<ItemPage> Items(ItemQuery query);

    /// <summary>Why an item stands where it stands.</summary>
    [Alias("explain")]
    Task<Explanation> Explain(int node, long item);

    /// <summary>What people asked of the run, oldest first.</summary>
    [Alias("orders")]
    Task<OrderRow[]> Orders();

    /// <summary>Does what a person asks.</summary>
    [Alias("order")]
    Task<OrderOutcome> Order(RunOrder order);

    /// <summary>Looks at every artifact of the run's results; items whose artifacts are missing or damaged are put back to be cooked again.</summary>
    /// <param name="readBytes">False to look at existence and size only.</param>
    [Alias("verify"), ResponseTimeout("01:00:00")]
    Task<VerifyOutcome> Verify(bool readBytes);

    /// <summary>Loads the run and asks the farm for workers. From the farm.</summary>
    [Alias("wake")]
    Task Wake();

    /// <summary>What the run may hold of each licence of the farm from now on; null to be told only. From the farm.</summary>
    /// <param name="life">Number of the life of the farm that speaks; what an earlier one still says is not heeded.</param>
    /// <param name="allowed">Every licence, with an amount.</param>
    /// <returns>What it holds or may hold now, durably.</returns>
    [Alias("allow-licences"), ResponseTimeout("00:00:10")]
    Task<KeyValuePair<string, double>[]> AllowLicences(long life, KeyValuePair<string, double>[]? allowed);

    /// <summary>A worker is gone. From the farm.</summary>
    [Alias("lose-worker")]
    Task LoseWorker(string worker, bool crashed);
}
