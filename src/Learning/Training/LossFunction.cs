using System.Runtime.Intrinsics;

namespace ExampleMlFarm.Learning.Training;

/// <summary>A loss over a batch and its gradient. Sums run in double, lane by lane in a fixed order.</summary>
internal sealed unsafe class LossFunction
{
    private readonly Loss kind;
    private readonly float delta;
    private readonly float[]? weights;
    private readonly int length;
    private readonly double perRow;

    public LossFunction(TrainingOptions options, int outputLength)
    {
        kind = options.Loss;
        delta = (float)options.HuberDelta;
        weights = kind == Loss.WeightedMse ? [.. options.TargetWeights!] : null;
        length = outputLength;
        perRow = options.Sums ? 1 : 1.0 / outputLength;
    }

    /// <summary>Sum of the row losses of outputs and targets [rows, length]; divide by the rows of the set for its loss.</summary>
    public double Sum(float* output, float* target, int rows) => Walk(output, target, null, rows, 0) * perRow;

    /// <summary>The same sum; writes d (mean loss of the batch) / d output to <paramref name="gradient"/> [rows, length].</summary>
    public double SumAndGradient(float* output, float* target, float* gradient, int rows) => Walk(output, target, gradient, rows, (float)(perRow / rows)) * perRow;

    private double Walk(float* output, float* target, float* gradient, int rows, float factor)
    {
        // Without weights per entry, rows need not be told apart.
        if (weights is null) return Row(output, target, gradient, null, rows * length, factor);
        double sum = 0;
        fixed (float* w = weights)
            for (int r = 0; r < rows; r++)
                sum += Row(output + r * length, target + r * length, gradient is null ? null : gradient + r * length, w, length, factor);
        return sum;
    }

    private double Row(float* output, float* target, float* gradient, float* weight, int count, float factor)
    {
        var low = Vector512<double>.Zero;
        var high = Vector512<double>.Zero;
        int i = 0;
        for (; i + 16 <= count; i += 16)
        {
            var (value, slope) = Entry(Vector512.Load(output + i) - Vector512.Load(target + i), weight is null ? Vector512<float>.One : Vector512.Load(weight + i));
            low += Vector512.WidenLower(value);
            high += Vector512.WidenUpper(value);
            if (gradient is not null) (slope * Vector512.Create(factor)).Store(gradient + i);
        }
        if (i < count)
        {
            int left = count - i;
            float* rest = stackalloc float[32];
            new Span<float>(rest, 32).Clear();
            for (int j = 0; j < left; j++)
            {
                rest[j] = output[i + j] - target[i + j];
                rest[16 + j] = weight is null ? 1 : weight[i + j];
            }
            var (value, slope) = Entry(Vector512.Load(rest), Vector512.Load(rest + 16));
            low += Vector512.WidenLower(value);
            high += Vector512.WidenUpper(value);
            if (gradient is not null)
            {
                (slope * Vector512.Create(factor)).Store(rest);
                new ReadOnlySpan<float>(rest, left).CopyTo(new Span<float>(gradient + i, left));
            }
        }
        // Lane after lane: how a machine adds across a vector is its own affair.
        double sum = 0;
        for (int lane = 0; lane < 8; lane++) sum += low[lane] + high[lane];
        return sum;
    }

    /// <summary>Loss and its derivative for a difference output − target.</summary>
    private (Vector512<float> Value, Vector512<float> Slope) Entry(Vector512<float> d, Vector512<float> w)
    {
        switch (kind)
        {
            case Loss.Mse:
                return (d * d, d + d);
            case Loss.WeightedMse:
                return (w * d * d, w * (d + d));
            case Loss.L1:
                return (Vector512.Abs(d), Sign(d));
            default:
                var size = Vector512.Abs(d);
                var near = Vector512.LessThan(size, Vector512.Create(delta));
                return (Vector512.ConditionalSelect(near, Vector512.Create(0.5f) * d * d, Vector512.Create(delta) * (size - Vector512.Create(0.5f * delta))),
                    Vector512.ConditionalSelect(near, d, Vector512.Create(delta) * Sign(d)));
        }
    }

    private static Vector512<float> Sign(Vector512<float> d) => Vector512.ConditionalSelect(Vector512.Equals(d, Vector512<float>.Zero), Vector512<float>.Zero,
        Vector512.CopySign(Vector512<float>.One, d));
}
