namespace ExampleMlFarm.Geometry.Numerics;

/// <summary>
/// A quaternion <c>w + xi + yj + zk</c>; of length one it is a rotation, <c>q</c> and <c>−q</c> being the same one. In
/// <c>a * b</c>, <c>b</c> acts first, as with matrices.
/// </summary>
public readonly record struct Quaterniond(double W, double X, double Y, double Z)
{
    public static Quaterniond Identity => new(1, 0, 0, 0);

    public Vector3d Vector => new(X, Y, Z);
    public double LengthSquared => W * W + X * X + Y * Y + Z * Z;
    public double Length => Math.Sqrt(LengthSquared);
    public Quaterniond Conjugate() => new(W, -X, -Y, -Z);

    /// <summary>Length one; the zero quaternion becomes the identity.</summary>
    public Quaterniond Normalized()
    {
        var length = Length;
        return length > 0 && double.IsFinite(length) ? this * (1 / length) : Identity;
    }

    /// <summary>The one of <c>q, −q</c> with w ≥ 0; at w = 0 the one whose first nonzero component is positive.</summary>
    public Quaterniond Canonical()
    {
        var first = W != 0 ? W : X != 0 ? X : Y != 0 ? Y : Z;
        return first < 0 ? -this : this;
    }

    public static double Dot(in Quaterniond a, in Quaterniond b) => a.W * b.W + a.X * b.X + a.Y * b.Y + a.Z * b.Z;

    /// <summary>Rotation by <paramref name="radians"/> about an axis of any nonzero length, counter-clockwise seen from its tip.</summary>
    public static Quaterniond FromAxisAngle(in Vector3d axis, double radians)
    {
        var (sin, cos) = Math.SinCos(radians / 2);
        var a = axis.Normalized();
        return new Quaterniond(cos, a.X * sin, a.Y * sin, a.Z * sin);
    }

    /// <summary>The shortest rotation that takes direction <paramref name="from"/> to direction <paramref name="to"/>.</summary>
    public static Quaterniond Between(in Vector3d from, in Vector3d to)
    {
        var (a, b) = (from.Normalized(), to.Normalized());
        // With h = a + b: 1 + a·b = |h|²/2 and a × b = a × h, which keep their digits where a and b are nearly opposite.
        var h = a + b;
        if (h.LengthSquared < 1e-30) return FromAxisAngle(a.AnyPerpendicular(), Math.PI);
        var c = Vector3d.Cross(a, h);
        return new Quaterniond(h.LengthSquared / 2, c.X, c.Y, c.Z).Normalized();
    }

    /// <summary>Of a rotation matrix (Shepperd 1978: the largest of four pivots, so no branch loses precision); w ≥ 0.</summary>
    public static Quaterniond FromMatrix(in Matrix3d m)
    {
        var trace = m.Trace;
        Quaterniond q;
        if (trace >= m.M00 && trace >= m.M11 && trace >= m.M22)
            q = new Quaterniond(1 + trace, m.M21 - m.M12, m.M02 - m.M20, m.M10 - m.M01);
        else if (m.M00 >= m.M11 && m.M00 >= m.M22)
            q = new Quaterniond(m.M21 - m.M12, 1 + m.M00 - m.M11 - m.M22, m.M01 + m.M10, m.M02 + m.M20);
        else if (m.M11 >= m.M22)
            q = new Quaterniond(m.M02 - m.M20, m.M01 + m.M10, 1 - m.M00 + m.M11 - m.M22, m.M12 + m.M21);
        else
            q = new Quaterniond(m.M10 - m.M01, m.M02 + m.M20, m.M12 + m.M21, 1 - m.M00 - m.M11 + m.M22);
        return q.Normalized().Canonical();
    }

    /// <summary>The rotation matrix of a quaternion of length one.</summary>
    public Matrix3d ToMatrix()
    {
        double xx = X * X, yy = Y * Y, zz = Z * Z, xy = X * Y, xz = X * Z, yz = Y * Z, wx = W * X, wy = W * Y, wz = W * Z;
        return new Matrix3d(
            1 - 2 * (yy + zz), 2 * (xy - wz), 2 * (xz + wy),
            2 * (xy + wz), 1 - 2 * (xx + zz), 2 * (yz - wx),
            2 * (xz - wy), 2 * (yz + wx), 1 - 2 * (xx + yy));
    }

    public Vector3d Rotate(in Vector3d p)
    {
        var t = 2 * Vector3d.Cross(Vector, p);
        return p + W * t + Vector3d.Cross(Vector, t);
    }

    /// <summary>Constant-speed interpolation along the shorter arc (Shoemake 1985); <c>a</c> at 0, <c>b</c> at 1.</summary>
    public static Quaterniond Slerp(in Quaterniond a, in Quaterniond b, double amount)
    {
        var dot = Dot(a, b);
        var end = dot < 0 ? -b : b;
        dot = Math.Min(1, Math.Abs(dot));
        // Below this angle the sines lose their digits while the chord is exact to rounding.
        if (dot > 1 - 1e-10) return (a * (1 - amount) + end * amount).Normalized();
        var angle = Math.Acos(dot);
        var scale = 1 / Math.Sin(angle);
        return (a * (Math.Sin((1 - amount) * angle) * scale) + end * (Math.Sin(amount * angle) * scale)).Normalized();
    }

    public static Quaterniond operator *(in Quaterniond a, in Quaterniond b) => new(
        a.W * b.W - a.X * b.X - a.Y * b.Y - a.Z * b.Z,
        a.W * b.X + a.X * b.W + a.Y * b.Z - a.Z * b.Y,
        a.W * b.Y - a.X * b.Z + a.Y * b.W + a.Z * b.X,
        a.W * b.Z + a.X * b.Y - a.Y * b.X + a.Z * b.W);

    public static Quaterniond operator +(in Quaterniond a, in Quaterniond b) => new(a.W + b.W, a.X + b.X, a.Y + b.Y, a.Z + b.Z);
    public static Quaterniond operator -(in Quaterniond a) => new(-a.W, -a.X, -a.Y, -a.Z);
    public static Quaterniond operator *(in Quaterniond a, double s) => new(a.W * s, a.X * s, a.Y * s, a.Z * s);
}
