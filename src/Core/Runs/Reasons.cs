using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Runs;

/// <summary>Why an item stands where it stands. <see cref="object.ToString"/> is one sentence for people.</summary>
public abstract record Reason
{
    private Reason() { }

    /// <summary>An item of a node, by name, as sentences mention it.</summary>
    public readonly record struct ItemName(string Node, long Index)
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Node}[{Index}]";
    }

    /// <summary>There is no such item.</summary>
    public sealed record Unknown(string Node, long Known) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Node} has {Known} items.";
    }

    /// <summary>It is not known yet how many items there are.</summary>
    public sealed record NotExpanded(string Node, string Awaits, long Known) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Node} has {Known} items so far; more are found when {Awaits} has cooked.";
    }

    /// <summary>Inputs are not cooked yet.</summary>
    /// <param name="Dependency">The input's name.</param>
    /// <param name="Missing">The first few.</param>
    public sealed record InputsMissing(string Dependency, IReadOnlyList<ItemName> Missing) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => Missing.Count == 0
            ? $"It waits for all items of its input {Dependency} to be known."
            : $"It waits for its input {Dependency}: {string.Join(", ", Missing)}{(Missing.Count == Limits.NamedInputs ? ", …" : "")}.";
    }

    /// <summary>An input failed, and that was not allowed.</summary>
    public sealed record InputFailed(string Dependency, ItemName Input, Failure? Failure) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"Its input {Input} failed ({Failure?.Message}). Retry or skip that item.";
    }

    /// <summary>An input failed, and whether that is allowed is not certain yet.</summary>
    public sealed record FailureUndecided(string Dependency, ItemName Input, string Node) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"Its input {Input} failed; whether so many may fail is known when all items of {Node} are through.";
    }

    /// <summary>An input was cancelled.</summary>
    public sealed record InputCancelled(string Dependency, ItemName Input) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"Its input {Input} was cancelled. Retry that item, or resume the run.";
    }

    /// <summary>It failed and waits for its next attempt.</summary>
    public sealed record BacksOff(DateTimeOffset Until, int Attempts, Failure? Last) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"Attempt {Attempts} failed ({Last?.Message}); the next one starts after {Until:u}.";
    }

    /// <summary>The run is paused or over.</summary>
    public sealed record RunNotRunning(RunStatus Status) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => Status == RunStatus.Paused ? "The run is paused." : $"The run is over ({Status}). Resume it to go on.";
    }

    /// <summary>As many leases of the node are out as may be.</summary>
    public sealed record ParallelLimit(string Node, int Limit) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"max_parallel of {Node} is {Limit}, and as many cook.";
    }

    /// <summary>The farm's licences are all out, to this run or to others.</summary>
    public sealed record AwaitsLicence(string Licence, double Needs, double Allowed, double Held) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"It needs {Needs} of the licence {Licence}; the farm allows this run {Allowed} now, and its items hold {Held}.";
    }

    /// <summary>No worker is there, or none in the pool.</summary>
    public sealed record NoWorker(string? Pool) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => Pool is null ? "No worker has joined the run." : $"No worker of pool {Pool} has joined the run.";
    }

    /// <summary>No worker has enough of a resource.</summary>
    public sealed record NoWorkerFits(string Resource, double Needs, double Largest) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"It needs {Needs} of {Resource}; the largest worker has {Largest}.";
    }

    /// <summary>It was cooking when workers died, and waits for a worker of its own.</summary>
    public sealed record AwaitsWorkerAlone(int Losses, Failure? Last) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Losses} workers died while it cooked; it waits for a worker that cooks nothing else.";
    }

    /// <summary>Ready; other items are before it.</summary>
    public sealed record AwaitsSlot : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => "Ready: it starts when a slot is free.";
    }

    /// <summary>It cooks.</summary>
    public sealed record Cooks(WorkerId Worker, LeaseId Lease, DateTimeOffset Since, int Attempt) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"Leased to {Worker} ({Lease}) since {Since:u}, attempt {Attempt}.";
    }

    /// <summary>Done.</summary>
    /// <param name="FromCache">True when an earlier result was used.</param>
    /// <param name="Again">Why it had been cooked again, if it had.</param>
    public sealed record Done(bool FromCache, int Attempts, double Seconds, Failure? Again) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => (FromCache ? "An earlier result with the same cook key was used." : $"Cooked in {Seconds:0.###} s, attempt {Attempts}.")
            + (Again is null ? "" : $" Cooked again because: {Again.Message}");
    }

    /// <summary>Failed for good, until somebody retries it.</summary>
    public sealed record HasFailed(Failure Failure, int Attempts, bool IsPoison) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => $"Failed after {Attempts} attempt{(Attempts == 1 ? "" : "s")}: {Failure.Message}";
    }

    /// <summary>Left out on request.</summary>
    public sealed record SkippedOnRequest : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => "Somebody asked to go on without it.";
    }

    /// <summary>Left out because an input was.</summary>
    public sealed record SkippedWithInput(string Dependency, ItemName? Input, bool IsFailed) : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => Input is null
            ? $"None of the items it collects through {Dependency} succeeded."
            : $"Its input {Input} {(IsFailed ? "failed, within what the recipe allows" : "was skipped")}.";
    }

    /// <summary>Cancelled.</summary>
    public sealed record WasCancelled : Reason
    {
        /// <inheritdoc/>
        public override string ToString() => "It was cancelled. Resume the run, or retry the item.";
    }
}
