using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Farm;

/// <summary>What happens to a farm.</summary>
/// <param name="At">When.</param>
public abstract record FarmEvent(DateTimeOffset At)
{
    /// <summary>A run wants to be worked on from now on.</summary>
    /// <param name="Run">The run.</param>
    /// <param name="Priority">Higher goes first.</param>
    /// <param name="Owner">Whose run it is; empty for nobody's in particular.</param>
    /// <param name="At">When.</param>
    public sealed record RunActivated(RunId Run, int Priority, string Owner, DateTimeOffset At) : FarmEvent(At);

    /// <summary>A run may hold licences that an earlier life of the farm gave it.</summary>
    public sealed record RunExpected(RunId Run, DateTimeOffset At) : FarmEvent(At);

    /// <summary>There are so many of a licence from now on; below 0 it is none any more.</summary>
    public sealed record LicenceSet(string Name, long Total, DateTimeOffset At) : FarmEvent(At);

    /// <summary>A run asks for licences: all that its items need, each with what they hold and would hold.</summary>
    public sealed record LicencesWanted(RunId Run, IReadOnlyList<LicenceWant> Wants, DateTimeOffset At) : FarmEvent(At);

    /// <summary>A run answers what it was told: this is what it may hold now, which is more than it was told while its leases hold more.</summary>
    public sealed record LicencesAnswered(RunId Run, IReadOnlyList<KeyValuePair<string, double>> Allowed, DateTimeOffset At) : FarmEvent(At);

    /// <summary>A run did not answer what it was told, and may have heard it or not.</summary>
    public sealed record LicencesUnanswered(RunId Run, DateTimeOffset At) : FarmEvent(At);

    /// <summary>An owner's quota is another from now on.</summary>
    public sealed record QuotaSet(string Owner, Quota Quota, DateTimeOffset At) : FarmEvent(At);

    /// <summary>A run could start this many items now.</summary>
    public sealed record RunDemanded(RunId Run, long Ready, DateTimeOffset At) : FarmEvent(At);

    /// <summary>A run has nothing more to do, or is paused.</summary>
    public sealed record RunEnded(RunId Run, DateTimeOffset At) : FarmEvent(At);

    /// <summary>A worker is there, with so many slots, busy as stated.</summary>
    public sealed record WorkerOffered(WorkerId Worker, int Slots, IReadOnlyList<SlotUse> Uses, DateTimeOffset At) : FarmEvent(At);

    /// <summary>A worker's process has ended.</summary>
    public sealed record WorkerExited(WorkerId Worker, DateTimeOffset At) : FarmEvent(At);

    /// <summary>Workers shall end when they have finished what they cook.</summary>
    public sealed record Drained(DateTimeOffset At) : FarmEvent(At);

    /// <summary>Nothing happened for a while.</summary>
    public sealed record TimePassed(DateTimeOffset At) : FarmEvent(At);
}

/// <summary>Slots that cook for a run.</summary>
public readonly record struct SlotUse(RunId Run, int Slots);

/// <summary>What the shell shall do for a farm.</summary>
public abstract record FarmCommand
{
    private FarmCommand() { }

    /// <summary>A worker's grants are no longer what it was told.</summary>
    public sealed record TellWorker(WorkerId Worker) : FarmCommand;

    /// <summary>A run is to be told what licences it may hold, and to answer what it does hold.</summary>
    public sealed record TellLicences(RunId Run) : FarmCommand;

    /// <summary>A worker is gone: the runs shall take back what is leased to it.</summary>
    public sealed record LoseWorker(WorkerId Worker) : FarmCommand;
}
