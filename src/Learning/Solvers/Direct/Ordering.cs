namespace ExampleMlFarm.Learning.Solvers.Direct;

/// <summary>Orders that keep the factors of sparse matrices narrow.</summary>
internal static class Ordering
{
    /// <summary>
    /// Reverse Cuthill–McKee of the pattern of A + Aᵀ: a permutation whose band is narrow. Starts each part of the graph at a node far from others.
    /// </summary>
    /// <remarks>Source: George and Liu, "Computer Solution of Large Sparse Positive Definite Systems", 1981, chapter 4.</remarks>
    public static int[] ReverseCuthillMcKee(SparseMatrix a)
    {
        int n = a.Rows;
        int[][] neighbours = Neighbours(a);
        var visited = new bool[n];
        var order = new List<int>(n);
        foreach (int seed in Enumerable.Range(0, n).OrderBy(i => neighbours[i].Length).ThenBy(i => i))
        {
            if (visited[seed]) continue;
            int start = FarEnd(FarEnd(seed, neighbours), neighbours);
            int head = order.Count;
            order.Add(start);
            visited[start] = true;
            for (; head < order.Count; head++)
                foreach (int next in neighbours[order[head]].Where(i => !visited[i]).OrderBy(i => neighbours[i].Length).ThenBy(i => i))
                {
                    visited[next] = true;
                    order.Add(next);
                }
        }
        order.Reverse();
        return [.. order];
    }

    /// <summary>The pattern of AᵀA with ones: columns of A are neighbours when they meet in a row.</summary>
    public static SparseMatrix ColumnGraph(SparseMatrix a)
    {
        var row = new List<int>();
        var column = new List<int>();
        var transposed = a.Transpose();
        var mark = new int[a.Columns];
        Array.Fill(mark, -1);
        for (int c = 0; c < a.Columns; c++)
            for (int e = transposed.Starts[c]; e < transposed.Starts[c + 1]; e++)
            {
                int r = transposed.Indices[e];
                for (int k = a.Starts[r]; k < a.Starts[r + 1]; k++)
                {
                    if (mark[a.Indices[k]] == c) continue;
                    mark[a.Indices[k]] = c;
                    row.Add(c);
                    column.Add(a.Indices[k]);
                }
            }
        double[] ones = new double[row.Count];
        Array.Fill(ones, 1);
        return SparseMatrix.FromCoordinates(a.Columns, a.Columns, row.ToArray(), column.ToArray(), ones);
    }

    private static int[][] Neighbours(SparseMatrix a)
    {
        var t = a.Transpose();
        var neighbours = new int[a.Rows][];
        for (int i = 0; i < a.Rows; i++)
            neighbours[i] = [.. a.Indices.AsSpan(a.Starts[i], a.Starts[i + 1] - a.Starts[i]).ToArray()
                .Union(t.Indices.AsSpan(t.Starts[i], t.Starts[i + 1] - t.Starts[i]).ToArray()).Where(j => j != i).Order()];
        return neighbours;
    }

    /// <summary>The last node that a search in breadth reaches.</summary>
    private static int FarEnd(int start, int[][] neighbours)
    {
        var seen = new HashSet<int> { start };
        var queue = new Queue<int>([start]);
        int last = start;
        while (queue.TryDequeue(out last))
        {
            int node = last;
            foreach (int next in neighbours[node])
                if (seen.Add(next)) queue.Enqueue(next);
            if (queue.Count == 0) return node;
        }
        return start;
    }
}
