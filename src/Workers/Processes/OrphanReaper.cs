using System.Globalization;
using ExampleMlFarm.Workers.Children;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>
/// Waits for orphans that this process has adopted and that have ended, so that they do not pile up as zombies. Children that a slot started are
/// left to it.
/// </summary>
/// <remarks>For one caller at a time.</remarks>
public static class OrphanReaper
{
    private static HashSet<int> seen = [];

    /// <summary>Waits for ended orphans; returns how many there were.</summary>
    public static unsafe int Reap()
    {
        int reaped = 0;
        var now = new HashSet<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) continue;
            if (ProcessStatus.Read(pid) is not { State: 'Z' } status || status.Parent != Environment.ProcessId) continue;
            // A child that a slot has started this moment may not be on its list yet: only what was a zombie at the last look too is an orphan.
            now.Add(pid);
            if (ChildRunner.IsOurs(pid) || !seen.Contains(pid)) continue;
            int outcome;
            Native.Usage usage;
            if (Native.wait4(pid, &outcome, 1, &usage) == pid) reaped++;
        }
        seen = now;
        return reaped;
    }
}
