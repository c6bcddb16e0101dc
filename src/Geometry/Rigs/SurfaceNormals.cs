using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>Normals of a triangle surface.</summary>
public static class SurfaceNormals
{
    /// <summary>
    /// Per point the area-weighted mean of its triangles' normals, length one; a point without area gets (0, 1, 0), since formats
    /// forbid the zero vector.
    /// </summary>
    /// <param name="points"><c>[n, 3]</c>.</param>
    /// <param name="triangles"><c>[t, 3]</c>.</param>
    /// <returns><c>[n, 3]</c>.</returns>
    public static double[] OfPoints(double[] points, int[] triangles)
    {
        var sums = new double[points.Length];
        for (var t = 0; t < triangles.Length; t += 3)
        {
            var a = Vector3d.Read(points, triangles[t]);
            var normal = Vector3d.Cross(Vector3d.Read(points, triangles[t + 1]) - a, Vector3d.Read(points, triangles[t + 2]) - a);
            for (var k = 0; k < 3; k++) (Vector3d.Read(sums, triangles[t + k]) + normal).Write(sums, triangles[t + k]);
        }
        for (var i = 0; i < points.Length / 3; i++)
        {
            var normal = Vector3d.Read(sums, i).Normalized();
            (normal == Vector3d.Zero ? Vector3d.UnitY : normal).Write(sums, i);
        }
        return sums;
    }
}
