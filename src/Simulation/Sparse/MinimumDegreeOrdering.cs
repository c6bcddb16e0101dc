using System.Runtime.CompilerServices;

namespace ExampleMlFarm.Simulation.Sparse;

/// <summary>
/// Fill-reducing elimination order by approximate minimum degree on the quotient graph
/// (Amestoy, Davis, Duff 1996, An approximate minimum degree ordering algorithm).
/// </summary>
/// <remarks>Ties go to the lowest node index, so the order is a function of the graph alone.</remarks>
internal static class MinimumDegreeOrdering
{
    /// <summary>Node eliminated first, second, ... [n].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int[] Order(NodeGraph graph)
    {
        var n = graph.Count;
        var variables = new List<int>[n];
        var elements = new List<int>[n];
        var boundary = new int[n][];
        var degree = new int[n];
        var alive = new bool[n];
        var queue = new SortedSet<(int Degree, int Node)>();
        for (var i = 0; i < n; i++)
        {
            variables[i] = [.. graph.Of(i)];
            elements[i] = [];
            degree[i] = variables[i].Count;
            alive[i] = true;
            queue.Add((degree[i], i));
        }
        var order = new int[n];
        var mark = new int[n];
        var outside = new int[n];
        var outsideStamp = new int[n];
        for (var step = 0; step < n; step++)
        {
            var pivot = queue.Min.Node;
            queue.Remove(queue.Min);
            order[step] = pivot;
            alive[pivot] = false;
            var stamp = step + 1;
            mark[pivot] = stamp;
            var front = new List<int>();
            foreach (var v in variables[pivot])
                if (alive[v] && mark[v] != stamp) { mark[v] = stamp; front.Add(v); }
            foreach (var e in elements[pivot])
            {
                foreach (var v in boundary[e])
                    if (alive[v] && mark[v] != stamp) { mark[v] = stamp; front.Add(v); }
                boundary[e] = [];
            }
            var absorbed = elements[pivot];
            boundary[pivot] = [.. front];
            // |L_e \ L_pivot| of every element that touches the new front.
            foreach (var i in front)
            {
                elements[i].RemoveAll(absorbed.Contains);
                foreach (var e in elements[i])
                {
                    if (outsideStamp[e] != stamp)
                    {
                        outsideStamp[e] = stamp;
                        var live = 0;
                        foreach (var v in boundary[e]) if (alive[v]) live++;
                        outside[e] = live;
                    }
                    outside[e]--;
                }
            }
            foreach (var i in front)
            {
                variables[i].RemoveAll(v => mark[v] == stamp || !alive[v]);
                // An element inside the new front adds nothing any more.
                elements[i].RemoveAll(e => outside[e] == 0);
                var estimate = variables[i].Count + front.Count - 1;
                foreach (var e in elements[i]) estimate += outside[e];
                elements[i].Add(pivot);
                var now = Math.Min(Math.Min(n - step - 2, degree[i] + front.Count - 1), estimate);
                queue.Remove((degree[i], i));
                degree[i] = now;
                queue.Add((now, i));
            }
            variables[pivot] = [];
            elements[pivot] = [];
        }
        return order;
    }
}
