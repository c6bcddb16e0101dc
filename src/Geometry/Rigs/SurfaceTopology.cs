namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>How the triangles of a surface hang together, counted over undirected edges.</summary>
/// <param name="OpenEdges">Edges of one triangle only; a closed surface has none.</param>
/// <param name="NonManifoldEdges">Edges of three or more triangles, or of two that run along it in the same direction.</param>
/// <param name="EulerCharacteristic">Points used − edges + triangles; 2 per closed piece without handles.</param>
public sealed record SurfaceTopology(int OpenEdges, int NonManifoldEdges, int EulerCharacteristic)
{
    public bool IsClosedManifold => OpenEdges == 0 && NonManifoldEdges == 0;

    /// <param name="triangles"><c>[triangles, 3]</c>, indices of points.</param>
    public static SurfaceTopology Of(ReadOnlySpan<int> triangles)
    {
        var edges = new Dictionary<(int, int), (int Forward, int Backward)>(triangles.Length);
        var points = new HashSet<int>();
        for (var t = 0; t < triangles.Length; t += 3)
            for (var k = 0; k < 3; k++)
            {
                var (a, b) = (triangles[t + k], triangles[t + (k + 1) % 3]);
                points.Add(a);
                var key = a < b ? (a, b) : (b, a);
                var (forward, backward) = edges.GetValueOrDefault(key);
                edges[key] = a < b ? (forward + 1, backward) : (forward, backward + 1);
            }
        var open = edges.Values.Count(e => e.Forward + e.Backward == 1);
        var bad = edges.Values.Count(e => e.Forward > 1 || e.Backward > 1);
        return new SurfaceTopology(open, bad, points.Count - edges.Count + triangles.Length / 3);
    }
}
