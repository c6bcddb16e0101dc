using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Core.Runs;

/// <summary>What an item went through besides its state; only items that met trouble have one.</summary>
internal sealed class Trouble
{
    /// <summary>Attempts that ended in a failure or a loss, since the run began.</summary>
    public int Attempts;
    /// <summary>Failures charged against the present budget.</summary>
    public int Failures;
    /// <summary>Workers that died while it was cooking, in the present budget.</summary>
    public int Losses;
    /// <summary>The input artifact it found broken last.</summary>
    public ContentHash BrokenInput;
    /// <summary>Times in a row it found that artifact broken, in the present budget.</summary>
    public int InputFaults;
    /// <summary>Times it found any input artifact broken, in the present budget.</summary>
    public int InputFaultsInAll;
    public Failure? Last;
    /// <summary>When it may be tried again, in UTC ticks; 0 = now.</summary>
    public long RetryAtTicks;
}

/// <summary>Why items ran again.</summary>
internal sealed record RerunNote(DateTimeOffset At, RangeSet Items, Failure Reason);

/// <summary>The state of one node of a run. Holds and counts; decides nothing.</summary>
internal sealed class NodeRun(NodeId id, PlanNode plan)
{
    public NodeId Id { get; } = id;
    public PlanNode Plan { get; } = plan;
    public StatePages States { get; } = new();
    public ResultBook Results { get; } = new();
    public Dictionary<long, Trouble> Troubles { get; } = [];
    public RangeSet SkippedByRequest { get; } = new();
    public RangeSet BackingOff { get; } = new();
    public RangeSet Suspects { get; } = new();
    public List<RerunNote> Notes { get; } = [];
    public Amounts Needs { get; } = Amounts.Of(plan.Resources);

    /// <summary>True when no more items will be found.</summary>
    public bool Complete { get; set; }

    /// <summary>True when it was <see cref="Complete"/> once: somebody may have been made from all items of that time.</summary>
    public bool WasComplete { get; set; }

    /// <summary>Items that exist so far.</summary>
    public long Known => States.Count;

    public Reading[] Readings { get; set; } = [];
    public List<Reading> Readers { get; } = [];
    public Reading? CountedBy { get; set; }
    public PreviousReading? Chain { get; set; }
    public NodeRun? Expander { get; set; }
    public List<NodeRun> FoundNodes { get; } = [];
    public Expansions? Found { get; set; }

    public int Leases { get; set; }

    /// <summary>Slots that could cook this node; −1 = to be counted again.</summary>
    public long Slots { get; set; } = -1;

    public long LargestMeasured { get; set; }
    public double SecondsPerItem { get; set; } = -1;
    public double SecondsPerCachedItem { get; set; } = -1;
    public double Seconds { get; set; }
    public long FailedAttempts { get; set; }
    public long LostAttempts { get; set; }

    /// <summary>Grows whenever a settled item goes back, or the meaning of its failures changes: short cuts of readings then start anew.</summary>
    public int Regressions { get; set; }

    /// <summary>What the readers were told last: <see cref="FailuresAllowed"/> and <see cref="FailuresExceed"/>.</summary>
    public (bool Allowed, bool Exceed) Told { get; set; } = (true, false);

    /// <summary>What the readers should know.</summary>
    public (bool Allowed, bool Exceed) ToTell => (FailuresAllowed, FailuresExceed);

    /// <summary>True when more items failed than may.</summary>
    public bool FailuresExceed => States[ItemState.Failed] > 0 && States[ItemState.Failed] > Plan.AllowFailed.Of(Known);

    /// <summary>
    /// True when no item failed, or when it is certain that no more will fail than may. While that is open, nothing is made without the failed items:
    /// what a run ends with must not depend on who failed first.
    /// </summary>
    public bool FailuresAllowed => States[ItemState.Failed] == 0
        || (Complete && Known - States.Total(StateMask.Done | StateMask.Skipped) <= Plan.AllowFailed.Of(Known));

    /// <summary>True when a skipped item stays skipped. In a chain it may follow from a failure that turns out not to be allowed.</summary>
    public bool SkipsAreFinal => Chain is null || FailuresAllowed;

    /// <summary>True when a failure class gets another attempt after so many failures.</summary>
    public bool RetriesAfter(Failure failure, int failures) => failures < Plan.Retry.Attempts && Plan.Retry.On.Contains(failure.Class);

    public Trouble TroubleOf(long item)
    {
        if (!Troubles.TryGetValue(item, out var trouble)) Troubles[item] = trouble = new();
        return trouble;
    }

    /// <summary>Measured seconds of one item: of cooked ones, or of cache finds while nothing was cooked; −1 = unknown.</summary>
    public double MeasuredSeconds => SecondsPerItem >= 0 ? SecondsPerItem : SecondsPerCachedItem;
}
