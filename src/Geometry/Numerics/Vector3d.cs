namespace ExampleMlFarm.Geometry.Numerics;

/// <summary>A point, direction or displacement in three dimensions, double precision. Knows no unit.</summary>
public readonly record struct Vector3d(double X, double Y, double Z)
{
    public static Vector3d Zero => default;
    public static Vector3d UnitX => new(1, 0, 0);
    public static Vector3d UnitY => new(0, 1, 0);
    public static Vector3d UnitZ => new(0, 0, 1);

    /// <summary>Component 0, 1 or 2.</summary>
    public double this[int axis] => axis switch
    {
        0 => X,
        1 => Y,
        2 => Z,
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, "A vector has the components 0, 1 and 2."),
    };

    public double LengthSquared => X * X + Y * Y + Z * Z;
    public double Length => Math.Sqrt(LengthSquared);
    public bool IsFinite => double.IsFinite(X) && double.IsFinite(Y) && double.IsFinite(Z);

    /// <summary>The vector of length one in this direction; the zero vector stays zero.</summary>
    public Vector3d Normalized()
    {
        // Dividing by the largest component first keeps the square from overflowing or vanishing.
        var largest = Math.Max(Math.Abs(X), Math.Max(Math.Abs(Y), Math.Abs(Z)));
        if (largest == 0 || !double.IsFinite(largest)) return Zero;
        var scaled = new Vector3d(X / largest, Y / largest, Z / largest);
        return scaled * (1 / scaled.Length);
    }

    /// <summary>Some vector of length one at a right angle to this one, which must not be zero. Deterministic.</summary>
    public Vector3d AnyPerpendicular()
    {
        var (x, y, z) = (Math.Abs(X), Math.Abs(Y), Math.Abs(Z));
        var axis = x <= y && x <= z ? UnitX : y <= z ? UnitY : UnitZ;
        return Cross(this, axis).Normalized();
    }

    public static double Dot(in Vector3d a, in Vector3d b) => a.X * b.X + a.Y * b.Y + a.Z * b.Z;

    public static Vector3d Cross(in Vector3d a, in Vector3d b) =>
        new(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);

    public static double Distance(in Vector3d a, in Vector3d b) => (a - b).Length;
    public static Vector3d Min(in Vector3d a, in Vector3d b) => new(Math.Min(a.X, b.X), Math.Min(a.Y, b.Y), Math.Min(a.Z, b.Z));
    public static Vector3d Max(in Vector3d a, in Vector3d b) => new(Math.Max(a.X, b.X), Math.Max(a.Y, b.Y), Math.Max(a.Z, b.Z));

    /// <summary><c>a</c> at 0, <c>b</c> at 1.</summary>
    public static Vector3d Lerp(in Vector3d a, in Vector3d b, double amount) => a + (b - a) * amount;

    /// <summary>Row <paramref name="index"/> of points <c>[n, 3]</c>.</summary>
    public static Vector3d Read(ReadOnlySpan<double> points, int index)
    {
        var p = points.Slice(3 * index, 3);
        return new Vector3d(p[0], p[1], p[2]);
    }

    /// <summary>Writes this as row <paramref name="index"/> of points <c>[n, 3]</c>.</summary>
    public void Write(Span<double> points, int index)
    {
        var p = points.Slice(3 * index, 3);
        p[0] = X;
        p[1] = Y;
        p[2] = Z;
    }

    public static Vector3d operator +(in Vector3d a, in Vector3d b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);
    public static Vector3d operator -(in Vector3d a, in Vector3d b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);
    public static Vector3d operator -(in Vector3d a) => new(-a.X, -a.Y, -a.Z);
    public static Vector3d operator *(in Vector3d a, double s) => new(a.X * s, a.Y * s, a.Z * s);
    public static Vector3d operator *(double s, in Vector3d a) => a * s;
    public static Vector3d operator /(in Vector3d a, double s) => new(a.X / s, a.Y / s, a.Z / s);
}
