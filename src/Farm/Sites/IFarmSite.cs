using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Sites;

/// <summary>
/// A farm as commands look at it and steer it: that of a folder, or one behind an address. What is shown is worked out here, from the same journal, so a
/// command prints the same wherever the farm is.
/// </summary>
internal interface IFarmSite : IDisposable
{
    /// <summary>What to call it in messages: a folder or a URL.</summary>
    string Name { get; }

    /// <summary>Its runs.</summary>
    IRunReader Runs { get; }

    /// <summary>Its artifacts.</summary>
    ArtifactStore Artifacts { get; }

    /// <summary>True when something works on its runs now.</summary>
    bool IsServed { get; }

    /// <summary>Root of a folder of logs in which those of this node are as they are now.</summary>
    string LogsOf(RunId run, string node);

    /// <summary>True when the output's artifact is there with its size; its bytes are not read.</summary>
    bool Has(OutputRef output);

    /// <summary>Earlier results under cook keys: those whose artifacts are all there. Items count from the start of the key run.</summary>
    IReadOnlyList<ItemResult> FindCooked(KeyRun keys);

    /// <summary>Gives an order to a run.</summary>
    Task<OrderOutcome> Order(RunId run, RunOrder order, CancellationToken cancellation);

    /// <summary>Changes the priority of a run.</summary>
    Task SetPriority(RunId run, int priority, CancellationToken cancellation);

    /// <summary>Removes artifacts: first from the cook cache, so that no run is promised what is about to go.</summary>
    Task Remove(IReadOnlyList<ContentHash> artifacts, CancellationToken cancellation);
}
