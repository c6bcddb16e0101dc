namespace ExampleMlFarm.Workers.Children;

/// <summary>How a child process ended.</summary>
/// <param name="ExitCode">Its exit code; −1 when a signal ended it.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
/// <param name="CpuSeconds">User and system time of the child and those it waited for.</param>
/// <param name="MaxResidentBytes">The largest resident set of any of them.</param>
public readonly record struct ChildOutcome(int ExitCode, int Signal, double CpuSeconds, long MaxResidentBytes)
{
    /// <summary>From what wait4 reports.</summary>
    internal static ChildOutcome Of(int status, in Native.Usage usage)
    {
        int signal = status & 0x7f;
        return new(signal == 0 ? (status >> 8) & 0xff : -1, signal,
            usage.UserSeconds + usage.SystemSeconds + (usage.UserMicroseconds + usage.SystemMicroseconds) * 1e-6, usage.MaxResidentKiB * 1024);
    }

    /// <summary><c>exit code 3</c>, <c>signal 6 (SIGABRT)</c>.</summary>
    public override string ToString() => Signal == 0 ? $"exit code {ExitCode}" : $"signal {Signal} ({SignalName(Signal)})";

    private static string SignalName(int signal) => signal switch
    {
        1 => "SIGHUP", 2 => "SIGINT", 3 => "SIGQUIT", 4 => "SIGILL", 5 => "SIGTRAP", 6 => "SIGABRT", 7 => "SIGBUS", 8 => "SIGFPE",
        9 => "SIGKILL", 10 => "SIGUSR1", 11 => "SIGSEGV", 12 => "SIGUSR2", 13 => "SIGPIPE", 14 => "SIGALRM", 15 => "SIGTERM",
        24 => "SIGXCPU", 25 => "SIGXFSZ", 31 => "SIGSYS", _ => "unnamed",
    };
}
