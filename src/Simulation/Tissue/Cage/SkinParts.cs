using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>Connected parts of the skin, and which of them are too small for a cage of their own.</summary>
internal static class SkinParts
{
    /// <param name="points">[q, 3].</param>
    /// <param name="triangles">[m, 3], closed.</param>
    /// <param name="threshold">Share of the volume of all parts.</param>
    /// <returns>The triangles of the parts at or above the threshold (never none), and the number of the others.</returns>
    public static (int[] Triangles, int Dropped) WithoutTinyOnes(double[] points, List<int> triangles, double threshold)
    {
        var sets = new DisjointSets(points.Length / 3);
        for (var t = 0; t < triangles.Count; t += 3)
        {
            sets.Join(triangles[t], triangles[t + 1]);
            sets.Join(triangles[t], triangles[t + 2]);
        }
        var volumes = new SortedDictionary<int, double>();
        for (var t = 0; t < triangles.Count; t += 3)
        {
            Vector3d a = Vector3d.Read(points, triangles[t]), b = Vector3d.Read(points, triangles[t + 1]), c = Vector3d.Read(points, triangles[t + 2]);
            var root = sets.Root(triangles[t]);
            volumes[root] = volumes.GetValueOrDefault(root) + Vector3d.Dot(a, Vector3d.Cross(b, c)) / 6;
        }
        var total = volumes.Values.Sum(Math.Abs);
        var largest = volumes.Values.Max(Math.Abs);
        bool Keeps(int root) => Math.Abs(volumes[root]) >= threshold * total || Math.Abs(volumes[root]) == largest;
        var kept = new List<int>(triangles.Count);
        for (var t = 0; t < triangles.Count; t += 3)
            if (Keeps(sets.Root(triangles[t]))) kept.AddRange([triangles[t], triangles[t + 1], triangles[t + 2]]);
        return (kept.ToArray(), volumes.Keys.Count(root => !Keeps(root)));
    }
}
