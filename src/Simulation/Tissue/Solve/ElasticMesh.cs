using ExampleMlFarm.Simulation.Sparse;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// A cage prepared for solving: nodes renumbered (those that move first, in elimination order, then those that bones
/// hold), elements in groups of eight lanes, and the constant part of the stiffness. It knows no pose.
/// </summary>
/// <remarks>
/// Notation: n nodes, f of them free, t elements, g = ceil(t / 8) groups. Positions are <c>[3 n]</c> in node order.
/// Immutable, except that nobody is stopped from writing into its arrays.
/// </remarks>
internal sealed class ElasticMesh
{
    public const int Lanes = 8;

    public int NodeCount { get; }
    public int FreeCount { get; }
    public int TetCount { get; }
    public int GroupCount { get; }

    /// <summary>[n] cage vertex of each node.</summary>
    public int[] VertexOfNode { get; }
    /// <summary>[n] node of each cage vertex.</summary>
    public int[] NodeOfVertex { get; }
    /// <summary>[4 t] nodes of each element.</summary>
    public int[] Corners { get; }
    /// <summary>[g, 4, 8] the same for lanes; padding repeats the first element.</summary>
    public int[] LaneCorners { get; }
    /// <summary>[g, 9, 8] row-major inverse rest matrices: F = Ds Dm^-1.</summary>
    public AlignedBuffer RestInverse { get; }
    /// <summary>[g, 8] rest volumes; zero in padding.</summary>
    public AlignedBuffer Volumes { get; }
    /// <summary>[t, 6] block of each pair of corners, in the order of <see cref="Pairs"/>; <c>BlockCount</c> where a corner is held.</summary>
    public int[] PairBlocks { get; }
    /// <summary>[t] bit k set: pair k is stored with its second corner as the row.</summary>
    public byte[] PairSwaps { get; }
    /// <summary>[t, 4] diagonal block of each corner.</summary>
    public int[] DiagonalBlocks { get; }
    /// <summary>Matrix pattern over the free nodes.</summary>
    public BlockSymbolic Symbolic { get; }
    /// <summary>[blocks] sum of V b_p . b_q: the graph Laplacian that the term |F|^2 / 2 gives.</summary>
    public double[] Laplacian { get; }
    /// <summary>[3 n] rest positions.</summary>
    public double[] RestPositions { get; }

    public static ReadOnlySpan<byte> Pairs => [0, 1, 0, 2, 0, 3, 1, 2, 1, 3, 2, 3];

    /// <param name="vertices">[3 n] rest positions of the cage.</param>
    /// <param name="tets">[4 t] corners.</param>
    /// <param name="restInverse">[9 t] row-major.</param>
    /// <param name="volumes">[t].</param>
    /// <param name="held">Cage vertices without unknowns, ascending.</param>
    public ElasticMesh(double[] vertices, int[] tets, double[] restInverse, double[] volumes, IReadOnlyCollection<int> held)
    {
        NodeCount = vertices.Length / 3;
        TetCount = tets.Length / 4;
        FreeCount = NodeCount - held.Count;
        GroupCount = (TetCount + Lanes - 1) / Lanes;

        var isHeld = new bool[NodeCount];
        foreach (var v in held) isHeld[v] = true;
        var provisional = new int[NodeCount];
        var vertexOf = new int[NodeCount];
        int free = 0, fixedNode = FreeCount;
        for (var v = 0; v < NodeCount; v++)
        {
            provisional[v] = isHeld[v] ? fixedNode++ : free++;
            vertexOf[provisional[v]] = v;
        }
        var graph = NodeGraph.FromTets(Array.ConvertAll(tets, v => provisional[v]), FreeCount);
        Symbolic = BlockSymbolic.Analyse(graph, MinimumDegreeOrdering.Order(graph));

        VertexOfNode = new int[NodeCount];
        NodeOfVertex = new int[NodeCount];
        for (var i = 0; i < NodeCount; i++)
        {
            VertexOfNode[i] = vertexOf[i < FreeCount ? Symbolic.Order[i] : i];
            NodeOfVertex[VertexOfNode[i]] = i;
        }
        RestPositions = new double[3 * NodeCount];
        for (var i = 0; i < NodeCount; i++) Array.Copy(vertices, 3 * VertexOfNode[i], RestPositions, 3 * i, 3);

        Corners = Array.ConvertAll(tets, v => NodeOfVertex[v]);
        LaneCorners = new int[GroupCount * 4 * Lanes];
        RestInverse = new AlignedBuffer(9L * GroupCount * Lanes);
        Volumes = new AlignedBuffer((long)GroupCount * Lanes);
        PairBlocks = new int[6 * TetCount];
        PairSwaps = new byte[TetCount];
        DiagonalBlocks = new int[4 * TetCount];
        Laplacian = new double[Symbolic.BlockCount + 1];
        for (var i = 0; i < GroupCount * Lanes; i++)
        {
            var t = i < TetCount ? i : 0;
            int g = i / Lanes, lane = i % Lanes;
            for (var c = 0; c < 4; c++) LaneCorners[(g * 4 + c) * Lanes + lane] = Corners[4 * t + c];
            for (var k = 0; k < 9; k++) RestInverse.Span[(g * 9 + k) * Lanes + lane] = restInverse[9 * t + k];
            Volumes.Span[i] = i < TetCount ? volumes[t] : 0;
        }
        for (var t = 0; t < TetCount; t++) MapBlocks(t, restInverse.AsSpan(9 * t, 9), volumes[t]);
    }

    void MapBlocks(int t, ReadOnlySpan<double> inverse, double volume)
    {
        Span<double> shape = stackalloc double[12];
        ShapeGradients(inverse, shape);
        var corners = Corners.AsSpan(4 * t, 4);
        for (var c = 0; c < 4; c++)
        {
            DiagonalBlocks[4 * t + c] = corners[c] < FreeCount ? Symbolic.ColumnStarts[corners[c]] : Symbolic.BlockCount;
            Laplacian[DiagonalBlocks[4 * t + c]] += volume * Dot(shape, c, c);
        }
        for (var k = 0; k < 6; k++)
        {
            int p = Pairs[2 * k], q = Pairs[2 * k + 1];
            var swap = corners[p] < corners[q];
            var (row, column) = swap ? (corners[q], corners[p]) : (corners[p], corners[q]);
            if (swap) PairSwaps[t] |= (byte)(1 << k);
            PairBlocks[6 * t + k] = row < FreeCount ? BlockOf(row, column) : Symbolic.BlockCount;
            Laplacian[PairBlocks[6 * t + k]] += volume * Dot(shape, p, q);
        }

        static double Dot(Span<double> b, int p, int q) => b[3 * p] * b[3 * q] + b[3 * p + 1] * b[3 * q + 1] + b[3 * p + 2] * b[3 * q + 2];
    }

    int BlockOf(int row, int column) =>
        Array.BinarySearch(Symbolic.BlockRows, Symbolic.ColumnStarts[column], Symbolic.ColumnStarts[column + 1] - Symbolic.ColumnStarts[column], row);

    /// <summary>Gradients of the four linear shape functions, [4, 3], from the row-major inverse rest matrix.</summary>
    public static void ShapeGradients(ReadOnlySpan<double> inverse, Span<double> shape)
    {
        for (var k = 0; k < 3; k++)
        {
            for (var p = 0; p < 3; p++) shape[3 * (p + 1) + k] = inverse[3 * p + k];
            shape[k] = -(inverse[k] + inverse[3 + k] + inverse[6 + k]);
        }
    }
}
