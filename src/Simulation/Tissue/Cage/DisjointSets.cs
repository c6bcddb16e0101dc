namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>Union-find with path halving; the root of a set is its smallest member.</summary>
internal sealed class DisjointSets
{
    readonly int[] parent;

    public DisjointSets(int count)
    {
        parent = new int[count];
        for (var i = 0; i < count; i++) parent[i] = i;
    }

    public int Root(int i)
    {
        while (parent[i] != i) i = parent[i] = parent[parent[i]];
        return i;
    }

    public void Join(int a, int b)
    {
        a = Root(a);
        b = Root(b);
        parent[Math.Max(a, b)] = Math.Min(a, b);
    }
}
