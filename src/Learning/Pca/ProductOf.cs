using System.Runtime.Intrinsics;

namespace ExampleMlFarm.Learning.Pca;

/// <summary>Products of float rows summed in double, sixteen lanes in a fixed order.</summary>
internal static class ProductOf
{
    /// <summary>(x − mean) · c.</summary>
    public static double Centred(ReadOnlySpan<float> x, ReadOnlySpan<float> mean, ReadOnlySpan<float> c)
    {
        Vector512<double> low = default, high = default;
        int i = 0;
        for (; i + 16 <= x.Length; i += 16)
        {
            Vector512<float> vx = Vector512.Create(x.Slice(i, 16)), vm = Vector512.Create(mean.Slice(i, 16)), vc = Vector512.Create(c.Slice(i, 16));
            low = Vector512.FusedMultiplyAdd(Vector512.WidenLower(vx) - Vector512.WidenLower(vm), Vector512.WidenLower(vc), low);
            high = Vector512.FusedMultiplyAdd(Vector512.WidenUpper(vx) - Vector512.WidenUpper(vm), Vector512.WidenUpper(vc), high);
        }
        double sum = 0;
        for (int lane = 0; lane < 8; lane++) sum += low[lane] + high[lane];
        for (; i < x.Length; i++) sum = Math.FusedMultiplyAdd((double)x[i] - mean[i], c[i], sum);
        return sum;
    }

    /// <summary>sum += weight · c.</summary>
    public static void Add(double weight, ReadOnlySpan<float> c, Span<double> sum)
    {
        for (int i = 0; i < c.Length; i++) sum[i] = Math.FusedMultiplyAdd(weight, c[i], sum[i]);
    }
}
