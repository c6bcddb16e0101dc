using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>How poses are spread within the joint limits.</summary>
public enum PoseDistribution
{
    /// <summary>Per axis a normal distribution cut at the limits, deviation a sixth of the range: ordinary poses are likelier than extreme ones.</summary>
    Gaussian,

    /// <summary>Per axis uniform between the limits.</summary>
    Uniform,

    /// <summary>Uniform, by a low-discrepancy sequence over all axes.</summary>
    Sobol,

    /// <summary>Four of five poses Gaussian; in the fifth every axis lies in the outer quarter of its range, at either end.</summary>
    Mixture,

    /// <summary>Normal over whole poses, with the mean and covariance of the clips' frames, cut at the limits: joints move together as they do in the clips.</summary>
    PcaOfClips,
}

/// <summary>Where the Gaussian has its peak.</summary>
public enum PoseMean
{
    Middle,

    /// <summary>The bind pose, brought into the limits.</summary>
    Bind,
}

/// <summary>
/// Random poses within joint limits (ML Pose Generate). Pose i depends on the seed, i, and each joint's name and axis only: never
/// on how many are made, in which order or where.
/// </summary>
public sealed class PoseGenerator
{
    private const string Node = "ml_pose_generate";
    private const double MixtureGaussianShare = 0.8;
    private const double DeviationsPerRange = 6;

    private readonly JointLimits limits;
    private readonly PoseDistribution distribution;
    private readonly PoseMean mean;
    private readonly CounterRandom[] draws;
    private readonly CounterRandom whole;
    private readonly SobolSequence? sobol;
    private readonly CounterRandom sobolShift;
    private readonly Vector3d[][] frames = [];
    private readonly Vector3d[] frameMean = [];

    /// <param name="clips">Needed for <see cref="PoseDistribution.PcaOfClips"/> only.</param>
    /// <exception cref="FarmException">No joints, or no clips where they are needed.</exception>
    public PoseGenerator(JointLimits limits, ulong seed, PoseDistribution distribution = PoseDistribution.Gaussian,
        PoseMean mean = PoseMean.Middle, IReadOnlyList<Clip>? clips = null)
    {
        if (limits.Joints.Count == 0) throw FarmException.Invalid("pose.no_joints", "There are no joints to pose: the limits list none. Give limits, or a joint group that has some.");
        (this.limits, this.distribution, this.mean) = (limits, distribution, mean);
        draws = [.. limits.Joints.Select(limit => CounterRandom.Keyed(seed, Node, 0, limit.Joint))];
        whole = CounterRandom.Keyed(seed, Node, 0, "whole pose");
        if (distribution == PoseDistribution.Sobol) (sobol, sobolShift) = (SobolSequence.Drawn(3 * limits.Joints.Count), CounterRandom.Keyed(seed, "sobol", 0, "shift"));
        if (distribution != PoseDistribution.PcaOfClips) return;

        frames = [.. (clips ?? []).SelectMany(clip => clip.Rotations).Select(Coordinates)];
        if (frames.Length < 2)
            throw FarmException.Invalid("pose.no_clips", $"Poses like those of the clips need at least two frames; there are {frames.Length}. Choose another distribution.");
        frameMean = new Vector3d[limits.Joints.Count];
        for (var i = 0; i < frameMean.Length; i++)
            frameMean[i] = frames.Aggregate(Vector3d.Zero, (sum, frame) => sum + frame[i]) / frames.Length;
    }

    public Pose Generate(long sample)
    {
        if (sample < 0) throw new ArgumentOutOfRangeException(nameof(sample), sample, "Samples are counted from 0.");
        var coordinates = new Vector3d[limits.Joints.Count];
        if (distribution == PoseDistribution.PcaOfClips) LikeClips(sample, coordinates);
        else
            for (var i = 0; i < coordinates.Length; i++)
                coordinates[i] = new Vector3d(Axis(sample, i, 0), Axis(sample, i, 1), Axis(sample, i, 2));
        return limits.PoseOf(coordinates);
    }

    private double Axis(long sample, int joint, int axis)
    {
        var limit = limits.Joints[joint];
        var (low, high) = (limit.Min[axis], limit.Max[axis]);
        if (low == high) return low;
        var coordinate = 3 * joint + axis;
        var u = sobol?.Point(sample, coordinate, (uint)sobolShift.Bits((uint)coordinate)) ?? draws[joint].At(sample).Uniform((uint)axis);
        if (distribution is PoseDistribution.Uniform or PoseDistribution.Sobol) return low + u * (high - low);
        if (distribution == PoseDistribution.Mixture && whole.At(sample).Uniform(0) >= MixtureGaussianShare)
            return u < 0.5 ? low + u / 2 * (high - low) : high - (1 - u) / 2 * (high - low);

        var peak = mean == PoseMean.Bind ? Math.Clamp(0, low, high) : (low + high) / 2;
        var deviation = (high - low) / DeviationsPerRange;
        var below = NormalDistribution.Cumulative((low - peak) / deviation);
        var above = NormalDistribution.Cumulative((high - peak) / deviation);
        var p = Math.Clamp(below + u * (above - below), 1e-300, 1 - 1e-16);
        return Math.Clamp(peak + deviation * NormalDistribution.Quantile(p), low, high);
    }

    /// <summary>
    /// <c>m + Σ_f z_f (x_f − m) / √(F − 1)</c> over all frames has the covariance of the frames, so it is the sum over principal
    /// components without computing them.
    /// </summary>
    private void LikeClips(long sample, Span<Vector3d> coordinates)
    {
        frameMean.CopyTo(coordinates);
        var random = whole.At(sample);
        var scale = 1 / Math.Sqrt(frames.Length - 1);
        for (var f = 0; f < frames.Length; f++)
        {
            var z = random.Normal((uint)f) * scale;
            for (var i = 0; i < coordinates.Length; i++) coordinates[i] += (frames[f][i] - frameMean[i]) * z;
        }
        for (var i = 0; i < coordinates.Length; i++) coordinates[i] = limits.Joints[i].Clamp(coordinates[i]);
    }

    private Vector3d[] Coordinates(Quaterniond[] frame) =>
        [.. limits.Joints.Select((limit, i) => limit.FromRotation(frame[limits.JointIndices[i]]))];
}
