using CsCheck;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Geometry.Rigs;

public class SkinningTests
{
    private static readonly Character Limb = LimbTests.Limb;

    private static readonly Gen<Pose> ExtremePose = Gen.Double[-3.1, 3.1].Array[12].Select(a => Pose.FromRotations(Limb.Skeleton,
        [.. Enumerable.Range(0, 4).Select(j => RotationVector.Exp(new Vector3d(a[3 * j], a[3 * j + 1], a[3 * j + 2])))]));

    private static double Largest(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double largest = 0;
        for (var i = 0; i < a.Length; i++) largest = Math.Max(largest, Math.Abs(a[i] - b[i]));
        return largest;
    }

    [Theory]
    [InlineData(SkinningMethod.Linear)]
    [InlineData(SkinningMethod.DualQuaternion)]
    public void Bind_pose_leaves_the_skin_where_it_is(SkinningMethod method) =>
        Assert.True(Largest(new Skinning(Limb).Deform(Pose.Bind(Limb.Skeleton), method), Limb.RestPoints) < 1e-14);

    [Theory]
    [InlineData(SkinningMethod.Linear)]
    [InlineData(SkinningMethod.DualQuaternion)]
    public void Turning_the_root_turns_the_skin_rigidly(SkinningMethod method)
    {
        var turn = RotationVector.Exp(new Vector3d(0.5, 2, -1));
        var pose = Pose.FromRotations(Limb.Skeleton, [turn, Quaterniond.Identity, Quaterniond.Identity, Quaterniond.Identity]);
        var moved = new Skinning(Limb).Deform(pose, method);
        for (var p = 0; p < Limb.PointCount; p++)
            Assert.True((Vector3d.Read(moved, p) - turn.Rotate(Vector3d.Read(Limb.RestPoints, p))).Length < 1e-13);
    }

    [Fact]
    public void Point_between_two_joints_is_where_the_formula_says()
    {
        var pose = Limb.ClipNamed("bend").PoseAt(Limb.Skeleton, 12);
        var joints = pose.SkinningTransforms();
        var moved = new Skinning(Limb).Deform(pose);
        for (var p = 0; p < Limb.PointCount; p++)
        {
            var rest = Vector3d.Read(Limb.RestPoints, p);
            var expected = Limb.Skin.Of(p).Aggregate(Vector3d.Zero, (sum, e) => sum + joints[e.Joint].TransformPoint(rest) * e.Weight);
            Assert.True((Vector3d.Read(moved, p) - expected).Length < 1e-14);
        }
    }

    [Fact]
    public void Dual_quaternions_keep_the_girth_of_a_twisted_wrist_that_linear_blending_loses()
    {
        var pose = Pose.FromRotations(Limb.Skeleton,
            [Quaterniond.Identity, Quaterniond.Identity, Quaterniond.Identity, Quaterniond.FromAxisAngle(Vector3d.UnitX, 2.8)]);
        var wrist = Enumerable.Range(0, Limb.PointCount).MinBy(p => Math.Abs(Limb.Skin.Of(p).First().Weight - 0.5) + Math.Abs(Limb.RestPoints[3 * p] - 0.62));
        var linear = Girth(SkinningMethod.Linear);
        var dual = Girth(SkinningMethod.DualQuaternion);
        var rest = Math.Sqrt(Math.Pow(Limb.RestPoints[3 * wrist + 1], 2) + Math.Pow(Limb.RestPoints[3 * wrist + 2], 2));
        Assert.True(Math.Abs(dual - rest) < 1e-12);
        Assert.True(linear < 0.5 * rest, $"{linear} {rest}");

        double Girth(SkinningMethod method)
        {
            var p = Vector3d.Read(new Skinning(Limb).Deform(pose, method), wrist);
            return Math.Sqrt(p.Y * p.Y + p.Z * p.Z);
        }
    }

