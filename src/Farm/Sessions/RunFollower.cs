using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Progress;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Scheduler.Contracts;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>Follows a run until it is over, and tells how it ended: in words, in paths and as exit status.</summary>
internal static class RunFollower
{
    /// <summary>Shows progress until the run is over. A paused run is over when what cooked has come to an end.</summary>
    /// <param name="look">The run's state, as soon as it has gone past a sequence number, or after a second.</param>
    /// <param name="progress">Where it is shown.</param>
    /// <param name="slots">Items cooked at once.</param>
    /// <param name="cancellation">Ctrl+C.</param>
    public static async Task<RunView> Follow(Func<long, Task<RunView>> look, RunProgressView progress, int slots, CancellationToken cancellation)
    {
        var view = await look(-1);
        bool wasPaused = false;
        while (!IsOver(view))
        {
            bool isPaused = (RunStatus)view.Status == RunStatus.Paused;
            if (isPaused && !wasPaused) progress.Tell($"Run {view.Run} is paused; {Format.Count(Cooking(view))} {(Cooking(view) == 1 ? "item finishes" : "items finish")}.");
            wasPaused = isPaused;
            progress.Show(view, slots);
            cancellation.ThrowIfCancellationRequested();
            // Five times a second at most: people read no faster, and each look costs the run a turn.
            await Task.Delay(200, cancellation);
            view = await look(view.Sequence);
        }
        progress.Finish(view, slots);
        return view;
    }

    /// <summary>True when nothing moves until somebody asks for it.</summary>
    public static bool IsOver(RunView view) => (RunStatus)view.Status switch
    {
        RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled or RunStatus.ChecksFailed => true,
        RunStatus.Paused => Cooking(view) == 0,
        _ => false,
    };

    private static long Cooking(RunView view) => view.Nodes.Sum(n => n.Counts[(int)ItemState.Cooking]);

    /// <summary>The exit status that tells how a run ended.</summary>
    public static ExitCode CodeOf(RunStatus status) => status switch
    {
        RunStatus.Succeeded => ExitCode.Success,
        RunStatus.Cancelled => ExitCode.RunCancelled,
        RunStatus.ChecksFailed => ExitCode.CheckFailed,
        RunStatus.Paused => ExitCode.Left,
        _ => ExitCode.RunFailed,
    };

    /// <summary>Tells how the run ended, places its outputs and says where they are.</summary>
    public static ExitCode Conclude(Invocation invocation, ProjectFolder project, RunId id)
    {
        using var look = RunLook.Open(project);
        return Conclude(invocation, look, id);
    }

    /// <summary>As <see cref="Conclude(Invocation,ProjectFolder,RunId)"/>, for a farm wherever it is.</summary>
    public static ExitCode Conclude(Invocation invocation, RunLook look, RunId id)
    {
        var shell = look.Load(id);
        var machine = shell.Machine;
        var counts = machine.VisibleCounts();
        var status = machine.Status;
        var text = invocation.Terminal.Out;
        string word = status switch
        {
            RunStatus.Succeeded => "finished", RunStatus.Cancelled => "was cancelled", RunStatus.ChecksFailed => "finished, but a check does not hold",
            RunStatus.Paused => "is paused,", _ => "failed",
        };
        bool json = invocation.Format is OutputFormat.Json or OutputFormat.Ndjson;
        if (!json) text.WriteLine($"Run {id} {word} {CookedTime.Shown(look.Runs, shell, invocation.Now)}: {Format.Count(machine.Nodes.Where(n => n.Plan is { IsExpander: false, IsVirtual: false }).Sum(n => n.Counts.Succeeded))} cooked, {Format.Count(counts.Cached)} cached{(counts.Failed > 0 ? $", {Format.Count(counts.Failed)} failed" : "")}{(counts.Skipped > 0 ? $", {Format.Count(counts.Skipped)} skipped" : "")}.");
        foreach (var failed in machine.Failures(5))
            invocation.Hint($"  failed    {Addresses.Address.Of(id, machine.Plan!.Nodes[failed.Node.Value].Name, failed.Index)}  {Format.Cut(failed.Failure.Message, 120)}");
        if (status is RunStatus.Paused or RunStatus.Cancelled) invocation.Hint($"  go on with: mlfarm resume {id}");
        if (counts.Failed > 0) invocation.Hint($"            mlfarm logs {id}@failed      mlfarm retry {id}@failed");
        foreach (var node in machine.Nodes.Where(n => n.BrokenChecks > 0))
            foreach (var item in machine.Items(node.Id, 0, (int)Math.Min(node.Counts.Total, 1000)).Where(i => i.Result?.BrokenChecks is { Count: > 0 }).Take(5))
                invocation.Hint($"  check     {Addresses.Address.Of(id, node.Plan.Name, item.Index)}  {string.Join("; ", item.Result!.BrokenChecks!)}");
        IReadOnlyList<PlacedOutput> placed = [];
        if (status is RunStatus.Succeeded or RunStatus.ChecksFailed) placed = OutputFolder.Place(look.Project, look.Program(shell), shell, look.Artifacts);
        if (json) text.WriteLine(RunJson.Of(shell, placed).ToJsonString());
        else
        {
            foreach (var (name, value) in RunJson.Headlines(look.Program(shell), shell)) text.WriteLine($"  {name,-9} {value}");
            foreach (var output in placed) text.WriteLine($"  {output.Name,-9} {Path.GetRelativePath(Environment.CurrentDirectory, Representative(output))}");
        }
        return CodeOf(status);
    }

    // The one file a person would open; else the folder.
    private static string Representative(PlacedOutput output) => output.Files.FirstOrDefault(f => f.EndsWith(".html", StringComparison.Ordinal))
        ?? output.Files.FirstOrDefault(f => f.EndsWith("dataset.json", StringComparison.Ordinal))
        ?? (output.Files.Count == 1 ? output.Files[0] : output.Path + Path.DirectorySeparatorChar);
}
