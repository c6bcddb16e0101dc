using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Core.Runs;

/// <summary>
/// Amounts of resources in whole ten-thousandths: sums of fractions must come out the same whichever way they are added.
/// </summary>
internal sealed class Amounts
{
    private const double Unit = 10_000;

    // A handful of entries, in the order in which they came: looking through them beats any tree.
    private readonly List<(string Name, long Amount)> entries = [];

    public static Amounts Of(Resources resources)
    {
        var amounts = new Amounts();
        if (resources.Cpu > 0) amounts.Change("cpu", Fixed(resources.Cpu));
        if (resources.Gpu > 0) amounts.Change("gpu", Fixed(resources.Gpu));
        if (resources.MemoryBytes > 0) amounts.Change("memory", resources.MemoryBytes);
        foreach (var (name, amount) in resources.Custom)
        {
            if (amount > 0) amounts.Change("custom:" + name, Fixed(amount));
        }
        return amounts;
    }

    /// <summary>Adds another's amounts.</summary>
    public void Add(Amounts other)
    {
        foreach (var (name, amount) in other.entries) Change(name, amount);
    }

    /// <summary>Takes another's amounts away.</summary>
    public void Subtract(Amounts other)
    {
        foreach (var (name, amount) in other.entries) Change(name, -amount);
    }

    /// <summary>Amounts of licences, which are resources of the whole farm; one that is 0 is an entry too.</summary>
    public static Amounts OfLicences(IReadOnlyList<KeyValuePair<string, double>> licences)
    {
        var amounts = new Amounts();
        foreach (var (name, amount) in licences) amounts.Change("custom:" + name, Fixed(amount));
        return amounts;
    }

    /// <summary>The first resource of which <paramref name="times"/> times the capacity has too little; null when all fits. What is <paramref name="apart"/> is not looked at.</summary>
    public string? Lacking(Amounts used, Amounts capacity, Amounts apart, int times = 1)
    {
        foreach (var (name, amount) in entries)
        {
            if ((name == "memory" && capacity.Of(name) == 0) || apart.Has(name)) continue;
            if (used.Of(name) + amount > capacity.Of(name) * times) return name;
        }
        return null;
    }

    /// <summary>The first of the allowed resources that has too little left; null when all fits, or none of them is needed.</summary>
    public string? LackingOf(Amounts allowed, Func<string, long> used)
    {
        foreach (var (name, amount) in entries)
            if (allowed.Has(name) && used(name) + amount > allowed.Of(name)) return name;
        return null;
    }

    /// <summary>True when there is an entry of that name.</summary>
    public bool Has(string name)
    {
        foreach (var entry in entries)
            if (entry.Name == name) return true;
        return false;
    }

    /// <summary>The names of further resources, as users know them.</summary>
    public IEnumerable<string> CustomNames => entries.Where(e => e.Name.StartsWith("custom:", StringComparison.Ordinal)).Select(e => Shown(e.Name));

    /// <summary>An amount by the name that <see cref="Lacking"/> gives, in the unit the user wrote.</summary>
    public double In(string name) => Of(name) / (name == "memory" ? 1 : Unit);

    /// <summary>The name as users know it.</summary>
    public static string Shown(string name) => name.StartsWith("custom:", StringComparison.Ordinal) ? name["custom:".Length..] : name;

    /// <summary>An amount in ten-thousandths (memory in bytes); 0 when there is none.</summary>
    public long Of(string name)
    {
        foreach (var entry in entries)
        {
            if (entry.Name == name) return entry.Amount;
        }
        return 0;
    }

    private void Change(string name, long by)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i].Name != name) continue;
            entries[i] = (name, entries[i].Amount + by);
            return;
        }
        entries.Add((name, by));
    }

    private static long Fixed(double amount) => (long)Math.Round(Math.Min(amount, 1e12) * Unit);
}
