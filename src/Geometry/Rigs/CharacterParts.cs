using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// What a file or a generator knows of a character before welding: split vertices with weights. Turned into a
/// <see cref="Character"/> by <see cref="Weld"/>, so that every source is checked and welded the same way.
/// </summary>
/// <param name="Name">For messages.</param>
/// <param name="Positions"><c>[vertices, 3]</c>, bind pose.</param>
/// <param name="Triangles"><c>[triangles, 3]</c>, indices of vertices.</param>
/// <param name="Influences">Per vertex its (joint, weight) pairs.</param>
public sealed record CharacterParts(
    string Name, float[] Positions, int[] Triangles, IReadOnlyList<IReadOnlyList<(int Joint, double Weight)>> Influences, Skeleton Skeleton)
{
    /// <summary>
    /// Joins vertices by position, averages the weights of those joined, and drops triangles that thereby lose a corner.
    /// </summary>
    /// <param name="clips">Animations of the skeleton.</param>
    /// <param name="bones">Bones inside; none means that they are derived from joints and skin.</param>
    /// <exception cref="FarmException">Empty mesh, position not finite, index out of range, or weights that do not sum to one.</exception>
    public Character Weld(IReadOnlyList<Clip> clips, IReadOnlyList<BoneSegment>? bones = null)
    {
        var vertexCount = Positions.Length / 3;
        if (vertexCount == 0 || Triangles.Length == 0)
            throw FarmException.Invalid("rig.empty_mesh", $"The skinned mesh of \"{Name}\" has {vertexCount} vertices and {Triangles.Length / 3} triangles; export a mesh with a surface.");
        for (var i = 0; i < Positions.Length; i++)
            if (!float.IsFinite(Positions[i]))
                throw FarmException.Invalid("rig.not_finite", $"The position of vertex {i / 3} of \"{Name}\" holds {Positions[i]}; all coordinates must be finite.");
        foreach (var v in Triangles)
            if ((uint)v >= (uint)vertexCount)
                throw FarmException.Invalid("rig.index", $"A triangle of \"{Name}\" names vertex {v}; the mesh has vertices 0 to {vertexCount - 1}.");

        // Checked per vertex, so that messages name the vertex of the file; then averaged per point.
        var perVertex = SkinWeights.Create(Influences, Skeleton.JointCount);
        var (pointOfVertex, points) = Welding.Weld(Positions);
        var rows = new List<(int Joint, double Weight)>[points.Length / 3];
        var shares = new int[rows.Length];
        foreach (var p in pointOfVertex) shares[p]++;
        for (var v = 0; v < vertexCount; v++)
        {
            var row = rows[pointOfVertex[v]] ??= [];
            foreach (var (joint, weight) in perVertex.Of(v)) row.Add((joint, weight / shares[pointOfVertex[v]]));
        }
        var skin = SkinWeights.Create(rows, Skeleton.JointCount, "point");

        var triangles = new List<int>(Triangles.Length);
        for (var t = 0; t < Triangles.Length; t += 3)
        {
            var (a, b, c) = (pointOfVertex[Triangles[t]], pointOfVertex[Triangles[t + 1]], pointOfVertex[Triangles[t + 2]]);
            if (a != b && b != c && c != a) triangles.AddRange([a, b, c]);
        }
        return new Character(Name, points, [.. triangles], skin, Skeleton,
            bones ?? Rigs.Bones.FromJoints(Skeleton, skin, points), clips, new OriginalMesh(Positions, pointOfVertex, Triangles));
    }
}
