using System.Globalization;

namespace ExampleMlFarm.Workers.Children;

/// <summary>
/// Ends a process and all that it started, also what left its group and session (<c>setsid</c>, double fork). Works from what
/// <c>/proc</c> shows; knows nothing of items.
/// </summary>
/// <remarks>
/// A descendant is found in three ways: by the group or session of the child, by its parents, and by the mark in its environment that
/// every child inherits. One that cleans its environment, leaves its session and loses its parents at the same time is not found.
/// </remarks>
public static class ProcessTree
{
    /// <summary>The environment variable that marks all processes of one slot.</summary>
    public const string MarkVariable = "MLFARM_MARK";

    /// <summary>
    /// Ends the tree under <paramref name="root"/>. Looks again until a look finds nothing more, since a process may fork while it is
    /// being looked for. Returns how many were signalled.
    /// </summary>
    /// <param name="root">The child; its group is ended even when it is gone itself.</param>
    /// <param name="mark">The value of <see cref="MarkVariable"/>, or null.</param>
    public static int Kill(int root, string? mark)
    {
        int ended = 0;
        // Eight looks: a fork bomb is the machine's problem, not one to chase for ever.
        for (int look = 0; look < 8; look++)
        {
            _ = Native.kill(-root, Native.SigKill);
            var found = Find(root, mark);
            foreach (int pid in found) _ = Native.kill(pid, Native.SigKill);
            ended += found.Count;
            if (found.Count == 0) break;
        }
        return ended;
    }

    /// <summary>
    /// A quick look for processes that a child may have left to this one: true when this process has any child at all that no runner has started. Finds
    /// nothing when orphans go to another process (see <see cref="Processes.ParentWatch.AdoptOrphans"/>).
    /// </summary>
    internal static unsafe bool MayHaveLeftovers()
    {
        // siginfo_t is 128 bytes. Without any child there is one call, which is how it is in a process with one slot.
        byte* information = stackalloc byte[128];
        if (Native.waitid(Native.AllProcesses, 0, information, Native.HasExited | Native.DoNotWait | Native.LeaveWaitable) < 0) return false;
        var children = ChildrenOf(Environment.ProcessId);
        return children is null || children.Any(pid => !ChildRunner.IsOurs(pid) && ProcessStatus.Read(pid) is { State: not ('Z' or 'X') });
    }

    /// <summary>Ends every process with exactly this mark, and waits a moment until they are gone.</summary>
    internal static unsafe void EndMarked(string mark)
    {
        var killed = new HashSet<int>();
        for (int look = 0; look < 64; look++)
        {
            var found = FindMarked(mark, exactly: true);
            if (found.Count == 0) break;
            foreach (int pid in found)
            {
                killed.Add(pid);
                _ = Native.kill(pid, Native.SigKill);
            }
            // A killed process has its environment until it is gone; big ones take a while.
            _ = Native.WaitMilliseconds(look < 8 ? 1 : 20);
        }
        // Those that came to this process as orphans are waited for at once.
        int status;
        Native.Usage usage;
        foreach (int pid in killed) _ = Native.wait4(pid, &status, 1, &usage);
    }

    /// <summary>Children of a process, from what the kernel lists for its first thread, where orphans go; null where it has no such list.</summary>
    internal static List<int>? ChildrenOf(int pid, int thread = 0)
    {
        string text;
        try { text = File.ReadAllText($"/proc/{pid}/task/{(thread == 0 ? pid : thread)}/children"); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
        var children = new List<int>();
        foreach (var part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries)) children.Add(int.Parse(part, CultureInfo.InvariantCulture));
        return children;
    }

    /// <summary>Live processes that belong to the tree of <paramref name="root"/>, itself included.</summary>
    internal static List<int> Find(int root, string? mark)
    {
        var all = new Dictionary<int, ProcessStatus>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && ProcessStatus.Read(pid) is { } status && status.State is not ('Z' or 'X'))
                all[pid] = status;
        var found = new List<int>();
        foreach (var (pid, status) in all)
            if (pid != Environment.ProcessId && (status.Group == root || status.Session == root || Descends(pid) || (mark is not null && IsMarked(pid, mark, exactly: true))))
                found.Add(pid);
        return found;

        bool Descends(int pid)
        {
            for (int steps = 0; steps < 1000 && pid > 1; steps++)
            {
                if (pid == root) return true;
                if (!all.TryGetValue(pid, out var status)) return false;
                pid = status.Parent;
            }
            return false;
        }
    }

    /// <summary>Live processes that carry a mark starting with <paramref name="prefix"/>, or being it.</summary>
    internal static List<int> FindMarked(string prefix, bool exactly = false)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && pid != Environment.ProcessId && IsMarked(pid, prefix, exactly))
                found.Add(pid);
        return found;
    }

    internal static bool IsMarked(int pid, string prefix, bool exactly)
    {
        try
        {
            byte[] wanted = System.Text.Encoding.UTF8.GetBytes($"{MarkVariable}={prefix}{(exactly ? "\0" : "")}");
            ReadOnlySpan<byte> environment = File.ReadAllBytes($"/proc/{pid}/environ");
            if (environment.StartsWith(wanted)) return true;
            return environment.IndexOf((byte[])[0, .. wanted]) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Gone, or somebody else's.
        }
    }
}

/// <summary>The fields of <c>/proc/PID/stat</c> that matter here.</summary>
/// <param name="State">R, S, D, Z, …</param>
/// <param name="Parent">Parent process.</param>
/// <param name="Group">Process group.</param>
/// <param name="Session">Session.</param>
/// <param name="StartTicks">Start, in clock ticks since boot: with the pid it names a process for good.</param>
internal readonly record struct ProcessStatus(char State, int Parent, int Group, int Session, long StartTicks)
{
    /// <summary>Reads it; null when the process is gone.</summary>
    public static ProcessStatus? Read(int pid)
    {
        string text;
        try { text = File.ReadAllText($"/proc/{pid}/stat"); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
        // The name in parentheses may hold anything, so fields are counted from its last parenthesis.
        int after = text.LastIndexOf(')');
        if (after < 0) return null;
        var fields = text[(after + 2)..].Split(' ');
        return fields.Length < 20 ? null : new(fields[0][0],
            int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture),
            int.Parse(fields[3], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture));
    }
}
