using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>The skin of the built-in limb: rings of an ellipse that changes along x, closed by a point at each end.</summary>
internal static class LimbSurface
{
    /// <summary>Half height (y), half depth (z) and middle (y) of the cross section along x, in metres.</summary>
    private static readonly (double X, double HalfY, double HalfZ, double MiddleY)[] Profile =
    [
        (0.00, 0.062, 0.060, 0.000),
        (0.06, 0.064, 0.060, 0.000),
        (0.14, 0.061, 0.055, 0.003),
        (0.22, 0.059, 0.051, 0.006), // biceps, towards +y
        (0.30, 0.048, 0.046, 0.003),
        (0.36, 0.043, 0.046, -0.002), // elbow, wider than high
        (0.42, 0.046, 0.049, 0.000),
        (0.46, 0.045, 0.048, 0.001), // the thick part of the forearm
        (0.54, 0.036, 0.040, 0.000),
        (0.61, 0.026, 0.033, 0.000), // wrist
        (0.66, 0.025, 0.042, -0.001),
        (0.71, 0.023, 0.047, -0.003), // palm
        (0.76, 0.018, 0.041, -0.005),
        (0.80, 0.012, 0.028, -0.008),
    ];

    /// <summary>Bump of the ulna's end at the back of the elbow.</summary>
    private const double OlecranonX = 0.365, OlecranonLength = 0.022, OlecranonHeight = 0.012;

    public static (float[] Positions, int[] Triangles) Build(int around, int rings, double end)
    {
        var positions = new List<float>();
        for (var r = 0; r < rings; r++)
        {
            // The first and last rings lie on rounded caps: steps that shrink towards the end, as on a sphere.
            var (x, shrink) = Station(r, rings, end);
            for (var a = 0; a < around; a++)
            {
                var angle = 2 * Math.PI * a / around;
                Add(OnRing(x, angle, shrink));
            }
        }
        var startPole = positions.Count / 3;
        Add(new Vector3d(-CapLength(0), At(0).MiddleY, 0));
        Add(new Vector3d(end + CapLength(end), At(end).MiddleY, 0));

        var triangles = new List<int>();
        for (var r = 0; r + 1 < rings; r++)
            for (var a = 0; a < around; a++)
            {
                var (p, q) = (r * around + a, r * around + (a + 1) % around);
                triangles.AddRange([p, q, p + around, q, q + around, p + around]);
            }
        for (var a = 0; a < around; a++)
        {
            var next = (a + 1) % around;
            triangles.AddRange([startPole, next, a]);
            triangles.AddRange([startPole + 1, (rings - 1) * around + a, (rings - 1) * around + next]);
        }
        return ([.. positions], [.. triangles]);

        void Add(Vector3d p) => positions.AddRange([(float)p.X, (float)p.Y, (float)p.Z]);
    }

    private const int CapRings = 4;

    private static double CapLength(double x) => x == 0 ? 0.03 : 0.014;

    /// <summary>Position along x, and the factor by which a cap has narrowed there.</summary>
    private static (double X, double Shrink) Station(int ring, int rings, double end)
    {
        if (ring < CapRings)
        {
            var angle = Math.PI / 2 * (ring + 1) / (CapRings + 1);
            return (-CapLength(0) * Math.Cos(angle), Math.Sin(angle));
        }
        if (ring >= rings - CapRings)
        {
            var angle = Math.PI / 2 * (rings - ring) / (CapRings + 1);
            return (end + CapLength(end) * Math.Cos(angle), Math.Sin(angle));
        }
        return (end * (ring - CapRings) / (rings - 2 * CapRings - 1), 1);
    }

    private static Vector3d OnRing(double x, double angle, double shrink)
    {
        var (halfY, halfZ, middle) = At(Math.Clamp(x, Profile[0].X, Profile[^1].X));
        var (sin, cos) = Math.SinCos(angle);
        var back = Math.Max(0, -cos);
        var along = (x - OlecranonX) / OlecranonLength;
        var bump = OlecranonHeight * Math.Exp(-along * along) * back * back * back * back;
        // Counter-clockwise seen from +x: y towards z.
        return new Vector3d(x, middle + shrink * (halfY * cos) - bump, shrink * halfZ * sin);
    }

    /// <summary>The profile at x by a cubic through the stations (Catmull–Rom slopes), smooth to the first derivative.</summary>
    private static (double HalfY, double HalfZ, double MiddleY) At(double x)
    {
        var i = 0;
        while (i + 2 < Profile.Length && Profile[i + 1].X <= x) i++;
        var t = (x - Profile[i].X) / (Profile[i + 1].X - Profile[i].X);
        return (Cubic(i, t, p => p.HalfY), Cubic(i, t, p => p.HalfZ), Cubic(i, t, p => p.MiddleY));
    }

    private static double Cubic(int i, double t, Func<(double X, double HalfY, double HalfZ, double MiddleY), double> of)
    {
        var step = Profile[i + 1].X - Profile[i].X;
        var (a, b) = (of(Profile[i]), of(Profile[i + 1]));
        var (da, db) = (Slope(i, of) * step, Slope(i + 1, of) * step);
        var (t2, t3) = (t * t, t * t * t);
        return (2 * t3 - 3 * t2 + 1) * a + (t3 - 2 * t2 + t) * da + (3 * t2 - 2 * t3) * b + (t3 - t2) * db;
    }

    private static double Slope(int i, Func<(double X, double HalfY, double HalfZ, double MiddleY), double> of)
    {
        var (low, high) = (Math.Max(0, i - 1), Math.Min(Profile.Length - 1, i + 1));
        return (of(Profile[high]) - of(Profile[low])) / (Profile[high].X - Profile[low].X);
    }
}
