using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Tests.Learning.Dense;

public class DecompositionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(60)]
    public void Eigenvectors_are_orthonormal_and_rebuild_the_matrix(int n)
    {
        double[] a = Symmetric(n);
        var (values, vectors) = SymmetricEigen.Solve((double[])a.Clone(), n);
        Assert.Equal(values.OrderDescending(), values);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
            {
                double dot = 0, rebuilt = 0;
                for (int k = 0; k < n; k++)
                {
                    dot += vectors[i * n + k] * vectors[j * n + k];
                    rebuilt += values[k] * vectors[k * n + i] * vectors[k * n + j];
                }
                Assert.Equal(i == j ? 1 : 0, dot, 1e-12);
                Assert.Equal(a[i * n + j], rebuilt, 1e-11 * Math.Max(1, Math.Abs(values[0])));
            }
    }

    [Fact]
    public void Eigenvalues_of_the_second_difference_matrix_are_the_known_cosines()
    {
        const int n = 40;
        var a = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            a[i * n + i] = 2;
            if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
        }
        var (values, _) = SymmetricEigen.Solve(a, n);
        for (int k = 0; k < n; k++) Assert.Equal(2 - 2 * Math.Cos((n - k) * Math.PI / (n + 1)), values[k], 1e-12);
    }

    [Fact]
    public void Degenerate_and_zero_matrices_are_solved()
    {
        Assert.All(SymmetricEigen.Solve(new double[25], 5).Values, v => Assert.Equal(0, v));
        var ones = new double[36];
        Array.Fill(ones, 1.0);
        double[] values = SymmetricEigen.Solve(ones, 6).Values;
        Assert.Equal(6, values[0], 1e-12);
        Assert.All(values[1..], v => Assert.Equal(0, v, 1e-12));
    }

    [Fact]
    public void Singular_values_rebuild_the_matrix_and_show_its_rank()
    {
        const int k = 6, n = 20;
        double[] x = Random(k * n);
        for (int j = 0; j < n; j++) x[5 * n + j] = x[j] - 2 * x[n + j];
        var (u, s, v) = SingularValues.Decompose(x, k, n);
        for (int i = 0; i < k; i++)
            for (int j = 0; j < n; j++)
            {
                double rebuilt = 0;
                for (int m = 0; m < k; m++) rebuilt += u[m * k + i] * s[m] * v[m * n + j];
                Assert.Equal(x[i * n + j], rebuilt, 1e-12);
            }
        Assert.Single(s, value => value < 1e-13 * s.Max());
    }

    [Fact]
    public void Cholesky_solves_and_refuses_a_singular_matrix()
    {
        const int n = 30;
        double[] m = Random(n * n), a = new double[n * n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                for (int k = 0; k < n; k++) a[i * n + j] += m[i * n + k] * m[j * n + k] + (i == j && k == 0 ? 1 : 0);
        double[] x = Random(2 * n), b = new double[2 * n];
        for (int r = 0; r < 2; r++)
            for (int i = 0; i < n; i++)
                for (int k = 0; k < n; k++) b[r * n + i] += a[i * n + k] * x[r * n + k];
        CholeskyFactor.Of(a, n)!.Solve(b, 2);
        for (int i = 0; i < 2 * n; i++) Assert.Equal(x[i], b[i], 1e-10);
        Assert.Null(CholeskyFactor.Of([1, 1, 1, 1], 2));
        double[] diagonal = [4, 0, 0, 0.01];
        Assert.Equal(400, CholeskyFactor.Of(diagonal, 2)!.Condition(diagonal), 1e-6);
    }

    private static double[] Symmetric(int n)
    {
        double[] a = Random(n * n);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
        return a;
    }

    private static double[] Random(int count)
    {
        var random = CounterRandom.Keyed(3, "test", 0, "matrix");
        return [.. Enumerable.Range(0, count).Select(i => random.Normal((uint)i))];
    }
}
