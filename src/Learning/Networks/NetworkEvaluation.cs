using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Networks;

/// <summary>Evaluates a <see cref="Network"/> with the arithmetic it was trained with: a row's bits never depend on the other rows.</summary>
public static unsafe class NetworkEvaluation
{
    private const int BlockRows = 256;

    /// <summary>Rows [n, inputs] to rows [n, outputs].</summary>
    /// <exception cref="FarmException"><c>network.input</c>: the length is not a multiple of the input length.</exception>
    public static float[] Evaluate(this Network network, ReadOnlySpan<float> inputs)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (inputs.Length % network.InputLength != 0)
            throw FarmException.Invalid("network.input", $"{inputs.Length} values are no whole number of rows of {network.InputLength}");
        int rows = inputs.Length / network.InputLength;
        var outputs = new float[checked(rows * network.OutputLength)];
        int widest = network.Layers.Max(l => Math.Max(l.Lengths.Inputs, l.Lengths.Outputs));
        var current = new AlignedFloats(checked(BlockRows * widest));
        var next = new AlignedFloats(checked(BlockRows * widest));
        for (int first = 0; first < rows; first += BlockRows)
        {
            int count = Math.Min(BlockRows, rows - first);
            inputs.Slice(first * network.InputLength, count * network.InputLength).CopyTo(current.Span);
            foreach (var layer in network.Layers)
                if (Step(layer, count, current, next)) (current, next) = (next, current);
            current.Span[..(count * network.OutputLength)].CopyTo(outputs.AsSpan(first * network.OutputLength));
        }
        return outputs;
    }

    /// <summary>One layer; true when the result lies in <paramref name="next"/>, false when it replaced its input.</summary>
    private static bool Step(Layer layer, int rows, AlignedFloats current, AlignedFloats next)
    {
        switch (layer)
        {
            case AffineLayer affine:
                for (int r = 0; r < rows; r++) affine.Bias.CopyTo(next.Span.Slice(r * affine.Outputs, affine.Outputs));
                // [rows, in] x [in, out], W lies transposed.
                fixed (float* weight = affine.Weight)
                    MatrixProduct.Accumulate(rows, affine.Outputs, affine.Inputs, current.Pointer, affine.Inputs, 1, weight, 1, affine.Inputs, next.Pointer, affine.Outputs);
                return true;
            case ActivationLayer activation:
                ActivationFunctions.Apply(activation.Function, current.Pointer, current.Pointer, rows * activation.Length);
                return false;
            case NormaliseLayer normalise:
                for (int r = 0; r < rows; r++)
                    for (int i = 0; i < normalise.Mean.Length; i++)
                    {
                        ref float x = ref current.Pointer[r * normalise.Mean.Length + i];
                        x = (x - normalise.Mean[i]) * normalise.InverseScale[i];
                    }
                return false;
            case DenormaliseLayer denormalise:
                for (int r = 0; r < rows; r++)
                    for (int i = 0; i < denormalise.Mean.Length; i++)
                    {
                        ref float x = ref current.Pointer[r * denormalise.Mean.Length + i];
                        x = x * denormalise.Scale[i] + denormalise.Mean[i];
                    }
                return false;
            default:
                throw new ArgumentOutOfRangeException(nameof(layer), layer, null);
        }
    }
}
