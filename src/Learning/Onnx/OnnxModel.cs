using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Learning.Wire;

namespace ExampleMlFarm.Learning.Onnx;

/// <summary>
/// Writes a <see cref="Network"/> as an ONNX model: opset 17, IR version 8, rows along the axis "N", normalisation inside.
/// Equal networks and metadata give equal bytes. Needs no other library; field numbers are those of onnx.proto.
/// </summary>
public static class OnnxModel
{
    /// <summary>Metadata key of the input's contributions, as text.</summary>
    public const string InputContributionsKey = "mlfarm.input_contributions";

    /// <summary>Metadata key of the output's contributions, as text.</summary>
    public const string OutputContributionsKey = "mlfarm.output_contributions";

    private const int FloatType = 1;

    /// <summary>The file. <paramref name="metadata"/> goes into metadata_props in ordinal order.</summary>
    public static byte[] Write(Network network, IReadOnlyDictionary<string, string>? metadata = null, string inputName = "input", string outputName = "output")
    {
        ArgumentNullException.ThrowIfNull(network);
        var graph = new GraphWriter(inputName);
        for (int i = 0; i < network.Layers.Count; i++) Append(graph, network.Layers[i], $"layer{i}");
        graph.Finish(outputName);

        var message = new WireWriter();
        foreach (var node in graph.Nodes) message.Message(1, node);
        message.Text(2, "network");
        foreach (var initializer in graph.Initializers) message.Message(5, initializer);
        message.Message(11, OnnxGraph.Rows(inputName, network.InputLength));
        message.Message(12, OnnxGraph.Rows(outputName, network.OutputLength));

        return OnnxGraph.Model(message, metadata);
    }

    private static void Append(GraphWriter graph, Layer layer, string name)
    {
        switch (layer)
        {
            case NormaliseLayer normalise:
                graph.Node("Sub", $"{name}.centre", [graph.Tensor($"{name}.mean", normalise.Mean)]);
                graph.Node("Mul", $"{name}.scale", [graph.Tensor($"{name}.inverse_scale", normalise.InverseScale)]);
                break;
            case DenormaliseLayer denormalise:
                graph.Node("Mul", $"{name}.scale", [graph.Tensor($"{name}.factor", denormalise.Scale)]);
                graph.Node("Add", $"{name}.shift", [graph.Tensor($"{name}.mean", denormalise.Mean)]);
                break;
            case AffineLayer affine:
                graph.Node("Gemm", name, [graph.Tensor($"{name}.weight", affine.Weight, affine.Outputs, affine.Inputs), graph.Tensor($"{name}.bias", affine.Bias)],
                    OnnxGraph.Integer("transB", 1));
                break;
            case ActivationLayer activation:
                Append(graph, activation.Function, name);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(layer), layer, null);
        }
    }

    private static void Append(GraphWriter graph, Activation function, string name)
    {
        switch (function)
        {
            case Activation.Tanh: graph.Node("Tanh", name, []); break;
            case Activation.Relu: graph.Node("Relu", name, []); break;
            case Activation.LeakyRelu: graph.Node("LeakyRelu", name, [], OnnxGraph.Float("alpha", ActivationFunctions.LeakySlope)); break;
            case Activation.Sigmoid: graph.Node("Sigmoid", name, []); break;
            case Activation.Elu: graph.Node("Elu", name, [], OnnxGraph.Float("alpha", 1)); break;
            case Activation.Softplus: graph.Node("Softplus", name, []); break;
            case Activation.Silu:
                string x = graph.Current;
                graph.Node("Sigmoid", $"{name}.gate", []);
                graph.Node("Mul", name, [x]);
                break;
            case Activation.Gelu:
                // The operator Gelu exists only from opset 20: x · (0.5 + 0.5 erf(x / √2)).
                string input = graph.Current;
                string half = graph.Tensor($"{name}.half", [0.5f]);
                graph.Node("Mul", $"{name}.scaled", [graph.Tensor($"{name}.root", [0.70710678f])]);
                graph.Node("Erf", $"{name}.erf", []);
                graph.Node("Mul", $"{name}.halved", [half]);
                graph.Node("Add", $"{name}.distribution", [half]);
                graph.Node("Mul", name, [input]);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(function), function, null);
        }
    }

    /// <summary>A chain of nodes where each takes the value of the one before as its first input.</summary>
    private sealed class GraphWriter(string input)
    {
        private readonly List<(string Operator, string Name, string[] Inputs, WireWriter[] Attributes)> chain = [];

        public List<WireWriter> Nodes { get; } = [];
        public List<WireWriter> Initializers { get; } = [];

        /// <summary>Name of the value at the end of the chain.</summary>
        public string Current { get; private set; } = input;

        public void Node(string operatorName, string name, string[] others, params WireWriter[] attributes)
        {
            chain.Add((operatorName, name, [Current, .. others], attributes));
            Current = $"{name}.y";
        }

        public string Tensor(string name, ReadOnlySpan<float> values, params int[] shape)
        {
            var tensor = new WireWriter();
            if (shape.Length == 0) tensor.Integer(1, values.Length);
            foreach (int length in shape) tensor.Integer(1, length);
            Initializers.Add(tensor.Integer(2, FloatType).Text(8, name).Floats(9, values));
            return name;
        }

        /// <summary>Writes the nodes; the last one's value is the output.</summary>
        public void Finish(string output)
        {
            for (int i = 0; i < chain.Count; i++)
            {
                var (operatorName, name, inputs, attributes) = chain[i];
                var node = new WireWriter();
                foreach (string value in inputs) node.Text(1, value);
                node.Text(2, i == chain.Count - 1 ? output : $"{name}.y").Text(3, name).Text(4, operatorName);
                foreach (var attribute in attributes) node.Message(5, attribute);
                Nodes.Add(node);
            }
        }
    }
}
