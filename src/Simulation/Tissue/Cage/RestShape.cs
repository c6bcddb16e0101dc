using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>Inverse rest matrices and volumes.</summary>
internal static class RestShape
{
    /// <returns>[t, 3, 3] row-major inverses of the edges from corner 0, and [t] volumes.</returns>
    public static (double[] RestInverse, double[] Volumes) Of(TetLattice cage)
    {
        var count = cage.Tets.Length / 4;
        var inverses = new double[9 * count];
        var volumes = new double[count];
        for (var t = 0; t < count; t++)
        {
            var o = Vector3d.Read(cage.Vertices, cage.Tets[4 * t]);
            var edges = Matrix3d.FromColumns(
                Vector3d.Read(cage.Vertices, cage.Tets[4 * t + 1]) - o,
                Vector3d.Read(cage.Vertices, cage.Tets[4 * t + 2]) - o,
                Vector3d.Read(cage.Vertices, cage.Tets[4 * t + 3]) - o);
            edges.Inverse().WriteRowMajor(inverses.AsSpan(9 * t, 9));
            volumes[t] = edges.Determinant / 6;
        }
        return (inverses, volumes);
    }
}
