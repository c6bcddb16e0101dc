using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Nodes.Cooking;

namespace ExampleMlFarm.Workers.Programs;

/// <summary>
/// A run whose frozen recipe this program cannot read, as after a change of version: whatever is leased of it fails with the reason, so that the run ends and
/// says so instead of waiting for a worker that does not come. <c>resume</c> with the right program brings the items back.
/// </summary>
/// <param name="plan">Its plan, which needs no recipe to be read.</param>
/// <param name="why">Why the recipe cannot be read.</param>
public sealed class UnreadableRunProgram(RunPlan plan, Failure why) : IRunProgram
{
    /// <inheritdoc/>
    public RunPlan Plan => plan;

    /// <inheritdoc/>
    public ulong Seed => 0;

    /// <inheritdoc/>
    public ILeaseProgram Begin(Lease lease, ICookHost host) => throw new FarmException(why);
}
