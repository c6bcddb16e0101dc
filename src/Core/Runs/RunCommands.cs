using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Core.Runs;

/// <summary>
/// What a shell has to do, after the event is durable. Commands are idempotent; those that matter after a crash can be derived again
/// from <see cref="RunMachine.Describe"/>, <see cref="RunMachine.NextCallAt"/> and <see cref="RunMachine.Status"/>.
/// </summary>
public abstract record RunCommand;

/// <summary>Give the worker this lease.</summary>
public sealed record GrantLease(WorkerId Worker, Lease Lease) : RunCommand;

/// <summary>Tell the worker to stop cooking this lease; what it still reports about it will be ignored.</summary>
public sealed record RevokeLease(WorkerId Worker, LeaseId Lease) : RunCommand;

/// <summary>Something may be leased: answer the long polls that wait.</summary>
public sealed record Wake : RunCommand
{
    /// <summary>The only one.</summary>
    public static Wake Now { get; } = new();
}

/// <summary>Send <see cref="TimePassed"/> at this time or later. The newest one replaces earlier ones.</summary>
public sealed record CallAt(DateTimeOffset Time) : RunCommand;

/// <summary>Nothing can move any more.</summary>
public sealed record FinishRun(RunStatus Status) : RunCommand;

/// <summary>Where a run stands.</summary>
public enum RunStatus : byte
{
    /// <summary>No plan yet.</summary>
    Empty = 0,
    /// <summary>Items cook, or will.</summary>
    Running = 1,
    /// <summary>Nothing new starts.</summary>
    Paused = 2,
    /// <summary>All items are done, but for skipped ones and allowed failures.</summary>
    Succeeded = 3,
    /// <summary>Failures beyond an allowance, and nothing else can move; or results were found broken after the end.</summary>
    Failed = 4,
    /// <summary>Cancelled; can be reopened.</summary>
    Cancelled = 5,
    /// <summary>All cooked, but a <c>require:</c> did not hold.</summary>
    ChecksFailed = 6,
}

/// <summary>The machine's answer: ignored with a reason, or accepted with commands (perhaps none).</summary>
public sealed class RunOutcome
{
    private static readonly RunCommand[] None = [];

    private RunOutcome(string? ignored, IReadOnlyList<RunCommand> commands) => (IgnoredBecause, Commands) = (ignored, commands);

    /// <summary>Why nothing changed; null when the event was accepted and has to be journaled.</summary>
    public string? IgnoredBecause { get; }

    /// <summary>True when the state is as before: nothing to journal, nothing to do.</summary>
    public bool IsIgnored => IgnoredBecause is not null;

    /// <summary>What to do, in order.</summary>
    public IReadOnlyList<RunCommand> Commands { get; }

    internal static RunOutcome Ignored(string because) => new(because, None);

    internal static RunOutcome Accepted(IReadOnlyList<RunCommand> commands) => new(null, commands);

    /// <inheritdoc/>
    public override string ToString() => IgnoredBecause is null ? string.Join("; ", Commands) : $"ignored: {IgnoredBecause}";
}
