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

    /// <summary>The first resource of which <paramref name="times"/> times the capacity has too little; null when all fits.</summary>
    public string? Lacking(Amounts used, Amounts capacity, int times = 1)
    {
        foreach (var (name, amount) in entries)
        {
            if (name == "memory" && capacity.Of(name) == 0) continue;
            if (used.Of(name) + amount > capacity.Of(name) * times) return name;
        }
        return null;
    }

    /// <summary>An amount by the name that <see cref="Lacking"/> gives, in the unit the user wrote.</summary>
    public double In(string name) => Of(name) / (name == "memory" ? 1 : Unit);

    /// <summary>The name as users know it.</summary>
    public static string Shown(string name) => name.StartsWith("custom:", StringComparison.Ordinal) ? name["custom:".Length..] : name;

    private long Of(string name)
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
