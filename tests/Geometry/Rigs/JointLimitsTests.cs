using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Formats.Gltf;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Geometry.Rigs;

public class JointLimitsTests
{
    private static readonly Character Limb = LimbTests.Limb;
    private const double Degree = Math.PI / 180;

    private static Pose Turn(string joint, Quaterniond rotation)
    {
        var rotations = Enumerable.Repeat(Quaterniond.Identity, Limb.Skeleton.JointCount).ToArray();
        rotations[Limb.Skeleton.IndexOf(joint)] = rotation;
        return Pose.FromRotations(Limb.Skeleton, rotations);
    }

    /// <summary>The limb with one clip in which the hand turns about an axis through the given angles.</summary>
    private static Character WithClips(Vector3d axis, params double[][] degreesPerClip) => new(
        "turner", Limb.RestPoints, Limb.Triangles, Limb.Skin, Limb.Skeleton, Limb.Bones,
        [.. degreesPerClip.Select((degrees, c) => new Clip($"clip {c}", [.. degrees.Select((_, f) => (double)f)],
            [.. degrees.Select(d => new[] { Quaterniond.Identity, Quaterniond.Identity, Quaterniond.Identity, Quaterniond.FromAxisAngle(axis, d * Degree).Canonical() })]))],
        Limb.Original);

    private static double[] Steps(double from, double to) => [.. Enumerable.Range(0, 41).Select(i => from + (to - from) * i / 40)];

    [Fact]
    public void Clips_of_the_limb_give_its_limits_and_the_shoulder_stays_still()
    {
        var limits = JointLimits.FromClips(Limb, 0);
        Assert.Equal(["upper", "lower", "hand"], limits.Joints.Select(j => j.Joint));
        var elbow = limits.Joints[1];
        Assert.Equal(115, elbow.Max.Z / Degree, 0.5);
        Assert.Equal(55, elbow.Max.X / Degree, 0.5);
        Assert.Equal(0, elbow.Min.Z, 1e-9);
    }

    [Fact]
    public void Margin_widens_each_range_at_both_ends()
    {
        var (tight, wide) = (JointLimits.FromClips(Limb, 0).Joints[2], JointLimits.FromClips(Limb, 10).Joints[2]);
        Assert.Equal(tight.Range.Z * 1.2, wide.Range.Z, 1e-9);
    }

    [Theory]
    [InlineData(RotationCoordinates.RotationVector)]
    [InlineData(RotationCoordinates.SwingTwist)]
    [Trait("trap", "6")]
    public void Turning_past_180_degrees_is_followed_without_a_jump(RotationCoordinates coordinates)
    {
        // The bone axis of the hand, which has no child, is x.
        var hand = JointLimits.FromClips(WithClips(Vector3d.UnitX, Steps(0, 230)), 0, coordinates).Joints.Single();
        Assert.Equal(230, hand.Max.X / Degree, 1e-6);
        Assert.Equal(0, hand.Min.X / Degree, 1e-6);
        Assert.True(Math.Abs(hand.Min.Y) + Math.Abs(hand.Max.Z) < 1e-9);
    }

    [Fact]
    [Trait("trap", "6")]
    public void Clip_that_starts_beyond_180_degrees_joins_the_range_of_the_clips_before_it()
    {
        var hand = JointLimits.FromClips(WithClips(Vector3d.UnitX, Steps(100, 170), Steps(190, 200)), 0).Joints.Single();
        Assert.Equal(100, hand.Min.X / Degree, 1e-6);
        Assert.Equal(200, hand.Max.X / Degree, 1e-6);
    }

    [Fact]
    public void Pose_beyond_180_degrees_is_inside_limits_that_reach_there()
    {
        var limits = JointLimits.FromClips(WithClips(Vector3d.UnitX, Steps(0, 230)), 0);
        Assert.Empty(limits.Check(Turn("hand", Quaterniond.FromAxisAngle(Vector3d.UnitX, 215 * Degree))));
        Assert.Single(limits.Check(Turn("hand", Quaterniond.FromAxisAngle(Vector3d.UnitX, -20 * Degree))));
    }

