using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>Requires that every edge joins exactly two triangles that agree about the outside.</summary>
internal static class SkinEdges
{
    /// <exception cref="FarmException">Names the first bad edge with its ends.</exception>
    public static void RequireClosed(double[] points, List<int> triangles)
    {
        var directed = new Dictionary<(int From, int To), int>(triangles.Count);
        for (var t = 0; t < triangles.Count; t += 3)
            for (var k = 0; k < 3; k++)
            {
                var edge = (triangles[t + k], triangles[t + (k + 1) % 3]);
                directed[edge] = directed.GetValueOrDefault(edge) + 1;
            }
        foreach (var ((a, b), count) in directed.OrderBy(e => e.Key))
        {
            var back = directed.GetValueOrDefault((b, a));
            if (count == 1 && back == 1) continue;
            var edge = $"edge {a}-{b} from {Place(a)} to {Place(b)}";
            if (count + back == 1)
                throw FarmException.Invalid("capture.open_skin", $"The skin is open: {edge} belongs to one triangle. Close the hole, or weld its sides.");
            if (count + back > 2)
                throw FarmException.Invalid("capture.non_manifold_skin", $"The skin is not manifold: {edge} belongs to {count + back} triangles; two are allowed. Separate the sheets.");
            throw FarmException.Invalid("capture.mixed_orientation", $"The triangles at {edge} disagree about the outside. Orient the mesh consistently.");
        }

        string Place(int point)
        {
            var p = Vector3d.Read(points, point);
            return $"({p.X:G6}, {p.Y:G6}, {p.Z:G6})";
        }
    }
}
