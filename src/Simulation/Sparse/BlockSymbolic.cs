namespace ExampleMlFarm.Simulation.Sparse;

/// <summary>
/// The part of a sparse Cholesky factorisation that depends on the pattern alone: elimination order, supernodes
/// and where every block goes. One block is a 3x3 piece of the matrix, for two nodes that share an element.
/// </summary>
/// <remarks>
/// Nodes are renumbered in elimination order; <see cref="Order"/> gives the old node of each new one. A block has an
/// index: blocks of column j are <c>ColumnStarts[j] .. ColumnStarts[j+1]</c>, the diagonal one first, rows ascending.
/// Immutable and safe to share. Multifrontal method: Duff and Reid 1983; supernodes with relaxed amalgamation as in
/// Ashcraft and Grimes 1989.
/// </remarks>
internal sealed class BlockSymbolic
{
    public required int Count { get; init; }
    /// <summary>[n] old node of each new node.</summary>
    public required int[] Order { get; init; }
    /// <summary>[n+1] first block of each column.</summary>
    public required int[] ColumnStarts { get; init; }
    /// <summary>[blocks] row (new node) of each block.</summary>
    public required int[] BlockRows { get; init; }
    /// <summary>[blocks] position of the row within its front, in nodes.</summary>
    public required int[] BlockFrontRows { get; init; }
    /// <summary>[s+1] first column of each supernode.</summary>
    public required int[] SuperStarts { get; init; }
    /// <summary>[s+1] offsets into <see cref="Rows"/>.</summary>
    public required int[] RowStarts { get; init; }
    /// <summary>Rows below each supernode's own columns, ascending.</summary>
    public required int[] Rows { get; init; }
    /// <summary>For each entry of <see cref="Rows"/>: its position in the parent's front, in nodes.</summary>
    public required int[] ParentPositions { get; init; }
    /// <summary>[s] parent supernode, or -1.</summary>
    public required int[] Parents { get; init; }

    public int SuperCount => SuperStarts.Length - 1;
    public int BlockCount => BlockRows.Length;
    public int Columns(int s) => SuperStarts[s + 1] - SuperStarts[s];
    public int RowCount(int s) => RowStarts[s + 1] - RowStarts[s];

    /// <summary>Multiply-adds of one numeric factorisation, for reports and for choosing between orders.</summary>
    public double MultiplyAdds { get; private init; }

    public static BlockSymbolic Analyse(NodeGraph graph, int[] fillReducing)
    {
        var n = graph.Count;
        var order = Postordered(graph, fillReducing, out var parent);
        var position = new int[n];
        for (var i = 0; i < n; i++) position[order[i]] = i;

        var columnStarts = new int[n + 1];
        var blockRows = new List<int>(n + graph.Neighbours.Length / 2);
        var columns = new int[n][];
        var childLists = new List<int>[n];
        for (var j = 0; j < n; j++) if (parent[j] >= 0) (childLists[parent[j]] ??= []).Add(j);
        var mark = new int[n];
        Array.Fill(mark, -1);
        var gathered = new List<int>();
        for (var j = 0; j < n; j++)
        {
            blockRows.Add(j);
            gathered.Clear();
            foreach (var old in graph.Of(order[j]))
                if (position[old] is var row && row > j) gathered.Add(row);
            gathered.Sort();
            blockRows.AddRange(gathered);
            columnStarts[j + 1] = blockRows.Count;
            mark[j] = j;
            foreach (var row in gathered) mark[row] = j;
            foreach (var child in childLists[j] ?? [])
                foreach (var row in columns[child])
                    if (mark[row] != j) { mark[row] = j; gathered.Add(row); }
            gathered.Sort();
            columns[j] = [.. gathered];
        }
        return Supernodes(n, order, parent, columnStarts, blockRows.ToArray(), columns);
    }

    /// <summary>Elimination tree (Liu 1990) of the given order, and the order rearranged so that subtrees are contiguous.</summary>
    static int[] Postordered(NodeGraph graph, int[] order, out int[] parent)
    {
        var n = graph.Count;
        var position = new int[n];
        for (var i = 0; i < n; i++) position[order[i]] = i;
        var tree = new int[n];
        var ancestor = new int[n];
        for (var j = 0; j < n; j++)
        {
            tree[j] = ancestor[j] = -1;
            foreach (var old in graph.Of(order[j]))
                for (var i = position[old]; i != -1 && i < j;)
                {
                    var next = ancestor[i];
                    ancestor[i] = j;
                    if (next == -1) tree[i] = j;
                    i = next == j ? -1 : next;
                }
        }
        var size = new int[n];
        for (var i = 0; i < n; i++) { size[i]++; if (tree[i] >= 0) size[tree[i]] += size[i]; }
        var children = new List<int>[n + 1];
        for (var i = 0; i < n; i++) (children[tree[i] < 0 ? n : tree[i]] ??= []).Add(i);
        var placed = new int[n];
        var next2 = 0;
        var stack = new Stack<(int Node, int Child)>();
        // The child with the longest column goes last, next to its parent, where it may be merged with it.
        foreach (var list in children) list?.Sort((a, b) => size[a] != size[b] ? size[a].CompareTo(size[b]) : a.CompareTo(b));
        foreach (var root in children[n] ?? [])
        {
            stack.Push((root, 0));
            while (stack.Count > 0)
            {
                var (node, child) = stack.Pop();
                if (children[node] is { } list && child < list.Count)
                {
                    stack.Push((node, child + 1));
                    stack.Push((list[child], 0));
                }
                else placed[next2++] = node;
            }
        }
        var inverse = new int[n];
        for (var i = 0; i < n; i++) inverse[placed[i]] = i;
        parent = new int[n];
        var result = new int[n];
        for (var i = 0; i < n; i++)
        {
            result[i] = order[placed[i]];
            parent[i] = tree[placed[i]] < 0 ? -1 : inverse[tree[placed[i]]];
        }
        return result;
    }

