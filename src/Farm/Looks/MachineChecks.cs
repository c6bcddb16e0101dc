using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>How a check came out.</summary>
internal enum Health { Ok, Warning, Problem }

/// <summary>One thing that <c>doctor</c> looked at.</summary>
internal sealed record Finding(string Check, Health Result, string Found, string? Advice = null);

/// <summary>Disk, database, cores and memory of this machine.</summary>
internal static class MachineChecks
{
    private const long FewBytesFree = 10_000_000_000, TooFewBytesFree = 1_000_000_000;
    private const int Writes = 32;
    private const double SlowCommitMilliseconds = 50;

    public static IEnumerable<Finding> All(string folder, TimeProvider time)
    {
        yield return new("processor", Environment.ProcessorCount < 2 ? Health.Warning : Health.Ok, $"{Environment.ProcessorCount} cores for this process",
            Environment.ProcessorCount < 2 ? "workers and the scheduler share one core; expect little speed" : null);
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        yield return new("memory", memory < 2_000_000_000 ? Health.Warning : Health.Ok, Format.Size(memory), memory < 2_000_000_000 ? "use fewer workers: mlfarm run --workers 1" : null);
        yield return Disk(folder);
        yield return Commits(folder, time);
        yield return Sqlite();
    }

    private static Finding Disk(string folder)
    {
        long free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        return free switch
        {
            < TooFewBytesFree => new("disk space", Health.Problem, $"{Format.Size(free)} free at {folder}", "free some space before anything is cooked here"),
            < FewBytesFree => new("disk space", Health.Warning, $"{Format.Size(free)} free at {folder}", "data sets of many poses need more; remove old results with: mlfarm artifacts rm RUN"),
            _ => new("disk space", Health.Ok, $"{Format.Size(free)} free at {folder}"),
        };
    }

    // Each acknowledged result costs one commit of this kind, so the rate bounds how fast small items can be acknowledged.
    private static Finding Commits(string folder, TimeProvider time)
    {
        string path = Path.Combine(Directory.Exists(Path.Combine(folder, ProjectFolder.StateName)) ? Path.Combine(folder, ProjectFolder.StateName) : folder, $".mlfarm-doctor-{Environment.ProcessId}");
        try
        {
            long start = time.GetTimestamp();
            using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.DeleteOnClose))
                for (int i = 0; i < Writes; i++)
                {
                    RandomAccess.Write(file, new byte[4096], i * 4096L);
                    RandomAccess.FlushToDisk(file);
                }
            double milliseconds = time.GetElapsedTime(start).TotalMilliseconds / Writes;
            string found = $"{milliseconds:0.00} ms per durable write ({1000 / Math.Max(milliseconds, 1e-3):0} a second) at {folder}";
            return milliseconds > SlowCommitMilliseconds ? new("durable writes", Health.Warning, found, "this disk is slow to confirm writes; a local SSD makes small items faster") : new("durable writes", Health.Ok, found);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new("durable writes", Health.Problem, e.Message, "choose a folder that you may write into");
        }
    }

    private static Finding Sqlite()
    {
        string folder = Directory.CreateTempSubdirectory("mlfarm-doctor-").FullName;
        try
        {
            using (FarmStore.Open(Path.Combine(folder, "farm.db"))) { }
            return new("SQLite", Health.Ok, "opens and commits");
        }
        catch (Exception e) when (e is Core.FarmException or DllNotFoundException or TypeInitializationException or IOException)
        {
            return new("SQLite", Health.Problem, e.GetBaseException().Message, "install mlfarm again: its native library is missing or damaged");
        }
        finally { Directory.Delete(folder, recursive: true); }
    }
}

/// <summary>The farm of a folder: whether one works, and what it left behind.</summary>
internal static class FarmChecks
{
    public static IEnumerable<Finding> All(ProjectFolder? project)
    {
        if (project is null)
        {
            yield return new("project", Health.Ok, "no .mlfarm at or above this folder; the first run makes one");
            yield break;
        }
        yield return new("project", Health.Ok, project.Root);
        var live = FarmConnection.TryFindEndpoint(project.Root);
        string endpoint = Path.Combine(project.State, "farm.json");
        if (live is not null) yield return new("farm", Health.Ok, $"works on this folder, process {live.Process.Split('-')[1]}");
        else if (File.Exists(endpoint)) yield return new("farm", Health.Warning, "none works; the last one was killed and left farm.json", "nothing is lost; go on with: mlfarm resume");
        else yield return new("farm", Health.Ok, "none works on this folder now");
        if (live is null)
        {
            using var held = FarmLock.TryTake(project.Root);
            if (held is null) yield return new("lock", Health.Warning, "another process holds the folder although no farm answers", "wait a moment; else look for a second mlfarm");
        }
        string database = Path.Combine(project.State, "farm.db");
        if (File.Exists(database)) yield return Journal(database);
    }

    private static Finding Journal(string path)
    {
        try
        {
            using var store = FarmStore.OpenToRead(path);
            return new("journal", Health.Ok, $"{(store.List(null, 1) is [var newest, ..] ? newest.Id.Value : 0)} runs, {Format.Size(new FileInfo(path).Length)}");
        }
        catch (Core.FarmException e)
        {
            return new("journal", Health.Problem, e.Failure.Message, "results in .mlfarm/artifacts stay usable");
        }
    }
}
