using System.Runtime.Intrinsics;
using ExampleMlFarm.Learning.Dense;
using ExampleMlFarm.Learning.Networks;

namespace ExampleMlFarm.Learning.Training;

/// <summary>
/// One batch forward and back through a network, in buffers that are made once: no allocation and no graph per step.
/// Gradients agree with automatic differentiation (a test holds them against TorchSharp's).
/// </summary>
internal sealed unsafe class MlpPass
{
    private readonly MlpParameters parameters;
    private readonly Activation activation;
    private readonly AlignedFloats[] sums;
    private readonly AlignedFloats[] outputs;
    private readonly AlignedFloats[] slopes;

    public MlpPass(MlpParameters parameters, Activation activation, int maxRows)
    {
        (this.parameters, this.activation) = (parameters, activation);
        MaxRows = maxRows;
        AlignedFloats[] Buffers() => [.. Enumerable.Range(0, parameters.Layers).Select(l => new AlignedFloats(checked(maxRows * parameters.Width(l + 1))))];
        sums = Buffers();
        outputs = Buffers();
        slopes = Buffers();
        Gradient = new(parameters.Values.Length);
    }

    /// <summary>Rows a batch may have.</summary>
    public int MaxRows { get; }

    /// <summary>d loss / d parameters of the last <see cref="Backward"/>, laid out as the parameters are.</summary>
    public AlignedFloats Gradient { get; }

    /// <summary>Where <see cref="Backward"/> expects d loss / d output, [rows, outputs].</summary>
    public float* OutputGradient => slopes[^1].Pointer;

    /// <summary>Rows [rows, in] to outputs [rows, out], which stay valid until the next call.</summary>
    public float* Forward(float* input, int rows)
    {
        float* x = input;
        for (int l = 0; l < parameters.Layers; l++)
        {
            int wide = parameters.Width(l + 1), narrow = parameters.Width(l);
            var bias = new ReadOnlySpan<float>(parameters.Values.Pointer + parameters.BiasOffset(l), wide);
            float* sum = sums[l].Pointer;
            for (int r = 0; r < rows; r++) bias.CopyTo(new Span<float>(sum + r * wide, wide));
            // [rows, in] x [in, out]
            MatrixProduct.Accumulate(rows, wide, narrow, x, narrow, 1, parameters.Values.Pointer + parameters.WeightOffset(l), wide, 1, sum, wide);
            if (l == parameters.Layers - 1) return sum;
            ActivationFunctions.Apply(activation, sum, outputs[l].Pointer, rows * wide);
            x = outputs[l].Pointer;
        }
        return x;
    }

    /// <summary>Fills <see cref="Gradient"/> for the batch of the last <see cref="Forward"/>, from <see cref="OutputGradient"/>.</summary>
    public void Backward(float* input, int rows)
    {
        Gradient.Span.Clear();
        for (int l = parameters.Layers - 1; l >= 0; l--)
        {
            int wide = parameters.Width(l + 1), narrow = parameters.Width(l);
            float* slope = slopes[l].Pointer;
            float* x = l == 0 ? input : outputs[l - 1].Pointer;
            // dW [in, out] = x^T [in, rows] x slope [rows, out]
            MatrixProduct.Accumulate(narrow, wide, rows, x, 1, narrow, slope, wide, 1, Gradient.Pointer + parameters.WeightOffset(l), wide);
            SumColumns(slope, rows, wide, Gradient.Pointer + parameters.BiasOffset(l));
            if (l == 0) return;
            float* below = slopes[l - 1].Pointer;
            new Span<float>(below, rows * narrow).Clear();
            // [rows, in] = slope [rows, out] x W^T [out, in]
            MatrixProduct.Accumulate(rows, narrow, wide, slope, wide, 1, parameters.Values.Pointer + parameters.WeightOffset(l), 1, wide, below, narrow);
            ActivationFunctions.Backward(activation, sums[l - 1].Pointer, x, below, rows * narrow);
        }
    }

    private static void SumColumns(float* values, int rows, int columns, float* sum)
    {
        for (int r = 0; r < rows; r++)
        {
            float* row = values + r * columns;
            int i = 0;
            for (; i + 16 <= columns; i += 16) (Vector512.Load(sum + i) + Vector512.Load(row + i)).Store(sum + i);
            for (; i < columns; i++) sum[i] += row[i];
        }
    }
}
