using System.Runtime.Intrinsics;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Training;

/// <summary>
/// One optimizer step over a run of parameters. Holds the two moments an optimizer remembers; the step number comes from outside.
/// </summary>
/// <remarks>Formulae and defaults are those of PyTorch's torch.optim, so that losses can be compared step by step.</remarks>
internal sealed unsafe class StepRule
{
    private const float AdamEpsilon = 1e-8f, AdadeltaEpsilon = 1e-6f;
    private readonly TrainingOptions options;
    private readonly MlpParameters parameters;

    public StepRule(TrainingOptions options, MlpParameters parameters)
    {
        (this.options, this.parameters) = (options, parameters);
        First = new(parameters.Values.Length);
        Second = new(parameters.Values.Length);
    }

    /// <summary>Adam's mean of gradients, SGD's velocity, Adadelta's mean of squared steps.</summary>
    public AlignedFloats First { get; }

    /// <summary>Mean of squared gradients.</summary>
    public AlignedFloats Second { get; }

    /// <summary>Moves the parameters by their gradient; <paramref name="step"/> counts from 1.</summary>
    public void Apply(AlignedFloats gradient, double rate, long step)
    {
        for (int l = 0; l < parameters.Layers; l++)
        {
            int weights = parameters.WeightOffset(l), bias = parameters.BiasOffset(l), outputs = parameters.Width(l + 1);
            Apply(gradient, weights, bias - weights, rate, step, options.WeightDecay);
            Apply(gradient, bias, outputs, rate, step, 0);
        }
    }

    private void Apply(AlignedFloats gradient, int from, int count, double rate, long step, double decay)
    {
        float* w = parameters.Values.Pointer + from, g = gradient.Pointer + from, first = First.Pointer + from, second = Second.Pointer + from;
        switch (options.Optimizer)
        {
            case Optimizer.Adam: Adam(w, g, first, second, count, rate, step, (float)(2 * decay), 1); break;
            case Optimizer.Adamw: Adam(w, g, first, second, count, rate, step, 0, (float)(1 - rate * decay)); break;
            case Optimizer.Sgd: Sgd(w, g, first, count, (float)rate, (float)(2 * decay), (float)options.SgdMomentum); break;
            default: Adadelta(w, g, first, second, count, (float)rate, (float)(2 * decay), (float)options.AdaRho); break;
        }
    }

    private void Adam(float* w, float* g, float* m, float* v, int count, double rate, long step, float penalty, float shrink)
    {
        double mean = 1 - LearningRates.Power(options.BetaOne, step), square = 1 - LearningRates.Power(options.BetaTwo, step);
        float stepSize = (float)(rate / mean), inverseRoot = (float)(1 / Math.Sqrt(square));
        float b1 = (float)options.BetaOne, b2 = (float)options.BetaTwo, c1 = (float)(1 - options.BetaOne), c2 = (float)(1 - options.BetaTwo);
        Vector512<float> vB1 = Vector512.Create(b1), vB2 = Vector512.Create(b2), vC1 = Vector512.Create(c1), vC2 = Vector512.Create(c2);
        Vector512<float> vPenalty = Vector512.Create(penalty), vShrink = Vector512.Create(shrink), vRoot = Vector512.Create(inverseRoot);
        Vector512<float> vEpsilon = Vector512.Create(AdamEpsilon), vStep = Vector512.Create(stepSize);
        int i = 0;
        for (; i + 16 <= count; i += 16)
        {
            var x = Vector512.Load(w + i) * vShrink;
            var slope = Vector512.FusedMultiplyAdd(vPenalty, x, Vector512.Load(g + i));
            var mi = Vector512.FusedMultiplyAdd(vB1, Vector512.Load(m + i), vC1 * slope);
            var vi = Vector512.FusedMultiplyAdd(vB2, Vector512.Load(v + i), vC2 * slope * slope);
            mi.Store(m + i);
            vi.Store(v + i);
            (x - vStep * (mi / (Vector512.Sqrt(vi) * vRoot + vEpsilon))).Store(w + i);
        }
        for (; i < count; i++)
        {
            float x = w[i] * shrink;
            float slope = MathF.FusedMultiplyAdd(penalty, x, g[i]);
            m[i] = MathF.FusedMultiplyAdd(b1, m[i], c1 * slope);
            v[i] = MathF.FusedMultiplyAdd(b2, v[i], c2 * slope * slope);
            w[i] = x - stepSize * (m[i] / (MathF.Sqrt(v[i]) * inverseRoot + AdamEpsilon));
        }
    }

    private static void Sgd(float* w, float* g, float* velocity, int count, float rate, float penalty, float momentum)
    {
        for (int i = 0; i < count; i++)
        {
            velocity[i] = momentum * velocity[i] + (g[i] + penalty * w[i]);
            w[i] -= rate * velocity[i];
        }
    }

    private static void Adadelta(float* w, float* g, float* steps, float* squares, int count, float rate, float penalty, float rho)
    {
        for (int i = 0; i < count; i++)
        {
            float slope = g[i] + penalty * w[i];
            squares[i] = rho * squares[i] + (1 - rho) * slope * slope;
            float delta = MathF.Sqrt(steps[i] + AdadeltaEpsilon) / MathF.Sqrt(squares[i] + AdadeltaEpsilon) * slope;
            steps[i] = rho * steps[i] + (1 - rho) * delta * delta;
            w[i] -= rate * delta;
        }
    }
}
