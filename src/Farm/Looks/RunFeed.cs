using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>A run that is kept up to date from its journal: each look reads only the events that came since.</summary>
internal sealed class RunFeed(RunLook look, RunId run)
{
    /// <summary>The run as it was at the last look. To be read only.</summary>
    public RunShell Shell { get; } = look.Load(run);

    /// <summary>Reads what was written since; true when something was.</summary>
    public bool Update()
    {
        long before = Shell.Machine.EventCount;
        foreach (var stored in look.Runs.Events(run, before)) Shell.Machine.Replay(EventCodec.Decode(stored.Payload.Span));
        return Shell.Machine.EventCount > before;
    }

    /// <summary>True when nothing of the run moves until somebody asks for it.</summary>
    public bool IsRunOver => Shell.Machine.Status is not (RunStatus.Empty or RunStatus.Running) && !(Shell.Machine.Status == RunStatus.Paused && Shell.Machine.TotalCounts().Cooking > 0);

    /// <summary>True when the run is over, or all of these items have come to an end.</summary>
    public bool IsOver(IEnumerable<NodeSelection> selected) => IsRunOver || selected.All(s => s.Items.All(range =>
        Shell.Machine.States(s.Node.Id, range).All(r => r.State is not (ItemState.Waiting or ItemState.Ready or ItemState.Cooking or ItemState.Lost))));
}
