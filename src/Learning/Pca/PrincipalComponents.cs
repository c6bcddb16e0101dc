using System.Numerics.Tensors;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Pca;

/// <summary>
/// Principal component analysis of rows that may be larger than memory. One thread, own arithmetic: the same bits on any machine, and
/// whatever the shards that the rows are read from.
/// </summary>
public static unsafe class PrincipalComponents
{
    /// <summary>Doubles of one block of rows: 32 MiB.</summary>
    private const int BlockEntries = 1 << 22;

    /// <summary>Extra directions carried by the iterating methods (Halko et al. advise five to ten).</summary>
    private const int Oversampling = 10;

    private const int MaxIterations = 30;
    private const double Tolerance = 1e-11;

    /// <summary>The basis of the rows.</summary>
    /// <exception cref="FarmException"><c>pca.input</c>: no rows, a number that is not finite, or no component asked for.</exception>
    public static PcaBasis Analyse(RowSource source, PcaOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        if (source.Rows < 1 || source.Columns < 1) throw FarmException.Invalid("pca.input", $"{source.Rows} rows of {source.Columns} columns; both must be at least 1");
        if (options.Components < 1) throw FarmException.Invalid("pca.input", $"components is {options.Components}; it must be at least 1");
        var (mean, squares) = MeanAndSquares(source);
        int wanted = Math.Min(options.Components, Math.Min(source.Columns, Math.Max(1, source.Rows - 1)));
        var (values, components) = squares == 0 ? ([], []) : options.Choose(source.Rows, source.Columns) switch
        {
            PcaAlgorithm.Covariance => ByCovariance(source, mean, wanted),
            PcaAlgorithm.Snapshots => BySnapshots(source, mean, wanted),
            PcaAlgorithm.Randomized => ByIteration(source, mean, wanted, RandomStart(source, wanted, options.Seed), leastReadings: 3),
            _ => ByIteration(source, mean, wanted, IncrementalStart(source, wanted), leastReadings: 2),
        };
        Orthonormalise(components, values.Length, source.Columns);
        FixSigns(components, source.Columns);
        double degrees = Math.Max(1, source.Rows - 1);
        return new(Array.ConvertAll(mean, m => (float)m), Array.ConvertAll(components, c => (float)c), [.. values.Select(v => v / degrees)], squares / degrees, source.Rows);
    }

    /// <summary>Reads all rows once, block by block.</summary>
    private static void ForEachBlock(RowSource source, int blockRows, Action<int, float[]> use)
    {
        for (int first = 0; first < source.Rows; first += blockRows)
        {
            int count = Math.Min(blockRows, source.Rows - first);
            var rows = new float[checked(count * source.Columns)];
            source.Read(first, count, rows);
            use(first, rows);
        }
    }

    private static int BlockRows(RowSource source) => Math.Clamp(BlockEntries / source.Columns, 1, source.Rows);

