using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// <c>builtin:limb</c>, an arm made by code: about 2,000 skin points around a humerus, a radius and ulna, and a hand, along +x,
/// palm down (−y), lengths in metres. Always the same.
/// </summary>
/// <remarks>
/// Joints: <c>shoulder</c> at x = 0 (holds the stump and stays still), <c>upper</c>, <c>lower</c> (elbow), <c>hand</c> (wrist).
/// A joint's frame has x along the limb, so the first number of a rotation vector is the twist; the elbow flexes about z.
/// The forearm has two bones side by side and the elbow a cross piece, so that pins on them are not on a line and pass a twist.
/// </remarks>
public static class Limb
{
    public const string Name = "builtin:limb";

    private const int Around = 36;
    private const int Rings = 56;
    private const double UpperAt = 0.10, ElbowAt = 0.36, WristAt = 0.62, End = 0.80;

    /// <summary>Half the length over which the weight passes from one joint to the next.</summary>
    private static readonly double[] BlendHalfWidth = [0.05, 0.055, 0.04];

    private static readonly double[] JointAt = [0, UpperAt, ElbowAt, WristAt];

    public static Character Create()
    {
        var skeleton = new Skeleton(
            ["shoulder", "upper", "lower", "hand"], [-1, 0, 1, 2],
            [.. JointAt.Select(x => Affine.FromTranslation(new Vector3d(x, 0, 0)))]);
        var (positions, triangles) = LimbSurface.Build(Around, Rings, End);
        var influences = new List<(int Joint, double Weight)>[positions.Length / 3];
        for (var v = 0; v < influences.Length; v++) influences[v] = Weights(positions[3 * v]);
        return new CharacterParts(Name, positions, triangles, influences, skeleton).Weld(LimbClips.Create(), BonesInside());
    }

    private static List<(int Joint, double Weight)> Weights(double x)
    {
        var row = new List<(int, double)>();
        double left = 1;
        for (var j = JointAt.Length - 1; j > 0; j--)
        {
            // Share of what lies beyond this joint; the rest is left for the joints before it.
            var t = Math.Clamp((x - JointAt[j]) / (2 * BlendHalfWidth[j - 1]) + 0.5, 0, 1);
            var beyond = t * t * (3 - 2 * t);
            if (left * beyond > 0) row.Add((j, left * beyond));
            left *= 1 - beyond;
        }
        if (left > 0) row.Add((0, left));
        return row;
    }

    private static BoneSegment[] BonesInside()
    {
        return
        [
            new(0, P(0.02, 0, -0.012), P(0.07, 0, -0.012), 0.012),
            new(0, P(0.02, 0, 0.012), P(0.07, 0, 0.012), 0.012),
            // Humerus, with the wide end that the elbow turns on.
            new(1, P(UpperAt, 0.004, 0), P(ElbowAt - 0.02, 0, 0), 0.014),
            new(1, P(UpperAt + 0.01, 0, -0.014), P(UpperAt + 0.01, 0, 0.014), 0.012),
            new(1, P(ElbowAt - 0.025, 0, -0.022), P(ElbowAt - 0.025, 0, 0.022), 0.011),
            // Ulna and radius.
            new(2, P(ElbowAt + 0.025, 0, -0.018), P(WristAt - 0.02, 0, -0.014), 0.008),
            new(2, P(ElbowAt + 0.025, 0, 0.018), P(WristAt - 0.02, 0, 0.014), 0.008),
            // Wrist and three rays of the hand.
            new(3, P(WristAt + 0.015, 0, -0.016), P(WristAt + 0.015, 0, 0.016), 0.007),
            new(3, P(WristAt + 0.02, 0, -0.014), P(End - 0.04, -0.002, -0.028), 0.006),
            new(3, P(WristAt + 0.02, 0, 0), P(End - 0.02, -0.002, 0), 0.006),
            new(3, P(WristAt + 0.02, 0, 0.014), P(End - 0.04, -0.002, 0.028), 0.006),
        ];

        static Vector3d P(double x, double y, double z) => new(x, y, z);
    }
}
