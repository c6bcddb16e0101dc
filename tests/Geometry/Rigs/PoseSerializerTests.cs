using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Geometry.Rigs;

public class PoseSerializerTests
{
    private static readonly Skeleton Skeleton = LimbTests.Limb.Skeleton;

    /// <summary>A branching skeleton with turned and stretched bind transforms.</summary>
    private static readonly Skeleton Awkward = new(["root", "a", "b", "c", "d"], [-1, 0, 1, 0, 3],
    [
        new Affine(RotationVector.ExpMatrix(new Vector3d(0.3, 1, -2)) * 2.5, new Vector3d(1, 2, 3)),
        new Affine(RotationVector.ExpMatrix(new Vector3d(1, 0, 0.4)) * 2.5, new Vector3d(2, 2, 3)),
        new Affine(RotationVector.ExpMatrix(new Vector3d(0, 0.2, 0.4)), new Vector3d(2, 5, 3)),
        new Affine(RotationVector.ExpMatrix(new Vector3d(-1, 0.2, 0.4)) * Matrix3d.Diagonal(1, 2, 1), new Vector3d(0, 5, 3)),
        new Affine(RotationVector.ExpMatrix(new Vector3d(-1, 1.2, 0.4)), new Vector3d(0, 5, 6)),
    ]);

    private static Pose Random(Skeleton skeleton, long i)
    {
        var rotations = new Quaterniond[skeleton.JointCount];
        var draws = CounterRandom.Keyed(11, "poses", i, "q");
        for (var j = 0; j < rotations.Length; j++)
            rotations[j] = new Quaterniond(draws.Normal((uint)(4 * j)), draws.Normal((uint)(4 * j + 1)), draws.Normal((uint)(4 * j + 2)), draws.Normal((uint)(4 * j + 3))).Normalized();
        return Pose.FromRotations(skeleton, rotations);
    }

