using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Workers.Programs;
using ExampleMlFarm.Workers.Reporting;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Tests.Workers.World;

/// <summary>A program whose nodes cook what the test says.</summary>
internal sealed class TestProgram(RunPlan plan, params Action<CookContext>[] cooks) : IRunProgram
{
    public RunPlan Plan => plan;

    public ulong Seed => 5;

    public Func<Lease, IReadOnlyList<KeyRun>> Keys { get; init; } = _ => [];

    public ILeaseProgram Begin(Lease lease, ICookHost host) => new LeaseOf(this, lease, host, cooks[lease.Node.Value]);

    private sealed class LeaseOf(TestProgram program, Lease lease, ICookHost host, Action<CookContext> cook) : ILeaseProgram
    {
        private readonly CookInput[] inputs = [.. lease.Inputs.Select(i => InputOf(program.Plan, lease, i, host))];

        public IReadOnlyList<KeyRun> Keys { get; } = program.Keys(lease);
        public bool ReadsCache => true;
        public IReadOnlyList<CookInput> Inputs => inputs;
        public bool IsChain => false;
        public string CheckpointName(long item) => $"test-{lease.Node}-{item}";
        public ContentHash Lineage => default;
        public void Cook(CookContext context) => cook(context);
        public ContentHash? ContentOf(RecipeFile file) => null;
        public IReadOnlyList<string>? Finish(ItemOutputs outputs) => null;
        public void Published(IReadOnlyList<ItemResult> results) { }

        public void MoveTo(long item)
        {
            foreach (var input in inputs) input.MoveTo(item);
        }

        private static CookInput InputOf(RunPlan plan, Lease lease, LeaseInput input, ICookHost host)
        {
            var dependency = plan.Nodes[lease.Node.Value].Dependencies[input.Dependency];
            return new(host, input.Dependency, dependency.Name, plan.Nodes[dependency.Upstream.Value].Name, input.Results,
                item => input.Members is { } members ? members[(int)(item - lease.Items.Start)]
                    : dependency.Mapping is Mapping.OneToOne ? new(ItemRange.One(item)) : new(new ItemRange(0, long.MaxValue)),
                _ => new JsonObject());
        }
    }
}
