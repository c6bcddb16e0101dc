using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Core.Runs;

/// <summary>
/// Amounts of resources in whole ten-thousandths: sums of fractions must come out the same whichever way they are added.
/// </summary>
internal sealed class Amounts
{
    private const double Unit = 10_000;

    private readonly SortedDictionary<string, long> byName = new(StringComparer.Ordinal);

    public static Amounts Of(Resources resources)
    {
        var amounts = new Amounts();
        if (resources.Cpu > 0) amounts.byName["cpu"] = Fixed(resources.Cpu);
        if (resources.Gpu > 0) amounts.byName["gpu"] = Fixed(resources.Gpu);
        if (resources.MemoryBytes > 0) amounts.byName["memory"] = resources.MemoryBytes;
        foreach (var (name, amount) in resources.Custom)
        {
            if (amount > 0) amounts.byName["custom:" + name] = Fixed(amount);
        }
        return amounts;
    }

    /// <summary>Adds another's amounts.</summary>
    public void Add(Amounts other)
    {
        foreach (var (name, amount) in other.byName) byName[name] = byName.GetValueOrDefault(name) + amount;
    }

    /// <summary>Takes another's amounts away.</summary>
    public void Subtract(Amounts other)
    {
        foreach (var (name, amount) in other.byName) byName[name] = byName.GetValueOrDefault(name) - amount;
    }

    /// <summary>The first resource of which <paramref name="times"/> times the capacity has too little; null when all fits.</summary>
    public string? Lacking(Amounts used, Amounts capacity, int times = 1)
    {
        foreach (var (name, amount) in byName)
        {
            if (name == "memory" && !capacity.byName.ContainsKey(name)) continue;
            if (used.byName.GetValueOrDefault(name) + amount > capacity.byName.GetValueOrDefault(name) * times) return name;
        }
        return null;
    }

    /// <summary>An amount by the name that <see cref="Lacking"/> gives, in the unit the user wrote.</summary>
    public double In(string name) => byName.GetValueOrDefault(name) / (name == "memory" ? 1 : Unit);

    /// <summary>The name as users know it.</summary>
    public static string Shown(string name) => name.StartsWith("custom:", StringComparison.Ordinal) ? name["custom:".Length..] : name;

    private static long Fixed(double amount) => (long)Math.Round(Math.Min(amount, 1e12) * Unit);
}
