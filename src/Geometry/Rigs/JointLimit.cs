using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>The three numbers that a joint's rotation is limited in.</summary>
public enum RotationCoordinates
{
    /// <summary>Axis times angle in the joint's own frame, unwrapped towards the middle of the range.</summary>
    RotationVector,

    /// <summary>Twist about the bone's axis, then the swing's rotation vector along the two directions at right angles to it.</summary>
    SwingTwist,
}

/// <summary>
/// The range of one joint's rotation relative to the bind pose, in radians, as a box in three coordinates.
/// </summary>
/// <param name="Joint">Name.</param>
/// <param name="Axis">Direction of the twist in the joint's own frame; only for <see cref="RotationCoordinates.SwingTwist"/>.</param>
public sealed record JointLimit(string Joint, RotationCoordinates Coordinates, Vector3d Axis, Vector3d Min, Vector3d Max)
{
    public Vector3d Middle => (Min + Max) * 0.5;
    public Vector3d Range => Max - Min;

    /// <summary>What coordinate 0, 1, 2 is called in messages.</summary>
    public string AxisName(int axis) => Coordinates == RotationCoordinates.RotationVector
        ? axis switch { 0 => "x", 1 => "y", _ => "z" }
        : axis switch { 0 => "twist", 1 => "swing 1", _ => "swing 2" };

    public Quaterniond ToRotation(in Vector3d coordinates) => ToRotation(coordinates, Coordinates, Axis);

    /// <summary>The coordinates of a rotation; of the several that mean the same rotation, those nearest to the middle of the range.</summary>
    public Vector3d FromRotation(in Quaterniond rotation) => FromRotation(rotation, Coordinates, Axis, Middle);

    public Vector3d Clamp(in Vector3d coordinates) => Vector3d.Max(Min, Vector3d.Min(Max, coordinates));

    internal static Quaterniond ToRotation(in Vector3d c, RotationCoordinates coordinates, in Vector3d axis)
    {
        if (coordinates == RotationCoordinates.RotationVector) return RotationVector.Exp(c);
        var (first, second) = Sideways(axis);
        return RotationVector.Exp(first * c.Y + second * c.Z) * Quaterniond.FromAxisAngle(axis, c.X);
    }

    internal static Vector3d FromRotation(in Quaterniond rotation, RotationCoordinates coordinates, in Vector3d axis, in Vector3d near)
    {
        if (coordinates == RotationCoordinates.RotationVector) return RotationVector.Unwrap(RotationVector.Log(rotation), near);
        var parts = SwingTwist.Decompose(rotation, axis);
        var (first, second) = Sideways(axis);
        var swing = RotationVector.Log(parts.Swing);
        var twist = parts.TwistAngle(axis);
        twist += 2 * Math.PI * Math.Round((near.X - twist) / (2 * Math.PI));
        return new Vector3d(twist, Vector3d.Dot(swing, first), Vector3d.Dot(swing, second));
    }

    private static (Vector3d First, Vector3d Second) Sideways(in Vector3d axis)
    {
        var first = axis.AnyPerpendicular();
        return (first, Vector3d.Cross(axis.Normalized(), first));
    }
}

/// <summary>A coordinate of a pose outside its range. Degrees, as people read them.</summary>
public sealed record LimitViolation(string Joint, string Axis, double ValueDegrees, double MinDegrees, double MaxDegrees)
{
    public override string ToString() =>
        $"Joint \"{Joint}\" is turned by {ValueDegrees:F1}° about {Axis}; its range is {MinDegrees:F1}° to {MaxDegrees:F1}°.";
}
