using System.Runtime.InteropServices;
using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Learning.Pca;
using ExampleMlFarm.Tests.Learning.Oracles;

namespace ExampleMlFarm.Tests.Learning.Pca;

public class PrincipalComponentsTests
{
    public static TheoryData<PcaAlgorithm> Algorithms => [PcaAlgorithm.Covariance, PcaAlgorithm.Snapshots, PcaAlgorithm.Randomized, PcaAlgorithm.Incremental];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Components_are_orthonormal_sorted_and_of_fixed_sign(PcaAlgorithm algorithm)
    {
        var basis = PrincipalComponents.Analyse(RowSource.FromMemory(Rows(120, 50), 50), new() { Components = 12, Algorithm = algorithm });
        Assert.Equal(12, basis.Count);
        float[] c = basis.Components.ToArray();
        for (int i = 0; i < 12; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double dot = 0;
                for (int x = 0; x < 50; x++) dot += (double)c[i * 50 + x] * c[j * 50 + x];
                Assert.Equal(i == j ? 1 : 0, dot, 1e-6);
            }
            Assert.True(c[(i * 50)..(i * 50 + 50)].MaxBy(MathF.Abs) > 0);
        }
        Assert.Equal(basis.Eigenvalues.ToArray().OrderDescending(), basis.Eigenvalues.ToArray());
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Components_up_to_the_rank_rebuild_the_rows(PcaAlgorithm algorithm)
    {
        float[] rows = Rows(60, 80, rank: 7);
        var basis = PrincipalComponents.Analyse(RowSource.FromMemory(rows, 80), new() { Components = 30, Algorithm = algorithm });
        // Float rows of rank seven have rounding in every direction, far below the seven.
        Assert.InRange(basis.Count, 7, 30);
        float[] rebuilt = basis.Reconstruct(basis.Project(rows));
        float scale = rows.Max(MathF.Abs);
        for (int i = 0; i < rows.Length; i++) Assert.Equal(rows[i], rebuilt[i], 1e-6f * scale);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void What_is_left_over_equals_the_dropped_eigenvalues(PcaAlgorithm algorithm)
    {
        float[] rows = Rows(100, 40);
        var source = RowSource.FromMemory(rows, 40);
        var basis = PrincipalComponents.Analyse(source, new() { Components = 5, Algorithm = algorithm });
        float[] rebuilt = basis.Reconstruct(basis.Project(rows));
        double residual = 0;
        for (int i = 0; i < rows.Length; i++) residual += ((double)rows[i] - rebuilt[i]) * ((double)rows[i] - rebuilt[i]);
        double dropped = (basis.TotalVariance - basis.Eigenvalues.ToArray().Sum()) * 99;
        Assert.Equal(1, residual / dropped, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Subspace_is_that_of_sklearn(PcaAlgorithm algorithm)
    {
        Python.Require("sklearn");
        const int n = 150, d = 64, k = 10;
        double[] oracle = [.. Sklearn.Value[0], .. Sklearn.Value[1]];
        var basis = PrincipalComponents.Analyse(RowSource.FromMemory(Rows(n, d), d), new() { Components = k, Algorithm = algorithm });
        for (int i = 0; i < k; i++) Assert.Equal(1, basis.Eigenvalues.Span[i] / oracle[i], 1e-6);
        double sine = SineOfAngle(oracle[k..], basis);
        Assert.True(sine < 1e-4, $"sine of the angle {sine:e2}");
    }

    [Theory]
    [InlineData(PcaAlgorithm.Randomized, 0.9)]
    [InlineData(PcaAlgorithm.Randomized, 0.97)]
    [InlineData(PcaAlgorithm.Incremental, 0.9)]
    [InlineData(PcaAlgorithm.Incremental, 0.97)]
    public void Iterated_subspace_is_the_exact_one_where_the_spectrum_falls_slowly(PcaAlgorithm algorithm, double fall)
    {
        const int d = 120, k = 12;
        var source = RowSource.FromMemory(Rows(400, d, fall: fall), d);
        var exact = PrincipalComponents.Analyse(source, new() { Components = k, Algorithm = PcaAlgorithm.Covariance });
        var found = PrincipalComponents.Analyse(source, new() { Components = k, Algorithm = algorithm });
        double sine = SineOfAngle([.. exact.Components.ToArray().Select(c => (double)c)], found);
        Assert.True(sine < 1e-4, $"sine of the angle {sine:e2}");
        for (int i = 0; i < k; i++) Assert.Equal(1, found.Eigenvalues.Span[i] / exact.Eigenvalues.Span[i], 1e-7);
    }

    /// <summary>Largest part of a component [k, d] that lies outside of a basis: the sine of the angle, but for a factor of at most √k.</summary>
    private static double SineOfAngle(double[] components, PcaBasis basis)
    {
        int d = basis.Columns;
        double worst = 0;
        for (int from = 0; from < components.Length; from += d)
        {
            double[] rest = components[from..(from + d)];
            for (int j = 0; j < basis.Count; j++)
            {
                double dot = 0;
                for (int x = 0; x < d; x++) dot += components[from + x] * basis.Components.Span[j * d + x];
                for (int x = 0; x < d; x++) rest[x] -= dot * basis.Components.Span[j * d + x];
            }
            worst = Math.Max(worst, Math.Sqrt(rest.Sum(v => v * v)));
        }
        return worst;
    }

    private static readonly Lazy<double[][]> Sklearn = new(() => Python.Rows("""
        import numpy as np
        from sklearn.decomposition import PCA
        x = np.fromfile('x', '<f4').reshape(150, 64).astype(np.float64)
        p = PCA(10, svd_solver='full').fit(x)
        print(*p.explained_variance_)
        print(*p.components_.ravel())
        """, ("x", MemoryMarshal.AsBytes(Rows(150, 64).AsSpan()).ToArray())));

    [Fact]
    public void Snapshots_over_eight_shards_are_those_over_one_to_the_bit()
    {
        const int n = 90, d = 130, k = 8;
        float[] rows = Rows(n, d);
        var whole = PrincipalComponents.Analyse(RowSource.FromMemory(rows, d), new() { Components = k, Algorithm = PcaAlgorithm.Snapshots });
        var mean = new double[d];
        for (int i = 0; i < rows.Length; i++) mean[i % d] += rows[i];
        for (int i = 0; i < d; i++) mean[i] /= n;
        int[] cuts = [0, 5, 20, 21, 40, 55, 70, 85, 90];
        var gram = new double[n * n];
        for (int a = 0; a < 8; a++)
            for (int b = 0; b <= a; b++)
            {
                double[] block = Snapshots.GramBlock(Shard(a), Shard(b), mean);
                int width = cuts[b + 1] - cuts[b];
                for (int i = 0; i < block.Length; i++)
                {
                    int r = cuts[a] + i / width, c = cuts[b] + i % width;
                    gram[r * n + c] = gram[c * n + r] = block[i];
                }
            }
        var (values, weights) = Snapshots.Modes(gram, n, k);
        var components = new double[k * d];
        for (int s = 0; s < 8; s++) Snapshots.AddComponents(Shard(s), cuts[s], n, mean, weights, components);
        Assert.Equal(whole.Eigenvalues.ToArray(), values.Select(v => v / (n - 1)));
        // Equal but for the sign and a last orthonormalisation, which are applied to the sum.
        for (int m = 0; m < k; m++)
        {
            double dot = 0;
            for (int i = 0; i < d; i++) dot += components[m * d + i] * whole.Components.Span[m * d + i];
            Assert.Equal(1, Math.Abs(dot), 1e-7);
        }

        ReadOnlySpan<float> Shard(int s) => rows.AsSpan(cuts[s] * d, (cuts[s + 1] - cuts[s]) * d);
    }

    [Theory]
    [InlineData(PcaAlgorithm.Covariance)]
    [InlineData(PcaAlgorithm.Snapshots)]
    [InlineData(PcaAlgorithm.Randomized)]
    [InlineData(PcaAlgorithm.Incremental)]
    public void Equal_rows_give_equal_bytes(PcaAlgorithm algorithm)
    {
        float[] rows = Rows(70, 33);
        var options = new PcaOptions { Components = 6, Algorithm = algorithm };
        Assert.Equal(PrincipalComponents.Analyse(RowSource.FromMemory(rows, 33), options).Hash(), PrincipalComponents.Analyse(RowSource.FromMemory((float[])rows.Clone(), 33), options).Hash());
    }

    [Fact]
    public void Range_and_mean_weight_choose_what_takes_part()
    {
        float[] rows = Rows(30, 12);
        var basis = PrincipalComponents.Analyse(RowSource.FromMemory(rows, 12), new() { Components = 6 });
        float[] all = basis.Project(rows), some = basis.Project(rows, new(Skip: 2, Components: 3)), mean = basis.Project(rows, new(Skip: 2, Components: 3, IncludeMeanWeight: true));
        Assert.Equal(all[2..5], some[..3]);
        Assert.Equal([1, .. some[..3]], mean[..4]);
        Assert.Equal(basis.Reconstruct(some, new(2, 3)), basis.Reconstruct(mean, new(2, 3, true)));
        // A mean weight of zero leaves the mean out.
        Assert.All(basis.Reconstruct([0, 0, 0, 0], new(2, 3, true)), v => Assert.Equal(0, v));
        Assert.Equal("pca.range", Assert.Throws<FarmException>(() => basis.Project(rows, new(Skip: 7))).Failure.Code);
        var scree = basis.Scree();
        Assert.Equal(scree[^1].Cumulative, scree.Sum(p => p.Proportion), 1e-12);
        Assert.InRange(scree[^1].Cumulative, 0.5, 1 + 1e-9);
    }

    [Fact]
    public void Rows_that_do_not_vary_have_a_mean_and_no_component()
    {
        var basis = PrincipalComponents.Analyse(RowSource.FromMemory(new float[] { 1, 2, 1, 2, 1, 2 }, 2), new());
        Assert.Equal(0, basis.Count);
        Assert.Equal([1f, 2f], basis.Mean.ToArray());
        Assert.Equal(0, PrincipalComponents.Analyse(RowSource.FromMemory(new float[] { 1, 2 }, 2), new()).Count);
    }

    [Fact]
    public void Not_a_number_is_reported_with_row_and_column()
    {
        float[] rows = Rows(10, 4);
        rows[4 * 7 + 2] = float.NaN;
        Assert.Contains("row 7, column 2", Assert.Throws<FarmException>(() => PrincipalComponents.Analyse(RowSource.FromMemory(rows, 4), new())).Failure.Message);
    }

    [Fact]
    public void Basis_survives_its_file_and_a_damaged_file_is_a_typed_error()
    {
        var basis = PrincipalComponents.Analyse(RowSource.FromMemory(Rows(30, 12), 12), new() { Components = 4 });
        byte[] file = basis.ToBytes();
        var read = PcaBasis.Parse(file);
        Assert.Equal(basis.Hash(), read.Hash());
        Assert.Equal((30, 4, 12), (read.SampleCount, read.Count, read.Columns));
        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Byte, Gen.Bool).Sample((at, value, cut) =>
        {
            byte[] damaged = cut ? file[..at] : (byte[])file.Clone();
            if (!cut) damaged[at] = value;
            try { PcaBasis.Parse(damaged); }
            catch (FarmException e) { Assert.Contains(e.Failure.Code, (string[])["tensors.corrupt", "pca.format"]); }
        }, iter: 3000, threads: 1);
    }

    [Theory]
    [InlineData(5000, 100, PcaAlgorithm.Covariance)]
    [InlineData(256, 40_000, PcaAlgorithm.Snapshots)]
    [InlineData(4000, 40_000, PcaAlgorithm.Randomized)]
    public void Algorithm_is_chosen_by_size(int rows, int columns, PcaAlgorithm expected) => Assert.Equal(expected, new PcaOptions().Choose(rows, columns));

    /// <summary>Correlated rows around a mean: a few strong directions and a falling rest, or an exact rank.</summary>
    internal static float[] Rows(int n, int d, int rank = 0, double fall = 0.7)
    {
        var random = CounterRandom.Keyed(11, "test", 0, "rows");
        uint draw = 0;
        int r = rank == 0 ? d : rank;
        double[] directions = [.. Enumerable.Range(0, r * d).Select(_ => random.Normal(draw++))];
        var rows = new float[n * d];
        for (int row = 0; row < n; row++)
        {
            double[] weights = [.. Enumerable.Range(0, r).Select(k => random.Normal(draw++) * Math.Pow(fall, k))];
            for (int i = 0; i < d; i++)
            {
                double sum = 0.5 * (i % 5);
                for (int k = 0; k < r; k++) sum += weights[k] * directions[k * d + i];
                rows[row * d + i] = (float)sum;
            }
        }
        return rows;
    }
}
