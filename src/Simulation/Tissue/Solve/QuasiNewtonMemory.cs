using ExampleMlFarm.Simulation.Sparse;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>The last steps and changes of gradient, for the two-loop recursion of L-BFGS (Nocedal 1980).</summary>
/// <remarks>Exact line searches make s . y positive, so the implied matrix stays positive definite.</remarks>
internal sealed class QuasiNewtonMemory
{
    readonly AlignedBuffer[] steps, changes;
    readonly double[] inverses, weights;
    readonly int free;

    public QuasiNewtonMemory(int free, int capacity)
    {
        this.free = free;
        steps = [.. Enumerable.Range(0, capacity).Select(_ => new AlignedBuffer(free))];
        changes = [.. Enumerable.Range(0, capacity).Select(_ => new AlignedBuffer(free))];
        inverses = new double[capacity];
        weights = new double[capacity];
    }

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    /// <summary>Notes a step along a direction and the gradient before it.</summary>
    public unsafe void Begin(AlignedBuffer direction, double step, AlignedBuffer gradient)
    {
        if (Count == steps.Length) return;
        double* s = steps[Count].Pointer, y = changes[Count].Pointer;
        for (var i = 0; i < free; i++)
        {
            s[i] = step * direction.Pointer[i];
            y[i] = -gradient.Pointer[i];
        }
    }

    /// <summary>Notes the gradient after the step.</summary>
    /// <returns>False when the memory is full or the step saw no positive curvature.</returns>
    public bool Complete(AlignedBuffer gradient)
    {
        if (Count == steps.Length) return false;
        var y = changes[Count].Span;
        Lanes.AddScaled(gradient.Span[..free], 1, y);
        var curvature = Lanes.Dot(steps[Count].Span, y);
        if (!(curvature > 0)) return false;
        inverses[Count++] = 1 / curvature;
        return true;
    }

    /// <summary>Turns minus the gradient into a direction, with <paramref name="solve"/> as the first guess of the inverse matrix.</summary>
    public void Improve(Span<double> d, Action solve)
    {
        for (var k = Count - 1; k >= 0; k--)
        {
            weights[k] = inverses[k] * Lanes.Dot(steps[k].Span, d);
            Lanes.AddScaled(changes[k].Span, -weights[k], d);
        }
        solve();
        for (var k = 0; k < Count; k++)
            Lanes.AddScaled(steps[k].Span, weights[k] - inverses[k] * Lanes.Dot(changes[k].Span, d), d);
    }
}
