using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ExampleMlFarm.Learning.Dense;

/// <summary>
/// Transcendental functions on sixteen floats, by polynomials of our own: the same bits on every machine, which the C library
/// does not promise. Errors are absolute, against the exact value, unless called relative.
/// </summary>
internal static class Transcendental
{
    /// <summary>e^x, relative error below 3e-7; x is clamped to ±87.3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(-87.3f)), Vector512.Create(87.3f));
        var n = Vector512.Round(x * Vector512.Create(1.44269504088896341f));
        // ln 2 in two parts, so that the remainder keeps its bits (Cody and Waite).
        var r = Vector512.FusedMultiplyAdd(-n, Vector512.Create(0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(-n, Vector512.Create(-2.12194440e-4f), r);
        var p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
        var exponent = Vector512.ShiftLeft(Vector512.ConvertToInt32(n), 23);
        return (p.AsInt32() + exponent).AsSingle();
    }

    /// <summary>tanh x, relative error below 1e-6: a rational function of odd degree 13 over even degree 6, clamped where it reaches 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(-7.90531110763549805f)), Vector512.Create(7.90531110763549805f));
        var s = x * x;
        var p = Vector512.Create(-2.76076847742355e-16f);
        p = Vector512.FusedMultiplyAdd(p, s, Vector512.Create(2.00018790482477e-13f));
        p = Vector512.FusedMultiplyAdd(p, s, Vector512.Create(-8.60467152213735e-11f));
        p = Vector512.FusedMultiplyAdd(p, s, Vector512.Create(5.12229709037114e-08f));
        p = Vector512.FusedMultiplyAdd(p, s, Vector512.Create(1.48572235717979e-05f));
        p = Vector512.FusedMultiplyAdd(p, s, Vector512.Create(6.37261928875436e-04f));
        p = Vector512.FusedMultiplyAdd(p, s, Vector512.Create(4.89352455891786e-03f));
        var q = Vector512.Create(1.19825839466702e-06f);
        q = Vector512.FusedMultiplyAdd(q, s, Vector512.Create(1.18534705686654e-04f));
        q = Vector512.FusedMultiplyAdd(q, s, Vector512.Create(2.26843463243900e-03f));
        q = Vector512.FusedMultiplyAdd(q, s, Vector512.Create(4.89352518554385e-03f));
        return x * p / q;
    }

    /// <summary>1 / (1 + e^-x), error below 3e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>ln(1 + u) for u in [0, 1], relative error below 3e-7: the series of 2 artanh(u / (2 + u)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LogOnePlus(Vector512<float> u)
    {
        var s = u / (u + Vector512.Create(2f));
        var s2 = s * s;
        var p = Vector512.Create(2f / 13);
        p = Vector512.FusedMultiplyAdd(p, s2, Vector512.Create(2f / 11));
        p = Vector512.FusedMultiplyAdd(p, s2, Vector512.Create(2f / 9));
        p = Vector512.FusedMultiplyAdd(p, s2, Vector512.Create(2f / 7));
        p = Vector512.FusedMultiplyAdd(p, s2, Vector512.Create(2f / 5));
        p = Vector512.FusedMultiplyAdd(p, s2, Vector512.Create(2f / 3));
        return s * Vector512.FusedMultiplyAdd(p, s2, Vector512.Create(2f));
    }

    /// <summary>erf x, error below 4e-7 (Abramowitz and Stegun, 7.1.26).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Erf(Vector512<float> x)
    {
        var magnitude = Vector512.Abs(x);
        var t = Vector512<float>.One / Vector512.FusedMultiplyAdd(magnitude, Vector512.Create(0.3275911f), Vector512<float>.One);
        var p = Vector512.Create(1.061405429f);
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(-1.453152027f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(1.421413741f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(-0.284496736f));
        p = Vector512.FusedMultiplyAdd(p, t, Vector512.Create(0.254829592f));
        var positive = Vector512<float>.One - p * t * Exp(-(x * x));
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), -positive, positive);
    }
}
