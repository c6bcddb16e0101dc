using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Tests.Simulation;

/// <summary>Random plans in which every mapping, item rule and policy occurs.</summary>
public static class PlanMaker
{
    public static RunPlan Random(ulong seed)
    {
        var draws = new Draws(seed, "plan");
        var nodes = new List<PlanNode>();
        var sizes = new List<int>();
        int wanted = draws.Between(2, 7);
        while (nodes.Count < wanted) Add(draws, nodes, sizes);
        return new(nodes);
    }

    private static void Add(Draws draws, List<PlanNode> nodes, List<int> sizes)
    {
        string name = $"n{nodes.Count}";
        if (nodes.Count == 0 || draws.Chance(0.1))
        {
            int count = draws.Between(1, 24);
            Put(Policies(draws, new(name, new ItemRule.Fixed(count), nodes.Count > 0 && draws.Chance(0.5) ? [new(new(draws.Below(nodes.Count)), "needs", new Mapping.All(), OrderOnly: true)] : [])), count);
            return;
        }
        int up = draws.Below(nodes.Count);
        var upstream = new NodeId(up);
        bool accepts = draws.Chance(0.5), fixedUp = nodes[up].Items is ItemRule.Fixed;
        switch (draws.Below(10))
        {
            case 0 or 1:
                Put(Policies(draws, new(name, new ItemRule.FollowsInput(), [new(upstream, "from", new Mapping.OneToOne()), .. Extra(draws, nodes)])), sizes[up]);
                break;
            case 2 when sizes[up] <= 20:
                int times = draws.Between(1, 3);
                Put(Policies(draws, new(name, new ItemRule.FollowsInput(), [new(upstream, "wedge", new Mapping.Repeat(times))])), sizes[up] * times);
                break;
            case 3:
                int size = draws.Between(1, 6), step = draws.Between(1, size + 1);
                Put(Policies(draws, new(name, new ItemRule.FollowsInput(), [new(upstream, "collect", new Mapping.Blocks(size, step), AcceptsFailures: accepts)])), sizes[up]);
                break;
            case 4:
                Put(Policies(draws, new(name, new ItemRule.FollowsInput(), [new(upstream, "collect", new Mapping.All(), AcceptsFailures: accepts)])), 1);
                break;
            case 5 when fixedUp:
                var groups = Enumerable.Range(0, draws.Between(1, 8)).Select(_ => Members(draws, sizes[up])).ToList();
                Put(Policies(draws, new(name, new ItemRule.FollowsInput(), [new(upstream, "collect", new Mapping.Groups(groups), AcceptsFailures: accepts)])), groups.Count);
                break;
            case 6:
                int length = draws.Between(1, 6), chains = draws.Between(1, 4);
                Put(Policies(draws, new(name, new ItemRule.Fixed(length * chains), [new(new(nodes.Count), "previous", new Mapping.Previous(length)), new(upstream, "data", new Mapping.All(), AcceptsFailures: accepts)])), length * chains);
                break;
            case 7 or 8 when sizes[up] <= 24:
                bool each = draws.Chance(0.6);
                var expander = new NodeId(nodes.Count);
                Put(Policies(draws, new(name + "x?", new ItemRule.FollowsInput(), [new(upstream, "from", each ? new Mapping.OneToOne() : new Mapping.All(), AcceptsFailures: !each && accepts)]) { IsExpander = true }), each ? sizes[up] : 1);
                Put(Policies(draws, new(name + "x", new ItemRule.FoundBy(expander), [new(draws.Chance(0.8) ? upstream : expander, "from", new Mapping.Expanded()), .. Extra(draws, nodes)])), sizes[up] * 2);
                break;
            default:
                Put(new(name, new ItemRule.FollowsInput(), [new(upstream, "from", new Mapping.OneToOne())]) { IsVirtual = true }, sizes[up]);
                break;
        }

        void Put(PlanNode node, int items)
        {
            nodes.Add(node);
            sizes.Add(items);
        }
    }

    private static Dependency[] Extra(Draws draws, List<PlanNode> nodes)
        => draws.Chance(0.3) ? [new(new(draws.Below(nodes.Count)), "with", new Mapping.All(), OrderOnly: draws.Chance(0.3), AcceptsFailures: draws.Chance(0.3))] : [];

    private static RangeSet Members(Draws draws, int count)
    {
        var set = new RangeSet();
        for (int i = 0; i < count; i++)
        {
            if (draws.Chance(0.4)) set.Add(ItemRange.One(i));
        }
        return set;
    }

    private static PlanNode Policies(Draws draws, PlanNode node) => node with
    {
        Batch = draws.Below(4) switch { 0 => new BatchRule.Size(draws.Between(1, 8)), 1 => new BatchRule.Whole(), _ => new BatchRule.Automatic() },
        MaxParallel = draws.Chance(0.2) ? draws.Between(1, 2) : 0,
        Priority = draws.Between(-1, 1),
        Pool = draws.Chance(0.1) ? "gpu" : null,
        Resources = Resources.OneCore with { Cpu = draws.Chance(0.2) ? 2 : draws.Chance(0.3) ? 0.5 : 1 },
        Retry = draws.Chance(0.6) ? new(draws.Between(1, 3), draws.Chance(0.3) ? 0 : draws.Uniform(0.1, 2), [FailureClass.Transient]) : RetryPolicy.Once,
        AllowFailed = draws.Below(3) switch { 0 => new(0, 0), 1 => new(draws.Between(1, 3), 0), _ => new(0, draws.Uniform(0, 0.6)) },
    };
}
