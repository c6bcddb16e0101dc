namespace ExampleMlFarm.Geometry.Numerics;

/// <summary>The order in which rotations about the fixed axes are applied: <c>Xyz</c> turns about x first, so R = Rz Ry Rx.</summary>
public enum RotationOrder
{
    Xyz,
    Xzy,
    Yxz,
    Yzx,
    Zxy,
    Zyx,
}

/// <summary>Euler angles in radians, held as (about x, about y, about z) whatever the order.</summary>
public static class Euler
{
    public static Quaterniond ToQuaternion(in Vector3d radians, RotationOrder order)
    {
        var (i, j, k, _) = Axes(order);
        return About(k, radians[k]) * About(j, radians[j]) * About(i, radians[i]);
    }

    public static Matrix3d ToMatrix(in Vector3d radians, RotationOrder order) => ToQuaternion(radians, order).Normalized().ToMatrix();

    /// <summary>
    /// The angles of a rotation matrix: the middle axis in [−π/2, π/2], the others in (−π, π]. At gimbal lock the last angle is
    /// zero and the first holds the whole turn.
    /// </summary>
    public static Vector3d FromMatrix(in Matrix3d m, RotationOrder order)
    {
        var (i, j, k, sign) = Axes(order);
        var cosMiddle = Math.Sqrt(m[i, i] * m[i, i] + m[j, i] * m[j, i]);
        var middle = Math.Atan2(-sign * m[k, i], cosMiddle);
        double first, last;
        if (cosMiddle > 1e-9)
        {
            first = Math.Atan2(sign * m[k, j], m[k, k]);
            last = Math.Atan2(sign * m[j, i], m[i, i]);
        }
        else
        {
            first = Math.Atan2(-sign * m[j, k], m[j, j]);
            last = 0;
        }
        Span<double> angles = stackalloc double[3];
        (angles[i], angles[j], angles[k]) = (first, middle, last);
        return new Vector3d(angles[0], angles[1], angles[2]);
    }

    private static Quaterniond About(int axis, double radians)
    {
        var (sin, cos) = Math.SinCos(radians / 2);
        return axis switch
        {
            0 => new Quaterniond(cos, sin, 0, 0),
            1 => new Quaterniond(cos, 0, sin, 0),
            _ => new Quaterniond(cos, 0, 0, sin),
        };
    }

    /// <summary>First, middle and last axis, and +1 for an even permutation of xyz, −1 for an odd one.</summary>
    private static (int First, int Middle, int Last, int Sign) Axes(RotationOrder order) => order switch
    {
        RotationOrder.Xyz => (0, 1, 2, 1),
        RotationOrder.Xzy => (0, 2, 1, -1),
        RotationOrder.Yxz => (1, 0, 2, -1),
        RotationOrder.Yzx => (1, 2, 0, 1),
        RotationOrder.Zxy => (2, 0, 1, 1),
        RotationOrder.Zyx => (2, 1, 0, -1),
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, "Not one of the six rotation orders."),
    };
}
