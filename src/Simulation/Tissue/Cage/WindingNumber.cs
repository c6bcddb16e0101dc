using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>How often a closed surface goes round a point (Jacobson, Kavan and Sorkine-Hornung 2013).</summary>
internal static class WindingNumber
{
    /// <summary>Sum of solid angles (Van Oosterom and Strackee 1983) over 4 pi.</summary>
    public static double At(in Vector3d p, SkinSurface surface)
    {
        var sum = 0.0;
        for (var t = 0; t < surface.TriangleCount; t++)
        {
            var (a, b, c) = surface.Triangle(t);
            a -= p; b -= p; c -= p;
            double la = a.Length, lb = b.Length, lc = c.Length;
            var below = la * lb * lc + Vector3d.Dot(a, b) * lc + Vector3d.Dot(b, c) * la + Vector3d.Dot(c, a) * lb;
            sum += Math.Atan2(Vector3d.Dot(a, Vector3d.Cross(b, c)), below);
        }
        return sum / (2 * Math.PI);
    }
}
