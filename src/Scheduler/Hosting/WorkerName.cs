using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Scheduler.Hosting;

/// <summary>Worker names that say which process they belong to, so that a scheduler on the same machine need not wait to learn that it is gone.</summary>
public static class WorkerName
{
    /// <summary>The name of a worker in this process.</summary>
    public static WorkerId OfThisProcess() => new(ProcessIdentity.Current.ToString());

    /// <summary>The name that the worker in a child process gives itself.</summary>
    public static WorkerId OfProcess(int pid) => new(ProcessIdentity.Of(pid).ToString());

    /// <summary>True when the worker's process certainly runs no more; false for other names and other machines.</summary>
    public static bool IsGone(WorkerId worker) => ProcessIdentity.TryParse(worker.Value, out var process) && process.IsGone;
}
