using System.Globalization;
using ExampleMlFarm.Workers.Children;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>
/// Waits for orphans that this process has adopted and that have ended, so that they do not pile up as zombies. Children that a slot started are
/// left to it.
/// </summary>
public static class OrphanReaper
{
    /// <summary>Waits for ended orphans; returns how many there were.</summary>
    public static unsafe int Reap()
    {
        int reaped = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) continue;
            if (ProcessStatus.Read(pid) is not { State: 'Z' } status || status.Parent != Environment.ProcessId) continue;
            // A child that a slot started leads its session; the slot waits for it within moments.
            if (status.Session == pid && ChildRunner.IsOurs(pid)) continue;
            int outcome;
            Native.Usage usage;
            if (Native.wait4(pid, &outcome, 1, &usage) == pid) reaped++;
        }
        return reaped;
    }
}
