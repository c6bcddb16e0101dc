using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Geometry.Rigs;

public class PoseTests
{
    private static readonly Skeleton Skeleton = LimbTests.Limb.Skeleton;

    private static readonly Gen<Quaterniond[]> Rotations = Gen.Double[-1.5, 1.5].Array[12].Select(a =>
        Enumerable.Range(0, 4).Select(j => RotationVector.Exp(new Vector3d(a[3 * j], a[3 * j + 1], a[3 * j + 2]))).ToArray());

    [Fact]
    public void World_transforms_chain_the_local_ones_and_give_them_back() =>
        Rotations.Sample(q =>
        {
            var pose = Pose.FromRotations(Skeleton, q);
            Assert.True(Affine.MaxDifference(pose.World[3], pose.Local[0] * pose.Local[1] * pose.Local[2] * pose.Local[3]) < 1e-14);
            var back = Pose.FromWorld(Skeleton, pose.World);
            for (var j = 0; j < 4; j++) Assert.True(Affine.MaxDifference(pose.Local[j], back.Local[j]) < 1e-13);
        });

    [Fact]
    public void Rotations_from_the_bind_pose_come_back() =>
        Rotations.Sample(q =>
        {
            var back = Pose.FromRotations(Skeleton, q).RotationsFromBind();
            for (var j = 0; j < 4; j++) Assert.True((back[j].ToMatrix() - q[j].ToMatrix()).MaxAbs < 1e-12);
        });

    [Fact]
    public void Elbow_bent_by_a_right_angle_puts_the_hand_above_the_elbow()
    {
        var pose = Pose.FromRotations(Skeleton, [Quaterniond.Identity, Quaterniond.Identity, Quaterniond.FromAxisAngle(Vector3d.UnitZ, Math.PI / 2), Quaterniond.Identity]);
        Assert.True((pose.World[3].Translation - new Vector3d(0.36, 0.26, 0)).Length < 1e-14);
    }

    [Fact]
    public void Halfway_from_the_bind_pose_every_joint_has_turned_half() =>
        Rotations.Sample(q =>
        {
            var half = Pose.Blend(Pose.Bind(Skeleton), Pose.FromRotations(Skeleton, q), 0.5).RotationsFromBind();
            for (var j = 0; j < 4; j++) Assert.True((RotationVector.Log(half[j]) * 2 - RotationVector.Log(q[j])).Length < 1e-9);
        });

    [Theory]
    [InlineData("a", "a", -1, 0, "rig.joint_name")]
    [InlineData("a", "b", 1, 0, "rig.joint_order")]
    [InlineData("a", "b", -1, 1, "rig.joint_order")]
    public void Skeleton_with_repeated_names_or_parents_that_come_late_is_refused(string first, string second, int parentOfFirst, int parentOfSecond, string code) =>
        Assert.Equal(code, Assert.Throws<FarmException>(() => new Skeleton([first, second], [parentOfFirst, parentOfSecond], [Affine.Identity, Affine.Identity])).Failure.Code);

    [Fact]
    public void Flattened_bind_transform_is_reported_with_its_joint() => Assert.Contains("\"b\"",
        Assert.Throws<FarmException>(() => new Skeleton(["a", "b"], [-1, 0], [Affine.Identity, Affine.FromLinear(Matrix3d.Diagonal(1, 0, 1))])).Failure.Message);
}
