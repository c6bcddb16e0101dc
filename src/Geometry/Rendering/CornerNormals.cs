using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rendering;

/// <summary>
/// A normal for each corner of each triangle: smooth across edges that bend little, split where they bend much, so that both a
/// fine skin and a coarse one look like what they are.
/// </summary>
internal static class CornerNormals
{
    private static readonly double CosineOfCrease = Math.Cos(40 * Math.PI / 180);

    /// <returns>One per entry of <paramref name="triangles"/>, length one.</returns>
    public static Vector3d[] Of(double[] points, int[] triangles)
    {
        var pointCount = points.Length / 3;
        var faces = new Vector3d[triangles.Length / 3];
        var first = new int[pointCount + 1];
        for (var t = 0; t < faces.Length; t++)
        {
            var a = Vector3d.Read(points, triangles[3 * t]);
            faces[t] = Vector3d.Cross(Vector3d.Read(points, triangles[3 * t + 1]) - a, Vector3d.Read(points, triangles[3 * t + 2]) - a);
            for (var k = 0; k < 3; k++) first[triangles[3 * t + k] + 1]++;
        }
        for (var p = 0; p < pointCount; p++) first[p + 1] += first[p];
        var at = first.AsSpan(0, pointCount).ToArray();
        var around = new int[triangles.Length];
        for (var c = 0; c < triangles.Length; c++) around[at[triangles[c]]++] = c / 3;

        var normals = new Vector3d[triangles.Length];
        for (var c = 0; c < triangles.Length; c++)
        {
            var own = faces[c / 3].Normalized();
            var sum = Vector3d.Zero;
            for (var i = first[triangles[c]]; i < first[triangles[c] + 1]; i++)
                if (Vector3d.Dot(own, faces[around[i]].Normalized()) >= CosineOfCrease) sum += faces[around[i]];
            normals[c] = sum == Vector3d.Zero ? own : sum.Normalized();
        }
        return normals;
    }
}
