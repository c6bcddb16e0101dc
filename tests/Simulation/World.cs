using ExampleMlFarm.Core.Plans;

namespace ExampleMlFarm.Tests.Simulation;

/// <summary>Which faults a world has, and how often. Off for some seeds, so that the others get room.</summary>
public sealed record Faults(double Drop, double Duplicate, double LongDelay, double WorkerKill, double ServerCrash, double Partition, double Corrupt, double People)
{
    public static Faults None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    public static Faults Swarm(ulong seed)
    {
        var draws = new Draws(seed, "faults");
        double Some(double most) => draws.Chance(0.6) ? draws.Uniform(0, most) : 0;
        return new(Some(0.3), Some(0.3), Some(0.3), Some(0.15), Some(0.15), Some(0.1), Some(0.2), Some(0.2));
    }
}

/// <summary>A virtual clock, and what is going to happen by it. Two things never happen at the same time.</summary>
public sealed class World(ulong seed, RunPlan plan, Faults faults)
{
    private readonly PriorityQueue<Action, (double, long)> agenda = new();
    private long scheduled;
    private long ticks = 638_000_000_000_000_000;

    public ulong Seed { get; } = seed;
    public RunPlan Plan { get; } = plan;
    public Faults Faults { get; private set; } = faults;
    public Draws Draws { get; } = new(seed, "world");
    public Fates Fates { get; } = new(seed, plan);
    public double Now { get; private set; }
    public int Steps { get; private set; }

    /// <summary>The time by the server's clock, later at each look.</summary>
    public DateTimeOffset Clock() => new(ticks = Math.Max(ticks + 1, 638_000_000_000_000_000 + (long)(Now * 1e7)), TimeSpan.Zero);

    public void After(double seconds, Action action) => agenda.Enqueue(action, (Now + seconds, scheduled++));

    public void CalmDown() => Faults = Faults.None;

    public bool Step()
    {
        if (!agenda.TryDequeue(out var action, out var when)) return false;
        Now = Math.Max(Now, when.Item1);
        Steps++;
        action();
        return true;
    }

    /// <summary>A message on its way: it may be lost, doubled, or late.</summary>
    public void Send(Action arrive)
    {
        if (Draws.Chance(Faults.Drop)) return;
        int copies = Draws.Chance(Faults.Duplicate) ? 2 : 1;
        for (int i = 0; i < copies; i++) After(Draws.Chance(Faults.LongDelay) ? Draws.Uniform(0, 5) : Draws.Uniform(0.001, 0.02), arrive);
    }
}
