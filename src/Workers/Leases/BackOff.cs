namespace ExampleMlFarm.Workers.Leases;

/// <summary>How long to wait before a call is tried again: doubling from a tenth of a second to five.</summary>
public static class BackOff
{
    /// <summary>The wait after so many failures in a row (0 = the first).</summary>
    public static TimeSpan After(int failures) => TimeSpan.FromSeconds(Math.Min(5, 0.1 * (1 << Math.Min(failures, 10))));
}