    [Fact]
    public void Dual_quaternions_blend_150_and_210_degrees_by_way_of_180_and_not_of_zero()
    {
        var half = Quaterniond.FromAxisAngle(Vector3d.UnitX, 150 * Math.PI / 180);
        var more = Quaterniond.FromAxisAngle(Vector3d.UnitX, 60 * Math.PI / 180);
        var pose = Pose.FromRotations(Limb.Skeleton, [Quaterniond.Identity, half, more, Quaterniond.Identity]);
        var skin = SkinWeights.Create([[(1, 0.5), (2, 0.5)]], 4);
        var moved = new Skinning(skin, [0.36, 0.04, 0.01]).Deform(pose, SkinningMethod.DualQuaternion);
        Assert.Equal([0.36, -0.04, -0.01], moved, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Theory]
    [InlineData(SkinningMethod.Linear, DisplacementEncoding.Inverse)]
    [InlineData(SkinningMethod.Linear, DisplacementEncoding.Polar)]
    [InlineData(SkinningMethod.DualQuaternion, DisplacementEncoding.Inverse)]
    [InlineData(SkinningMethod.DualQuaternion, DisplacementEncoding.Polar)]
    public void Encoded_displacement_decodes_exactly_in_a_thousand_extreme_poses(SkinningMethod method, DisplacementEncoding encoding)
    {
        // Every fortieth point: a thousand poses are wanted, not many points.
        var kept = Enumerable.Range(0, Limb.PointCount).Where(p => p % 40 == 0).ToArray();
        var rest = kept.SelectMany(p => Limb.RestPoints.Skip(3 * p).Take(3)).ToArray();
        var skinning = new Skinning(SkinWeights.Create([.. kept.Select(p => Limb.Skin.Of(p).ToArray())], 4), rest);
        var guardedPoints = 0;
        ExtremePose.Sample(pose =>
        {
            var simulated = new double[rest.Length];
            for (var i = 0; i < simulated.Length; i++) simulated[i] = rest[i] + 0.1 * Math.Sin(17.0 * i);
            var d = new double[simulated.Length];
            var guarded = skinning.RestDisplacement(pose, simulated, d, encoding, method);
            var output = new double[simulated.Length];
            Assert.Equal(guarded, skinning.Deform(pose, Array.ConvertAll(d, x => (float)x), output, encoding, method));
            Interlocked.Add(ref guardedPoints, guarded);
            Assert.True(Largest(output, simulated) < 1e-5, $"{Largest(output, simulated)}");
        }, iter: 1000, threads: 1);
        // Extreme poses fold the blend; the guard must have been seen at work.
        if (method == SkinningMethod.Linear && encoding == DisplacementEncoding.Inverse) Assert.True(guardedPoints > 0);
        else Assert.Equal(0, guardedPoints);
    }

    [Fact]
    [Trait("trap", "10")]
    public void Guard_takes_the_rotation_for_matrices_that_are_flat_mirrored_or_badly_conditioned()
    {
        var turn = RotationVector.ExpMatrix(new Vector3d(1, -0.4, 0.2));
        // Flat, mirrored, determinant just below and above the bound, and stretched beyond the condition bound.
        Assert.True(Guarded(turn * Matrix3d.Diagonal(1, 1, 0)));
        Assert.True(Guarded(turn * Matrix3d.Diagonal(1, 1, -1)));
        Assert.True(Guarded(turn * Matrix3d.Diagonal(1, 1, 0.049)));
        Assert.False(Guarded(turn * Matrix3d.Diagonal(1, 1, 0.051)));
        Assert.True(Guarded(turn * Matrix3d.Diagonal(100, 1, 0.09)));
        Assert.False(Guarded(turn * Matrix3d.Diagonal(100, 1, 0.11)));
        Assert.True(Guarded(Matrix3d.Zero));
        Assert.False(Guarded(turn));

        static bool Guarded(Matrix3d a)
        {
            var k = DisplacementFrame.Of(a, DisplacementEncoding.Inverse, out var guarded);
            var inverse = DisplacementFrame.InverseOf(a, DisplacementEncoding.Inverse, out var again);
            Assert.Equal(guarded, again);
            Assert.True((k * inverse - Matrix3d.Identity).MaxAbs < 1e-10);
            if (guarded) Assert.True(k.IsRotation(1e-12));
            else Assert.Equal(a, k);
            return guarded;
        }
    }

    [Fact]
    [Trait("trap", "10")]
    public void Guard_agrees_with_the_condition_number_for_any_matrix() =>
        Gen.Double[-3, 3].Array[9].Select(a => Matrix3d.FromRowMajor(a)).Sample(m => Assert.Equal(
            !(m.Determinant > DisplacementFrame.MinDeterminant && Svd3.ConditionNumber(m) < DisplacementFrame.MaxCondition), DisplacementFrame.IsGuarded(m)), iter: 3000);

    [Fact]
    public void Buffer_of_the_wrong_length_is_refused() =>
        Assert.Throws<ArgumentException>(() => new Skinning(Limb).Deform(Pose.Bind(Limb.Skeleton), SkinningMethod.Linear, new double[5]));
}
