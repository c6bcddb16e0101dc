namespace ExampleMlFarm.Scheduler.Contracts;

/// <summary>
/// The farm: which runs are active, which workers there are, and who works on what. Key 0. It hands out no items; that is between worker and run.
/// </summary>
[Alias("farm")]
public interface IFarmGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// A worker offers itself and learns which runs to work on. Answers when the grants are no longer those of
    /// <see cref="WorkerPresence.KnownVersion"/>, or after <see cref="WorkerPresence.WaitSeconds"/>. The first offer registers the worker.
    /// </summary>
    [Alias("work"), ResponseTimeout("00:01:00")]
    Task<FarmGrants> Work(WorkerPresence presence);

    /// <summary>The worker's process has ended: everything leased to it goes back at once. <paramref name="crashed"/> puts what it was cooking under suspicion.</summary>
    [Alias("exited")]
    Task WorkerExited(string worker, bool crashed);

    /// <summary>Stores a run and makes it active; returns its number.</summary>
    /// <exception cref="Core.FarmException"><c>farm.closing</c>: this farm ends in a moment.</exception>
    [Alias("submit")]
    Task<long> Submit(RunSubmission submission);

    /// <summary>Makes a stored run active again; false when there is none with this number.</summary>
    /// <exception cref="Core.FarmException"><c>farm.closing</c>: this farm ends in a moment.</exception>
    [Alias("activate")]
    Task<bool> Activate(long run);

    /// <summary>How often this farm has taken a run so far, for <see cref="Close"/>.</summary>
    [Alias("taken")]
    Task<long> Taken();

    /// <summary>
    /// Before a farm ends that others may give runs to: from now on it takes none, so that no run is taken by a farm that is about to go. False, and nothing
    /// changes, when it has taken another one since <see cref="Taken"/> said <paramref name="taken"/>.
    /// </summary>
    [Alias("close")]
    Task<bool> Close(long taken);

    /// <summary>The newest runs below a number (0 = all), newest first.</summary>
    [Alias("runs")]
    Task<RunRow[]> Runs(long beforeRun, int count);

    /// <summary>The workers that were heard of lately.</summary>
    [Alias("workers")]
    Task<WorkerRow[]> Workers();

    /// <summary>One worker; null when it was not heard of lately.</summary>
    [Alias("worker")]
    Task<WorkerRow?> Worker(string worker);

    /// <summary>Tells every worker to finish what it cooks and to end.</summary>
    [Alias("drain")]
    Task Drain();

    /// <summary>What the runs of an owner may take together, from now on and after every restart; negative slots take the limit away.</summary>
    [Alias("set-quota")]
    Task SetQuota(string owner, long slots, long burst);

    /// <summary>Owners with what they have used of late and what they may take.</summary>
    [Alias("owners")]
    Task<OwnerRow[]> Owners();

    /// <summary>There are so many of a licence in the whole farm, from now on and after every restart; below 0 it is none any more.</summary>
    [Alias("set-licence")]
    Task SetLicence(string name, long total);

    /// <summary>The farm's licences.</summary>
    [Alias("licences")]
    Task<LicenceRow[]> Licences();

    /// <summary>
    /// From a run: whether it is still active, how many items it could start now, and what its items hold and would hold of resources beyond cpu, gpu and memory.
    /// Not for clients.
    /// </summary>
    [Alias("demand")]
    Task Demand(long run, bool active, long ready, KeyValuePair<string, double>[] wants);
}

/// <summary>What a worker says of itself.</summary>
/// <param name="Worker">Its name, best from <c>WorkerName.OfThisProcess()</c>.</param>
/// <param name="Host">Machine.</param>
/// <param name="Pid">Process number.</param>
/// <param name="Pools">Pools it belongs to.</param>
/// <param name="Slots">Leases it cooks at once, 1 or more.</param>
/// <param name="Cpu">Cores it may use.</param>
/// <param name="Gpu">GPUs it may use.</param>
/// <param name="MemoryBytes">Memory it may use; 0 = not stated.</param>
/// <param name="Custom">Further amounts by name.</param>
/// <param name="Uses">What its slots are busy with.</param>
/// <param name="KnownVersion">Version of the grants it follows; 0 = none.</param>
/// <param name="WaitSeconds">The longest it waits for news; at most ten.</param>
/// <param name="Tags">Words about it that recipes may ask for, with their values; null for none.</param>
/// <param name="Facts">What was measured of its machine, for people; null for nothing.</param>
[GenerateSerializer, Immutable, Alias("worker-presence")]
public sealed record WorkerPresence(
    string Worker, string Host, int Pid, string[] Pools, int Slots, double Cpu, double Gpu, long MemoryBytes, KeyValuePair<string, double>[] Custom,
    RunUse[] Uses, long KnownVersion, double WaitSeconds, KeyValuePair<string, string>[]? Tags = null, KeyValuePair<string, string>[]? Facts = null);

