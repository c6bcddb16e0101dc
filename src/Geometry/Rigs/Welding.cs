using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>Joins vertices that lie at the same place; files split them where texture or normals differ.</summary>
public static class Welding
{
    /// <summary>Distance, as a part of the bounding-box diagonal, up to which two vertices are the same point.</summary>
    public const double DefaultTolerance = 1e-5;

    /// <summary>
    /// The point of each vertex: numbered by first appearance, a vertex joining the first point within
    /// <paramref name="tolerance"/> · diagonal of it.
    /// </summary>
    /// <param name="positions"><c>[vertices, 3]</c>, finite.</param>
    /// <param name="tolerance">Part of the bounding-box diagonal.</param>
    /// <returns>Point of each vertex, and the points <c>[n, 3]</c> (the first vertex's position).</returns>
    public static (int[] PointOfVertex, double[] Points) Weld(ReadOnlySpan<float> positions, double tolerance = DefaultTolerance)
    {
        var n = positions.Length / 3;
        var (low, diagonal) = Extent(positions);
        var radius = Math.Max(tolerance * diagonal, double.Epsilon);
        var cellSize = Math.Max(radius * 2, diagonal * 1e-9);
        var cells = new Dictionary<(long, long, long), List<int>>(n);
        var points = new List<Vector3d>(n);
        var pointOfVertex = new int[n];
        for (var v = 0; v < n; v++)
        {
            var p = new Vector3d(positions[3 * v], positions[3 * v + 1], positions[3 * v + 2]);
            pointOfVertex[v] = Find(p);
            if (pointOfVertex[v] >= 0) continue;
            pointOfVertex[v] = points.Count;
            var cell = Cell(p);
            if (!cells.TryGetValue(cell, out var list)) cells[cell] = list = [];
            list.Add(points.Count);
            points.Add(p);
        }
        var flat = new double[3 * points.Count];
        for (var i = 0; i < points.Count; i++) points[i].Write(flat, i);
        return (pointOfVertex, flat);

        (long X, long Y, long Z) Cell(in Vector3d p) => cellSize > 0
            ? ((long)Math.Floor((p.X - low.X) / cellSize), (long)Math.Floor((p.Y - low.Y) / cellSize), (long)Math.Floor((p.Z - low.Z) / cellSize))
            : default;

        int Find(in Vector3d p)
        {
            var c = Cell(p);
            var best = -1;
            for (var x = c.X - 1; x <= c.X + 1; x++)
                for (var y = c.Y - 1; y <= c.Y + 1; y++)
                    for (var z = c.Z - 1; z <= c.Z + 1; z++)
                        if (cells.TryGetValue((x, y, z), out var list))
                            foreach (var candidate in list)
                                if ((best < 0 || candidate < best) && Vector3d.Distance(points[candidate], p) <= radius) best = candidate;
            return best;
        }
    }

    private static (Vector3d Low, double Diagonal) Extent(ReadOnlySpan<float> positions)
    {
        if (positions.Length == 0) return (Vector3d.Zero, 0);
        var low = new Vector3d(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        var high = -low;
        for (var v = 0; v < positions.Length; v += 3)
        {
            var p = new Vector3d(positions[v], positions[v + 1], positions[v + 2]);
            (low, high) = (Vector3d.Min(low, p), Vector3d.Max(high, p));
        }
        return (low, (high - low).Length);
    }
}
