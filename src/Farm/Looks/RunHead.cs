using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Hosting;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>The state of a run in words. The journal of a run that was killed says that it runs; whether anything cooks only the farm can tell.</summary>
internal static class RunHead
{
    /// <summary>The word for programs: that of the run, or <c>stopped</c> when it is open and nothing works on it.</summary>
    public static string Word(RunStatus status, bool farmIsLive) => status switch
    {
        RunStatus.Empty or RunStatus.Running => farmIsLive ? "running" : "stopped",
        _ => RunJson.Word(status),
    };

    /// <summary>Word and shape for people.</summary>
    public static string Shown(RunStatus status, bool farmIsLive)
    {
        string glyph = status switch
        {
            RunStatus.Empty or RunStatus.Running => farmIsLive ? "◐" : "◌",
            RunStatus.Succeeded => "●",
            RunStatus.Failed or RunStatus.ChecksFailed => "✕",
            RunStatus.Paused => "‖",
            _ => "/",
        };
        return $"{glyph} {Word(status, farmIsLive)}";
    }

    /// <summary>What to do next about a run in that state; null when nothing is left to do.</summary>
    public static string? Next(long run, RunStatus status, bool farmIsLive) => status switch
    {
        RunStatus.Empty or RunStatus.Running => farmIsLive ? $"mlfarm watch {run}" : $"mlfarm resume {run}",
        RunStatus.Paused or RunStatus.Cancelled => $"mlfarm resume {run}",
        RunStatus.Failed => $"mlfarm logs {run}@failed      mlfarm retry {run}@failed",
        RunStatus.ChecksFailed => $"mlfarm show {run}",
        _ => null,
    };
}
