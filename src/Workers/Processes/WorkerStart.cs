using System.Globalization;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>How a worker process is started; the same on the command line and in the program.</summary>
/// <param name="Folder">The folder that holds <c>.mlfarm</c>; for servers, the worker's own state folder.</param>
/// <param name="Slots">Items it cooks at once.</param>
public sealed record WorkerStart(string Folder, int Slots)
{
    /// <summary>Pool it belongs to; empty = the default one, <c>*</c> = every one.</summary>
    public string Pool { get; init; } = "";

    /// <summary>Memory it may use; 0 = not stated.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Cores it may use; 0 = one for each slot.</summary>
    public double Cpu { get; init; }

    /// <summary>GPUs it may use.</summary>
    public double Gpu { get; init; }

    /// <summary>Process with which it ends; 0 = it lives on its own.</summary>
    public int Parent { get; init; }

    /// <summary>Addresses of the servers of a farm elsewhere; none for the farm of the folder.</summary>
    public IReadOnlyList<Uri> Servers { get; init; } = [];

    /// <summary>API key for these; empty for none.</summary>
    public string Key { get; init; } = "";

    /// <summary>Words that recipes may ask for, with their values; a word alone has an empty one. For servers only.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Further amounts by name. For servers only.</summary>
    public IReadOnlyDictionary<string, double> Custom { get; init; } = new Dictionary<string, double>();

    /// <summary>What it may keep of the farm's artifacts. For servers only. Bytes.</summary>
    public long CacheBytes { get; init; } = Limits.CacheBytes;

    /// <summary>It ends when it had nothing to do for so long; 0 = never. Seconds.</summary>
    public double IdleExitSeconds { get; init; }

    /// <summary>The words behind <c>mlfarm worker start</c>.</summary>
    public IReadOnlyList<string> ToArguments() =>
    [
        "--folder", Folder, "--slots", Slots.ToString(CultureInfo.InvariantCulture), "--pool", Pool,
        "--cpu", Cpu.ToString("R", CultureInfo.InvariantCulture), "--gpu", Gpu.ToString("R", CultureInfo.InvariantCulture),
        "--memory", MemoryBytes.ToString(CultureInfo.InvariantCulture), "--parent", Parent.ToString(CultureInfo.InvariantCulture),
    ];
}
