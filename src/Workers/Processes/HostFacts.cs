using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>What can be measured of the machine, within the limits that this process is held to (control groups, affinity).</summary>
public static class HostFacts
{
    // A driver that hangs must not keep a worker from starting.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Cores that this process may use.</summary>
    public static int Cores => Environment.ProcessorCount;

    /// <summary>Memory that this process may use, in bytes; 0 where it cannot be told.</summary>
    public static long MemoryBytes() => MemoryBytes("/proc/meminfo", "/proc/self/cgroup", "/sys/fs/cgroup");

    /// <summary>The memory of each GPU, in bytes, as its driver tells; empty where there is no driver.</summary>
    public static IReadOnlyList<(string Name, long MemoryBytes)> Gpus() => ParseGpus(Said("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits") ?? "");

    /// <summary>All of it as words, for lists of workers.</summary>
    public static IReadOnlyDictionary<string, string> Measure()
    {
        var facts = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["cores"] = Cores.ToString(CultureInfo.InvariantCulture),
            ["memory_bytes"] = MemoryBytes().ToString(CultureInfo.InvariantCulture),
            ["program"] = typeof(HostFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        };
        if (Said("python3", "--version") is { } python && python.Split(' ') is [_, var version]) facts["python"] = version.Trim();
        var gpus = Gpus();
        for (int i = 0; i < gpus.Count && i < 16; i++) facts[string.Create(CultureInfo.InvariantCulture, $"gpu_{i}")] = string.Create(CultureInfo.InvariantCulture, $"{gpus[i].Name}, {gpus[i].MemoryBytes} bytes");
        return facts;
    }

    /// <summary>The least of the machine's memory and the limits of this process's control group and of those above it.</summary>
    internal static long MemoryBytes(string meminfo, string membership, string groups)
    {
        long least = long.MaxValue;
        if (File.Exists(meminfo) && File.ReadLines(meminfo).FirstOrDefault(l => l.StartsWith("MemTotal:", StringComparison.Ordinal)) is { } total
            && long.TryParse(total["MemTotal:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes)) least = kilobytes << 10;
        // Of version 2, whose line begins with 0::; within a container the path may not be there, and the root then is the container's own group.
        string group = File.Exists(membership) && File.ReadLines(membership).FirstOrDefault(l => l.StartsWith("0::/", StringComparison.Ordinal)) is { } line ? line[4..] : "";
        for (string? at = group; at is not null; at = at.Length == 0 ? null : Path.GetDirectoryName(at) ?? "")
            foreach (string name in new[] { "memory.max", "memory/memory.limit_in_bytes" })
                if (Path.Combine(groups, at, name) is var path && File.Exists(path)
                    && long.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long limit)) least = Math.Min(least, limit);
        return least == long.MaxValue ? 0 : least;
    }

    /// <summary>Lines <c>name, MiB</c>; others are left out.</summary>
    internal static IReadOnlyList<(string Name, long MemoryBytes)> ParseGpus(string said)
    {
        var gpus = new List<(string, long)>();
        foreach (string line in said.Split('\n'))
            if (line.LastIndexOf(',') is > 0 and var comma && long.TryParse(line[(comma + 1)..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long mebibytes) && mebibytes < 1 << 30)
                gpus.Add((line[..comma].Trim(), mebibytes << 20));
        return gpus;
    }

    private static string? Said(string program, params string[] arguments)
    {
        try
        {
            var info = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            foreach (string argument in arguments) info.ArgumentList.Add(argument);
            using var process = Process.Start(info)!;
            var words = process.StandardOutput.ReadToEndAsync();
            if (process.WaitForExit(Patience)) return process.ExitCode == 0 ? words.Result : null;
            process.Kill(entireProcessTree: true);
            return null;
        }
        catch (System.ComponentModel.Win32Exception) { return null; }
    }
}
