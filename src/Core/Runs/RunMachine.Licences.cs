using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Runs;

/// <summary>Licences: resources of the whole farm, of which the run holds what the farm allows it. A lease holds its licences from its grant to its end.</summary>
public sealed partial class RunMachine
{
    private Amounts licences = new();

    /// <summary>What the farm allows the run, by name; empty before the farm has said. Leases that were out when less was allowed may hold more.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Licences { get; private set; } = [];

    /// <summary>Names of resources beyond cpu, gpu and memory that items of the run ask for; some of them may be licences.</summary>
    public IReadOnlyList<string> CustomResources => [.. nodes.SelectMany(n => n.Needs.CustomNames).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What leases of the run hold of a licence, and what its ready items would hold beside it.</summary>
    public (double Held, double Wanted) LicenceUse(string name)
    {
        string key = "custom:" + name;
        double held = 0, wanted = 0;
        foreach (var node in nodes)
        {
            double need = node.Needs.In(key);
            if (need <= 0) continue;
            held += need * node.Leases;
            double open = Status == RunStatus.Running ? node.States[ItemState.Ready] + node.States[ItemState.Lost] : 0;
            if (node.Plan.MaxParallel > 0) open = Math.Min(open, node.Plan.MaxParallel - node.Leases);
            wanted += need * Math.Max(0, open);
        }
        return (held, held + wanted);
    }

    /// <summary>What the run may hold of each licence, or holds still: nobody else may have that much.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> LicencesTaken => [.. Licences.Select(l => KeyValuePair.Create(l.Key, Math.Max(l.Value, LicenceUse(l.Key).Held)))];

    /// <summary>Items that could start now if there were slots: what waits for a licence, or for its node's own limit, wants none.</summary>
    public long Startable
    {
        get
        {
            if (Status != RunStatus.Running) return 0;
            long sum = 0;
            foreach (var node in nodes)
            {
                long open = node.States[ItemState.Ready] + node.States[ItemState.Lost];
                if (open == 0) continue;
                if (node.Plan.MaxParallel > 0) open = Math.Min(open, Math.Max(0, node.Plan.MaxParallel - node.Leases));
                foreach (var (name, allowed) in Licences)
                    if (node.Needs.In("custom:" + name) is > 0 and var need) open = Math.Min(open, (long)Math.Max(0, Math.Floor((allowed - LicenceUse(name).Held) / need + 1e-9)));
                sum += open;
            }
            return sum;
        }
    }

    private string? On(LicencesAllowed e)
    {
        if (e.Amounts.Any(a => !(a.Value >= 0) || double.IsInfinity(a.Value))) return "an amount is none";
        if (e.Amounts.Select(a => a.Key).Distinct().Count() < e.Amounts.Count) return "a licence is named twice";
        if (IsFinished) return "the run is over";
        if (e.Amounts.SequenceEqual(Licences)) return "that much is allowed already";
        Take(e.Amounts);
        return null;
    }

    private void Take(IReadOnlyList<KeyValuePair<string, double>> allowed)
    {
        Licences = allowed;
        licences = Amounts.OfLicences(allowed);
        ForgetSlots();
    }

    private string? LicenceLacking(NodeRun node)
    {
        if (Licences.Count == 0) return null;
        return node.Needs.LackingOf(licences, name =>
        {
            long held = 0;
            foreach (var other in nodes) held += other.Leases * other.Needs.Of(name);
            return held;
        });
    }
}
