using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// An animation sampled at equal steps, as the rotation of every joint relative to the bind pose in the joint's own frame.
/// Translations are dropped: bones keep their lengths and the character stays where it is (roots turn as in the file).
/// </summary>
/// <param name="Name">Unique within a character.</param>
/// <param name="TimesSeconds">One per frame, ascending.</param>
/// <param name="Rotations">Frames, each with one rotation per joint.</param>
public sealed record Clip(string Name, double[] TimesSeconds, Quaterniond[][] Rotations)
{
    public int FrameCount => TimesSeconds.Length;

    public Pose PoseAt(Skeleton skeleton, int frame) => Pose.FromRotations(skeleton, Rotations[frame]);
}
