using CsCheck;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Tests.Learning.Dense;

public unsafe class MatrixProductTests
{
    [Fact]
    public void Product_equals_the_chain_of_fused_multiply_adds_at_both_vector_widths()
        => Gen.Select(Gen.Int[1, 21], Gen.Int[1, 70], Gen.Int[1, 300], Gen.Bool, Gen.Bool).Sample((m, n, k, aTransposed, bTransposed) =>
        {
            float[] a = Wave(m * k, 0.37f), b = Wave(k * n, 0.91f), start = Wave(m * n, 0.11f);
            nint aRow = aTransposed ? 1 : k, aColumn = aTransposed ? m : 1, bRow = bTransposed ? 1 : n, bColumn = bTransposed ? k : 1;
            var expected = new float[m * n];
            for (int i = 0; i < m; i++)
                for (int j = 0; j < n; j++)
                {
                    float sum = start[i * n + j];
                    for (int p = 0; p < k; p++) sum = MathF.FusedMultiplyAdd(a[i * aRow + p * aColumn], b[p * bRow + j * bColumn], sum);
                    expected[i * n + j] = sum;
                }
            foreach (bool wide in (bool[])[true, false])
            {
                float[] c = (float[])start.Clone();
                fixed (float* pa = a, pb = b, pc = c) MatrixProduct.Accumulate(m, n, k, pa, aRow, aColumn, pb, bRow, bColumn, pc, n, wide);
                Assert.Equal(expected, c);
            }
        }, iter: 60, threads: 1);

    [Fact]
    public void Product_in_double_has_the_same_bits_at_both_vector_widths()
    {
        const int m = 13, n = 37, k = 700;
        double[] a = [.. Wave(m * k, 0.37f).Select(x => x / 3.0)], b = [.. Wave(k * n, 0.91f).Select(x => x / 7.0)];
        double[] wide = new double[m * n], narrow = new double[m * n];
        fixed (double* pa = a, pb = b, pw = wide, pn = narrow)
        {
            MatrixProduct.Accumulate(m, n, k, pa, k, 1, pb, n, 1, pw, n, wide: true);
            MatrixProduct.Accumulate(m, n, k, pa, k, 1, pb, n, 1, pn, n, wide: false);
        }
        Assert.Equal(narrow, wide);
        double expected = 0;
        for (int p = 0; p < k; p++) expected = Math.FusedMultiplyAdd(a[5 * k + p], b[p * n + 36], expected);
        Assert.Equal(expected, wide[5 * n + 36]);
    }

    private static float[] Wave(int count, float step)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = MathF.Sin(i * step) + 0.01f * (i % 7);
        return values;
    }
}
