using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rendering;

/// <summary>
/// A camera without perspective. Image coordinates run from (0, 0) at the top left to (1, 1) at the bottom right; depth grows
/// away from the viewer.
/// </summary>
/// <param name="Right">Direction of the image's x, length one.</param>
/// <param name="Up">Upwards in the image, length one.</param>
/// <param name="Center">What is seen in the middle.</param>
/// <param name="HalfWidth">World length from the middle to the right border.</param>
/// <param name="HalfHeight">World length from the middle to the upper border.</param>
public sealed record OrthographicCamera(Vector3d Right, Vector3d Up, Vector3d Center, double HalfWidth, double HalfHeight)
{
    private const double Margin = 1.06;

    /// <summary>From the scene towards the viewer.</summary>
    public Vector3d TowardsViewer { get; } = Vector3d.Cross(Right, Up);

    /// <summary>A camera that sees all of the points, as large as the image's shape allows.</summary>
    /// <param name="points"><c>[n, 3]</c>; give the points of all poses that are to be compared.</param>
    /// <param name="aspect">Width over height of the image.</param>
    /// <param name="azimuthDegrees">Where the viewer stands: 0 looks from +z, 90 from +x (turning about y).</param>
    /// <param name="elevationDegrees">How far above the horizon, −90 to 90.</param>
    public static OrthographicCamera Fit(ReadOnlySpan<double> points, double aspect, double azimuthDegrees = 35, double elevationDegrees = 18)
    {
        if (points.Length < 3) throw new ArgumentException("No points to look at.", nameof(points));
        var (azimuth, elevation) = (azimuthDegrees * Math.PI / 180, elevationDegrees * Math.PI / 180);
        var viewer = new Vector3d(Math.Cos(elevation) * Math.Sin(azimuth), Math.Sin(elevation), Math.Cos(elevation) * Math.Cos(azimuth));
        var right = new Vector3d(Math.Cos(azimuth), 0, -Math.Sin(azimuth));
        var up = Vector3d.Cross(viewer, right);
        var min = new Vector3d(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        var max = -min;
        var axes = Matrix3d.FromRows(right, up, viewer);
        for (var i = 0; i < points.Length / 3; i++)
        {
            var p = axes * Vector3d.Read(points, i);
            (min, max) = (Vector3d.Min(min, p), Vector3d.Max(max, p));
        }
        var middle = axes.TransposeTimes((min + max) * 0.5);
        var half = (max - min) * (0.5 * Margin);
        var halfHeight = Math.Max(Math.Max(half.Y, half.X / aspect), 1e-12);
        return new OrthographicCamera(right, up, middle, halfHeight * aspect, halfHeight);
    }

    /// <summary>(x, y, depth) in image coordinates.</summary>
    public Vector3d Project(in Vector3d p)
    {
        var d = p - Center;
        return new Vector3d(
            0.5 + Vector3d.Dot(d, Right) / (2 * HalfWidth),
            0.5 - Vector3d.Dot(d, Up) / (2 * HalfHeight),
            -Vector3d.Dot(d, TowardsViewer));
    }
}
