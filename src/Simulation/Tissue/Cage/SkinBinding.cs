using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>Finds for each skin point its tetrahedron and barycentric weights.</summary>
internal static class SkinBinding
{
    /// <returns>[s] tetrahedra and [s, 4] weights; points outside the cage extrapolate the nearest one.</returns>
    public static (int[] Tets, double[] Weights) Bind(ReadOnlySpan<double> points, TetLattice cage, CubeGrid grid)
    {
        var cubeOf = new Dictionary<int, int>(cage.Cells.Length);
        for (var c = 0; c < cage.Cells.Length; c++) cubeOf[cage.Cells[c]] = c;
        var count = points.Length / 3;
        var tets = new int[count];
        var weights = new double[4 * count];
        Span<double> w = stackalloc double[4];
        for (var i = 0; i < count; i++)
        {
            var p = Vector3d.Read(points, i);
            var (x, y, z) = grid.CellOf(p);
            if (!grid.Holds(x, y, z) || !cubeOf.TryGetValue(grid.Index(x, y, z), out var cube)) cube = NearestCube(p, cage, grid);
            var best = double.NegativeInfinity;
            for (var t = 5 * cube; t < 5 * cube + 5; t++)
            {
                Barycentrics(p, cage, t, w);
                var least = Math.Min(Math.Min(w[0], w[1]), Math.Min(w[2], w[3]));
                if (least <= best) continue;
                best = least;
                tets[i] = t;
                w.CopyTo(weights.AsSpan(4 * i, 4));
            }
        }
        return (tets, weights);
    }

    static int NearestCube(in Vector3d p, TetLattice cage, CubeGrid grid)
    {
        var (best, nearest) = (0, double.PositiveInfinity);
        for (var c = 0; c < cage.Cells.Length; c++)
        {
            var (x, y, z) = grid.Place(cage.Cells[c]);
            var d = (grid.Centre(x, y, z) - p).LengthSquared;
            if (d < nearest) (best, nearest) = (c, d);
        }
        return best;
    }

    static void Barycentrics(in Vector3d p, TetLattice cage, int t, Span<double> w)
    {
        Vector3d Corner(int k) => Vector3d.Read(cage.Vertices, cage.Tets[4 * t + k]);
        var o = Corner(0);
        var b = Matrix3d.FromColumns(Corner(1) - o, Corner(2) - o, Corner(3) - o).Inverse() * (p - o);
        (w[0], w[1], w[2], w[3]) = (1 - b.X - b.Y - b.Z, b.X, b.Y, b.Z);
    }
}
