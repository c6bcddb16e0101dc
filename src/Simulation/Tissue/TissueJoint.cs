using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>A piece of bone as a capsule, in world space at the capture pose.</summary>
/// <param name="Start">One end of the axis.</param>
/// <param name="End">The other end; equal to the start for a ball.</param>
/// <param name="Radius">Distance from the axis that is bone, in the skin's units; zero for a bare line.</param>
public readonly record struct BoneSegment(Vector3d Start, Vector3d End, double Radius)
{
    /// <summary>Distance of a point from the bone's surface, negative inside.</summary>
    public double Distance(in Vector3d point)
    {
        var axis = End - Start;
        var length = axis.LengthSquared;
        var along = length > 0 ? Math.Clamp(Vector3d.Dot(point - Start, axis) / length, 0, 1) : 0;
        return Vector3d.Distance(point, Start + axis * along) - Radius;
    }
}

/// <summary>A joint of the rig at the capture pose, with the bone that is fixed to it.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Parent">Index of the parent joint, or -1; parents come before their children.</param>
/// <param name="Bind">World transform at the capture pose.</param>
/// <param name="Bones">Capsules; empty for a joint that holds no flesh.</param>
public sealed record TissueJoint(string Name, int Parent, Affine Bind, IReadOnlyList<BoneSegment> Bones);
