using System.Diagnostics;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Geometry.Rigs;

public class DeformerTests
{
    private static readonly Character Limb = LimbTests.Limb;
    private static readonly JointLimits Limits = JointLimits.FromClips(Limb, 5);

    private static float[] Numbers(string name, int count, double scale)
    {
        var draws = CounterRandom.Keyed(2, "deformer tests", 0, name);
        return [.. Enumerable.Range(0, count).Select(i => (float)(scale * draws.Normal((uint)i)))];
    }

    private static DeformerBundle Bundle(int shapes = 6) => new(Limb.Name, Limb.SkinHash(), [1, 2, 3, 4, 5],
        new ShapeBasis(Numbers("mean", 3 * Limb.PointCount, 0.01), Numbers("shapes", shapes * 3 * Limb.PointCount, 0.01)),
        new PoseSerializeOptions { JointGroup = ["upper", "lower", "hand"], Encoding = "sixd" }, Limits, DisplacementEncoding.Inverse);

    /// <summary>Weights that depend on every input number.</summary>
    private static float[] Model(ReadOnlySpan<float> pose)
    {
        var weights = new float[6];
        for (var k = 0; k < 6; k++)
            for (var i = 0; i < pose.Length; i++) weights[k] += MathF.Sin(1 + k * 7 + i) * pose[i];
        return weights;
    }

    private static Pose Bent => Limb.ClipNamed("wave").PoseAt(Limb.Skeleton, 9);

    [Fact]
    public void Deformed_skin_is_skinning_of_the_rest_pose_with_mean_and_weighted_shapes()
    {
        var bundle = Bundle();
        var output = new double[3 * Limb.PointCount];
        var result = new Deformer(bundle, Limb, Model).Deform(Bent, output);
        Assert.Equal(new DeformResult(false, 0), result);

        var input = new float[18];
        new PoseSerializer(Limb.Skeleton, bundle.Pose).Serialize(Bent, input);
        var weights = Model(input);
        var frames = SkinningFrames.Compute(Limb.Skin, Bent.SkinningTransforms(), SkinningMethod.Linear);
        for (var p = 0; p < Limb.PointCount; p++)
        {
            var rest = Vector3d.Read(Limb.RestPoints, p) + At(bundle.Basis.Mean, p);
            for (var k = 0; k < 6; k++) rest += At(bundle.Basis.Shape(k), p) * weights[k];
            Assert.True((frames[p].TransformPoint(rest) - Vector3d.Read(output, p)).Length < 1e-6);
        }

        static Vector3d At(ReadOnlySpan<float> v, int p) => new(v[3 * p], v[3 * p + 1], v[3 * p + 2]);
    }

    [Fact]
    public void Pose_outside_the_limits_is_clamped_only_when_asked()
    {
        var wild = Pose.FromRotations(Limb.Skeleton, [Quaterniond.Identity, Quaterniond.Identity, Quaterniond.FromAxisAngle(Vector3d.UnitZ, 2.6), Quaterniond.Identity]);
        var deformer = new Deformer(Bundle(), Limb, Model);
        var (clamped, free, expected) = (new double[3 * Limb.PointCount], new double[3 * Limb.PointCount], new double[3 * Limb.PointCount]);
        Assert.True(deformer.Deform(wild, clamped).Clamped);
        Assert.False(deformer.Deform(wild, free, false).Clamped);
        deformer.Deform(Limits.Clamp(wild), expected, false);
        Assert.Equal(expected, clamped);
        Assert.NotEqual(expected, free);
    }

    [Fact]
    [Trait("trap", "5")]
    public void Turning_a_joint_that_is_held_still_turns_the_result_as_a_whole()
    {
        var deformer = new Deformer(Bundle(), Limb, Model);
        var (plain, turned) = (new double[3 * Limb.PointCount], new double[3 * Limb.PointCount]);
        var rotations = Limb.ClipNamed("wave").Rotations[9].ToArray();
        deformer.Deform(Pose.FromRotations(Limb.Skeleton, rotations), plain);
        rotations[0] = RotationVector.Exp(new Vector3d(0.3, 1, -0.5));
        deformer.Deform(Pose.FromRotations(Limb.Skeleton, rotations), turned);
        for (var p = 0; p < Limb.PointCount; p++)
            Assert.True((rotations[0].Rotate(Vector3d.Read(plain, p)) - Vector3d.Read(turned, p)).Length < 1e-6);
    }

    [Fact]
    public void Deformer_of_another_skin_is_refused() => Assert.Equal("deformer.skin_hash",
        Assert.Throws<FarmException>(() => new Deformer(Bundle() with { SkinHash = new string('0', 64) }, Limb, Model)).Failure.Code);

    [Fact]
    public void Network_with_another_number_of_weights_is_reported() => Assert.Contains("6 weights for 4 shapes",
        Assert.Throws<FarmException>(() => new Deformer(Bundle(4), Limb, Model).Deform(Bent, new double[3 * Limb.PointCount])).Failure.Message);

