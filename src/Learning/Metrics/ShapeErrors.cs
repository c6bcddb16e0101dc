using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Learning.Metrics;

/// <summary>What distances of points do not tell: whether a deformed surface shades, stretches and fills as the true one does. All are 0 for equal surfaces.</summary>
/// <param name="NormalDegrees">Mean angle between the normals of corresponding triangles, weighted by the true area, 0 to 180 degrees.</param>
/// <param name="EdgeDistortion">Mean of |length / true length − 1| over edges.</param>
/// <param name="VolumeError">|volume − true volume| / |true volume|; NaN where the true surface encloses none.</param>
public sealed record ShapeErrorSummary(double NormalDegrees, double EdgeDistortion, double VolumeError)
{
    /// <summary>Mean of several poses, each counting the same; poses without volume are left out of the volume's mean.</summary>
    public static ShapeErrorSummary Mean(IReadOnlyCollection<ShapeErrorSummary> poses)
    {
        ArgumentNullException.ThrowIfNull(poses);
        if (poses.Count == 0) throw FarmException.Invalid("metrics.input", "there is no pose to sum up");
        return new(poses.Average(p => p.NormalDegrees), poses.Average(p => p.EdgeDistortion),
            poses.Where(p => !double.IsNaN(p.VolumeError)).Select(p => p.VolumeError).DefaultIfEmpty(double.NaN).Average());
    }
}

/// <summary>
/// Errors of shape of one mesh. Points are welded, so that edges and volumes are those of the surface and not of a texture's seams. Works out the edges once, and
/// serves any number of poses and threads.
/// </summary>
public sealed class ShapeErrors
{
    private readonly int[] triangles;
    private readonly (int A, int B)[] edges;

    /// <param name="triangles">[t, 3] indices of points; closed and consistently oriented for the volume to mean something.</param>
    public ShapeErrors(IReadOnlyList<int> triangles)
    {
        ArgumentNullException.ThrowIfNull(triangles);
        this.triangles = [.. triangles];
        var found = new HashSet<(int, int)>();
        for (int t = 0; t < this.triangles.Length; t += 3)
            for (int k = 0; k < 3; k++)
            {
                int a = this.triangles[t + k], b = this.triangles[t + (k + 1) % 3];
                found.Add((Math.Min(a, b), Math.Max(a, b)));
            }
        edges = [.. found.Order()];
    }

    /// <summary>Compares points [p, 3] with the true ones.</summary>
    /// <exception cref="FarmException"><c>metrics.input</c>: lengths differ or are no multiple of three.</exception>
    public ShapeErrorSummary Measure(ReadOnlySpan<double> points, ReadOnlySpan<double> truth)
    {
        if (points.Length != truth.Length || points.Length % 3 != 0)
            throw FarmException.Invalid("metrics.input", $"{points.Length} coordinates cannot be compared with {truth.Length}; both must be the same number of points of three");
        double angles = 0, areas = 0, volume = 0, trueVolume = 0;
        // Seen from a point of the surface, sums of large numbers do not cancel.
        var (origin, trueOrigin) = points.Length > 0 ? (Vector3d.Read(points, 0), Vector3d.Read(truth, 0)) : default;
        for (int t = 0; t < triangles.Length; t += 3)
        {
            var (normal, part) = Triangle(points, t, origin);
            var (trueNormal, truePart) = Triangle(truth, t, trueOrigin);
            double area = trueNormal.Length;
            volume += part;
            trueVolume += truePart;
            if (area == 0 || normal.Length == 0) continue;
            // Exact near 0 and 180 degrees, where the cosine is not.
            angles += area * Math.Atan2(Vector3d.Cross(normal, trueNormal).Length, Vector3d.Dot(normal, trueNormal));
            areas += area;
        }
        double stretch = 0;
        int measured = 0;
        foreach (var (a, b) in edges)
        {
            double length = Vector3d.Distance(Vector3d.Read(truth, a), Vector3d.Read(truth, b));
            if (length == 0) continue;
            stretch += Math.Abs(Vector3d.Distance(Vector3d.Read(points, a), Vector3d.Read(points, b)) / length - 1);
            measured++;
        }
        return new(areas > 0 ? angles / areas * 180 / Math.PI : 0, measured > 0 ? stretch / measured : 0,
            trueVolume != 0 ? Math.Abs(volume - trueVolume) / Math.Abs(trueVolume) : double.NaN);
    }

    /// <summary>Twice the area times the unit normal, and six times the volume towards the origin.</summary>
    private (Vector3d Normal, double Volume) Triangle(ReadOnlySpan<double> points, int t, in Vector3d origin)
    {
        var a = Vector3d.Read(points, triangles[t]);
        var normal = Vector3d.Cross(Vector3d.Read(points, triangles[t + 1]) - a, Vector3d.Read(points, triangles[t + 2]) - a);
        return (normal, Vector3d.Dot(normal, a - origin));
    }
}
