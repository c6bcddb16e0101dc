using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>Triangle against axis-aligned cube by separating axes (Akenine-Moller 2001, Fast 3D Triangle-Box Overlap Testing).</summary>
internal static class TriangleBox
{
    /// <param name="a">Corner.</param>
    /// <param name="b">Corner.</param>
    /// <param name="c">Corner.</param>
    /// <param name="centre">Of the cube.</param>
    /// <param name="half">Half its edge.</param>
    public static bool Overlap(Vector3d a, Vector3d b, Vector3d c, in Vector3d centre, double half)
    {
        a -= centre; b -= centre; c -= centre;
        for (var k = 0; k < 3; k++)
            if (Math.Min(a[k], Math.Min(b[k], c[k])) > half || Math.Max(a[k], Math.Max(b[k], c[k])) < -half) return false;
        Vector3d ab = b - a, bc = c - b, ca = a - c;
        var normal = Vector3d.Cross(ab, bc);
        if (Math.Abs(Vector3d.Dot(normal, a)) > half * (Math.Abs(normal.X) + Math.Abs(normal.Y) + Math.Abs(normal.Z))) return false;
        foreach (var edge in (ReadOnlySpan<Vector3d>)[ab, bc, ca])
            foreach (var axis in (ReadOnlySpan<Vector3d>)[new(0, -edge.Z, edge.Y), new(edge.Z, 0, -edge.X), new(-edge.Y, edge.X, 0)])
            {
                double pa = Vector3d.Dot(axis, a), pb = Vector3d.Dot(axis, b), pc = Vector3d.Dot(axis, c);
                var reach = half * (Math.Abs(axis.X) + Math.Abs(axis.Y) + Math.Abs(axis.Z));
                if (Math.Min(pa, Math.Min(pb, pc)) > reach || Math.Max(pa, Math.Max(pb, pc)) < -reach) return false;
            }
        return true;
    }

    /// <summary>Point of a triangle closest to p (Ericson 2005, Real-Time Collision Detection, 5.1.5).</summary>
    public static Vector3d ClosestPoint(in Vector3d p, in Vector3d a, in Vector3d b, in Vector3d c)
    {
        Vector3d ab = b - a, ac = c - a, ap = p - a;
        double d1 = Vector3d.Dot(ab, ap), d2 = Vector3d.Dot(ac, ap);
        if (d1 <= 0 && d2 <= 0) return a;
        var bp = p - b;
        double d3 = Vector3d.Dot(ab, bp), d4 = Vector3d.Dot(ac, bp);
        if (d3 >= 0 && d4 <= d3) return b;
        var vc = d1 * d4 - d3 * d2;
        if (vc <= 0 && d1 >= 0 && d3 <= 0) return a + ab * (d1 / (d1 - d3));
        var cp = p - c;
        double d5 = Vector3d.Dot(ab, cp), d6 = Vector3d.Dot(ac, cp);
        if (d6 >= 0 && d5 <= d6) return c;
        var vb = d5 * d2 - d1 * d6;
        if (vb <= 0 && d2 >= 0 && d6 <= 0) return a + ac * (d2 / (d2 - d6));
        var va = d3 * d6 - d5 * d4;
        if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) return b + (c - b) * ((d4 - d3) / (d4 - d3 + (d5 - d6)));
        var scale = 1 / (va + vb + vc);
        return a + ab * (vb * scale) + ac * (vc * scale);
    }
}