/// <summary>Slots of a worker that cook for one run.</summary>
[GenerateSerializer, Immutable, Alias("run-use")]
public readonly record struct RunUse(long Run, int BusySlots);

/// <summary>Which runs a worker works on: all of them each time.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Grants">Most urgent first.</param>
/// <param name="Stop">True when the worker should finish what it cooks and end.</param>
[GenerateSerializer, Immutable, Alias("farm-grants")]
public sealed record FarmGrants(long Version, RunGrant[] Grants, bool Stop);

/// <summary>Leave to fill up to this many slots with items of a run.</summary>
[GenerateSerializer, Immutable, Alias("run-grant")]
public readonly record struct RunGrant(long Run, int Slots);

/// <summary>A run to be started.</summary>
/// <param name="Name">As in the recipe.</param>
/// <param name="Folder">Working folder of whoever submits it.</param>
/// <param name="Frozen">Whatever workers and the command line need of the recipe; not read here.</param>
/// <param name="Plan">The plan in Core's encoding.</param>
/// <param name="Priority">Greater goes first.</param>
/// <param name="Key">Whoever submits again under the same key gets the same run; empty for none.</param>
/// <param name="Owner">Whose it is; runs of one owner share what is his.</param>
[GenerateSerializer, Immutable, Alias("run-submission")]
public sealed record RunSubmission(string Name, string Folder, byte[] Frozen, byte[] Plan, int Priority, string Key = "", string Owner = "");

/// <summary>One line of the list of runs.</summary>
/// <param name="Run">Number.</param>
/// <param name="Name">Name.</param>
/// <param name="Folder">Working folder.</param>
/// <param name="Priority">Greater goes first.</param>
/// <param name="Status">As <c>RunStatus</c>.</param>
/// <param name="Submitted">When.</param>
/// <param name="Ended">When, if it has.</param>
/// <param name="Items">Items known so far.</param>
/// <param name="Settled">Of these, those that are done one way or another.</param>
/// <param name="Failed">Of these, those that failed.</param>
/// <param name="IsActive">True when this farm works on it.</param>
[GenerateSerializer, Immutable, Alias("run-row")]
public sealed record RunRow(
    long Run, string Name, string Folder, int Priority, byte Status, DateTimeOffset Submitted, DateTimeOffset? Ended, long Items, long Settled, long Failed, bool IsActive);

/// <summary>A licence of the whole farm.</summary>
/// <param name="Name">As recipes name it in <c>resources:</c>.</param>
/// <param name="Total">How many there are.</param>
/// <param name="GivenOut">How many runs may hold now.</param>
[GenerateSerializer, Immutable, Alias("licence-row")]
public sealed record LicenceRow(string Name, long Total, long GivenOut);

/// <summary>An owner of runs.</summary>
/// <param name="Owner">His name; empty for runs that are nobody's in particular.</param>
/// <param name="UsedSlotSeconds">What his runs used since the farm's last start, beginning from what the least served one had used when he came.</param>
/// <param name="QuotaSlots">Slots that are his; −1 = no limit.</param>
/// <param name="QuotaBurst">Further slots while nobody within a quota wants them.</param>
[GenerateSerializer, Immutable, Alias("owner-row")]
public sealed record OwnerRow(string Owner, double UsedSlotSeconds, long QuotaSlots, long QuotaBurst);

/// <summary>One worker as the farm sees it.</summary>
[GenerateSerializer, Immutable, Alias("worker-row")]
public sealed record WorkerRow(
    string Worker, string Host, int Pid, string[] Pools, int Slots, double Cpu, double Gpu, long MemoryBytes, KeyValuePair<string, double>[] Custom, RunUse[] Uses, RunGrant[] Grants, DateTimeOffset LastHeard,
    KeyValuePair<string, string>[]? Tags = null, KeyValuePair<string, string>[]? Facts = null);
