namespace ExampleMlFarm.Simulation.Sparse;

/// <summary>
/// Which nodes of a mesh meet in a matrix block: a symmetric pattern in compressed rows, without the diagonal.
/// It knows neither values nor the number of unknowns per node.
/// </summary>
/// <param name="Starts">[n+1] offsets into <paramref name="Neighbours"/>.</param>
/// <param name="Neighbours">Neighbours of each node, ascending.</param>
internal sealed record NodeGraph(int[] Starts, int[] Neighbours)
{
    public int Count => Starts.Length - 1;

    public ReadOnlySpan<int> Of(int node) => Neighbours.AsSpan(Starts[node], Starts[node + 1] - Starts[node]);

    /// <summary>
    /// The graph of a tetrahedral mesh over nodes [0, n); corners at or above n take no part.
    /// </summary>
    /// <param name="corners">[4t] node of each tetrahedron's corners.</param>
    /// <param name="n">Number of nodes with unknowns.</param>
    public static NodeGraph FromTets(ReadOnlySpan<int> corners, int n)
    {
        var pairs = new List<long>(corners.Length * 3);
        for (var t = 0; t < corners.Length; t += 4)
            for (var a = 0; a < 4; a++)
                for (var b = 0; b < 4; b++)
                    if (a != b && corners[t + a] < n && corners[t + b] < n)
                        pairs.Add(((long)corners[t + a] << 32) | (uint)corners[t + b]);
        pairs.Sort();
        var starts = new int[n + 1];
        var neighbours = new List<int>(pairs.Count / 4);
        var previous = -1L;
        foreach (var pair in pairs)
        {
            if (pair == previous) continue;
            previous = pair;
            neighbours.Add((int)(pair & 0xffffffff));
            starts[(int)(pair >> 32) + 1]++;
        }
        for (var i = 0; i < n; i++) starts[i + 1] += starts[i];
        return new NodeGraph(starts, neighbours.ToArray());
    }
}
