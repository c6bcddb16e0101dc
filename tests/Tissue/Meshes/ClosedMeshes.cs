using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Tests.Tissue.Meshes;

/// <summary>Closed triangle meshes by formula, oriented outwards.</summary>
internal static class ClosedMeshes
{
    /// <summary>A surface of revolution about x with rounded ends: rings of points and a pole at either end.</summary>
    public static (double[] Points, int[] Triangles) Capsule(double length, double radius, int around, int along)
    {
        var points = new List<double>();
        var triangles = new List<int>();
        points.AddRange([-radius, 0, 0]);
        for (var i = 1; i < along; i++)
        {
            // Equal steps of arc over cap, side and cap.
            var arc = (double)i / along * (Math.PI * radius + length);
            var (x, r) = arc < Math.PI / 2 * radius ? (-radius * Math.Cos(arc / radius), radius * Math.Sin(arc / radius))
                : arc < Math.PI / 2 * radius + length ? (arc - Math.PI / 2 * radius, radius)
                : (length + radius * Math.Sin((arc - Math.PI / 2 * radius - length) / radius), radius * Math.Cos((arc - Math.PI / 2 * radius - length) / radius));
            for (var k = 0; k < around; k++)
            {
                var (sin, cos) = Math.SinCos(2 * Math.PI * k / around);
                points.AddRange([x, r * cos, r * sin]);
            }
        }
        points.AddRange([length + radius, 0, 0]);
        var last = points.Count / 3 - 1;
        int Ring(int i, int k) => 1 + (i - 1) * around + (k % around);
        for (var k = 0; k < around; k++)
        {
            triangles.AddRange([0, Ring(1, k + 1), Ring(1, k)]);
            for (var i = 1; i < along - 1; i++)
            {
                triangles.AddRange([Ring(i, k), Ring(i, k + 1), Ring(i + 1, k)]);
                triangles.AddRange([Ring(i, k + 1), Ring(i + 1, k + 1), Ring(i + 1, k)]);
            }
            triangles.AddRange([last, Ring(along - 1, k), Ring(along - 1, k + 1)]);
        }
        return ([.. points], [.. triangles]);
    }

    /// <summary>A box with its faces cut into squares of two triangles.</summary>
    public static (double[] Points, int[] Triangles) Box(Vector3d low, Vector3d high, int cells = 1)
    {
        var index = new Dictionary<(int, int, int), int>();
        var points = new List<double>();
        var triangles = new List<int>();
        for (var axis = 0; axis < 3; axis++)
            for (var side = 0; side < 2; side++)
                for (var a = 0; a < cells; a++)
                    for (var b = 0; b < cells; b++)
                    {
                        int p = At(a, b), q = At(a + 1, b), r = At(a + 1, b + 1), s = At(a, b + 1);
                        triangles.AddRange(side == 1 ? [p, q, r, p, r, s] : [p, r, q, p, s, r]);

                        int At(int u, int v)
                        {
                            var c = new int[3];
                            (c[axis], c[(axis + 1) % 3], c[(axis + 2) % 3]) = (side * cells, u, v);
                            var key = (c[0], c[1], c[2]);
                            if (index.TryGetValue(key, out var id)) return id;
                            id = points.Count / 3;
                            for (var k = 0; k < 3; k++) points.Add(low[k] + (high[k] - low[k]) * c[k] / cells);
                            return index[key] = id;
                        }
                    }
        return ([.. points], [.. triangles]);
    }
}
