namespace ExampleMlFarm.Farm.Output;

/// <summary>What the program's exit status means; <c>mlfarm help exit-codes</c> prints this list.</summary>
public enum ExitCode
{
    /// <summary>Success; a run that was waited for succeeded.</summary>
    Success = 0,
    /// <summary>Unexpected error: a bug of ours, with its stack on standard error.</summary>
    Unexpected = 1,
    /// <summary>Wrong usage.</summary>
    Usage = 2,
    /// <summary>Recipe or configuration invalid.</summary>
    Invalid = 3,
    /// <summary>Not signed in.</summary>
    NotSignedIn = 4,
    /// <summary>Address not found.</summary>
    NotFound = 5,
    /// <summary>The run finished with failed items beyond the allowance.</summary>
    RunFailed = 10,
    /// <summary>The run was cancelled.</summary>
    RunCancelled = 11,
    /// <summary>The time-out of the wait was reached; the run continues.</summary>
    WaitTimedOut = 12,
    /// <summary>Left with Ctrl+C; the run continues, or waits to be resumed where it ran inside this command.</summary>
    Left = 13,
    /// <summary>A <c>require:</c> check failed.</summary>
    CheckFailed = 14,
    /// <summary>The server cannot be reached.</summary>
    Unreachable = 20,
}
