using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>The matrix that carries a displacement of the bind pose into a pose, and back.</summary>
public enum DisplacementEncoding
{
    /// <summary>The blended matrix itself where it is well conditioned, otherwise its rotation.</summary>
    Inverse,

    /// <summary>Always the rotation closest to the blended matrix.</summary>
    Polar,
}

/// <summary>
/// The one guarded <c>A_v</c> of a skin point that encoder and decoder share: <c>p = M_v p_rest + K d</c> and
/// <c>d = K⁻¹ (p − M_v p_rest)</c>, where K is <c>A_v</c>, or its rotation R where A_v is nearly singular. Both sides find K from the
/// pose alone, so decoding is the exact inverse of encoding whichever branch was taken.
/// </summary>
public static class DisplacementFrame
{
    /// <summary>Largest ratio of singular values for which A_v is inverted.</summary>
    public const double MaxCondition = 1e3;

    /// <summary>Smallest determinant for which A_v is inverted.</summary>
    public const double MinDeterminant = 0.05;

    /// <summary>Whether <paramref name="a"/> is too close to singular to be inverted.</summary>
    public static bool IsGuarded(in Matrix3d a)
    {
        var determinant = a.Determinant;
        if (!(determinant > MinDeterminant)) return true;
        // cond = s0/s2 = s0² s1 / det ≤ |A|³ / (2 det) since s0 s1 ≤ |A|²/2 and s0 ≤ |A|; so the singular values are needed only rarely.
        var square = a.FrobeniusSquared;
        if (square * Math.Sqrt(square) < 2 * MaxCondition * determinant) return false;
        return !(Svd3.ConditionNumber(a) < MaxCondition);
    }

    /// <summary>K for a blended 3×3 matrix.</summary>
    /// <param name="guarded">Whether the guard replaced the matrix by its rotation; false for the polar encoding.</param>
    public static Matrix3d Of(in Matrix3d a, DisplacementEncoding encoding, out bool guarded)
    {
        guarded = encoding == DisplacementEncoding.Inverse && IsGuarded(a);
        return encoding == DisplacementEncoding.Polar || guarded ? Svd3.ClosestRotation(a) : a;
    }

    /// <summary>The inverse of <see cref="Of"/>: transposed where it is a rotation.</summary>
    public static Matrix3d InverseOf(in Matrix3d a, DisplacementEncoding encoding, out bool guarded)
    {
        var k = Of(a, encoding, out guarded);
        return encoding == DisplacementEncoding.Polar || guarded ? k.Transpose() : k.Inverse();
    }
}
