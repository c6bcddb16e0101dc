using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ExampleMlFarm.Learning.Dense;

/// <summary>
/// Transcendental functions on eight doubles, by series of our own: the same bits on every machine and at every place of an array.
/// </summary>
internal static unsafe class WideTranscendental
{
    /// <summary>Applies a function to <paramref name="count"/> values in place; what is left behind the last whole vector goes through one of its own.</summary>
    public static void Apply(double* values, int count, delegate*<Vector512<double>, Vector512<double>> function)
    {
        int i = 0;
        for (; i + 8 <= count; i += 8) function(Vector512.Load(values + i)).Store(values + i);
        if (i == count) return;
        double* last = stackalloc double[8];
        for (int k = 0; k < 8; k++) last[k] = values[Math.Min(i + k, count - 1)];
        function(Vector512.Load(last)).Store(last);
        for (int k = 0; i + k < count; k++) values[i + k] = last[k];
    }

    /// <summary>e^x, relative error below 4e-16; x is clamped to [-708, 709].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Exp(Vector512<double> x)
    {
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(-708.0)), Vector512.Create(709.0));
        var n = Vector512.Round(x * Vector512.Create(1.4426950408889634));
        // ln 2 in two parts, so that the remainder keeps its bits (Cody and Waite).
        var r = Vector512.FusedMultiplyAdd(-n, Vector512.Create(6.93147180369123816490e-01), x);
        r = Vector512.FusedMultiplyAdd(-n, Vector512.Create(1.90821492927058770002e-10), r);
        // Taylor's series to r¹³ / 13!, |r| ≤ ln 2 / 2.
        var p = Vector512.Create(1.6059043836821613e-10);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(2.0876756987868100e-09));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(2.5052108385441720e-08));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(2.7557319223985893e-07));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(2.7557319223985893e-06));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(2.4801587301587302e-05));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.9841269841269841e-04));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3888888888888889e-03));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3333333333333333e-03));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1666666666666667e-02));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666666666666667e-01));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<double>.One;
        return (p.AsInt64() + Vector512.ShiftLeft(Vector512.ConvertToInt64(n), 52)).AsDouble();
    }

    /// <summary>tanh x, absolute error below 4e-16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Tanh(Vector512<double> x)
    {
        var two = Vector512.Create(2.0);
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(-20.0)), Vector512.Create(20.0));
        return Vector512<double>.One - two / (Exp(x * two) + Vector512<double>.One);
    }

    /// <summary>ln x for normal x &gt; 0, relative error below 1e-15 away from 1, absolute error below 1e-16 near it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Log(Vector512<double> x)
    {
        // x = m · 2^e with m in [√½, √2): adding the distance of √½ from 1 to the bits makes the exponent change there.
        var bits = x.AsInt64();
        var shifted = bits + Vector512.Create(0x3ff0000000000000 - 0x3fe6a09e667f3bcd);
        var exponent = Vector512.ShiftRightArithmetic(shifted, 52) - Vector512.Create(1023L);
        var m = (bits - Vector512.ShiftLeft(exponent, 52)).AsDouble();
        var s = (m - Vector512<double>.One) / (m + Vector512<double>.One);
        var s2 = s * s;
        var p = Vector512.Create(2.0 / 25);
        for (int k = 23; k >= 3; k -= 2) p = Vector512.FusedMultiplyAdd(p, s2, Vector512.Create(2.0 / k));
        var e = Vector512.ConvertToDouble(exponent);
        var low = Vector512.FusedMultiplyAdd(e, Vector512.Create(1.90821492927058770002e-10), s * s2 * p);
        return Vector512.FusedMultiplyAdd(e, Vector512.Create(6.93147180369123816490e-01), s + s + low);
    }
}
