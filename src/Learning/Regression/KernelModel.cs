using ExampleMlFarm.Learning.Dense;
using ExampleMlFarm.Learning.Onnx;
using ExampleMlFarm.Learning.States;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>f(q) = Σ aᵢ k(q, xᵢ) + b (+ C q where linear functions are free), in double. Thread-safe.</summary>
public sealed unsafe class KernelModel : IRegressionModel
{
    private const int BlockRows = 64;

    private readonly Standardisation coordinates;
    private readonly double[] centres;
    private readonly double[] norms;
    private readonly double[] coefficients;
    private readonly double[] bias;
    private readonly double[]? linear;

    /// <summary>Centres [m, d] in the given coordinates, coefficients [m, o], free polynomials [0, 1 or 1 + d, o].</summary>
    internal KernelModel(KernelFunction kernel, Standardisation coordinates, double[] centres, double[] coefficients, double[] free, int outputLength, double weightDecay, KernelPenalty penalty)
    {
        (Kernel, this.coordinates, this.centres, this.coefficients, OutputLength, WeightDecay, Penalty) = (kernel, coordinates, centres, coefficients, outputLength, weightDecay, penalty);
        InputLength = coordinates.Shift.Length;
        Centres = centres.Length / InputLength;
        norms = KernelMatrix.SquaredNorms(centres, Centres, InputLength);
        bias = free.Length == 0 ? new double[outputLength] : free[..outputLength];
        linear = free.Length > outputLength ? free[outputLength..] : null;
    }

    /// <summary>The kernel, its width as it was chosen.</summary>
    public KernelFunction Kernel { get; }

    /// <summary>λ as it was chosen.</summary>
    public double WeightDecay { get; }

    /// <summary>The penalty it was fitted under.</summary>
    public KernelPenalty Penalty { get; }

    /// <summary>Kernel functions m: the training rows, or the landmarks.</summary>
    public int Centres { get; }

    /// <inheritdoc/>
    public int InputLength { get; }

    /// <inheritdoc/>
    public int OutputLength { get; }

    /// <summary>Coefficients [m, o].</summary>
    public ReadOnlySpan<double> Coefficients => coefficients;

    /// <summary>b [o]; zeros without one.</summary>
    public ReadOnlySpan<double> Bias => bias;

    /// <summary>The centres [m, d] as the inputs they were.</summary>
    public double[] CentresInRawInputs()
    {
        var raw = new double[centres.Length];
        for (int i = 0; i < raw.Length; i++) raw[i] = centres[i] * coordinates.Scale[i % InputLength] + coordinates.Shift[i % InputLength];
        return raw;
    }

    /// <inheritdoc/>
    public double[] Predict(ReadOnlySpan<double> rows)
    {
        int n = RegressionRows.CountQueries(rows, InputLength), d = InputLength, o = OutputLength, m = Centres;
        double[] x = coordinates.Apply(rows), outputs = new double[n * o], block = new double[Math.Min(n, BlockRows) * m];
        double[] rowNorms = KernelMatrix.SquaredNorms(x, n, d);
        for (int i = 0; i < outputs.Length; i++) outputs[i] = bias[i % o];
        fixed (double* q = x, qq = rowNorms, z = centres, zz = norms, b = block, a = coefficients, y = outputs, c = linear)
            for (int first = 0; first < n; first += BlockRows)
            {
                int count = Math.Min(BlockRows, n - first);
                KernelMatrix.Fill(Kernel, count, m, d, q + (nint)first * d, qq + first, z, zz, b);
                MatrixProduct.Accumulate(count, o, m, b, m, 1, a, o, 1, y + (nint)first * o, o);
                if (c is not null) MatrixProduct.Accumulate(count, o, d, q + (nint)first * d, d, 1, c, o, 1, y + (nint)first * o, o);
            }
        return outputs;
    }

    /// <inheritdoc/>
    public byte[] ToOnnx(IReadOnlyDictionary<string, string>? metadata = null)
    {
        var graph = new OnnxGraph();
        string q = graph.Standardised("input", coordinates.Shift, coordinates.Scale);
        string values = KernelGraph.Append(graph, Kernel, q, centres, norms, Centres, InputLength);
        string y = graph.Node("MatMul", "weighted", [values, graph.Tensor("coefficients", coefficients, Centres, OutputLength)]);
        if (linear is not null)
            y = graph.Node("Add", "with_linear", [y, graph.Node("MatMul", "linear", [q, graph.Tensor("linear_weights", linear, InputLength, OutputLength)])]);
        y = graph.Node("Add", "with_bias", [y, graph.Tensor("bias", bias, OutputLength)]);
        graph.CastToFloat(y, "output");
        return graph.Write("kernel_regression", InputLength, OutputLength, metadata);
    }

    /// <inheritdoc/>
    public byte[] ToTensors()
    {
        var file = new TensorFile();
        file.Add("centres", centres, Centres, InputLength);
        file.Add("coefficients", coefficients, Centres, OutputLength);
        file.Add("bias", bias, OutputLength);
        if (linear is not null) file.Add("linear", linear, InputLength, OutputLength);
        file.Add("input.shift", coordinates.Shift, InputLength);
        file.Add("input.scale", coordinates.Scale, InputLength);
        foreach (var (name, value) in new[] { ("width", Kernel.Width), ("polynomial_offset", Kernel.PolynomialOffset), ("sigmoid_scale", Kernel.SigmoidScale), ("sigmoid_offset", Kernel.SigmoidOffset), ("weight_decay", WeightDecay) })
            file.Metadata[name] = value.ToString("R");
        file.Metadata["kernel"] = Kernel.Kind.ToString();
        file.Metadata["polynomial_degree"] = Kernel.Degree.ToString();
        file.Metadata["penalty"] = Penalty.ToString();
        return file.ToBytes();
    }
}
