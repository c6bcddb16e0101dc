using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>
/// Counts cubes that hold skin of bones far apart in the skeleton, such as two legs side by side: such a cube moves both.
/// </summary>
internal static class GluedCubes
{
    /// <summary>Neighbours, and bones that branch from the same joint, share cubes rightly.</summary>
    const int FarApart = 3;

    public static int Count(SkinSurface surface, CubeGrid grid, IReadOnlyList<TissueJoint> joints)
    {
        var jointsOf = new Dictionary<int, SortedSet<int>>();
        for (var t = 0; t < surface.TriangleCount; t++)
        {
            var (a, b, c) = surface.Triangle(t);
            grid.VisitTriangle(a, b, c, cell =>
            {
                var (x, y, z) = grid.Place(cell);
                var (joint, _, _) = CagePins.Nearest(TriangleBox.ClosestPoint(grid.Centre(x, y, z), a, b, c), joints);
                if (!jointsOf.TryGetValue(cell, out var set)) jointsOf[cell] = set = [];
                set.Add(joint);
            });
        }
        return jointsOf.Values.Count(set => set.Any(i => set.Any(j => i < j && Distance(i, j, joints) >= FarApart)));
    }

    /// <summary>Edges between two joints in the tree; joints of different trees are as far as can be.</summary>
    public static int Distance(int a, int b, IReadOnlyList<TissueJoint> joints)
    {
        var steps = 0;
        // Parents come first, so the higher index is never an ancestor of the other.
        for (; a != b; steps++)
        {
            if (a < b) (a, b) = (b, a);
            a = joints[a].Parent;
            if (a < 0) return int.MaxValue;
        }
        return steps;
    }
}
