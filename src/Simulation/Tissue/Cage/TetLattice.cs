namespace ExampleMlFarm.Simulation.Tissue.Cage;

/// <summary>Filled cubes cut into five tetrahedra each, mirrored in every second cube so that faces match.</summary>
/// <param name="Vertices">[n, 3].</param>
/// <param name="Tets">[t, 4] positive volume, five in a row per cube.</param>
/// <param name="Cells">[t / 5] grid cell of each cube, ascending.</param>
internal sealed record TetLattice(double[] Vertices, int[] Tets, int[] Cells)
{
    /// <summary>Corners as bits x, y, z of 0 to 7; the last is the middle one, on the four corners of even parity.</summary>
    static ReadOnlySpan<byte> EvenCube => [1, 0, 3, 5, 2, 0, 6, 3, 4, 0, 5, 6, 7, 3, 6, 5, 0, 3, 5, 6];

    public static TetLattice Fill(CubeGrid grid)
    {
        var vertexOf = new Dictionary<(int, int, int), int>();
        var vertices = new List<double>();
        var tets = new List<int>();
        var cells = new List<int>();
        Span<int> corners = stackalloc int[4];
        for (var cell = 0; cell < grid.CellCount; cell++)
        {
            if (!grid.IsFilled(cell)) continue;
            cells.Add(cell);
            var (x, y, z) = grid.Place(cell);
            var mirrored = ((x + y + z) & 1) == 1;
            for (var t = 0; t < 20; t += 4)
            {
                for (var k = 0; k < 4; k++)
                {
                    // Mirroring along x turns one cut into the other and left-handed tetrahedra into right-handed ones.
                    var corner = mirrored ? EvenCube[t + k] ^ 1 : EvenCube[t + k];
                    corners[k] = Vertex(x + (corner & 1), y + (corner >> 1 & 1), z + (corner >> 2));
                }
                if (Volume(vertices, corners) < 0) (corners[2], corners[3]) = (corners[3], corners[2]);
                tets.AddRange(corners);
            }
        }
        return new TetLattice(vertices.ToArray(), tets.ToArray(), cells.ToArray());

        int Vertex(int x, int y, int z)
        {
            if (vertexOf.TryGetValue((x, y, z), out var id)) return id;
            var p = grid.Corner(x, y, z);
            id = vertices.Count / 3;
            vertices.AddRange([p.X, p.Y, p.Z]);
            return vertexOf[(x, y, z)] = id;
        }
    }

    static double Volume(List<double> v, ReadOnlySpan<int> c)
    {
        Geometry.Numerics.Vector3d At(int i) => new(v[3 * i], v[3 * i + 1], v[3 * i + 2]);
        var o = At(c[0]);
        return Geometry.Numerics.Vector3d.Dot(At(c[1]) - o, Geometry.Numerics.Vector3d.Cross(At(c[2]) - o, At(c[3]) - o));
    }
}
