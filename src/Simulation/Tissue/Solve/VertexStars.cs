namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// What surrounds each free node: its neighbours with the Laplacian's coefficients, and the opposite faces of its
/// elements; and an order of nodes by colour, in which nodes of a colour share no element.
/// </summary>
internal sealed class VertexStars
{
    /// <summary>[f] nodes, colour after colour.</summary>
    public int[] Order { get; }
    /// <summary>Colours of the greedy colouring.</summary>
    public int ColourCount { get; }
    /// <summary>[f] the Laplacian's diagonal.</summary>
    public double[] Diagonals { get; }
    /// <summary>[f+1], into <see cref="Neighbours"/> and <see cref="Couplings"/>.</summary>
    public int[] NeighbourStarts { get; }
    public int[] Neighbours { get; }
    public double[] Couplings { get; }
    /// <summary>[f+1], into <see cref="Faces"/> in threes and <see cref="Volumes"/>.</summary>
    public int[] FaceStarts { get; }
    /// <summary>Corners of the opposite face, ordered so that its normal points towards the node at rest.</summary>
    public int[] Faces { get; }
    /// <summary>One over the rest volume of each element.</summary>
    public double[] Volumes { get; }

    static ReadOnlySpan<byte> Opposite => [1, 3, 2, 0, 2, 3, 0, 3, 1, 0, 1, 2];

    public VertexStars(ElasticMesh mesh)
    {
        var free = mesh.FreeCount;
        var couplings = new SortedDictionary<int, double>[free];
        var faces = new List<(int A, int B, int C, double Inverse)>[free];
        for (var i = 0; i < free; i++) (couplings[i], faces[i]) = ([], []);
        Span<double> inverse = stackalloc double[9];
        Span<double> shape = stackalloc double[12];
        Diagonals = new double[free];
        for (var t = 0; t < mesh.TetCount; t++)
        {
            for (var k = 0; k < 9; k++) inverse[k] = mesh.RestInverse.Span[(t / 8 * 9 + k) * 8 + t % 8];
            ElasticMesh.ShapeGradients(inverse, shape);
            var volume = mesh.Volumes.Span[t];
            var corners = mesh.Corners.AsSpan(4 * t, 4);
            for (var p = 0; p < 4; p++)
            {
                var node = corners[p];
                if (node >= free) continue;
                faces[node].Add((corners[Opposite[3 * p]], corners[Opposite[3 * p + 1]], corners[Opposite[3 * p + 2]], 1 / volume));
                for (var q = 0; q < 4; q++)
                {
                    var couple = volume * (shape[3 * p] * shape[3 * q] + shape[3 * p + 1] * shape[3 * q + 1] + shape[3 * p + 2] * shape[3 * q + 2]);
                    if (p == q) Diagonals[node] += couple;
                    else couplings[node][corners[q]] = couplings[node].GetValueOrDefault(corners[q]) + couple;
                }
            }
        }
        NeighbourStarts = new int[free + 1];
        FaceStarts = new int[free + 1];
        for (var i = 0; i < free; i++)
        {
            NeighbourStarts[i + 1] = NeighbourStarts[i] + couplings[i].Count;
            FaceStarts[i + 1] = FaceStarts[i] + faces[i].Count;
        }
        Neighbours = [.. couplings.SelectMany(c => c.Keys)];
        Couplings = [.. couplings.SelectMany(c => c.Values)];
        Faces = [.. faces.SelectMany(f => f).SelectMany(f => new[] { f.A, f.B, f.C })];
        Volumes = [.. faces.SelectMany(f => f).Select(f => f.Inverse)];

        var colours = new int[free];
        Array.Fill(colours, -1);
        for (var i = 0; i < free; i++)
        {
            var taken = couplings[i].Keys.Where(j => j < free).Select(j => colours[j]).ToHashSet();
            while (taken.Contains(++colours[i])) { }
            ColourCount = Math.Max(ColourCount, colours[i] + 1);
        }
        Order = [.. Enumerable.Range(0, free).OrderBy(i => colours[i]).ThenBy(i => i)];
    }
}
