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

    /// <summary>A worker is gone: the runs shall take back what is leased to it.</summary>
    public sealed record LoseWorker(WorkerId Worker) : FarmCommand;
}