    [Fact]
    public void Combination_of_shapes_is_the_sum_whatever_their_number()
    {
        for (var shapes = 0; shapes <= 9; shapes++)
        {
            // 1,001 points: blocks and vectors that do not come out even.
            var basis = new ShapeBasis(Numbers("m", 3003, 1), Numbers("s", shapes * 3003, 1));
            var weights = Numbers("w", shapes, 1);
            var sum = new float[3003];
            basis.Combine(weights, sum);
            for (var i = 0; i < sum.Length; i++)
            {
                double expected = basis.Mean[i];
                for (var k = 0; k < shapes; k++) expected += (double)weights[k] * basis.Shape(k)[i];
                Assert.Equal(expected, sum[i], 1e-5);
            }
        }
    }

    [Fact]
    public void Bundle_file_round_trips_and_is_the_same_bytes_each_time()
    {
        var bundle = Bundle();
        var file = DeformerBundleFile.Write(bundle);
        Assert.Equal(file, DeformerBundleFile.Write(bundle));
        var back = DeformerBundleFile.Read(file, Limb.Skeleton);
        Assert.Equal(file, DeformerBundleFile.Write(back));
        Assert.Equal(bundle.Model, back.Model);
        Assert.Equal(bundle.Basis.Shapes, back.Basis.Shapes);
        Assert.Equal(bundle.Pose.JointGroup, back.Pose.JointGroup);
        back.CheckBelongsTo(Limb);
    }

    [Fact]
    public void Damaged_bundle_gives_a_failure_and_never_another_exception()
    {
        var whole = DeformerBundleFile.Write(new DeformerBundle("x", "y", [1, 2, 3], new ShapeBasis(new float[6], new float[12]), new PoseSerializeOptions(), Limits));
        var random = new Random(5);
        var changed = 0;
        for (var i = 0; i < 3000; i++)
        {
            var bytes = (byte[])whole.Clone();
            for (var k = random.Next(1, 4); k > 0; k--) bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                DeformerBundleFile.Read(bytes, Limb.Skeleton);
            }
            catch (FarmException)
            {
                changed++;
            }
        }
        Assert.True(changed > 1500, $"{changed}");
    }

    [Fact]
    public void Changed_part_of_a_bundle_is_found_by_its_hash()
    {
        var file = DeformerBundleFile.Write(Bundle());
        // Inside shapes.f32, which is stored as it is near the end; the zip's own check sum may speak first.
        file[file.Length - 2000] ^= 1;
        Assert.Equal("deformer.damaged", Assert.Throws<FarmException>(() => DeformerBundleFile.Read(file, Limb.Skeleton)).Failure.Code);
    }

    /// <summary>13,000 points, 4 influences, 64 shapes: the pipeline against skinning plus one plain read of the basis.</summary>
    [Fact(Explicit = true)]
    public void Evaluation_takes_at_most_twice_skinning_and_one_read_of_the_basis()
    {
        const int n = 13_000, shapes = 64;
        var draws = CounterRandom.Keyed(1, "speed", 0, "points");
        var rest = Enumerable.Range(0, 3 * n).Select(i => draws.Uniform((uint)i)).ToArray();
        var rows = Enumerable.Range(0, n).Select(p => Enumerable.Range(0, 4).Select(j => (j, 0.25)).ToArray()).ToArray();
        var skin = SkinWeights.Create(rows, 4);
        var character = new Character("speed", rest, [0, 1, 2], skin, Limb.Skeleton, [], [], new OriginalMesh([], [], []));
        var basis = new ShapeBasis(new float[3 * n], Numbers("s", shapes * 3 * n, 0.001));
        var bundle = new DeformerBundle("speed", character.SkinHash(), [], basis, new PoseSerializeOptions(), Limits);
        var weights = Numbers("w", shapes, 1);
        var deformer = new Deformer(bundle, character, _ => weights);
        var skinning = new Skinning(character);
        var output = new double[3 * n];
        var pose = Bent;

        var pipeline = Best(() => deformer.Deform(pose, output));
        var plain = Best(() => skinning.Deform(pose, SkinningMethod.Linear, output));
        float sink = 0;
        var read = Best(() => sink += System.Numerics.Tensors.TensorPrimitives.Sum(basis.Shapes));
        TestContext.Current.TestOutputHelper!.WriteLine($"pipeline {pipeline:F3} ms, skinning {plain:F3} ms, one read {read:F3} ms, ratio {pipeline / (plain + read):F2} ({sink})");
        Assert.True(pipeline <= 2 * (plain + read), $"{pipeline} {plain} {read}");

        static double Best(Action action)
        {
            var best = double.PositiveInfinity;
            for (var i = 0; i < 300; i++)
            {
                var start = Stopwatch.GetTimestamp();
                action();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            return best;
        }
    }
}
