using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Workers.Processes;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>A resource of which the items of a node ask for more than anybody offers: they would wait for ever.</summary>
/// <param name="Node">The node.</param>
/// <param name="Resource">As the recipe writes it: <c>cpu</c>, <c>gpu</c>, <c>memory</c>, <c>pool</c>, or a name of its own.</param>
/// <param name="Asked">How much, as people read it.</param>
/// <param name="Offered">How much there is, as people read it.</param>
internal sealed record Misfit(string Node, string Resource, string Asked, string Offered);

/// <summary>What workers can give to one item, or the worker processes of one machine together.</summary>
/// <param name="Slots">Items cooked at once.</param>
/// <param name="Capacity">Amounts; memory 0 = not stated, then not checked.</param>
/// <param name="Pools">Pools served.</param>
internal sealed record LocalOffer(int Slots, Resources Capacity, IReadOnlyList<string> Pools)
{
    /// <summary>What the workers of this machine offer: all of it, and every pool, since there is nobody else.</summary>
    /// <param name="workers">Items cooked at once. More than there are cores is taken as the user's word for so many.</param>
    public static LocalOffer OfThisMachine(int workers) => new(workers,
        new(Math.Max(Environment.ProcessorCount, workers), Gpus(), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, []), [WorkerOffer.EveryPool]);

    /// <summary>What one worker of a farm offers.</summary>
    public static LocalOffer Of(WorkerRow worker) => new(worker.Slots, new(worker.Cpu, worker.Gpu, worker.MemoryBytes, [.. worker.Custom.OrderBy(c => c.Key, StringComparer.Ordinal)]), worker.Pools);

    /// <summary>
    /// The worker processes among which it is divided. As many as there are slots, each a process of its own, unless an item asks for more than such a share:
    /// then fewer and larger ones, so that what cooks at the same time never takes more than there is.
    /// </summary>
    public (int Processes, WorkerStart Each) Divide(string folder, RunPlan plan)
    {
        var cooked = plan.Nodes.Where(n => !n.IsVirtual).ToList();
        double Most(Func<Resources, double> of) => cooked.Select(n => of(n.Resources)).DefaultIfEmpty(0).Max();
        int processes = (int)Math.Max(1, new[] { Slots, Shares(Capacity.Cpu, Most(r => r.Cpu)), Shares(Capacity.Gpu, Most(r => r.Gpu)), Shares(Capacity.MemoryBytes, Most(r => r.MemoryBytes)) }.Min());
        return (processes, new(folder, Math.Max(1, Slots / processes))
        {
            Pool = Pools.Count > 0 ? Pools[0] : "", Cpu = Capacity.Cpu / processes, Gpu = Capacity.Gpu / processes, MemoryBytes = Capacity.MemoryBytes / processes,
        });
    }

    /// <summary>The first resource that an item of a node asks more of than any of the offers has; null when one of them can cook it.</summary>
    public static Misfit? Lacking(PlanNode node, IReadOnlyList<LocalOffer> offers)
    {
        if (node.IsVirtual || offers.Count == 0) return null;
        var serving = offers.Where(o => new WorkerOffer(o.Slots, o.Capacity, o.Pools).Serves(node.Pool)).ToList();
        if (serving.Count == 0) return new(node.Name, "pool", node.Pool!, string.Join(", ", offers.SelectMany(o => o.Pools).Distinct().DefaultIfEmpty("none")));
        var lacking = serving.Select(o => o.Lacking(node)).ToList();
        // What is told is the offer that comes nearest in the first resource that is short everywhere.
        return lacking.Contains(null) ? null : lacking.MaxBy(l => l!.Value.Has)!.Value.Misfit;
    }

    private (Misfit Misfit, double Has)? Lacking(PlanNode node)
    {
        var asked = node.Resources;
        if (asked.Cpu > Capacity.Cpu + Least) return (new(node.Name, "cpu", $"{asked.Cpu}", Amount(Capacity.Cpu)), Capacity.Cpu);
        if (asked.Gpu > Capacity.Gpu + Least) return (new(node.Name, "gpu", $"{asked.Gpu}", Amount(Capacity.Gpu)), Capacity.Gpu);
        if (Capacity.MemoryBytes > 0 && asked.MemoryBytes > Capacity.MemoryBytes)
            return (new(node.Name, "memory", Format.Size(asked.MemoryBytes), Format.Size(Capacity.MemoryBytes)), Capacity.MemoryBytes);
        foreach (var (name, amount) in asked.Custom)
        {
            double has = Capacity.Custom.FirstOrDefault(c => c.Key == name).Value;
            if (amount > has + Least) return (new(node.Name, name, $"{amount}", Amount(has)), has);
        }
        return null;
    }

    // The scheduler counts in ten-thousandths.
    private const double Least = 5e-5;

    private static string Amount(double amount) => amount == 0 ? "none" : $"{amount:0.##}";

    private static int Shares(double has, double most) => most <= 0 ? int.MaxValue : (int)Math.Min(int.MaxValue, Math.Floor(has / most + Least));

    // What the driver shows: /dev/nvidia0, /dev/nvidia1 …
    private static int Gpus() => Directory.Exists("/dev") ? Directory.EnumerateFiles("/dev", "nvidia*").Count(f => int.TryParse(Path.GetFileName(f)["nvidia".Length..], out _)) : 0;
}
