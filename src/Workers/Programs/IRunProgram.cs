using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Workers.Reporting;

namespace ExampleMlFarm.Workers.Programs;

/// <summary>A frozen recipe, ready to be cooked from.</summary>
/// <remarks>Safe for several threads.</remarks>
public interface IRunProgram
{
    /// <summary>The plan.</summary>
    RunPlan Plan { get; }

    /// <summary>The recipe's seed.</summary>
    ulong Seed { get; }

    /// <summary>Makes ready to cook a lease on one slot. Throws what fails all of its items.</summary>
    ILeaseProgram Begin(Lease lease, ICookHost host);
}

/// <summary>One lease on one slot.</summary>
public interface ILeaseProgram
{
    /// <summary>Cook keys of the lease's items, ascending; empty when the node is not to be cached.</summary>
    IReadOnlyList<KeyRun> Keys { get; }

    /// <summary>True when earlier results under these keys may be taken.</summary>
    bool ReadsCache { get; }

    /// <summary>What the current item reads; refilled by <see cref="MoveTo"/>.</summary>
    IReadOnlyList<CookInput> Inputs { get; }

    /// <summary>Name of the checkpoint of the current item: by what decides its result where that is known.</summary>
    string CheckpointName(long item);

    /// <summary>Identifies how the lease's items are made; see <see cref="Recipes.Planning.RecipeProgram.LineageOf"/>.</summary>
    ContentHash Lineage { get; }

    /// <summary>Content of a file that the recipe names, as it was when the run was submitted; null for other paths.</summary>
    ContentHash? ContentOf(RecipeFile file);

    /// <summary>Turns to an item of the lease.</summary>
    void MoveTo(long item);

    /// <summary>Cooks the current item.</summary>
    void Cook(CookContext cook);

    /// <summary>
    /// The current item is cooked: adds what it has to report beyond its outputs (attributes), and returns the texts of the checks that it does not meet,
    /// or null.
    /// </summary>
    IReadOnlyList<string>? Finish(ItemOutputs outputs);

    /// <summary>True for frames: an item reads what the one before it put out.</summary>
    bool IsChain { get; }

    /// <summary>These results of the lease were published: later items of a chain may read them.</summary>
    void Published(IReadOnlyList<ItemResult> results);
}
