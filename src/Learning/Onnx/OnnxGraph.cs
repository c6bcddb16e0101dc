using System.Runtime.InteropServices;
using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Wire;

namespace ExampleMlFarm.Learning.Onnx;

/// <summary>
/// A graph of operators put together by hand: one float32 input [N, d], one float32 output [N, o], anything between them. Knows the file format (opset 17,
/// IR version 8), not what the operators mean.
/// </summary>
internal sealed class OnnxGraph
{
    /// <summary>Protobuf ends at 2 GiB; what is near it is refused before it is built.</summary>
    private const long MaxBytes = int.MaxValue - (1 << 20);

    private readonly List<WireWriter> nodes = [];
    private readonly List<WireWriter> initializers = [];
    private long bytes;

    /// <summary>Element types of tensors.</summary>
    public enum Element
    {
        /// <summary>float32.</summary>
        Float = 1,
        /// <summary>int64.</summary>
        Int64 = 7,
        /// <summary>float64.</summary>
        Double = 11,
    }

    /// <summary>Adds an operator; its one output, or the first of several, is named <paramref name="name"/>.</summary>
    public string Node(string operatorName, string name, string[] inputs, params WireWriter[] attributes) => Node(operatorName, [name], inputs, attributes);

    /// <summary>Adds an operator with these outputs.</summary>
    public string Node(string operatorName, string[] outputs, string[] inputs, params WireWriter[] attributes)
    {
        var node = new WireWriter();
        foreach (string input in inputs) node.Text(1, input);
        foreach (string output in outputs) node.Text(2, output);
        node.Text(3, $"{outputs[0]}_node").Text(4, operatorName);
        foreach (var attribute in attributes) node.Message(5, attribute);
        nodes.Add(node);
        return outputs[0];
    }

    /// <summary>A float64 constant; without a shape a scalar.</summary>
    public string Tensor(string name, ReadOnlySpan<double> values, params int[] shape) => Tensor(name, Element.Double, MemoryMarshal.AsBytes(values), shape);

    /// <summary>An int64 constant; without a shape a scalar.</summary>
    public string Tensor(string name, ReadOnlySpan<long> values, params int[] shape) => Tensor(name, Element.Int64, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A float64 scalar.</summary>
    public string Scalar(string name, double value) => Tensor(name, [value]);

    /// <summary>A value in another element type.</summary>
    public string Cast(string name, string value, Element to) => Node("Cast", name, [value], Integer("to", (long)to));

    /// <summary>The input in double, shifted and scaled; what does nothing is left out.</summary>
    public string Standardised(string input, double[] shift, double[] scale)
    {
        string x = Cast($"{input}_wide", input, Element.Double);
        if (shift.Any(s => s != 0)) x = Node("Sub", $"{input}_centred", [x, Tensor($"{input}_shift", shift, shift.Length)]);
        if (scale.Any(s => s != 1)) x = Node("Div", $"{input}_scaled", [x, Tensor($"{input}_scale", scale, scale.Length)]);
        return x;
    }

    /// <summary>Ends the graph: the value as float32 is the output.</summary>
    public void CastToFloat(string value, string output) => Cast(output, value, Element.Float);

    /// <summary>The file, metadata in ordinal order.</summary>
    /// <exception cref="FarmException"><c>onnx.too_large</c>.</exception>
    public byte[] Write(string name, int inputLength, int outputLength, IReadOnlyDictionary<string, string>? metadata, string input = "input", string output = "output")
    {
        if (bytes > MaxBytes)
            throw FarmException.Invalid("onnx.too_large", $"the model's constants take {bytes} bytes and an ONNX file ends at 2 GiB; fit on fewer rows, or on landmarks");
        var graph = new WireWriter();
        foreach (var node in nodes) graph.Message(1, node);
        graph.Text(2, name);
        foreach (var initializer in initializers) graph.Message(5, initializer);
        graph.Message(11, Rows(input, inputLength)).Message(12, Rows(output, outputLength));
        return Model(graph, metadata);
    }

    /// <summary>A whole model around a graph.</summary>
    public static byte[] Model(WireWriter graph, IReadOnlyDictionary<string, string>? metadata)
    {
        var model = new WireWriter().Integer(1, 8).Text(2, "mlfarm").Message(7, graph).Message(8, new WireWriter().Text(1, "").Integer(2, 17));
        foreach (var (key, value) in (metadata ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal))
            model.Message(14, new WireWriter().Text(1, key).Text(2, value));
        return model.ToBytes();
    }

    /// <summary>Float32 rows [N, length] as an input or output.</summary>
    public static WireWriter Rows(string name, int length)
    {
        var shape = new WireWriter().Message(1, new WireWriter().Text(2, "N")).Message(1, new WireWriter().Integer(1, length));
        return new WireWriter().Text(1, name).Message(2, new WireWriter().Message(1, new WireWriter().Integer(1, (int)Element.Float).Message(2, shape)));
    }

    /// <summary>An attribute that is a whole number.</summary>
    public static WireWriter Integer(string name, long value) => new WireWriter().Text(1, name).Integer(3, value).Integer(20, 2);

    /// <summary>An attribute that is a number.</summary>
    public static WireWriter Float(string name, float value) => new WireWriter().Text(1, name).Float(2, value).Integer(20, 1);

    private string Tensor(string name, Element type, ReadOnlySpan<byte> data, int[] shape)
    {
        bytes += data.Length;
        // Constants beyond the limit are counted, and refused with the file, but not kept.
        if (bytes > MaxBytes) return name;
        var tensor = new WireWriter();
        foreach (int length in shape) tensor.Integer(1, length);
        initializers.Add(tensor.Integer(2, (int)type).Text(8, name).Raw(9, data));
        return name;
    }
}
