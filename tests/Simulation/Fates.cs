using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Simulation;

/// <summary>What an item does when it is cooked: a function of seed, node and item, and of its inputs; never of when, where or how often.</summary>
public sealed class Fates(ulong seed, RunPlan plan)
{
    private readonly Dictionary<(int Node, long Item), int> failed = [];

    public double Seconds(int node, long item) => Key(node, item).Uniform(0) < 0.1 ? 1.5 : 0.001 + 0.2 * Key(node, item).Uniform(1) * Key(node, 0).Uniform(9);

    public bool IsPoison(int node, long item) => Key(node, item).Uniform(2) < 0.006;

    /// <summary>Counts a try; null when it succeeds.</summary>
    public Failure? Try(int node, long item)
    {
        double luck = Key(node, item).Uniform(3);
        var retry = plan.Nodes[node].Retry;
        if (luck < 0.03) return new(FailureClass.Permanent, "test.broken", $"item {item} cannot be cooked");
        if (luck > 0.12 || retry.Attempts < 2) return null;
        int tries = failed.GetValueOrDefault((node, item));
        if (tries >= 1 + Key(node, item).Integer(4, retry.Attempts - 1)) return null;
        failed[(node, item)] = tries + 1;
        return new(FailureClass.Transient, "test.flaky", $"item {item} failed for the {tries + 1}. time");
    }

    /// <summary>Outputs, from the values of the inputs: any difference upstream shows downstream.</summary>
    public OutputRef[] Outputs(int node, long item, string inputs)
    {
        if (plan.Nodes[node].IsExpander) return [];
        // Some nodes write rows of a segment, which merge; others a file each.
        if (Key(node, 0).Uniform(5) < 0.4) return [new("geometry", "out", ContentHash.Of(Encoding.UTF8.GetBytes($"segment {node}")), 1000, item)];
        return [new("file", "out", ContentHash.Of(Encoding.UTF8.GetBytes($"{node}/{item}({inputs})")), 8)];
    }

    /// <summary>What an expander item finds.</summary>
    public Expansion Finds(int node, long item, LeaseInput input)
    {
        if (plan.Nodes[node].Dependencies[0].Mapping is Mapping.OneToOne) return new(Key(node, item).Integer(6, 4), null);
        var members = new List<RangeSet>();
        foreach (var result in input.Results)
        {
            for (long i = result.Items.Start; i < result.Items.End; i++)
            {
                if (Key(node, i).Uniform(7) < 0.6) members.Add(new(ItemRange.One(i)));
            }
        }
        return new(members.Count, members);
    }

    private CounterRandom Key(int node, long item) => CounterRandom.Keyed(seed, plan.Nodes[node].Name, item, "fate");
}
