using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Workers.Programs;

/// <summary>A compiled recipe as the worker cooks it.</summary>
public sealed class RecipeRunProgram(RunId run, RecipeProgram recipe) : IRunProgram
{
    /// <inheritdoc/>
    public RunPlan Plan => recipe.Plan;

    /// <inheritdoc/>
    public ulong Seed => recipe.Seed;

    /// <inheritdoc/>
    public ILeaseProgram Begin(Lease lease, ICookHost host) => new RecipeLeaseProgram(run, recipe, lease, host);
}
