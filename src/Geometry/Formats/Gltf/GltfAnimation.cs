using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;
using SharpGLTF.Schema2;

namespace ExampleMlFarm.Geometry.Formats.Gltf;

/// <summary>Samples the animations of a file as rotations relative to the bind pose.</summary>
internal static class GltfAnimation
{
    /// <summary>An hour at 30 frames per second; a longer clip is a damaged time stamp.</summary>
    private const int MaxFrames = 108_000;

    public static IReadOnlyList<Clip> Read(ModelRoot model, GltfSkeleton rig, double framesPerSecond, string name)
    {
        var clips = new List<Clip>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var animation in model.LogicalAnimations)
        {
            var clipName = string.IsNullOrEmpty(animation.Name) ? $"clip_{animation.LogicalIndex}" : animation.Name;
            if (!taken.Add(clipName)) taken.Add(clipName = $"{clipName}#{animation.LogicalIndex}");
            double duration = animation.Duration;
            if (!(duration >= 0 && duration * framesPerSecond < MaxFrames))
                throw FarmException.Invalid("gltf.duration", $"Clip \"{clipName}\" of \"{name}\" lasts {duration} s; at most {MaxFrames} frames are sampled.");
            // Equal steps that end exactly at the last key, at least as dense as asked.
            var steps = Math.Max(1, (int)Math.Ceiling(duration * framesPerSecond - 1e-6));
            var times = new double[steps + 1];
            var rotations = new Quaterniond[steps + 1][];
            for (var f = 0; f <= steps; f++)
            {
                times[f] = duration * f / steps;
                rotations[f] = Frame(animation, rig, times[f], clipName, name);
            }
            clips.Add(new Clip(clipName, times, rotations));
        }
        return clips;
    }

    private static Quaterniond[] Frame(Animation animation, GltfSkeleton rig, double time, string clip, string name)
    {
        var frame = new Quaterniond[rig.Nodes.Length];
        for (var j = 0; j < frame.Length; j++)
        {
            var local = Affine.FromRowVectorMatrix(rig.Nodes[j].GetLocalTransform(animation, (float)time).Matrix);
            if (!local.IsFinite)
                throw FarmException.Invalid("gltf.clip_not_finite", $"Clip \"{clip}\" of \"{name}\" moves joint \"{rig.Skeleton.Names[j]}\" to a transform that is not finite at {time:G4} s.");
            // A root's own parents stay out of it: where the character stands and which way it faces is not a pose.
            frame[j] = rig.Skeleton.Parents[j] < 0
                ? Pose.RotationFromBind(Affine.FromRowVectorMatrix(rig.Nodes[j].LocalMatrix).Linear, local.Linear)
                : Pose.RotationFromBind(rig.Skeleton.BindLocal[j].Linear, local.Linear);
        }
        return frame;
    }
}
