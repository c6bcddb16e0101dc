using System.Globalization;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>How a worker process is started; the same on the command line and in the program.</summary>
/// <param name="Folder">The folder that holds <c>.mlfarm</c>.</param>
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

    /// <summary>The words behind <c>mlfarm worker start</c>.</summary>
    public IReadOnlyList<string> ToArguments() =>
    [
        "--folder", Folder, "--slots", Slots.ToString(CultureInfo.InvariantCulture), "--pool", Pool,
        "--cpu", Cpu.ToString("R", CultureInfo.InvariantCulture), "--gpu", Gpu.ToString("R", CultureInfo.InvariantCulture),
        "--memory", MemoryBytes.ToString(CultureInfo.InvariantCulture), "--parent", Parent.ToString(CultureInfo.InvariantCulture),
    ];
}
