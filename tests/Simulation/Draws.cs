using ExampleMlFarm.Core.Randomness;

namespace ExampleMlFarm.Tests.Simulation;

/// <summary>A stream of draws of one seed and name.</summary>
public sealed class Draws(ulong seed, string name)
{
    private readonly CounterRandom random = CounterRandom.Keyed(seed, name, 0, "simulation");
    private uint drawn;

    public int Below(int count) => (int)random.Integer(drawn++, count);
    public int Between(int least, int most) => least + Below(most - least + 1);
    public double Uniform(double least, double most) => least + (most - least) * random.Uniform(drawn++);
    public bool Chance(double probability) => random.Uniform(drawn++) < probability;
    public T One<T>(IReadOnlyList<T> of) => of[Below(of.Count)];
}
