using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>
/// Cage vertices that bones hold. Every joint with a bone gets at least four that do not lie on a line: pins on a line
/// pass no twist to the skin, and nothing later shows it.
/// </summary>
/// <param name="Vertices">[p] cage vertices, ascending.</param>
/// <param name="Joints">[p] joint of each.</param>
/// <param name="Reached">Pins beyond the pin thickness.</param>
internal sealed record CagePins(int[] Vertices, int[] Joints, int Reached)
{
    const int FewestPins = 4;

    /// <summary>Root mean square distance from the best line through a joint's pins, in element sizes.</summary>
    const double LeastSpread = 0.35;

    public static CagePins Choose(TetLattice lattice, IReadOnlyList<TissueJoint> joints, double h, CaptureOptions options)
    {
        var count = lattice.Vertices.Length / 3;
        var jointOf = new int[count];
        var members = joints.Select(_ => new List<int>()).ToArray();
        for (var v = 0; v < count; v++)
        {
            var (joint, distance, other) = Nearest(Vector3d.Read(lattice.Vertices, v), joints);
            jointOf[v] = distance <= options.PinThickness * h && other - distance >= options.PinSeparation * h ? joint : -1;
            if (jointOf[v] >= 0) members[joint].Add(v);
        }
        var reached = 0;
        for (var j = 0; j < joints.Count; j++)
        {
            if (joints[j].Bones.Count == 0 || Suffices(members[j], lattice, h)) continue;
            var candidates = Enumerable.Range(0, count)
                .Where(v => jointOf[v] < 0)
                .Select(v => (Vertex: v, Distance: joints[j].Bones.Min(b => b.Distance(Vector3d.Read(lattice.Vertices, v)))))
                .Where(c => c.Distance <= options.PinReach * h)
                .OrderBy(c => c.Distance).ThenBy(c => c.Vertex);
            foreach (var (vertex, _) in candidates)
            {
                jointOf[vertex] = j;
                members[j].Add(vertex);
                reached++;
                if (Suffices(members[j], lattice, h)) break;
            }
            if (!Suffices(members[j], lattice, h))
                throw FarmException.Invalid("capture.pins", $"Joint {j} '{joints[j].Name}' holds {members[j].Count} cage vertices spread {Spread(members[j], lattice.Vertices) / h:F2} element sizes about a line; {FewestPins} with a spread of {LeastSpread} are needed to pass a twist. Give a smaller element size (now {h:G4}), a larger PinReach (now {options.PinReach}), or no bone to this joint.");
        }
        var pinned = Enumerable.Range(0, count).Where(v => jointOf[v] >= 0).ToArray();
        return new CagePins(pinned, [.. pinned.Select(v => jointOf[v])], reached);
    }

    /// <summary>The same pins in a cage that lost vertices, none of them held.</summary>
    /// <param name="newVertex">[old vertices] new vertex of each, or -1.</param>
    public CagePins Renumbered(int[] newVertex) => this with { Vertices = Array.ConvertAll(Vertices, v => newVertex[v]) };

    public double[] Offsets(double[] vertices, IReadOnlyList<TissueJoint> joints)
    {
        var inverses = joints.Select(j => j.Bind.Inverse()).ToArray();
        var offsets = new double[3 * Vertices.Length];
        for (var i = 0; i < Vertices.Length; i++)
            inverses[Joints[i]].TransformPoint(Vector3d.Read(vertices, Vertices[i])).Write(offsets, i);
        return offsets;
    }

    /// <summary>Joint whose bone surface is nearest, the first of equals, and how far the nearest bone of another joint is.</summary>
    public static (int Joint, double Distance, double Other) Nearest(in Vector3d point, IReadOnlyList<TissueJoint> joints)
    {
        var (best, nearest, other) = (-1, double.PositiveInfinity, double.PositiveInfinity);
        for (var j = 0; j < joints.Count; j++)
        {
            var distance = double.PositiveInfinity;
            foreach (var bone in joints[j].Bones) distance = Math.Min(distance, bone.Distance(point));
            if (distance < nearest) (best, nearest, other) = (j, distance, nearest);
            else other = Math.Min(other, distance);
        }
        return (best, nearest, other);
    }

    static bool Suffices(List<int> pins, TetLattice lattice, double h) =>
        pins.Count >= FewestPins && Spread(pins, lattice.Vertices) >= LeastSpread * h;

    /// <summary>Second singular value of the centred pins over the root of their number.</summary>
    public static double Spread(List<int> pins, double[] vertices)
    {
        if (pins.Count < 2) return 0;
        var centre = Vector3d.Zero;
        foreach (var v in pins) centre += Vector3d.Read(vertices, v);
        centre /= pins.Count;
        var scatter = Matrix3d.Zero;
        foreach (var v in pins)
        {
            var d = Vector3d.Read(vertices, v) - centre;
            scatter += Matrix3d.Outer(d, d);
        }
        return Math.Sqrt(Math.Max(Svd3.Decompose(scatter).S.Y, 0) / pins.Count);
    }
}