    public static TheoryData<string> Encodings => [.. RotationEncoding.All.Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Ten_thousand_poses_come_back_in_every_encoding(string encoding)
    {
        var sub = new PoseSerializer(Skeleton, new PoseSerializeOptions { Encoding = encoding });
        var local = new PoseSerializer(Awkward, new PoseSerializeOptions { Encoding = encoding, Mode = PoseSerializeMode.AllLocal });
        for (var i = 0; i < 10_000; i++)
        {
            Restores(sub, Random(Skeleton, i));
            if (i < 1000) Restores(local, Random(Awkward, i));
        }

        static void Restores(PoseSerializer serializer, Pose pose)
        {
            var back = serializer.Deserialize(serializer.Serialize(pose), Pose.Bind(pose.Skeleton));
            for (var j = 0; j < pose.World.Length; j++)
                Assert.True(Affine.MaxDifference(pose.World[j], back.World[j]) < 1e-6, pose.Skeleton.Names[j]);
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Numbers_that_are_only_nearly_a_rotation_decode_to_a_proper_one(string name)
    {
        var encoding = RotationEncoding.Named(name);
        Gen.Double[-3, 3].Array[encoding.Size].Sample(n => Assert.True(encoding.Decode(n).IsRotation(1e-9)));
        Assert.True(encoding.Decode(new double[encoding.Size]).IsRotation(1e-9));
    }

    [Fact]
    public void Noisy_matrix_decodes_to_a_rotation_near_the_true_one()
    {
        var numbers = new double[9];
        for (var i = 0; i < 500; i++)
        {
            var truth = Random(Skeleton, i).World[3].Linear;
            RotationEncoding.Matrix9.Encode(truth, numbers);
            var noise = CounterRandom.Keyed(1, "noise", i, "n");
            for (var k = 0; k < 9; k++) numbers[k] += 0.1 * noise.Normal((uint)k);
            var decoded = RotationEncoding.Matrix9.Decode(numbers);
            Assert.True(decoded.IsRotation(1e-12));
            Assert.True(RotationVector.Log(decoded * truth.Transpose()).Length < 0.5);
        }
    }

    [Fact]
    public void Matrix_entries_lie_between_minus_one_and_one_and_count_nine_per_joint()
    {
        var serializer = new PoseSerializer(Skeleton, new PoseSerializeOptions());
        Assert.Equal(36, serializer.Length);
        Assert.Equal("lower.matrix9.4", serializer.Names[22]);
        for (var i = 0; i < 50; i++) Assert.All(serializer.Serialize(Random(Skeleton, i)), n => Assert.InRange(n, -1 - 1e-12, 1 + 1e-12));
    }

    [Fact]
    public void Subskeleton_writes_rotations_relative_to_the_nearest_ancestor_in_the_group()
    {
        var serializer = new PoseSerializer(Skeleton, new PoseSerializeOptions { JointGroup = ["upper", "hand"], Encoding = "expmap" });
        var turn = new Vector3d(0.1, 0.2, 0.3);
        var pose = Pose.FromRotations(Skeleton, [Quaterniond.Identity, Quaterniond.Identity, RotationVector.Exp(turn), Quaterniond.Identity]);
        var numbers = serializer.Serialize(pose);
        Assert.Equal([0, 0, 0, turn.X, turn.Y, turn.Z], numbers, (a, b) => Math.Abs(a - b) < 1e-12);
        // The hand keeps its world rotation although the elbow is not in the group.
        var back = serializer.Deserialize(numbers, Pose.Bind(Skeleton));
        Assert.True((back.World[3].Linear - pose.World[3].Linear).MaxAbs < 1e-12);
        Assert.Equal(Skeleton.BindLocal[2], back.Local[2]);
    }

    [Fact]
    public void Without_world_rotation_the_roots_of_the_subskeleton_are_left_out()
    {
        var with = new PoseSerializer(Awkward, new PoseSerializeOptions { JointGroup = ["a", "b", "c", "d"] });
        var without = new PoseSerializer(Awkward, new PoseSerializeOptions { JointGroup = ["a", "b", "c", "d"], IncludeWorldRotation = false });
        Assert.Equal(36, with.Length);
        Assert.Equal(18, without.Length);
        Assert.StartsWith("b.", without.Names[0]);
        Assert.StartsWith("d.", without.Names[9]);
    }

    [Fact]
    public void All_local_writes_rotations_and_translations_of_their_groups()
    {
        var serializer = new PoseSerializer(Skeleton, new PoseSerializeOptions
        {
            Mode = PoseSerializeMode.AllLocal, Encoding = "quat", LocalRotationGroup = ["lower"], AllLocalTranslation = true, LocalTranslationGroup = ["hand", "lower"],
        });
        Assert.Equal(["lower.quat.0", "lower.quat.1", "lower.quat.2", "lower.quat.3", "lower.t.0", "lower.t.1", "lower.t.2", "hand.t.0", "hand.t.1", "hand.t.2"], serializer.Names);
        var local = Skeleton.BindLocal.ToArray();
        local[3] = local[3] with { Translation = new Vector3d(0.5, 0.25, 1) };
        var pose = Pose.FromLocal(Skeleton, local);
        Assert.Equal(local[3], serializer.Deserialize(serializer.Serialize(pose), Pose.Bind(Skeleton)).Local[3]);
    }

    [Fact]
    public void Float_and_double_rows_agree()
    {
        var serializer = new PoseSerializer(Skeleton, new PoseSerializeOptions());
        var floats = new float[serializer.Length];
        serializer.Serialize(Random(Skeleton, 1), floats);
        Assert.Equal(serializer.Serialize(Random(Skeleton, 1)).Select(d => (float)d), floats);
    }

    [Fact]
    public void Mistakes_are_named()
    {
        Assert.Contains("elbow", Thrown(() => new PoseSerializer(Skeleton, new PoseSerializeOptions { JointGroup = ["elbow"] })));
        Assert.Contains("matrix9, sixd, quat, expmap, euler", Thrown(() => new PoseSerializer(Skeleton, new PoseSerializeOptions { Encoding = "angle" })));
        Assert.Contains("no numbers", Thrown(() => new PoseSerializer(Skeleton, new PoseSerializeOptions { JointGroup = ["hand"], IncludeWorldRotation = false })));
        var serializer = new PoseSerializer(Skeleton, new PoseSerializeOptions());
        Assert.Contains("36 numbers, not 7", Thrown(() => serializer.Deserialize(new double[7], Pose.Bind(Skeleton))));
        var numbers = serializer.Serialize(Pose.Bind(Skeleton));
        numbers[10] = double.NaN;
        Assert.Contains("upper.matrix9.1", Thrown(() => serializer.Deserialize(numbers, Pose.Bind(Skeleton))));

        static string Thrown(Func<object> call) => Assert.Throws<FarmException>(call).Failure.Message;
    }
}