    static BlockSymbolic Supernodes(int n, int[] order, int[] parent, int[] columnStarts, int[] blockRows, int[][] columns)
    {
        // Each supernode is (first, last) with the rows below last; zeros counts explicit zeros that merging stored.
        var firsts = new List<int>();
        var lasts = new List<int>();
        var rows = new List<int[]>();
        var zeros = new List<long>();
        for (var j = 0; j < n; j++)
        {
            var top = firsts.Count - 1;
            if (top >= 0 && parent[j - 1] == j && rows[top].Length == columns[j].Length + 1)
            {
                lasts[top] = j;
                rows[top] = columns[j];
            }
            else
            {
                firsts.Add(j); lasts.Add(j); rows.Add(columns[j]); zeros.Add(0);
            }
            while (TryMergeLastTwo()) { }
        }

        // The supernode just finished absorbs the one before it when that one is its child and few zeros appear.
        bool TryMergeLastTwo()
        {
            var p = firsts.Count - 1;
            var c = p - 1;
            if (c < 0 || lasts[c] + 1 != firsts[p] || parent[lasts[c]] != firsts[p]) return false;
            // A supernode still growing is judged again when its next column arrives.
            if (lasts[p] + 1 < n && parent[lasts[p]] == lasts[p] + 1 && rows[p].Length == columns[lasts[p] + 1].Length + 1) return false;
            long cc = lasts[c] - firsts[c] + 1, pc = lasts[p] - firsts[p] + 1, below = rows[p].Length;
            var added = cc * (pc + below - rows[c].Length);
            var total = (cc + pc) * (cc + pc + 1) / 2 + (cc + pc) * below;
            var share = (double)(zeros[c] + zeros[p] + added) / total;
            var width = cc + pc;
            if (!(width <= 4 && share < 0.6 || width <= 12 && share < 0.25 || width <= 32 && share < 0.1 || share < 0.03)) return false;
            lasts[c] = lasts[p];
            rows[c] = rows[p];
            zeros[c] += zeros[p] + added;
            firsts.RemoveAt(p); lasts.RemoveAt(p); rows.RemoveAt(p); zeros.RemoveAt(p);
            return true;
        }

        var count = firsts.Count;
        var superOf = new int[n];
        var superStarts = new int[count + 1];
        var rowStarts = new int[count + 1];
        for (var s = 0; s < count; s++)
        {
            for (var j = firsts[s]; j <= lasts[s]; j++) superOf[j] = s;
            superStarts[s + 1] = lasts[s] + 1;
            rowStarts[s + 1] = rowStarts[s] + rows[s].Length;
        }
        var allRows = rows.SelectMany(r => r).ToArray();
        var parents = new int[count];
        var parentPositions = new int[allRows.Length];
        var blockFrontRows = new int[blockRows.Length];
        var work = 0.0;
        for (var s = 0; s < count; s++)
        {
            parents[s] = rows[s].Length == 0 ? -1 : superOf[rows[s][0]];
            if (parents[s] >= 0)
                for (var k = 0; k < rows[s].Length; k++)
                    parentPositions[rowStarts[s] + k] = FrontPosition(parents[s], rows[s][k]);
            for (var j = firsts[s]; j <= lasts[s]; j++)
                for (var b = columnStarts[j]; b < columnStarts[j + 1]; b++)
                    blockFrontRows[b] = FrontPosition(s, blockRows[b]);
            for (var j = 0; j < 3 * (lasts[s] - firsts[s] + 1); j++)
            {
                var length = 3.0 * (lasts[s] - firsts[s] + 1 + rows[s].Length) - j;
                work += length * (length + 1) / 2;
            }
        }
        return new BlockSymbolic
        {
            Count = n, Order = order, ColumnStarts = columnStarts, BlockRows = blockRows, BlockFrontRows = blockFrontRows,
            SuperStarts = superStarts, RowStarts = rowStarts, Rows = allRows, ParentPositions = parentPositions,
            Parents = parents, MultiplyAdds = work,
        };

        int FrontPosition(int s, int row) => row <= lasts[s]
            ? row - firsts[s]
            : lasts[s] - firsts[s] + 1 + Array.BinarySearch(rows[s], row);
    }
}
