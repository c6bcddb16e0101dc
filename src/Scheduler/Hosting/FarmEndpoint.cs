using System.Text.Json;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Scheduler.Hosting;

/// <summary>
/// Where a folder's farm listens: the content of <c>.mlfarm/farm.json</c>, readable by its owner only.
/// </summary>
/// <param name="Process">The process that serves it, as <see cref="ProcessIdentity"/> writes itself.</param>
/// <param name="SiloPort">Port between silos, on the loopback interface.</param>
/// <param name="GatewayPort">Port for clients, on the loopback interface.</param>
/// <param name="Cluster">Random name of the cluster; who does not know it is turned away at the gateway.</param>
public sealed record FarmEndpoint(string Process, int SiloPort, int GatewayPort, string Cluster)
{
    /// <summary>The farm's own folder below the working folder.</summary>
    public static string FarmFolder(string folder) => Path.Combine(Path.GetFullPath(folder), ".mlfarm");

    /// <summary>The endpoint of the folder's farm; null when none runs there.</summary>
    public static FarmEndpoint? Find(string folder)
    {
        FarmEndpoint? endpoint;
        try { endpoint = JsonSerializer.Deserialize<FarmEndpoint>(File.ReadAllText(PathIn(folder))); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException) { return null; }
        return endpoint?.Cluster is not null && ProcessIdentity.TryParse(endpoint.Process, out var process) && !process.IsGone ? endpoint : null;
    }

    /// <summary>Writes the file in one step.</summary>
    internal void Write(string folder)
    {
        string path = PathIn(folder), draft = path + ".draft";
        File.Delete(draft);
        var owned = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) owned.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(draft, owned)) JsonSerializer.Serialize(file, this);
        File.Move(draft, path, overwrite: true);
    }

    internal static string PathIn(string folder) => Path.Combine(FarmFolder(folder), "farm.json");
}

/// <summary>
/// The right to open a folder's farm: an exclusive lock on <c>.mlfarm/lock</c>, which the system takes back when the process ends, however it ends.
/// </summary>
public sealed class FarmLock : IDisposable
{
    private readonly FileStream file;

    private FarmLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="FarmException"><c>farm.locked</c>: another process has it.</exception>
    public static FarmLock Take(string folder) => TryTake(folder) ?? throw new FarmException(new Failure(FailureClass.Transient, "farm.locked",
        FarmEndpoint.Find(folder) is { } other
            ? $"the farm of {Path.GetFullPath(folder)} is already open in process {other.Process.Split('-')[1]}. Use it through that one, or stop it first."
            : $"the farm of {Path.GetFullPath(folder)} is already open in another process. Wait until it has ended, or stop it first."));

    /// <summary>Takes the lock; null when another process has it.</summary>
    public static FarmLock? TryTake(string folder)
    {
        Directory.CreateDirectory(FarmEndpoint.FarmFolder(folder));
        try { return new(new FileStream(Path.Combine(FarmEndpoint.FarmFolder(folder), "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)); }
        catch (IOException) { return null; }
    }

    /// <summary>Gives it back.</summary>
    public void Dispose() => file.Dispose();
}
