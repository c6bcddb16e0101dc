using ExampleMlFarm.Learning.Onnx;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>
/// Nearest examples as ONNX operators: distances from inner products choose candidates, whose distances are then worked out from differences, so that ties
/// fall as they do in our own search.
/// </summary>
internal static class NeighbourGraph
{
    /// <summary>Candidates beyond k: as many examples may lie within rounding of the k-th.</summary>
    private const int Spare = 24;

    public static byte[] Write(double[] points, double[] targets, Standardisation coordinates, int o, NeighbourOptions options, IReadOnlyDictionary<string, string>? metadata)
    {
        int d = coordinates.Shift.Length, n = points.Length / d, k = options.Neighbours, candidates = Math.Min(n, k + Spare);
        var graph = new OnnxGraph();
        string q = graph.Standardised("input", coordinates.Shift, coordinates.Scale);
        string sorted = Candidates(graph, q, points, n, d, candidates);
        // [N, c, d] − [N, 1, d]; the lower example comes first, so that TopK gives it the tie.
        string near = graph.Node("Gather", "near", [graph.Tensor("examples", points, n, d), sorted], OnnxGraph.Integer("axis", 0));
        string one = graph.Tensor("axis_of_candidates", [1L], 1), two = graph.Tensor("axis_of_columns", [2L], 1);
        string differences = graph.Node("Sub", "differences", [near, graph.Node("Unsqueeze", "query", [q, one])]);
        string squares = graph.Node("ReduceSum", "exact", [graph.Node("Mul", "squared", [differences, differences]), two], OnnxGraph.Integer("keepdims", 0));
        string nearest = graph.Node("TopK", ["nearest_squares", "nearest_places"], [squares, graph.Tensor("k", [(long)k], 1)], OnnxGraph.Integer("largest", 0));
        string examples = graph.Node("GatherElements", "nearest", [sorted, "nearest_places"], OnnxGraph.Integer("axis", 1));
        // [N, k, o]
        string found = graph.Node("Gather", "found", [graph.Tensor("targets", targets, n, o), examples], OnnxGraph.Integer("axis", 0));
        if (k > 1)
        {
            string weights = Weights(graph, nearest, k, options, one);
            string sum = graph.Node("ReduceSum", "weight_sum", [weights, one], OnnxGraph.Integer("keepdims", 1));
            string shares = graph.Node("Unsqueeze", "shares", [graph.Node("Div", "normalised", [weights, sum]), two]);
            found = graph.Node("Mul", "weighted", [found, shares]);
        }
        graph.CastToFloat(graph.Node("ReduceSum", "mean", [found, one], OnnxGraph.Integer("keepdims", 0)), "output");
        return graph.Write("proximity_regression", d, o, metadata);
    }

    /// <summary>Rows of the nearest candidates [N, c], ascending.</summary>
    private static string Candidates(OnnxGraph graph, string q, double[] points, int n, int d, int candidates)
    {
        // Around zero the inner products cancel least.
        var centre = Standardisation.Centre(points, d);
        double[] centred = centre.Apply(points);
        string moved = graph.Node("Sub", "moved", [q, graph.Tensor("centre", centre.Shift, d)]);
        string squares = KernelGraph.SquaredDistances(graph, moved, centred, KernelMatrix.SquaredNorms(centred, n, d), n, d);
        string count = graph.Tensor("candidate_count", [(long)candidates], 1);
        graph.Node("TopK", ["candidate_squares", "candidates"], [squares, count], OnnxGraph.Integer("largest", 0));
        return graph.Node("TopK", ["sorted_candidates", "sorted_places"], ["candidates", count], OnnxGraph.Integer("largest", 0));
    }

    /// <summary>Weights [N, k] of ascending squared distances, not yet summing to 1.</summary>
    private static string Weights(OnnxGraph graph, string squares, int k, NeighbourOptions options, string columns)
    {
        string first = graph.Tensor("first", [0L], 1), second = graph.Tensor("second", [1L], 1), zero = graph.Scalar("nothing", 0), whole = graph.Scalar("whole", 1);
        string least = graph.Node("Slice", "least", [squares, first, second, columns]);
        switch (options.Weights)
        {
            case NeighbourWeights.InverseDistance:
            {
                // d₁ / dⱼ; where d₁ = 0, one for those at 0 and nothing for the others.
                string ratio = graph.Node("Sqrt", "ratio", [graph.Node("Div", "square_ratio", [least, squares])]);
                string same = graph.Node("Cast", "same", [graph.Node("Equal", "is_zero", [squares, zero])], OnnxGraph.Integer("to", (long)OnnxGraph.Element.Double));
                return graph.Node("Where", "weights", [graph.Node("Equal", "hits", [least, zero]), same, ratio]);
            }
            case NeighbourWeights.Gaussian:
            {
                string excess = graph.Node("Sub", "excess", [least, squares]);
                if (options.Width > 0) return graph.Node("Exp", "weights", [graph.Node("Mul", "exponent", [excess, graph.Scalar("factor", 1 / (2 * options.Width * options.Width))])]);
                string width = graph.Node("Slice", "width", [squares, graph.Tensor("last", [k - 1L], 1), graph.Tensor("end", [(long)k], 1), columns]);
                // Where all lie at 0 the excess is 0 too, and any width gives equal weights.
                string safe = graph.Node("Where", "safe_width", [graph.Node("Equal", "no_width", [width, zero]), whole, width]);
                return graph.Node("Exp", "weights", [graph.Node("Mul", "exponent", [graph.Node("Div", "relative", [excess, safe]), graph.Scalar("factor", 0.5)])]);
            }
            default:
                return graph.Node("Add", "weights", [graph.Node("Mul", "no_weights", [squares, zero]), whole]);
        }
    }
}
