using CsCheck;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Tests.Geometry.Numerics;

public class RotationTests
{
    private static readonly Gen<Vector3d> Vector =
        Gen.Select(Gen.Double[-1, 1], Gen.Double[-1, 1], Gen.Double[-1, 1], (x, y, z) => new Vector3d(x, y, z));

    private static readonly Gen<Quaterniond> Rotation =
        Gen.Select(Vector, Gen.Double[-1, 1], (v, w) => new Quaterniond(w + 1e-3, v.X, v.Y, v.Z).Normalized());

    private static double Difference(Matrix3d a, Matrix3d b) => (a - b).MaxAbs;

    [Fact]
    public void Quaternion_and_matrix_rotate_a_point_the_same_way() =>
        Gen.Select(Rotation, Vector).Sample((q, p) =>
        {
            Assert.True((q.Rotate(p) - q.ToMatrix() * p).Length < 1e-13);
            Assert.True(Difference(Quaterniond.FromMatrix(q.ToMatrix()).ToMatrix(), q.ToMatrix()) < 1e-13);
        });

    [Fact]
    public void Product_of_quaternions_is_the_product_of_their_matrices() =>
        Gen.Select(Rotation, Rotation).Sample((a, b) =>
            Assert.True(Difference((a * b).ToMatrix(), a.ToMatrix() * b.ToMatrix()) < 1e-13));

    [Fact]
    public void Quarter_turn_about_z_takes_x_to_y()
    {
        var turned = Quaterniond.FromAxisAngle(Vector3d.UnitZ, Math.PI / 2).ToMatrix() * Vector3d.UnitX;
        Assert.True((turned - Vector3d.UnitY).Length < 1e-15);
    }

    [Fact]
    public void Rotation_vector_round_trips_from_denormal_to_half_a_turn() =>
        Gen.Select(Vector.Where(v => v.Length > 1e-3), Gen.Double[-320, 0], (v, e) => v.Normalized() * (Math.PI * (1 - 1e-9) * Math.Pow(10, e)))
            .Sample(w =>
            {
                var back = RotationVector.Log(RotationVector.Exp(w));
                Assert.True((back - w).Length <= 1e-12 * (1 + w.Length), $"{w} {back}");
            });

    [Fact]
    public void Unwrapped_rotation_vectors_follow_a_turn_of_more_than_360_degrees()
    {
        var axis = new Vector3d(1, 2, -0.5).Normalized();
        var previous = Vector3d.Zero;
        for (var degrees = 0; degrees <= 500; degrees += 10)
        {
            var angle = degrees * Math.PI / 180;
            var w = RotationVector.Unwrap(RotationVector.Log(Quaterniond.FromAxisAngle(axis, angle)), previous);
            Assert.True((w - axis * angle).Length < 1e-9, $"{degrees}: {w}");
            previous = w;
        }
    }

    [Theory]
    [InlineData(RotationOrder.Xyz)]
    [InlineData(RotationOrder.Xzy)]
    [InlineData(RotationOrder.Yxz)]
    [InlineData(RotationOrder.Yzx)]
    [InlineData(RotationOrder.Zxy)]
    [InlineData(RotationOrder.Zyx)]
    public void Euler_angles_rebuild_the_rotation_in_every_order(RotationOrder order)
    {
        Rotation.Sample(q => Rebuilds(q.ToMatrix()));
        // Gimbal lock: the middle axis at ±90°.
        foreach (var sign in new[] { -1, 1 })
            for (var axis = 0; axis < 3; axis++)
            {
                Span<double> angles = [0.3, 0.3, 0.3];
                angles[axis] = sign * Math.PI / 2;
                Rebuilds(Euler.ToMatrix(new Vector3d(angles[0], angles[1], angles[2]), order));
            }

        void Rebuilds(Matrix3d m) => Assert.True(Difference(Euler.ToMatrix(Euler.FromMatrix(m, order), order), m) < 1e-8);
    }

    [Fact]
    public void Euler_order_xyz_turns_about_x_first()
    {
        var m = Euler.ToMatrix(new Vector3d(Math.PI / 2, 0, Math.PI / 2), RotationOrder.Xyz);
        // y → z by the x turn; z stays under the z turn.
        Assert.True((m * Vector3d.UnitY - Vector3d.UnitZ).Length < 1e-15);
    }

    [Fact]
    public void Swing_times_twist_is_the_rotation_and_the_swing_does_not_turn_about_the_axis() =>
        Gen.Select(Rotation, Vector.Where(v => v.Length > 0.1)).Sample((q, axis) =>
        {
            var parts = SwingTwist.Decompose(q, axis);
            Assert.True(Difference((parts.Swing * parts.Twist).ToMatrix(), q.ToMatrix()) < 1e-12);
            Assert.True(Math.Abs(Vector3d.Dot(parts.Swing.Vector, axis.Normalized())) < 1e-12);
            var rebuilt = Quaterniond.FromAxisAngle(axis, parts.TwistAngle(axis));
            Assert.True(Difference(rebuilt.ToMatrix(), parts.Twist.ToMatrix()) < 1e-12);
        });

    [Fact]
    public void Slerp_moves_at_constant_speed_along_the_shorter_arc() =>
        Gen.Select(Rotation, Rotation, Gen.Double[0, 1]).Sample((a, b, t) =>
        {
            var whole = RotationVector.Log(a.Conjugate() * b).Length;
            var part = RotationVector.Log(a.Conjugate() * Quaterniond.Slerp(a, b, t)).Length;
            Assert.True(Math.Abs(part - t * whole) < 1e-7, $"{part} {t * whole}");
        });

    [Fact]
    public void Shortest_rotation_between_two_directions_reaches_also_the_opposite_one() =>
        Vector.Where(v => v.Length > 0.1).Sample(v =>
        {
            Assert.True((Quaterniond.Between(v, -v).Rotate(v) + v).Length < 1e-7);
            Assert.True((Quaterniond.Between(Vector3d.UnitX, v).Rotate(Vector3d.UnitX) - v.Normalized()).Length < 1e-12);
        });
}
