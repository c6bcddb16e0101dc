using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// A rigid piece of bone inside the skin that moves with one joint: a capsule from <paramref name="Start"/> to
/// <paramref name="End"/>, world coordinates of the bind pose, radius in the same unit; equal ends make a ball, radius 0 a bare line.
/// </summary>
public readonly record struct BoneSegment(int Joint, Vector3d Start, Vector3d End, double Radius)
{
    /// <summary>Distance of a point from the middle line; compare with <see cref="Radius"/>.</summary>
    public double DistanceToAxis(in Vector3d p)
    {
        var along = End - Start;
        var squared = along.LengthSquared;
        var t = squared > 0 ? Math.Clamp(Vector3d.Dot(p - Start, along) / squared, 0, 1) : 0;
        return Vector3d.Distance(p, Start + along * t);
    }

    /// <summary>Distance of a point from the bone's surface, negative inside.</summary>
    public double Distance(in Vector3d p) => DistanceToAxis(p) - Radius;
}