    private static (double[] Mean, double Squares) MeanAndSquares(RowSource source)
    {
        int d = source.Columns;
        var mean = new double[d];
        ForEachBlock(source, BlockRows(source), (first, rows) =>
        {
            if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes<float>(rows)))
                for (int i = 0; i < rows.Length; i++)
                    if (!float.IsFinite(rows[i])) throw FarmException.Invalid("pca.input", $"row {first + i / d}, column {i % d} is {rows[i]}; every number must be finite");
            for (int from = 0; from < rows.Length; from += d)
                for (int i = 0; i < d; i++) mean[i] += rows[from + i];
        });
        for (int i = 0; i < d; i++) mean[i] /= source.Rows;
        double squares = 0;
        ForEachBlock(source, BlockRows(source), (_, rows) =>
        {
            double[] x = Snapshots.Centred(rows, mean);
            fixed (double* px = x)
                for (int from = 0; from < x.Length; from += d) squares += Vectors.Dot(px + from, px + from, d);
        });
        return (mean, squares);
    }

    private static (double[] Values, double[] Components) ByCovariance(RowSource source, double[] mean, int wanted)
    {
        int d = source.Columns;
        var covariance = new double[checked(d * d)];
        ForEachBlock(source, BlockRows(source), (_, rows) =>
        {
            double[] x = Snapshots.Centred(rows, mean);
            fixed (double* px = x, pc = covariance) MatrixProduct.Accumulate(d, d, rows.Length / d, px, 1, d, px, d, 1, pc, d);
        });
        var (values, vectors) = SymmetricEigen.Solve(covariance, d);
        int k = Rank(values, wanted);
        return (values[..k], vectors[..(k * d)]);
    }

    private static (double[] Values, double[] Components) BySnapshots(RowSource source, double[] mean, int wanted)
    {
        int n = source.Rows, d = source.Columns;
        var gram = new double[checked(n * n)];
        ForEachBlock(source, BlockRows(source), (firstA, a) => ForEachBlock(source with { Rows = firstA + a.Length / d }, BlockRows(source), (firstB, b) =>
        {
            double[] block = Snapshots.GramBlock(a, b, mean);
            int rows = a.Length / d, columns = b.Length / d;
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < columns; j++) gram[(firstA + i) * n + firstB + j] = gram[(firstB + j) * n + firstA + i] = block[i * columns + j];
        }));
        var (values, weights) = Snapshots.Modes(gram, n, wanted);
        var components = new double[checked(values.Length * d)];
        ForEachBlock(source, BlockRows(source), (first, rows) => Snapshots.AddComponents(rows, first, n, mean, weights, components));
        return (values, components);
    }

    private static int Carried(RowSource source, int wanted) => Math.Min(wanted + Oversampling, Math.Min(source.Columns, source.Rows));

    private static double[] RandomStart(RowSource source, int wanted, ulong seed)
    {
        var random = CounterRandom.Keyed(seed, "pca", 0, "start");
        var basis = new double[checked(Carried(source, wanted) * source.Columns)];
        for (int i = 0; i < basis.Length; i++) basis[i] = random.Normal((uint)i);
        Orthonormalise(basis, basis.Length / source.Columns, source.Columns);
        return basis;
    }

    /// <summary>
    /// Subspace iteration on Xᵀ X from orthonormal rows <paramref name="basis"/> [l, d], one reading of the rows per step, until the variance caught no
    /// longer grows.
    /// </summary>
    private static (double[] Values, double[] Components) ByIteration(RowSource source, double[] mean, int wanted, double[] basis, int leastReadings)
    {
        int d = source.Columns, l = basis.Length / d;
        double caught = 0;
        for (int iteration = 0; ; iteration++)
        {
            // image [l, d] = Q Xᵀ X; small [l, l] = Q Xᵀ X Qᵀ
            var image = new double[l * d];
            var small = new double[l * l];
            ForEachBlock(source, BlockRows(source), (_, rows) =>
            {
                int count = rows.Length / d;
                double[] x = Snapshots.Centred(rows, mean);
                var y = new double[count * l];
                fixed (double* px = x, pq = basis, py = y, pi = image, ps = small)
                {
                    MatrixProduct.Accumulate(count, l, d, px, d, 1, pq, 1, d, py, l);
                    MatrixProduct.Accumulate(l, d, count, py, 1, l, px, d, 1, pi, d);
                    MatrixProduct.Accumulate(l, l, count, py, 1, l, py, l, 1, ps, l);
                }
            });
            var (values, vectors) = SymmetricEigen.Solve(small, l);
            double now = values.Take(wanted).Sum();
            if (iteration + 1 >= leastReadings && (now - caught <= Tolerance * now || iteration == MaxIterations))
            {
                int k = Rank(values, wanted);
                var components = new double[k * d];
                fixed (double* pv = vectors, pq = basis, pc = components) MatrixProduct.Accumulate(k, d, l, pv, l, 1, pq, d, 1, pc, d);
                return (values[..k], components);
            }
            caught = now;
            // Turned to its own axes first, so that orthonormalising sees them in falling order.
            var turned = new double[l * d];
            fixed (double* pv = vectors, pi = image, pt = turned) MatrixProduct.Accumulate(l, d, l, pv, l, 1, pi, d, 1, pt, d);
            Orthonormalise(turned, l, d);
            basis = turned;
        }
    }

    /// <summary>
    /// The subspace that one reading finds: after each block, the leading directions of what was kept and the block together. What a block loses when it is
    /// cut off never comes back, so where the spectrum falls slowly this is a start and not the answer.
    /// </summary>
    private static double[] IncrementalStart(RowSource source, int wanted)
    {
        int d = source.Columns, kept = Carried(source, wanted);
        double[] values = [], components = [], mean = new double[d];
        long seen = 0;
        ForEachBlock(source, Math.Min(source.Rows, Math.Max(2 * kept, 64)), (_, rows) =>
        {
            int count = rows.Length / d, held = values.Length, height = held + count + 1;
            var blockMean = new double[d];
            for (int from = 0; from < rows.Length; from += d)
                for (int i = 0; i < d; i++) blockMean[i] += rows[from + i];
            for (int i = 0; i < d; i++) blockMean[i] /= count;
            // What is known, scaled by its singular values; the block about its own mean; and the step between the two means.
            var stack = new double[checked(height * d)];
            for (int m = 0; m < held; m++)
                for (int i = 0; i < d; i++) stack[m * d + i] = Math.Sqrt(values[m]) * components[m * d + i];
            Snapshots.Centred(rows, blockMean).CopyTo(stack, held * d);
            double step = Math.Sqrt(seen * (double)count / (seen + count));
            for (int i = 0; i < d; i++)
            {
                stack[(height - 1) * d + i] = step * (mean[i] - blockMean[i]);
                mean[i] += (blockMean[i] - mean[i]) * count / (seen + count);
            }
            seen += count;
            var gram = new double[height * height];
            fixed (double* ps = stack, pg = gram) MatrixProduct.Accumulate(height, height, d, ps, d, 1, ps, 1, d, pg, height);
            (values, var weights) = Snapshots.Modes(gram, height, kept);
            components = new double[values.Length * d];
            fixed (double* pw = weights, ps = stack, pc = components) MatrixProduct.Accumulate(values.Length, d, height, pw, height, 1, ps, d, 1, pc, d);
            Orthonormalise(components, values.Length, d);
        });
        return components;
    }

    private static int Rank(double[] values, int wanted)
    {
        int k = 0;
        while (k < wanted && k < values.Length && values[k] > 0 && values[k] > 1e-13 * values[0]) k++;
        return k;
    }

    /// <summary>Gram-Schmidt over the rows of [k, d], twice: enough for any start that is not hopeless (Kahan and Parlett).</summary>
    private static void Orthonormalise(double[] rows, int k, int d)
    {
        fixed (double* p = rows)
            for (int i = 0; i < k; i++)
            {
                double* row = p + (nint)i * d;
                for (int pass = 0; pass < 2; pass++)
                    for (int j = 0; j < i; j++) Vectors.Add(-Vectors.Dot(row, p + (nint)j * d, d), p + (nint)j * d, row, d);
                double length = Math.Sqrt(Vectors.Dot(row, row, d));
                if (length == 0) continue;
                for (int x = 0; x < d; x++) row[x] /= length;
            }
    }

    private static void FixSigns(double[] components, int d)
    {
        for (int from = 0; from < components.Length; from += d)
        {
            int largest = 0;
            for (int i = 1; i < d; i++)
                if (Math.Abs(components[from + i]) > Math.Abs(components[from + largest])) largest = i;
            if (components[from + largest] < 0)
                for (int i = 0; i < d; i++) components[from + i] = -components[from + i];
        }
    }
}
