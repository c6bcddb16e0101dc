namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// The mesh as the character's file holds it, with vertices split along texture seams and hard edges, and the welded point
/// that each vertex belongs to: what an export needs to write results back. Knows no texture coordinates or materials.
/// </summary>
/// <param name="Positions"><c>[vertices, 3]</c>, bind pose.</param>
/// <param name="PointOfVertex">Index of the welded point of each vertex.</param>
/// <param name="Triangles"><c>[triangles, 3]</c>, indices of vertices, counter-clockwise seen from outside.</param>
public sealed record OriginalMesh(float[] Positions, int[] PointOfVertex, int[] Triangles)
{
    public int VertexCount => PointOfVertex.Length;

    /// <summary>Rows <c>[points, 3]</c> repeated for every vertex: <c>[vertices, 3]</c>.</summary>
    public double[] FromPoints(ReadOnlySpan<double> points)
    {
        var vertices = new double[3 * PointOfVertex.Length];
        for (var v = 0; v < PointOfVertex.Length; v++)
            points.Slice(3 * PointOfVertex[v], 3).CopyTo(vertices.AsSpan(3 * v, 3));
        return vertices;
    }
}
