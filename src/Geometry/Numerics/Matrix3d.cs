namespace ExampleMlFarm.Geometry.Numerics;

/// <summary>
/// A 3×3 matrix of doubles, <c>Mrc</c> = row r, column c, in the column-vector convention <c>p' = M p</c>: in a product
/// <c>A * B</c> the matrix <c>B</c> acts first. Does not know whether it is a rotation.
/// </summary>
public readonly record struct Matrix3d(
    double M00, double M01, double M02,
    double M10, double M11, double M12,
    double M20, double M21, double M22)
{
    public static Matrix3d Zero => default;
    public static Matrix3d Identity => new(1, 0, 0, 0, 1, 0, 0, 0, 1);
    public static Matrix3d Diagonal(double x, double y, double z) => new(x, 0, 0, 0, y, 0, 0, 0, z);
    public static Matrix3d Diagonal(in Vector3d d) => Diagonal(d.X, d.Y, d.Z);

    public static Matrix3d FromColumns(in Vector3d a, in Vector3d b, in Vector3d c) =>
        new(a.X, b.X, c.X, a.Y, b.Y, c.Y, a.Z, b.Z, c.Z);

    public static Matrix3d FromRows(in Vector3d a, in Vector3d b, in Vector3d c) =>
        new(a.X, a.Y, a.Z, b.X, b.Y, b.Z, c.X, c.Y, c.Z);

    /// <summary>Nine entries, row after row.</summary>
    public static Matrix3d FromRowMajor(ReadOnlySpan<double> m) => new(m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8]);

    /// <summary><c>a bᵀ</c>.</summary>
    public static Matrix3d Outer(in Vector3d a, in Vector3d b) =>
        new(a.X * b.X, a.X * b.Y, a.X * b.Z, a.Y * b.X, a.Y * b.Y, a.Y * b.Z, a.Z * b.X, a.Z * b.Y, a.Z * b.Z);

    /// <summary>The matrix <c>K</c> with <c>K p = a × p</c>.</summary>
    public static Matrix3d CrossProduct(in Vector3d a) => new(0, -a.Z, a.Y, a.Z, 0, -a.X, -a.Y, a.X, 0);

    public double this[int row, int column] => (3 * row + column) switch
    {
        0 => M00, 1 => M01, 2 => M02, 3 => M10, 4 => M11, 5 => M12, 6 => M20, 7 => M21, 8 => M22,
        _ => throw new ArgumentOutOfRangeException(nameof(row), (row, column), "A 3×3 matrix has rows and columns 0 to 2."),
    };

    public Vector3d Row0 => new(M00, M01, M02);
    public Vector3d Row1 => new(M10, M11, M12);
    public Vector3d Row2 => new(M20, M21, M22);
    public Vector3d Column0 => new(M00, M10, M20);
    public Vector3d Column1 => new(M01, M11, M21);
    public Vector3d Column2 => new(M02, M12, M22);

    public double Trace => M00 + M11 + M22;

    public double Determinant =>
        M00 * (M11 * M22 - M12 * M21) - M01 * (M10 * M22 - M12 * M20) + M02 * (M10 * M21 - M11 * M20);

    /// <summary>Sum of the squares of all entries.</summary>
    public double FrobeniusSquared =>
        M00 * M00 + M01 * M01 + M02 * M02 + M10 * M10 + M11 * M11 + M12 * M12 + M20 * M20 + M21 * M21 + M22 * M22;

    public double MaxAbs => Math.Max(
        Math.Max(Math.Max(Math.Abs(M00), Math.Abs(M01)), Math.Max(Math.Abs(M02), Math.Abs(M10))),
        Math.Max(Math.Max(Math.Abs(M11), Math.Abs(M12)), Math.Max(Math.Abs(M20), Math.Max(Math.Abs(M21), Math.Abs(M22)))));

    public bool IsFinite => Row0.IsFinite && Row1.IsFinite && Row2.IsFinite;

    public Matrix3d Transpose() => new(M00, M10, M20, M01, M11, M21, M02, M12, M22);

    /// <summary>The derivative of the determinant by the entries, columns <c>f1×f2, f2×f0, f0×f1</c>; inverse = cofactorᵀ / det.</summary>
    public Matrix3d Cofactor() => FromColumns(
        Vector3d.Cross(Column1, Column2), Vector3d.Cross(Column2, Column0), Vector3d.Cross(Column0, Column1));

    /// <summary>The inverse, or false for a determinant that is zero or not finite.</summary>
    public bool TryInverse(out Matrix3d inverse)
    {
        var determinant = Determinant;
        if (determinant == 0 || !double.IsFinite(determinant) || !double.IsFinite(1 / determinant))
        {
            inverse = default;
            return false;
        }
        inverse = Cofactor().Transpose() * (1 / determinant);
        return true;
    }

    /// <exception cref="InvalidOperationException">The matrix is singular.</exception>
    public Matrix3d Inverse() =>
        TryInverse(out var inverse) ? inverse : throw new InvalidOperationException($"The matrix {this} is singular.");

    /// <summary>Whether <c>MᵀM</c> differs from the identity by at most <paramref name="tolerance"/> and the determinant is positive.</summary>
    public bool IsRotation(double tolerance = 1e-6) =>
        Determinant > 0 && (Transpose() * this - Identity).MaxAbs <= tolerance;

    public void WriteRowMajor(Span<double> m)
    {
        m[8] = M22;
        (m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]) = (M00, M01, M02, M10, M11, M12, M20, M21);
    }

    public static Vector3d operator *(in Matrix3d m, in Vector3d p) => new(
        m.M00 * p.X + m.M01 * p.Y + m.M02 * p.Z,
        m.M10 * p.X + m.M11 * p.Y + m.M12 * p.Z,
        m.M20 * p.X + m.M21 * p.Y + m.M22 * p.Z);

    /// <summary><c>Mᵀ p</c> without forming the transpose.</summary>
    public Vector3d TransposeTimes(in Vector3d p) => new(
        M00 * p.X + M10 * p.Y + M20 * p.Z,
        M01 * p.X + M11 * p.Y + M21 * p.Z,
        M02 * p.X + M12 * p.Y + M22 * p.Z);

    public static Matrix3d operator *(in Matrix3d a, in Matrix3d b) => new(
        a.M00 * b.M00 + a.M01 * b.M10 + a.M02 * b.M20,
        a.M00 * b.M01 + a.M01 * b.M11 + a.M02 * b.M21,
        a.M00 * b.M02 + a.M01 * b.M12 + a.M02 * b.M22,
        a.M10 * b.M00 + a.M11 * b.M10 + a.M12 * b.M20,
        a.M10 * b.M01 + a.M11 * b.M11 + a.M12 * b.M21,
        a.M10 * b.M02 + a.M11 * b.M12 + a.M12 * b.M22,
        a.M20 * b.M00 + a.M21 * b.M10 + a.M22 * b.M20,
        a.M20 * b.M01 + a.M21 * b.M11 + a.M22 * b.M21,
        a.M20 * b.M02 + a.M21 * b.M12 + a.M22 * b.M22);

    public static Matrix3d operator +(in Matrix3d a, in Matrix3d b) => new(
        a.M00 + b.M00, a.M01 + b.M01, a.M02 + b.M02,
        a.M10 + b.M10, a.M11 + b.M11, a.M12 + b.M12,
        a.M20 + b.M20, a.M21 + b.M21, a.M22 + b.M22);

    public static Matrix3d operator -(in Matrix3d a, in Matrix3d b) => a + b * -1;

    public static Matrix3d operator *(in Matrix3d a, double s) => new(
        a.M00 * s, a.M01 * s, a.M02 * s, a.M10 * s, a.M11 * s, a.M12 * s, a.M20 * s, a.M21 * s, a.M22 * s);

    public static Matrix3d operator *(double s, in Matrix3d a) => a * s;
}
