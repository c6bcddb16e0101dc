using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>Joins points at the same place, so that texture seams do not tear a surface open.</summary>
internal static class PointWeld
{
    /// <returns>Welded points in order of first appearance, and for each point its welded one.</returns>
    public static (double[] Points, int[] WeldOf) Weld(ReadOnlySpan<double> points, double distance)
    {
        var cell = distance > 0 ? 2 * distance : 1;
        var cells = new Dictionary<(long, long, long), List<int>>();
        var welded = new List<double>();
        var exact = new Dictionary<Vector3d, int>();
        var weldOf = new int[points.Length / 3];
        for (var i = 0; i < weldOf.Length; i++)
        {
            var p = Vector3d.Read(points, i);
            if (!exact.TryGetValue(p, out var id))
            {
                id = distance > 0 ? Near(p) : -1;
                if (id < 0)
                {
                    id = welded.Count / 3;
                    welded.AddRange([p.X, p.Y, p.Z]);
                    if (distance > 0)
                    {
                        var key = Cell(p, 0, 0, 0);
                        if (!cells.TryGetValue(key, out var list)) cells[key] = list = [];
                        list.Add(id);
                    }
                }
                exact[p] = id;
            }
            weldOf[i] = id;
        }
        return (welded.ToArray(), weldOf);

        int Near(Vector3d p)
        {
            // The nearest corner of the cell names the eight cells that a ball of the weld distance can reach.
            for (var corner = 0; corner < 8; corner++)
            {
                var key = Cell(p, corner & 1, corner >> 1 & 1, corner >> 2);
                if (!cells.TryGetValue(key, out var list)) continue;
                foreach (var id in list)
                {
                    var d = new Vector3d(welded[3 * id], welded[3 * id + 1], welded[3 * id + 2]) - p;
                    if (d.LengthSquared <= distance * distance) return id;
                }
            }
            return -1;
        }

        (long, long, long) Cell(Vector3d p, int dx, int dy, int dz) => (Side(p.X, dx), Side(p.Y, dy), Side(p.Z, dz));

        long Side(double x, int other)
        {
            var at = x / cell;
            var floor = Math.Floor(at);
            return (long)floor + (other == 0 ? 0 : at - floor < 0.5 ? -1 : 1);
        }
    }
}
