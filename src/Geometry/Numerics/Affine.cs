namespace ExampleMlFarm.Geometry.Numerics;

/// <summary>
/// The map <c>p' = L p + t</c> of the column-vector convention: in <c>A * B</c>, <c>B</c> acts first. A joint's world
/// transform is <c>parentWorld * local</c>. Houdini's row vectors (<c>p' = p M</c>) and glTF's column-major storage are
/// converted where those formats are read and written.
/// </summary>
public readonly record struct Affine(Matrix3d Linear, Vector3d Translation)
{
    public static Affine Identity => new(Matrix3d.Identity, Vector3d.Zero);
    public static Affine FromTranslation(in Vector3d t) => new(Matrix3d.Identity, t);
    public static Affine FromLinear(in Matrix3d linear) => new(linear, Vector3d.Zero);

    /// <summary>Translation · rotation · scale, so a point is scaled first.</summary>
    public static Affine FromTrs(in Vector3d translation, in Quaterniond rotation, in Vector3d scale) =>
        new(rotation.ToMatrix() * Matrix3d.Diagonal(scale), translation);

    public bool IsFinite => Linear.IsFinite && Translation.IsFinite;

    public Vector3d TransformPoint(in Vector3d p) => Linear * p + Translation;
    public Vector3d TransformVector(in Vector3d v) => Linear * v;

    public static Affine operator *(in Affine a, in Affine b) => new(a.Linear * b.Linear, a.Linear * b.Translation + a.Translation);

    public bool TryInverse(out Affine inverse)
    {
        if (!Linear.TryInverse(out var linear))
        {
            inverse = default;
            return false;
        }
        inverse = new Affine(linear, -(linear * Translation));
        return true;
    }

    /// <exception cref="InvalidOperationException">The linear part is singular.</exception>
    public Affine Inverse() =>
        TryInverse(out var inverse) ? inverse : throw new InvalidOperationException($"The transform {this} is singular.");

    /// <summary>Largest difference of any entry.</summary>
    public static double MaxDifference(in Affine a, in Affine b)
    {
        var t = a.Translation - b.Translation;
        return Math.Max((a.Linear - b.Linear).MaxAbs, Math.Max(Math.Abs(t.X), Math.Max(Math.Abs(t.Y), Math.Abs(t.Z))));
    }

    /// <summary>Sixteen entries, row after row, translation in the last column, last row 0 0 0 1.</summary>
    public void WriteRowMajor4x4(Span<double> m)
    {
        for (var r = 0; r < 3; r++)
        {
            for (var c = 0; c < 3; c++) m[4 * r + c] = Linear[r, c];
            m[4 * r + 3] = Translation[r];
        }
        m[12] = m[13] = m[14] = 0;
        m[15] = 1;
    }

    /// <summary>Sixteen entries, row after row, translation in the last column; the last row is taken for 0 0 0 1.</summary>
    public static Affine FromRowMajor4x4(ReadOnlySpan<double> m) => new(
        new Matrix3d(m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]),
        new Vector3d(m[3], m[7], m[11]));

    /// <summary>From System.Numerics, whose vectors are rows and whose translation is the last row.</summary>
    public static Affine FromRowVectorMatrix(in System.Numerics.Matrix4x4 m) => new(
        new Matrix3d(m.M11, m.M21, m.M31, m.M12, m.M22, m.M32, m.M13, m.M23, m.M33),
        new Vector3d(m.M41, m.M42, m.M43));

    /// <summary>For System.Numerics, whose vectors are rows and whose translation is the last row. Rounds to single precision.</summary>
    public System.Numerics.Matrix4x4 ToRowVectorMatrix() => new(
        (float)Linear.M00, (float)Linear.M10, (float)Linear.M20, 0,
        (float)Linear.M01, (float)Linear.M11, (float)Linear.M21, 0,
        (float)Linear.M02, (float)Linear.M12, (float)Linear.M22, 0,
        (float)Translation.X, (float)Translation.Y, (float)Translation.Z, 1);
}
