using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Simulation.Tissue;

namespace ExampleMlFarm.Tests.Tissue.Meshes;

/// <summary>A capsule along x with three bones: upper arm [0, 1], forearm [1, 2], wrist [2, 2.4].</summary>
internal static class Limb
{
    public const double Radius = 0.25, Length = 2.4;

    public static readonly double[] JointPlaces = [0, 1, 2];

    public static (double[] Points, int[] Triangles) Skin(double scale = 1, int around = 32, int along = 60)
    {
        var (points, triangles) = ClosedMeshes.Capsule(Length * scale, Radius * scale, around, along);
        return (points, triangles);
    }

    public static TissueJoint[] Joints(double scale = 1, double boneRadius = 0.05)
    {
        string[] names = ["upper", "fore", "wrist"];
        double[] ends = [0.9, 1.9, 2.4];
        return [.. names.Select((name, j) => new TissueJoint(name, j - 1,
            Affine.FromTranslation(new Vector3d(JointPlaces[j] * scale, 0, 0)),
            [new BoneSegment(j, new Vector3d((JointPlaces[j] + (j > 0 ? 0.1 : 0)) * scale, 0, 0), new Vector3d(ends[j] * scale, 0, 0), boneRadius * scale)]))];
    }

    public static TissueCapture Capture(double resolution = 30, double scale = 1)
    {
        var (points, triangles) = Skin(scale);
        return TissueCapture.Build(points, triangles, Joints(scale), new CaptureOptions { Resolution = resolution });
    }

    /// <summary>World transforms for an elbow bent about z, a forearm twisted and a wrist turned, in degrees.</summary>
    public static Affine[] Pose(double elbowDegrees, double wristTwistDegrees = 0, double wristBendDegrees = 0, double elbowTwistDegrees = 0, double scale = 1)
    {
        var upper = Affine.Identity;
        var fore = upper * Joint(1, Turn(Vector3d.UnitZ, elbowDegrees) * Turn(Vector3d.UnitX, elbowTwistDegrees));
        var wrist = fore * Joint(1, Turn(Vector3d.UnitX, wristTwistDegrees) * Turn(Vector3d.UnitY, wristBendDegrees));
        return [upper, fore, wrist];

        Affine Joint(double along, Quaterniond turn) => new(turn.ToMatrix(), new Vector3d(along * scale, 0, 0));
        static Quaterniond Turn(Vector3d axis, double degrees) => Quaterniond.FromAxisAngle(axis, degrees * Math.PI / 180);
    }
}
