using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Hosting;
using ExampleMlFarm.Workers.Processes;
using Microsoft.Extensions.Logging;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>
/// The whole farm in one command: a silo in this process, on the loopback interface alone, and worker processes that end with it.
/// </summary>
internal sealed class EmbeddedFarm : IAsyncDisposable
{
    private readonly EmbeddedSilo silo;
    private readonly LocalWorkers workers;

    private EmbeddedFarm(EmbeddedSilo silo, LocalWorkers workers) => (this.silo, this.workers) = (silo, workers);

    /// <summary>The silo.</summary>
    public EmbeddedSilo Silo => silo;

    /// <summary>The worker processes.</summary>
    public LocalWorkers Workers => workers;

    /// <summary>Starts it over a project.</summary>
    /// <param name="project">The project.</param>
    /// <param name="offer">What its workers may use of this machine.</param>
    /// <param name="plan">What is cooked first: it decides how that is divided among worker processes.</param>
    /// <param name="log">Where trouble is told.</param>
    /// <param name="cancellation">Gives up starting.</param>
    public static async Task<EmbeddedFarm> Start(ProjectFolder project, LocalOffer offer, RunPlan plan, ILogger log, CancellationToken cancellation)
    {
        LocalWorkers.CleanUp(project.Root);
        var silo = await EmbeddedSilo.Start(project.Root, cancellation: cancellation);
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is not known");
        // Under `dotnet mlfarm.dll` the process is dotnet, and the program its first argument.
        string[] arguments = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(EmbeddedFarm).Assembly.Location, "worker", "start"] : ["worker", "start"];
        var (processes, each) = offer.Divide(project.Root, plan);
        return new(silo, new LocalWorkers(program, arguments, processes, each, new GrainFarewells(silo.Grains), log));
    }

    /// <summary>The farm's grain.</summary>
    public IFarmGrain Farm => silo.Grains.GetGrain<IFarmGrain>(0);

    /// <summary>The grain of a run.</summary>
    public IRunGrain Run(RunId run) => silo.Grains.GetGrain<IRunGrain>(run.Value);

    /// <summary>Workers first, so that their last reports still find the journal.</summary>
    public async ValueTask DisposeAsync()
    {
        await workers.DisposeAsync();
        await silo.DisposeAsync();
    }
}
