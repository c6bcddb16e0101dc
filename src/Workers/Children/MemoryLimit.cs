using System.Globalization;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Workers.Children;

/// <summary>
/// Holds the tree of one program to the memory that its item asked for. Looks twice a second: first at the resident sets of its processes, and, when their
/// sum is above the limit, at their proportional sets, so that pages that several of them share count once.
/// </summary>
/// <remarks>
/// A program that takes memory faster than the looks follow each other is found late, and what it puts into files in memory (tmpfs) is not seen. Nothing
/// is looked at before the first half second, so that short programs cost nothing. Not safe for several threads.
/// </remarks>
/// <param name="limitBytes">What the item asked for.</param>
/// <param name="time">For the time between looks.</param>
public sealed class MemoryLimit(long limitBytes, TimeProvider time)
{
    private long lookedAt;

    /// <summary>What the tree used when it was found to be over its limit; 0 before.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>A program starts.</summary>
    public void Begin()
    {
        lookedAt = time.GetTimestamp();
        UsedBytes = 0;
    }

    /// <summary>True when the tree under a child uses more than it may. Cheap until the next look is due.</summary>
    internal bool IsOver(int root, string mark)
    {
        if (time.GetElapsedTime(lookedAt).TotalSeconds < Limits.MemoryLookSeconds) return false;
        var tree = Tree(root, mark);
        if (tree.Sum(ResidentBytes) > limitBytes)
        {
            long used = tree.Sum(pid => ProportionalBytes(pid) ?? ResidentBytes(pid));
            if (used > limitBytes) UsedBytes = used;
        }
        lookedAt = time.GetTimestamp();
        return UsedBytes > 0;
    }

    /// <summary>What became of the item.</summary>
    public Failure Failure(string? tail) => new(FailureClass.OutOfMemory, "command.memory",
        $"the program and what it started used {Size(UsedBytes)} of the {Size(limitBytes)} that the item asked for, and were ended: raise 'resources: {{memory: …}}' of its node, or make the item smaller", tail);

    /// <summary>The child, what it started, and of that what lost its parents and came to this process.</summary>
    private static List<int> Tree(int root, string mark)
    {
        if (ProcessTree.ChildrenOf(Environment.ProcessId) is not { } adopted) return ProcessTree.Find(root, mark);
        var tree = new List<int> { root };
        foreach (int pid in adopted)
            if (pid != root && !ChildRunner.IsOurs(pid) && ProcessTree.IsMarked(pid, mark, exactly: true)) tree.Add(pid);
        for (int i = 0; i < tree.Count; i++)
            foreach (int thread in ThreadsOf(tree[i]))
                foreach (int child in ProcessTree.ChildrenOf(tree[i], thread) ?? [])
                    if (!tree.Contains(child)) tree.Add(child);
        return tree;
    }

    private static List<int> ThreadsOf(int pid)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{pid}/task").Select(t => int.Parse(Path.GetFileName(t.AsSpan()), CultureInfo.InvariantCulture))];
        }
        catch (IOException) { return []; /* It has ended. */ }
    }

    private static long ResidentBytes(int pid)
    {
        try
        {
            // Size and resident set, in pages.
            var fields = File.ReadAllText($"/proc/{pid}/statm").Split(' ');
            return fields.Length < 2 ? 0 : long.Parse(fields[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return 0; }
    }

    private static long? ProportionalBytes(int pid)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{pid}/smaps_rollup"))
                if (line.StartsWith("Pss:", StringComparison.Ordinal))
                    return long.Parse(line.AsSpan(4, line.Length - 4 - " kB".Length).Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { /* Not every kernel has it. */ }
        return null;
    }

    private static string Size(long bytes) => bytes >= 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.##} GB") : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB");
}
