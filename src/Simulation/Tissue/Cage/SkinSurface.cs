using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>
/// The skin as a closed surface: points welded, degenerate triangles and tiny parts removed, every edge checked. It
/// knows no bones.
/// </summary>
internal sealed class SkinSurface
{
    /// <summary>[q, 3] welded points.</summary>
    public required double[] Points { get; init; }
    /// <summary>[m, 3] triangles of the parts that were kept.</summary>
    public required int[] Triangles { get; init; }
    public required Vector3d Low { get; init; }
    public required Vector3d High { get; init; }
    public required int DroppedComponents { get; init; }

    public double Diagonal => Vector3d.Distance(Low, High);
    public int TriangleCount => Triangles.Length / 3;

    public (Vector3d A, Vector3d B, Vector3d C) Triangle(int t) =>
        (Vector3d.Read(Points, Triangles[3 * t]), Vector3d.Read(Points, Triangles[3 * t + 1]), Vector3d.Read(Points, Triangles[3 * t + 2]));

    public static SkinSurface Build(ReadOnlySpan<double> points, ReadOnlySpan<int> triangles, CaptureOptions options)
    {
        if (points.Length == 0 || triangles.Length == 0)
            throw FarmException.Invalid("capture.empty_skin", $"The skin has {points.Length / 3} points and {triangles.Length / 3} triangles; give a closed triangle mesh.");
        if (points.Length % 3 != 0 || triangles.Length % 3 != 0)
            throw FarmException.Invalid("capture.shape", $"{points.Length} coordinates and {triangles.Length} corners are not multiples of three.");
        for (var i = 0; i < points.Length; i++)
            if (!double.IsFinite(points[i]))
                throw FarmException.Invalid("capture.point", $"Point {i / 3} of the skin has the coordinate {points[i]}; coordinates must be finite.");
        foreach (var corner in triangles)
            if (corner < 0 || corner >= points.Length / 3)
                throw FarmException.Invalid("capture.corner", $"A triangle refers to point {corner}; the skin has {points.Length / 3}.");

        var (low, high) = Bounds(points);
        var diagonal = Vector3d.Distance(low, high);
        if (!(diagonal > 0)) throw FarmException.Invalid("capture.flat_skin", "All points of the skin coincide.");
        var (welded, weldOf) = PointWeld.Weld(points, diagonal * options.WeldTolerance);
        var kept = new List<int>(triangles.Length);
        for (var t = 0; t < triangles.Length; t += 3)
        {
            int a = weldOf[triangles[t]], b = weldOf[triangles[t + 1]], c = weldOf[triangles[t + 2]];
            if (a != b && b != c && c != a) kept.AddRange([a, b, c]);
        }
        if (kept.Count == 0) throw FarmException.Invalid("capture.empty_skin", "Every triangle of the skin is degenerate once equal points are welded.");
        SkinEdges.RequireClosed(welded, kept);
        var (parts, dropped) = SkinParts.WithoutTinyOnes(welded, kept, options.RelativeVolumeThreshold);
        return new SkinSurface { Points = welded, Triangles = parts, Low = low, High = high, DroppedComponents = dropped };
    }

    static (Vector3d Low, Vector3d High) Bounds(ReadOnlySpan<double> points)
    {
        var low = Vector3d.Read(points, 0);
        var high = low;
        for (var i = 1; i < points.Length / 3; i++)
        {
            var p = Vector3d.Read(points, i);
            low = Vector3d.Min(low, p);
            high = Vector3d.Max(high, p);
        }
        return (low, high);
    }
}
