using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Geometry.Rigs;

public class PoseGeneratorTests
{
    private static readonly Character Limb = LimbTests.Limb;
    private static readonly JointLimits Limits = JointLimits.FromClips(Limb, 0);

    private static PoseGenerator Generator(PoseDistribution distribution, ulong seed = 3) => new(Limits, seed, distribution, clips: Limb.Clips);

    /// <summary>Flexion of the elbow, 0 at the low limit and 1 at the high one.</summary>
    private static double Elbow(Pose pose) => Limits.Joints[1].FromRotation(pose.RotationsFromBind()[2]).Z / Limits.Joints[1].Max.Z;

    public static TheoryData<PoseDistribution> Distributions => [.. Enum.GetValues<PoseDistribution>()];

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Every_pose_lies_within_the_limits_and_leaves_held_joints_in_the_bind_pose(PoseDistribution distribution)
    {
        var generator = Generator(distribution);
        for (var i = 0; i < 300; i++) Assert.Empty(Limits.Check(generator.Generate(i)));
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Pose_is_the_same_alone_as_in_a_batch_and_another_seed_changes_it(PoseDistribution distribution)
    {
        var one = Generator(distribution);
        var batch = Generator(distribution);
        Pose? last = null;
        for (var i = 0; i <= 41; i++) last = batch.Generate(i);
        Assert.Equal(one.Generate(41).Local, last!.Local);
        Assert.NotEqual(one.Generate(41).Local, Generator(distribution, 4).Generate(41).Local);
        Assert.NotEqual(one.Generate(41).Local, one.Generate(40).Local);
    }

    [Fact]
    public void Joint_is_posed_the_same_whatever_other_joints_are_in_the_group()
    {
        var alone = new PoseGenerator(Limits.Of(["hand"]), 3).Generate(5);
        var all = new PoseGenerator(Limits, 3).Generate(5);
        Assert.Equal(all.Local[3], alone.Local[3]);
        Assert.Equal(Limb.Skeleton.BindLocal[2], alone.Local[2]);
    }

    [Fact]
    public void Gaussian_has_its_mean_in_the_middle_and_a_deviation_of_a_sixth_of_the_range()
    {
        var values = Enumerable.Range(0, 4000).Select(i => Elbow(Generator(PoseDistribution.Gaussian).Generate(i))).ToArray();
        var mean = values.Average();
        Assert.Equal(0.5, mean, 0.02);
        // Cut at three deviations the deviation shrinks by 1.4 %.
        Assert.Equal(0.986 / 6, Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), 0.006);
    }

    [Theory]
    [InlineData(PoseDistribution.Uniform, 0.035)]
    [InlineData(PoseDistribution.Sobol, 0.002)]
    public void Uniform_and_Sobol_follow_the_uniform_distribution(PoseDistribution distribution, double largestDeviation)
    {
        const int n = 2048;
        var generator = Generator(distribution);
        var values = Enumerable.Range(0, n).Select(i => Elbow(generator.Generate(i))).Order().ToArray();
        // Kolmogorov–Smirnov distance.
        Assert.InRange(values.Select((v, i) => Math.Max(Math.Abs(v - i / (double)n), Math.Abs(v - (i + 1.0) / n))).Max(), 0, largestDeviation);
    }

    [Fact]
    public void Mixture_puts_a_fifth_of_its_poses_into_the_outer_quarters()
    {
        var generator = Generator(PoseDistribution.Mixture);
        // A Gaussian alone leaves 0.26 % beyond 3σ·(1 − 1/30) and about 1.2 % in the outer tenths.
        var outer = Enumerable.Range(0, 2000).Count(i => Elbow(generator.Generate(i)) is < 0.1 or > 0.9) / 2000.0;
        Assert.InRange(outer, 0.06, 0.12);
    }

    [Fact]
    public void Poses_like_the_clips_keep_the_correlation_of_joints()
    {
        var generator = Generator(PoseDistribution.PcaOfClips);
        var poses = Enumerable.Range(0, 2000).Select(i => generator.Generate(i).RotationsFromBind()).ToArray();
        // Elbow and wrist flex together in "bend".
        Assert.InRange(Correlation([.. poses.Select(p => RotationVector.Log(p[2]).Z)], [.. poses.Select(p => RotationVector.Log(p[3]).Z)]), 0.3, 0.999);
        var independent = Enumerable.Range(0, 2000).Select(i => Generator(PoseDistribution.Gaussian).Generate(i).RotationsFromBind()).ToArray();
        Assert.InRange(Correlation([.. independent.Select(p => RotationVector.Log(p[2]).Z)], [.. independent.Select(p => RotationVector.Log(p[3]).Z)]), -0.1, 0.1);

        static double Correlation(double[] a, double[] b)
        {
            var (ma, mb) = (a.Average(), b.Average());
            double ab = 0, aa = 0, bb = 0;
            for (var i = 0; i < a.Length; i++) (ab, aa, bb) = (ab + (a[i] - ma) * (b[i] - mb), aa + (a[i] - ma) * (a[i] - ma), bb + (b[i] - mb) * (b[i] - mb));
            return ab / Math.Sqrt(aa * bb);
        }
    }

    [Fact]
    public void Mean_at_the_bind_pose_keeps_the_elbow_nearer_to_straight()
    {
        var bind = new PoseGenerator(Limits, 3, mean: PoseMean.Bind);
        Assert.InRange(Enumerable.Range(0, 1000).Average(i => Elbow(bind.Generate(i))), 0.1, 0.2);
    }

    [Fact]
    public void Limits_without_joints_are_refused() => Assert.Equal("pose.no_joints",
        Assert.Throws<FarmException>(() => new PoseGenerator(new JointLimits(Limb.Skeleton, []), 1)).Failure.Code);
}