    [Fact]
    public void Pose_outside_the_limits_is_reported_with_joint_axis_value_and_range()
    {
        var limits = JointLimits.FromClips(Limb, 0);
        var violation = limits.Check(Turn("lower", Quaterniond.FromAxisAngle(Vector3d.UnitZ, 140 * Degree))).Single();
        Assert.Equal("Joint \"lower\" is turned by 140.0° about z; its range is 0.0° to 115.0°.", violation.ToString());
        var still = limits.Check(Turn("shoulder", Quaterniond.FromAxisAngle(Vector3d.UnitZ, 0.2))).Single();
        Assert.Equal("shoulder", still.Joint);
    }

    [Fact]
    public void Clamped_pose_is_within_the_limits_and_a_pose_within_them_is_left_alone() =>
        Gen.Double[-1.7, 1.7].Array[9].Sample(a =>
        {
            var limits = JointLimits.FromClips(Limb, 0);
            var rotations = Enumerable.Range(0, 4).Select(j => j == 0 ? Quaterniond.Identity : RotationVector.Exp(new Vector3d(a[3 * j - 3], a[3 * j - 2], a[3 * j - 1]))).ToArray();
            var pose = Pose.FromRotations(Limb.Skeleton, rotations);
            var clamped = limits.Clamp(pose);
            Assert.Empty(limits.Check(clamped));
            Assert.Equal(clamped.Local, limits.Clamp(clamped).Local, (x, y) => Affine.MaxDifference(x, y) < 1e-12);
        }, iter: 50);

    [Theory]
    [InlineData(RotationCoordinates.RotationVector)]
    [InlineData(RotationCoordinates.SwingTwist)]
    public void Limits_round_trip_through_JSON(RotationCoordinates coordinates)
    {
        var limits = JointLimits.FromClips(Limb, 5, coordinates);
        var back = JointLimitsJson.Read(JointLimitsJson.Write(limits), Limb.Skeleton);
        Assert.Equal(JointLimitsJson.Write(limits), JointLimitsJson.Write(back));
        Assert.Equal(limits.Joints.Count, back.Joints.Count);
        for (var i = 0; i < back.Joints.Count; i++) Assert.True((limits.Joints[i].Max - back.Joints[i].Max).Length < 1e-12);
    }

    [Theory]
    [InlineData("""{"joints":{"elbow":{"min":[0,0,0],"max":[1,1,1]}}}""", "rig.no_joint", "elbow")]
    [InlineData("""{"joints":{"lower":{"min":[0,9,0],"max":[1,1,1]}}}""", "limits.range", "about y is 9° to 1°")]
    [InlineData("""{"joints":{"lower":{"min":[0,0],"max":[1,1,1]}}}""", "limits.numbers", "lower")]
    [InlineData("""{"coordinates":"euler","joints":{}}""", "limits.coordinates", "euler")]
    [InlineData("""[1]""", "limits.form", "joints")]
    [InlineData("""{"joints":""", "limits.json", "JSON")]
    public void Bad_limit_table_is_reported(string json, string code, string names)
    {
        var failure = Assert.Throws<FarmException>(() => JointLimitsJson.Read(json, Limb.Skeleton)).Failure;
        Assert.Equal(code, failure.Code);
        Assert.Contains(names, failure.Message);
    }

    [Fact]
    [Trait("trap", "5")]
    public void Fox_holds_its_root_and_hip_still_and_limits_twenty_joints_or_so()
    {
        var fox = GltfReader.ReadCharacter(SharedData.Fox());
        var held = HeldJoints.Of(fox.Skeleton, fox.Skin);
        Assert.Equal(["_rootJoint", "b_Root_00", "b_Hip_01"], fox.Skeleton.Names.Where((_, j) => held[j]));
        var limits = JointLimits.FromClips(fox, 0);
        // Two more joints below the hip never move in any clip.
        Assert.Equal(fox.Skeleton.JointCount - 3 - 2, limits.Joints.Count);
        Assert.All(limits.Joints, j => Assert.InRange(j.Range.Length / Degree, 0.1, 240));
        foreach (var clip in fox.Clips)
            for (var f = 0; f < clip.FrameCount; f += 5)
            {
                var still = clip.Rotations[f].ToArray();
                foreach (var (j, _) in held.Index().Where(h => h.Item)) still[j] = Quaterniond.Identity;
                Assert.Empty(limits.Check(Pose.FromRotations(fox.Skeleton, still)));
            }
    }

    [Fact]
    public void Character_without_clips_asks_for_a_table() =>
        Assert.Equal("limits.no_clips", Assert.Throws<FarmException>(() => JointLimits.FromClips(WithClips(Vector3d.UnitX))).Failure.Code);
}
