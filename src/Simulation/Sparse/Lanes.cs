using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ExampleMlFarm.Simulation.Sparse;

/// <summary>
/// Reductions over eight lanes in one fixed order. <c>TensorPrimitives</c> adds in an order that depends on the
/// machine's vector width, which would make a pose's bytes depend on the worker.
/// </summary>
internal static class Lanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(Vector512<double> v)
    {
        var half = v.GetLower() + v.GetUpper();
        var quarter = half.GetLower() + half.GetUpper();
        return quarter.GetElement(0) + quarter.GetElement(1);
    }

    /// <summary>Scalar product, the tail added last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = Vector512<double>.Zero;
        var i = 0;
        for (; i + 8 <= a.Length; i += 8)
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(a.Slice(i, 8)), Vector512.Create(b.Slice(i, 8)), sum);
        var total = Sum(sum);
        for (; i < a.Length; i++) total = Math.FusedMultiplyAdd(a[i], b[i], total);
        return total;
    }

    /// <summary>y += factor * x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(ReadOnlySpan<double> x, double factor, Span<double> y)
    {
        var scale = Vector512.Create(factor);
        var i = 0;
        for (; i + 8 <= x.Length; i += 8)
            Vector512.FusedMultiplyAdd(Vector512.Create(x.Slice(i, 8)), scale, Vector512.Create<double>(y.Slice(i, 8))).CopyTo(y.Slice(i, 8));
        for (; i < x.Length; i++) y[i] = Math.FusedMultiplyAdd(x[i], factor, y[i]);
    }

    /// <summary>Largest magnitude; NaN when any value is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double MaxMagnitude(ReadOnlySpan<double> a)
    {
        var most = 0.0;
        foreach (var v in a) most = Math.Max(most, Math.Abs(v));
        return most;
    }
}
