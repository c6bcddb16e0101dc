using CsCheck;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Tests.Geometry.Numerics;

public class MatrixTests
{
    private static readonly Gen<double> Entry = Gen.Double[-2, 2];

    private static readonly Gen<Matrix3d> Any = Entry.Array[9].Select(a => Matrix3d.FromRowMajor(a));

    /// <summary>Of rank one and two, mirrored, tiny and huge.</summary>
    private static readonly Gen<Matrix3d> Awkward = Gen.Select(Any, Gen.Int[0, 4], Gen.Double[-140, 140], (m, kind, exponent) => kind switch
    {
        0 => Matrix3d.Outer(m.Row0, m.Row1),
        1 => Matrix3d.FromColumns(m.Column0, m.Column1, m.Column0 - 2 * m.Column1),
        2 => m * Matrix3d.Diagonal(1, 1, -1),
        3 => m * Math.Pow(10, exponent),
        _ => Matrix3d.FromColumns(m.Column0, m.Column1 * 1e-9, m.Column2 * 1e-14),
    });

    [Fact]
    public void Singular_value_decomposition_rebuilds_any_matrix_from_orthogonal_factors() =>
        Gen.OneOf(Any, Awkward).Sample(m =>
        {
            var (u, s, v) = Svd3.Decompose(m);
            Assert.True(s.X >= s.Y && s.Y >= s.Z && s.Z >= 0, $"{s}");
            Assert.True((u.Transpose() * u - Matrix3d.Identity).MaxAbs < 1e-12, "U");
            Assert.True((v.Transpose() * v - Matrix3d.Identity).MaxAbs < 1e-12, "V");
            Assert.True((u * Matrix3d.Diagonal(s) * v.Transpose() - m).MaxAbs <= 1e-13 * Math.Max(s.X, double.Epsilon), $"{m}");
        }, iter: 2000);

    [Fact]
    public void Small_singular_values_keep_their_digits()
    {
        var rotation = RotationVector.ExpMatrix(new Vector3d(0.4, -1.1, 0.7));
        var s = Svd3.Decompose(rotation * Matrix3d.Diagonal(1, 1e-6, 1e-12)).S;
        Assert.Equal(1e-12, s.Z, 1e-17);
    }

    [Fact]
    public void Zero_matrix_has_the_identity_for_its_closest_rotation() =>
        Assert.Equal(Matrix3d.Identity, Svd3.ClosestRotation(Matrix3d.Zero));

    [Fact]
    public void Matrix_with_a_NaN_is_refused() =>
        Assert.Throws<ArgumentException>(() => Svd3.Decompose(Matrix3d.Identity with { M11 = double.NaN }));

    [Fact]
    public void Closest_rotation_is_a_rotation_also_for_mirrored_and_singular_matrices() =>
        Gen.OneOf(Any, Awkward).Sample(m => Assert.True(Svd3.ClosestRotation(m).IsRotation(1e-12)), iter: 2000);

    [Fact]
    public void Closest_rotation_leaves_a_symmetric_positive_stretch_whichever_way_it_was_found() =>
        Gen.Select(Any, Gen.Double[0.001, 3], Gen.Double[0.001, 3]).Sample((m, x, y) =>
        {
            // From well conditioned to hardly invertible, so that both ways are taken.
            var rotation = Svd3.ClosestRotation(m);
            var stretched = rotation * Matrix3d.Diagonal(1, x, y);
            Assert.True((Svd3.ClosestRotation(stretched) - rotation).MaxAbs < 1e-10, $"{x} {y}");
        }, iter: 1000);

    [Fact]
    public void Closest_rotation_is_closer_than_nearby_rotations() =>
        Gen.Select(Any, Entry, Entry, Entry).Sample((m, x, y, z) =>
        {
            var best = Svd3.ClosestRotation(m);
            var other = RotationVector.ExpMatrix(new Vector3d(x, y, z) * 0.1) * best;
            Assert.True((m - best).FrobeniusSquared <= (m - other).FrobeniusSquared + 1e-12);
        });

    [Fact]
    public void Polar_factors_multiply_to_the_matrix() =>
        Any.Where(m => m.Determinant > 0.01).Sample(m =>
        {
            var (rotation, stretch) = Svd3.Polar(m);
            Assert.True((rotation * stretch - m).MaxAbs < 1e-12);
            Assert.True(Svd3.Decompose(stretch).S.Z > 0);
        });

    [Fact]
    public void Cofactor_is_the_derivative_of_the_determinant() =>
        Any.Sample(m =>
        {
            var h = 1e-6;
            var derivative = (((m with { M12 = m.M12 + h }).Determinant) - ((m with { M12 = m.M12 - h }).Determinant)) / (2 * h);
            Assert.Equal(derivative, m.Cofactor().M12, 1e-8);
        });

    [Fact]
    public void Inverse_of_a_composition_undoes_it() =>
        Gen.Select(Any.Where(m => Math.Abs(m.Determinant) > 0.1), Any.Where(m => Math.Abs(m.Determinant) > 0.1), Entry, Entry)
            .Sample((a, b, x, y) =>
            {
                var both = new Affine(a, new Vector3d(x, y, 1)) * new Affine(b, new Vector3d(y, 2, x));
                var p = new Vector3d(x, 3, y);
                Assert.True((both.Inverse().TransformPoint(both.TransformPoint(p)) - p).Length < 1e-9);
            });

    [Fact]
    public void Composition_applies_the_right_factor_first()
    {
        var turn = Affine.FromLinear(RotationVector.ExpMatrix(Vector3d.UnitZ * (Math.PI / 2)));
        var move = Affine.FromTranslation(Vector3d.UnitX);
        Assert.True(((turn * move).TransformPoint(Vector3d.Zero) - Vector3d.UnitY).Length < 1e-15);
        Assert.True(((move * turn).TransformPoint(Vector3d.Zero) - Vector3d.UnitX).Length < 1e-15);
    }

    [Fact]
    public void Row_major_and_row_vector_matrices_round_trip() =>
        Gen.Select(Any, Entry, (m, x) => new Affine(m, new Vector3d(x, 1, 2))).Sample(a =>
        {
            Span<double> entries = stackalloc double[16];
            a.WriteRowMajor4x4(entries);
            Assert.Equal(a, Affine.FromRowMajor4x4(entries));
            Assert.True(Affine.MaxDifference(a, Affine.FromRowVectorMatrix(a.ToRowVectorMatrix())) < 1e-6);
            var p = System.Numerics.Vector3.Transform(new System.Numerics.Vector3(1, 2, 3), a.ToRowVectorMatrix());
            Assert.True((a.TransformPoint(new Vector3d(1, 2, 3)) - new Vector3d(p.X, p.Y, p.Z)).Length < 1e-5);
        });

    [Fact]
    public void Singular_transform_says_so_instead_of_dividing_by_zero()
    {
        Assert.False(Affine.FromLinear(Matrix3d.Outer(Vector3d.UnitX, Vector3d.UnitY)).TryInverse(out _));
        Assert.Throws<InvalidOperationException>(() => Matrix3d.Zero.Inverse());
    }
}
