namespace ExampleMlFarm.Learning.Regression;

/// <summary>A kd-tree with a bounding box per node.</summary>
/// <remarks>
/// The distance to a box is added up as the distance to a point is, so that with rounding too it is never greater than that of a point inside: nothing
/// is passed over, ties included. Source: Friedman, Bentley and Finkel, "An algorithm for finding best matches in logarithmic expected time", 1977.
/// </remarks>
internal sealed unsafe class KdTree : INeighbourSearch
{
    private const int LeafRows = 16;

    private readonly double[] points;
    private readonly int[] order;
    private readonly List<Node> nodes = [];
    private readonly List<double> boxes = [];
    private readonly double[] box;
    private readonly int d;
    private readonly int n;

    /// <summary>Rows [first, first + count) in the tree's order; the second child of an inner node, 0 for a leaf. The first child comes right behind its parent.</summary>
    private readonly record struct Node(int First, int Count, int Second);

    public KdTree(double[] rows, int d)
    {
        (this.d, n) = (d, rows.Length / d);
        order = [.. Enumerable.Range(0, n)];
        var keys = new double[n];
        Build(rows, 0, n, keys);
        box = [.. boxes];
        // Points in the order of the leaves, so that a leaf is one run of memory.
        points = new double[rows.Length];
        for (int i = 0; i < n; i++) Array.Copy(rows, (nint)order[i] * d, points, (nint)i * d, d);
    }

    /// <inheritdoc/>
    public void Find(ReadOnlySpan<double> queries, int k, Span<int> rows, Span<double> squares)
    {
        int m = NeighbourSearch.CheckedCount(queries, d, k, n, Math.Min(rows.Length, squares.Length));
        fixed (double* q = queries, s = squares, p = points, b = box)
        fixed (int* r = rows)
            for (int i = 0; i < m; i++)
            {
                var nearest = new NearestSoFar(r + (nint)i * k, s + (nint)i * k, k, 0);
                Visit(0, q + (nint)i * d, p, b, ref nearest);
            }
    }

    private void Visit(int index, double* q, double* p, double* b, ref NearestSoFar nearest)
    {
        var node = nodes[index];
        if (node.Second == 0)
        {
            for (int i = node.First; i < node.First + node.Count; i++)
                nearest.Offer(KernelMatrix.Between(q, p + (nint)i * d, d), order[i]);
            return;
        }
        int near = index + 1, far = node.Second;
        double nearDistance = ToBox(q, b + (nint)near * 2 * d), farDistance = ToBox(q, b + (nint)far * 2 * d);
        if (farDistance < nearDistance) (near, far, nearDistance, farDistance) = (far, near, farDistance, nearDistance);
        // At an equal distance a lower row may still be behind.
        if (nearDistance <= nearest.Worst) Visit(near, q, p, b, ref nearest);
        if (farDistance <= nearest.Worst) Visit(far, q, p, b, ref nearest);
    }

    /// <summary>Squared distance to a box (lowest corner, then highest).</summary>
    private double ToBox(double* q, double* corners)
    {
        double sum = 0;
        for (int i = 0; i < d; i++)
        {
            double outside = Math.Max(0, Math.Max(corners[i] - q[i], q[i] - corners[d + i]));
            sum += outside * outside;
        }
        return sum;
    }

    private void Build(double[] rows, int first, int count, double[] keys)
    {
        int index = nodes.Count, axis = 0;
        nodes.Add(new(first, count, 0));
        double widest = 0;
        var corners = new double[2 * d];
        for (int i = 0; i < d; i++)
        {
            double low = double.PositiveInfinity, high = double.NegativeInfinity;
            for (int r = first; r < first + count; r++)
            {
                double x = rows[(nint)order[r] * d + i];
                (low, high) = (Math.Min(low, x), Math.Max(high, x));
            }
            (corners[i], corners[d + i]) = (low, high);
            if (high - low > widest) (widest, axis) = (high - low, i);
        }
        boxes.AddRange(corners);
        // Rows that all coincide stay together, however many.
        if (count <= LeafRows || widest == 0) return;
        for (int r = first; r < first + count; r++) keys[r] = rows[(nint)order[r] * d + axis];
        Array.Sort(keys, order, first, count);
        int half = count / 2;
        Build(rows, first, half, keys);
        nodes[index] = new(first, count, nodes.Count);
        Build(rows, first + half, count - half, keys);
    }
}
