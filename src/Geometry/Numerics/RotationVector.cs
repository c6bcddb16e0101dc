namespace ExampleMlFarm.Geometry.Numerics;

/// <summary>Rotations as vectors, axis times angle in radians (the exponential map, Grassia 1998).</summary>
public static class RotationVector
{
    /// <summary>Below this angle the series are exact to rounding, and the quotients would lose digits.</summary>
    private const double SeriesBelow = 1e-4;

    /// <summary>The rotation of a vector of any length; lengths of 2π and more wrap.</summary>
    public static Quaterniond Exp(in Vector3d w)
    {
        var angle = w.Length;
        var half = angle / 2;
        // sin(θ/2)/θ = 1/2 − θ²/48 + …
        var k = angle < SeriesBelow ? 0.5 - angle * angle / 48 : Math.Sin(half) / angle;
        return new Quaterniond(Math.Cos(half), w.X * k, w.Y * k, w.Z * k);
    }

    public static Matrix3d ExpMatrix(in Vector3d w) => Exp(w).Normalized().ToMatrix();

    /// <summary>The vector of length at most π. At exactly π both signs are the same rotation; one is chosen by a fixed rule.</summary>
    public static Vector3d Log(in Quaterniond rotation)
    {
        var q = rotation.Canonical();
        var sin = q.Vector.Length;
        // θ/sin(θ/2) = 2 + sin²(θ/2)/3 + …
        var k = sin < SeriesBelow ? 2 + sin * sin / 3 : 2 * Math.Atan2(sin, q.W) / sin;
        return q.Vector * k;
    }

    public static Vector3d Log(in Matrix3d rotation) => Log(Quaterniond.FromMatrix(rotation));

    /// <summary>
    /// Of all vectors of the same rotation (<c>w + 2πk · axis</c>) the one closest to <paramref name="previous"/>: a sequence
    /// treated so passes 180° without a jump. A rotation that returns to the identity while the previous vector is near a full
    /// turn keeps the turn, along the previous axis.
    /// </summary>
    public static Vector3d Unwrap(in Vector3d w, in Vector3d previous)
    {
        var angle = w.Length;
        var axis = angle > 1e-9 ? w / angle : previous.Normalized();
        if (axis == Vector3d.Zero) return w;
        var turns = Math.Round((Vector3d.Dot(previous, axis) - angle) / (2 * Math.PI));
        return turns == 0 ? w : axis * (angle + 2 * Math.PI * turns);
    }
}
