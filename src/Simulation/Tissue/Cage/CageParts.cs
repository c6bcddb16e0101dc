using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>Pieces of a cage that no bone holds: nothing says where they are, so they cannot be solved for.</summary>
internal static class CageParts
{
    /// <returns>The cage without loose pieces, the new index of each vertex or -1, and the number of cubes removed.</returns>
    /// <exception cref="FarmException">A loose piece is larger than the threshold's share of the cage.</exception>
    public static (TetLattice Cage, int[] NewVertex, int DroppedCubes) WithoutLooseParts(TetLattice lattice, CagePins pins, double threshold)
    {
        var count = lattice.Vertices.Length / 3;
        var sets = new DisjointSets(count);
        for (var i = 0; i < lattice.Tets.Length; i++) sets.Join(lattice.Tets[i - i % 4], lattice.Tets[i]);
        var held = new HashSet<int>(pins.Vertices.Select(sets.Root));
        var cubes = lattice.Cells.Length;
        var loose = new SortedDictionary<int, int>();
        for (var c = 0; c < cubes; c++)
            if (sets.Root(lattice.Tets[20 * c]) is var root && !held.Contains(root)) loose[root] = loose.GetValueOrDefault(root) + 1;
        foreach (var (root, size) in loose)
            if (size >= threshold * cubes)
            {
                var p = Vector3d.Read(lattice.Vertices, root);
                throw FarmException.Invalid("capture.loose_part", $"A piece of the cage with {size} of {cubes} cubes, at ({p.X:G6}, {p.Y:G6}, {p.Z:G6}), is held by no bone. Give a bone that reaches it, or raise RelativeVolumeThreshold above {(double)size / cubes:G3} to leave it out.");
            }
        var newVertex = new int[count];
        var vertices = new List<double>();
        for (var v = 0; v < count; v++)
        {
            newVertex[v] = held.Contains(sets.Root(v)) ? vertices.Count / 3 : -1;
            if (newVertex[v] >= 0) vertices.AddRange(lattice.Vertices.AsSpan(3 * v, 3));
        }
        var kept = Enumerable.Range(0, cubes).Where(c => newVertex[lattice.Tets[20 * c]] >= 0).ToArray();
        var tets = kept.SelectMany(c => lattice.Tets.Skip(20 * c).Take(20)).Select(v => newVertex[v]).ToArray();
        return (new TetLattice(vertices.ToArray(), tets, [.. kept.Select(c => lattice.Cells[c])]), newVertex, loose.Values.Sum());
    }
}
