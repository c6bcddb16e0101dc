namespace ExampleMlFarm.Geometry.Numerics;

/// <summary>
/// The singular value decomposition <c>A = U diag(s) Vᵀ</c> of a 3×3 matrix, <c>s0 ≥ s1 ≥ s2 ≥ 0</c>, U and V orthogonal
/// (their determinants may be −1), and the rotation closest to a matrix. Works for any rank and scale; deterministic.
/// </summary>
/// <remarks>One-sided Jacobi (Hestenes 1958): columns of A are turned until they are at right angles, which keeps small
/// singular values to full relative precision where the eigenvalues of AᵀA would lose half the digits.</remarks>
public readonly record struct Svd3(Matrix3d U, Vector3d S, Matrix3d V)
{
    private const int MaxSweeps = 30;

    /// <exception cref="ArgumentException">The matrix holds a NaN or an infinity.</exception>
    public static Svd3 Decompose(in Matrix3d a)
    {
        if (!a.IsFinite) throw new ArgumentException($"The matrix {a} is not finite.", nameof(a));
        var scale = a.MaxAbs;
        if (scale == 0) return new Svd3(Matrix3d.Identity, Vector3d.Zero, Matrix3d.Identity);

        var inverseScale = 1 / scale;
        // A denormal scale has no finite reciprocal; such a matrix is taken as zero.
        if (!double.IsFinite(inverseScale)) return new Svd3(Matrix3d.Identity, Vector3d.Zero, Matrix3d.Identity);
        var (c0, c1, c2) = (a.Column0 * inverseScale, a.Column1 * inverseScale, a.Column2 * inverseScale);
        var (v0, v1, v2) = (Vector3d.UnitX, Vector3d.UnitY, Vector3d.UnitZ);
        for (var sweep = 0; sweep < MaxSweeps; sweep++)
        {
            var turned = Orthogonalize(ref c0, ref c1, ref v0, ref v1);
            turned |= Orthogonalize(ref c0, ref c2, ref v0, ref v2);
            turned |= Orthogonalize(ref c1, ref c2, ref v1, ref v2);
            if (!turned) break;
        }

        var (s0, s1, s2) = (c0.Length, c1.Length, c2.Length);
        if (s0 < s1) (s0, s1, c0, c1, v0, v1) = (s1, s0, c1, c0, v1, v0);
        if (s0 < s2) (s0, s2, c0, c2, v0, v2) = (s2, s0, c2, c0, v2, v0);
        if (s1 < s2) (s1, s2, c1, c2, v1, v2) = (s2, s1, c2, c1, v2, v1);

        var u0 = c0 / s0;
        // A column that has vanished beside the largest has no direction of its own: the basis is completed.
        var tiny = s0 * 1e-15;
        var u1 = s1 > tiny ? (c1 / s1 - u0 * Vector3d.Dot(u0, c1 / s1)).Normalized() : u0.AnyPerpendicular();
        var u2 = Vector3d.Cross(u0, u1);
        if (s2 > tiny && Vector3d.Dot(u2, c2) < 0) u2 = -u2;
        return new Svd3(
            Matrix3d.FromColumns(u0, u1, u2),
            new Vector3d(s0, s1, s2) * scale,
            Matrix3d.FromColumns(v0, v1, v2));
    }

    /// <summary>
    /// The rotation closest to <paramref name="a"/> in the Frobenius norm, <c>U diag(1, 1, det(U Vᵀ)) Vᵀ</c>; determinant +1
    /// also where <c>a</c> mirrors or is singular (Kabsch 1976).
    /// </summary>
    public static Matrix3d ClosestRotation(in Matrix3d a)
    {
        if (TryNewtonRotation(a, out var rotation)) return rotation;
        var (u, _, v) = Decompose(a);
        var sign = u.Determinant * v.Determinant < 0 ? -1.0 : 1.0;
        return u * Matrix3d.Diagonal(1, 1, sign) * v.Transpose();
    }

    /// <summary>
    /// Newton's iteration <c>X ← (X + X⁻ᵀ) / 2</c> (Higham 1986), several times faster than the decomposition where the matrix is well
    /// conditioned and does not mirror, which is nearly always; otherwise false.
    /// </summary>
    private static bool TryNewtonRotation(in Matrix3d a, out Matrix3d rotation)
    {
        rotation = a;
        var determinant = a.Determinant;
        var square = a.FrobeniusSquared;
        // |A|³ / (2 det) bounds the condition number; the scale must be moderate for the squares above to mean anything.
        if (!(determinant > 1e-12 && square < 1e8 && square * Math.Sqrt(square) < 200 * determinant)) return false;
        for (var iteration = 0; iteration < 20; iteration++)
        {
            var next = (rotation + rotation.Cofactor() * (1 / rotation.Determinant)) * 0.5;
            var change = (next - rotation).MaxAbs;
            rotation = next;
            // Convergence is quadratic: after a step this small the next one is below rounding.
            if (change < 1e-8) return true;
        }
        return false;
    }

    /// <summary><c>A = R S</c> with R the closest rotation and S symmetric (positive definite only where det A &gt; 0).</summary>
    public static (Matrix3d Rotation, Matrix3d Stretch) Polar(in Matrix3d a)
    {
        var rotation = ClosestRotation(a);
        var stretch = rotation.Transpose() * a;
        return (rotation, (stretch + stretch.Transpose()) * 0.5);
    }

    /// <summary>Largest over smallest singular value; infinity for a singular matrix.</summary>
    public static double ConditionNumber(in Matrix3d a)
    {
        var s = Decompose(a).S;
        return s.Z > 0 ? s.X / s.Z : double.PositiveInfinity;
    }

    private static bool Orthogonalize(ref Vector3d a, ref Vector3d b, ref Vector3d va, ref Vector3d vb)
    {
        var (aa, bb, ab) = (a.LengthSquared, b.LengthSquared, Vector3d.Dot(a, b));
        if (Math.Abs(ab) <= 1e-16 * Math.Sqrt(aa * bb) || ab == 0) return false;
        var zeta = (bb - aa) / (2 * ab);
        var t = Math.CopySign(1, zeta) / (Math.Abs(zeta) + Math.Sqrt(1 + zeta * zeta));
        var cos = 1 / Math.Sqrt(1 + t * t);
        var sin = cos * t;
        (a, b) = (cos * a - sin * b, sin * a + cos * b);
        (va, vb) = (cos * va - sin * vb, sin * va + cos * vb);
        return true;
    }
}
