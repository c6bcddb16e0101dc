using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Plans;

/// <summary>Finds what a run machine could not work with: a plan that passes never makes the machine throw.</summary>
public static class PlanCheck
{
    /// <summary>The most items one node may have: their page table still takes only 22 MB.</summary>
    public const long MostItemsPerNode = 10_000_000_000;

    /// <summary>The largest repeat, block size and step: products with an item index stay below 2^63.</summary>
    public const long MostPerItem = 100_000_000;

    /// <summary>The most nodes of a plan: finishing is decided by looking at each of them after each event.</summary>
    public const int MostNodes = 10_000;

    /// <summary>All problems, one sentence each; empty when the plan can run.</summary>
    public static IReadOnlyList<string> Problems(RunPlan plan)
    {
        var problems = new List<string>();
        if (plan.Nodes.Count == 0) problems.Add("the plan has no nodes; give it at least one");
        if (plan.Nodes.Count > MostNodes) problems.Add($"the plan has {plan.Nodes.Count} nodes; at most {MostNodes} are allowed");
        for (int i = 0; i < plan.Nodes.Count && problems.Count < 100; i++) Check(plan, i, problems);
        return problems;
    }

    /// <summary>Throws <see cref="FarmException"/> (<c>plan.invalid</c>) with all problems.</summary>
    public static void Demand(RunPlan plan)
    {
        var problems = Problems(plan);
        if (problems.Count > 0) throw FarmException.Invalid("plan.invalid", $"The plan cannot run: {string.Join("; ", problems)}.");
    }

    private static void Check(RunPlan plan, int index, List<string> problems)
    {
        var node = plan.Nodes[index];
        void Problem(string text) => problems.Add($"node {index} ({node.Name}): {text}");
        Dependency? counting = CountingDependency(node);
        switch (node.Items)
        {
            case ItemRule.Fixed(var count) when count is < 0 or > MostItemsPerNode:
                Problem($"{count} items; 0 to {MostItemsPerNode} are allowed");
                break;
            case ItemRule.FollowsInput when counting is null or { Mapping: Mapping.Expanded }:
                Problem("its item count follows its input, but no input decides one");
                break;
            case ItemRule.FoundBy(var expander) when expander.Value < 0 || expander.Value >= index || !plan.Nodes[expander.Value].IsExpander:
                Problem($"its items are found by node {expander.Value}, which is no expander that stands before it");
                break;
        }
        foreach (var dependency in node.Dependencies) CheckDependency(plan, index, dependency, Problem);
        if (node.Dependencies.Count(d => d.Mapping is Mapping.Previous) > 1) Problem("more than one chain");
        if (node.Batch is BatchRule.Size { Items: < 1 }) Problem("batch size below 1");
        if (node.Retry.Attempts < 1 || !(node.Retry.BackoffSeconds >= 0)) Problem("retry needs 1 attempt or more and a backoff of 0 s or more");
        if (node.MaxParallel < 0) Problem($"max_parallel {node.MaxParallel} is negative");
        if (!(node.TimeoutSeconds >= 0)) Problem($"timeout {node.TimeoutSeconds} s is negative");
        if (node.AllowFailed.Count < 0 || !(node.AllowFailed.Fraction is >= 0 and <= 1)) Problem("allow_failed is a count of 0 or more or a fraction of 0 to 1");
        if (!(node.Resources.Cpu >= 0) || !(node.Resources.Gpu >= 0) || node.Resources.MemoryBytes < 0 || node.Resources.Custom.Any(c => !(c.Value >= 0)))
            Problem("resources must be 0 or more");
    }

    private static void CheckDependency(RunPlan plan, int index, Dependency dependency, Action<string> problem)
    {
        int upstream = dependency.Upstream.Value;
        bool self = dependency.Mapping is Mapping.Previous;
        if (self ? upstream != index : upstream < 0 || upstream >= index)
        {
            problem($"reads node {upstream} ({dependency.Name}); {(self ? "a chain reads its own node" : "nodes read only nodes before them")}");
            return;
        }
        switch (dependency.Mapping)
        {
            case Mapping.Repeat { Times: < 1 or > MostPerItem }: problem($"repeat must lie between 1 and {MostPerItem}"); break;
            case Mapping.Blocks(var size, var step) when size is < 1 or > MostPerItem || step is < 1 or > MostPerItem: problem($"block size and step must lie between 1 and {MostPerItem}"); break;
            case Mapping.Previous { Length: < 1 or > MostItemsPerNode }: problem("chain length must be 1 or more"); break;
            case Mapping.Groups groups when groups.Members.Any(m => m.Count > 0 && (m[0].Start < 0 || m[m.Count - 1].End > MostItemsPerNode)): problem("a group names an item that cannot exist"); break;
            case Mapping.Expanded when plan.Nodes[index].Items is not ItemRule.FoundBy: problem("reads what an expansion says, but its items are not found by an expander"); break;
        }
    }

    /// <summary>The dependency that decides the count of <see cref="ItemRule.FollowsInput"/>: the first that carries data and is no chain.</summary>
    public static Dependency? CountingDependency(PlanNode node)
        => node.Dependencies.FirstOrDefault(d => !d.OrderOnly && d.Mapping is not Mapping.Previous);
}
