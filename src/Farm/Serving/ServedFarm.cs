using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Serving;

/// <summary>What the HTTP API answers from: one farm, whether a file or a database is behind it.</summary>
/// <param name="Grains">The way to what decides.</param>
/// <param name="Store">Runs, journals and the cook cache.</param>
/// <param name="Artifacts">The artifacts this server keeps.</param>
/// <param name="Logs">Root folder of the logs of attempts, as workers write them.</param>
/// <param name="Time">The clock.</param>
internal sealed record ServedFarm(IGrainFactory Grains, IFarmStore Store, ArtifactStore Artifacts, string Logs, TimeProvider Time)
{
    /// <summary>Folder of the partial states of items, beside the logs.</summary>
    public string Checkpoints => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(Logs))!, "checkpoints");

    /// <summary>The farm's grain.</summary>
    public IFarmGrain Farm => Grains.GetGrain<IFarmGrain>(0);

    /// <summary>The grain of a run.</summary>
    public IRunGrain Run(long run) => Grains.GetGrain<IRunGrain>(run);
}
