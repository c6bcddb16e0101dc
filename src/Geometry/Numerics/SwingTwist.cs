namespace ExampleMlFarm.Geometry.Numerics;

/// <summary>
/// A rotation as <c>swing * twist</c>: first a twist about an axis, then a swing whose own axis is at a right angle to it.
/// </summary>
public readonly record struct SwingTwist(Quaterniond Swing, Quaterniond Twist)
{
    /// <summary>
    /// The parts of <paramref name="rotation"/> about <paramref name="axis"/> (any nonzero length). A swing of exactly 180° leaves
    /// the twist undefined; it is then the identity.
    /// </summary>
    public static SwingTwist Decompose(in Quaterniond rotation, in Vector3d axis)
    {
        var a = axis.Normalized();
        var along = Vector3d.Dot(rotation.Vector, a);
        var length = Math.Sqrt(rotation.W * rotation.W + along * along);
        var twist = length > 1e-12
            ? new Quaterniond(rotation.W / length, a.X * along / length, a.Y * along / length, a.Z * along / length).Canonical()
            : Quaterniond.Identity;
        return new SwingTwist((rotation * twist.Conjugate()).Canonical(), twist);
    }

    /// <summary>The twist as an angle about the axis it was taken of, in (−π, π].</summary>
    public double TwistAngle(in Vector3d axis) => 2 * Math.Atan2(Vector3d.Dot(Twist.Vector, axis.Normalized()), Twist.W);
}
