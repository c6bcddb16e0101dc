using System.Diagnostics;
using System.Globalization;

namespace ExampleMlFarm.Artifacts;

/// <summary>
/// A process of one machine, told apart from a later one with the same number by its start time (in clock ticks since boot, as Linux
/// counts it). Written into file names and worker names, so that whoever finds them can see at once whether the owner still lives.
/// </summary>
/// <param name="Host">Machine name, with nothing but letters, digits and underscores in it.</param>
/// <param name="Pid">Process number.</param>
/// <param name="Start">Start time; 0 where the system does not tell.</param>
public readonly record struct ProcessIdentity(string Host, int Pid, long Start)
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Current { get; } = Of(Environment.ProcessId);

    /// <summary>A living process of this machine by its number.</summary>
    public static ProcessIdentity Of(int pid) => new(HostName(), pid, StartOf(pid) ?? 0);

    /// <summary>True when the process certainly does not run any more. A process of another machine is never known to be gone.</summary>
    public bool IsGone
    {
        get
        {
            if (Host != HostName()) return false;
            if (Directory.Exists("/proc/self")) return StartOf(Pid) is not { } start || (Start != 0 && start != Start);
            try { using var process = Process.GetProcessById(Pid); return process.HasExited; }
            catch (ArgumentException) { return true; }
        }
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out ProcessIdentity identity)
    {
        identity = default;
        var parts = text?.Split('-') ?? [];
        if (parts.Length != 3 || parts[0].Length == 0) return false;
        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) return false;
        if (!long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long start)) return false;
        identity = new(parts[0], pid, start);
        return true;
    }

    /// <summary><c>host-pid-start</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}-{Pid}-{Start}");

    private static string HostName() => string.Concat(Environment.MachineName.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static long? StartOf(int pid)
    {
        string stat;
        try { stat = File.ReadAllText($"/proc/{pid}/stat"); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
        // The name in parentheses may hold anything, so fields are counted from the last parenthesis: state is field 3, the start time 22.
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // A zombie has ended; only its parent has not looked yet.
        if (fields.Length < 20 || fields[0] is "Z" or "X") return null;
        return long.Parse(fields[19], CultureInfo.InvariantCulture);
    }
}
