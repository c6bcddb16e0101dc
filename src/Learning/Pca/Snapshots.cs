using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Pca;

/// <summary>
/// The method of snapshots in parts that can be cooked apart: a block of the Gram matrix over two blocks of rows, the modes of the
/// whole matrix, and each block's share of the components. The parts give the same bits however the rows are cut, as long as shares
/// are added in the order of the rows.
/// </summary>
/// <remarks>Source: Sirovich, "Turbulence and the dynamics of coherent structures", 1987.</remarks>
public static unsafe class Snapshots
{
    /// <summary>Eigenvalues below this share of the largest are rounding.</summary>
    private const double RankTolerance = 1e-13;

    /// <summary>(A − mean) (B − mean)ᵀ [a, b] for rows A [a, d] and B [b, d].</summary>
    public static double[] GramBlock(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<double> mean)
    {
        int d = mean.Length, rows = a.Length / d, columns = b.Length / d;
        double[] x = Centred(a, mean), y = Centred(b, mean);
        var gram = new double[checked(rows * columns)];
        fixed (double* px = x, py = y, pg = gram) MatrixProduct.Accumulate(rows, columns, d, px, d, 1, py, 1, d, pg, columns);
        return gram;
    }

    /// <summary>Eigenvalues of the Gram matrix [n, n] (of Xᵀ X as well), and for each the row weights [k, n] that make its component.</summary>
    public static (double[] Values, double[] RowWeights) Modes(double[] gram, int n, int components)
    {
        ArgumentNullException.ThrowIfNull(gram);
        if (gram.Length != (long)n * n) throw FarmException.Invalid("pca.input", $"a Gram matrix of {gram.Length} entries is not {n} x {n}");
        var (values, vectors) = SymmetricEigen.Solve((double[])gram.Clone(), n);
        int k = 0;
        while (k < Math.Min(components, n) && values[k] > RankTolerance * values[0] && values[k] > 0) k++;
        var weights = new double[k * n];
        for (int m = 0; m < k; m++)
            for (int r = 0; r < n; r++) weights[m * n + r] = vectors[m * n + r] / Math.Sqrt(values[m]);
        return (values[..k], weights);
    }

    /// <summary>Adds the share of rows [count, d], the first of which is row <paramref name="firstRow"/> of n, to components [k, d].</summary>
    public static void AddComponents(ReadOnlySpan<float> rows, int firstRow, int n, ReadOnlySpan<double> mean, double[] rowWeights, double[] components)
    {
        ArgumentNullException.ThrowIfNull(rowWeights);
        int d = mean.Length, count = rows.Length / d, k = rowWeights.Length / n;
        double[] x = Centred(rows, mean);
        // [k, d] += weights [k, count of n] x rows [count, d]
        fixed (double* px = x, pw = rowWeights, pc = components) MatrixProduct.Accumulate(k, d, count, pw + firstRow, n, 1, px, d, 1, pc, d);
    }

    internal static double[] Centred(ReadOnlySpan<float> rows, ReadOnlySpan<double> mean)
    {
        var centred = new double[rows.Length];
        for (int from = 0; from < rows.Length; from += mean.Length)
            for (int i = 0; i < mean.Length; i++) centred[from + i] = rows[from + i] - mean[i];
        return centred;
    }
}
