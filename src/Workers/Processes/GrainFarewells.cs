using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Scheduler.Contracts;

namespace ExampleMlFarm.Workers.Processes;

/// <summary>Tells the grains of the farm in this process.</summary>
public sealed class GrainFarewells(IGrainFactory grains) : IFarewells
{
    /// <inheritdoc/>
    public Task Exchange(RunId run, WorkerMessage message) => grains.GetGrain<IRunGrain>(run.Value).Exchange(MessageCodec.Encode(message));

    /// <inheritdoc/>
    public Task Exited(WorkerId worker, bool crashed) => grains.GetGrain<IFarmGrain>(0).WorkerExited(worker.Value, crashed);
}
