using ExampleMlFarm.Learning.Onnx;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>Kernels and distances as ONNX operators, in double: weights of kernel models are large and cancel.</summary>
internal static class KernelGraph
{
    /// <summary>Squared distances [N, m] of the value q [N, d] to the centres [m, d], from inner products; never negative.</summary>
    public static string SquaredDistances(OnnxGraph graph, string q, double[] centres, double[] norms, int m, int d)
    {
        // −2 x·z + z·z + x·x with centres as columns [d, m].
        var transposed = new double[d * m];
        for (int j = 0; j < m; j++)
            for (int i = 0; i < d; i++) transposed[i * m + j] = -2 * centres[j * d + i];
        string products = graph.Node("MatMul", "products", [q, graph.Tensor("centres", transposed, d, m)]);
        string squares = graph.Node("Mul", "squares", [q, q]);
        string size = graph.Node("ReduceSum", "size", [squares, graph.Tensor("axis_1", [1L], 1)], OnnxGraph.Integer("keepdims", 1));
        string sum = graph.Node("Add", "with_size", [graph.Node("Add", "with_centres", [products, graph.Tensor("centre_sizes", norms, 1, m)]), size]);
        return graph.Node("Max", "squared_distances", [sum, graph.Scalar("zero", 0)]);
    }

    /// <summary>Kernel values [N, m].</summary>
    public static string Append(OnnxGraph graph, KernelFunction kernel, string q, double[] centres, double[] norms, int m, int d)
    {
        if (!kernel.IsRadial)
        {
            var transposed = new double[d * m];
            for (int j = 0; j < m; j++)
                for (int i = 0; i < d; i++) transposed[i * m + j] = centres[j * d + i];
            string products = graph.Node("MatMul", "products", [q, graph.Tensor("centres", transposed, d, m)]);
            return kernel.Kind == KernelKind.Polynomial
                ? graph.Node("Pow", "kernel", [graph.Node("Add", "shifted", [products, graph.Scalar("offset", kernel.PolynomialOffset)]), graph.Scalar("degree", kernel.Degree)])
                : graph.Node("Tanh", "kernel", [graph.Node("Add", "shifted", [graph.Node("Mul", "scaled", [products, graph.Scalar("scale", kernel.SigmoidScale)]), graph.Scalar("offset", kernel.SigmoidOffset)])]);
        }
        string squares = SquaredDistances(graph, q, centres, norms, m, d);
        string Scaled(double factor) => graph.Node("Mul", "scaled", [squares, graph.Scalar("scale", factor)]);
        double w2 = kernel.Width * kernel.Width;
        switch (kernel.Kind)
        {
            case KernelKind.Gaussian: return graph.Node("Exp", "kernel", [Scaled(-1 / (2 * w2))]);
            case KernelKind.Laplace: return Decay(graph, Scaled(1 / w2), out _);
            case KernelKind.Matern32:
            {
                string decay = Decay(graph, Scaled(3 / w2), out string s);
                return graph.Node("Mul", "kernel", [decay, graph.Node("Add", "factor", [s, graph.Scalar("one", 1)])]);
            }
            case KernelKind.Matern52:
            {
                string square = Scaled(5 / w2), decay = Decay(graph, square, out string s);
                string third = graph.Node("Mul", "third", [square, graph.Scalar("one_third", 1.0 / 3)]);
                return graph.Node("Mul", "kernel", [decay, graph.Node("Add", "factor", [graph.Node("Add", "linear_part", [s, graph.Scalar("one", 1)]), third])]);
            }
            case KernelKind.ThinPlate:
            {
                string square = Scaled(1 / w2);
                string log = graph.Node("Log", "log", [graph.Node("Max", "above_zero", [square, graph.Scalar("tiny", 1e-300)])]);
                return graph.Node("Mul", "kernel", [graph.Node("Mul", "half", [square, graph.Scalar("one_half", 0.5)]), log]);
            }
            case KernelKind.Linear: return graph.Node("Neg", "kernel", [graph.Node("Sqrt", "distance", [Scaled(1 / w2)])]);
            case KernelKind.Cubic:
            {
                string square = Scaled(1 / w2);
                return graph.Node("Mul", "kernel", [square, graph.Node("Sqrt", "distance", [square])]);
            }
            default: throw new InvalidOperationException($"there is no kernel {kernel.Kind}");
        }
    }

    /// <summary>exp(−s) with s = √square.</summary>
    private static string Decay(OnnxGraph graph, string square, out string s)
    {
        s = graph.Node("Sqrt", "distance", [square]);
        return graph.Node("Exp", "decay", [graph.Node("Neg", "negative", [s])]);
    }
}
