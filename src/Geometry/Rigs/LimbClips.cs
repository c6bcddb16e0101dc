using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>What the built-in limb does: its clips give the joint limits, so each joint reaches its ends on every axis it has.</summary>
internal static class LimbClips
{
    private const int Frames = 49;
    private const double DurationSeconds = 2;

    /// <summary>Degrees that a joint turns to each side: twist about x, sideways about y, flexion about z.</summary>
    private sealed record Reach(int Joint, Vector3d Min, Vector3d Max);

    private static readonly Reach[] Reaches =
    [
        new(1, new(-25, -20, -20), new(25, 20, 30)),
        new(2, new(-55, 0, 0), new(55, 0, 115)),
        new(3, new(-30, -20, -50), new(30, 20, 50)),
    ];

    public static IReadOnlyList<Clip> Create() =>
    [
        Make("bend", (reach, phase) => new Vector3d(0, 0, Swing(reach.Min.Z, reach.Max.Z, phase))),
        Make("twist", (reach, phase) => new Vector3d(Swing(reach.Min.X, reach.Max.X, phase), 0, 0)),
        Make("wave", (reach, phase) => new Vector3d(
            0.6 * Swing(reach.Min.X, reach.Max.X, phase + 0.25 * reach.Joint),
            Swing(reach.Min.Y, reach.Max.Y, 2 * phase + 0.125 * reach.Joint),
            0.7 * Swing(reach.Min.Z, reach.Max.Z, phase + 0.125 * reach.Joint))),
    ];

    /// <summary>0 → most → least → 0 over one phase, as a sine whose halves are scaled apart.</summary>
    private static double Swing(double min, double max, double phase)
    {
        var sine = Math.Sin(2 * Math.PI * phase);
        return sine >= 0 ? max * sine : -min * sine;
    }

    private static Clip Make(string name, Func<Reach, double, Vector3d> degrees)
    {
        var times = new double[Frames];
        var rotations = new Quaterniond[Frames][];
        for (var f = 0; f < Frames; f++)
        {
            var phase = f / (double)(Frames - 1);
            times[f] = DurationSeconds * phase;
            rotations[f] = [.. Enumerable.Repeat(Quaterniond.Identity, 4)];
            foreach (var reach in Reaches) rotations[f][reach.Joint] = RotationVector.Exp(degrees(reach, phase) * (Math.PI / 180));
        }
        return new Clip(name, times, rotations);
    }
}
