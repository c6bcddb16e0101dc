using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Regression;

/// <summary>
/// Kernel regression on m landmarks: f(q) = Σ aⱼ k(q, zⱼ) + b with z a random subset of the rows, fitted to all rows. Each penalty means the same as
/// with all rows: λ ‖A‖², or λ Aᵀ K(z, z) A.
/// </summary>
/// <remarks>
/// n m (d + m) operations, memory for two matrices [m, m] and a block of rows: the kernel values [n, m] are never held. Free linear functions of thin plate and cubic kernels
/// are left out here. Source: Williams and Seeger, "Using the Nyström method to speed up kernel machines", 2001.
/// </remarks>
internal static unsafe class Nystrom
{
    private const int BlockRows = 256;

    // Directions of K(z, z) below this share of its largest eigenvalue are rounding.
    private const double Negligible = 1e-12;

    /// <summary>Landmarks [m, d] and their coefficients.</summary>
    public static (double[] Landmarks, KernelSolution Solution) Fit(double[] x, int n, int d, double[] y, int o, KernelFunction kernel, double decay,
        KernelRegressionOptions options, CancellationToken cancellation)
    {
        int m = Math.Min(options.Landmarks, n);
        int[] chosen = CounterRandom.Keyed(options.Seed, "regression", 0, "landmarks").Permutation(n)[..m];
        Array.Sort(chosen);
        var landmarks = new double[m * d];
        for (int j = 0; j < m; j++) Array.Copy(x, (nint)chosen[j] * d, landmarks, j * d, d);
        return (landmarks, Solve(x, n, d, y, o, kernel, landmarks, m, decay, options, cancellation));
    }

    private static KernelSolution Solve(double[] x, int n, int d, double[] y, int o, KernelFunction kernel, double[] landmarks, int m, double decay,
        KernelRegressionOptions options, CancellationToken cancellation)
    {
        var (gram, right, means, targetMeans) = Accumulate(x, n, d, y, o, kernel, landmarks, m, options.Bias, cancellation);
        // Features φ = E k(z, ·) in which the penalty is λ times the sum of squared weights.
        int rank = m;
        double[]? features = null;
        if (options.Penalty == KernelPenalty.Rkhs)
        {
            (features, rank) = Whitening(KernelMatrix.Of(kernel, landmarks, m, d), m);
            gram = Congruent(features, gram, rank, m);
            right = Product(features, right, rank, m, o);
        }
        var (values, vectors) = SymmetricEigen.Solve(gram, rank);
        double largest = Math.Max(values[0], 0), smallest = double.PositiveInfinity;
        double[] turned = Product(vectors, right, rank, rank, o), solved = new double[rank * o];
        double square = 0, size = 0;
        for (int s = 0; s < rank; s++)
        {
            double value = Math.Max(values[s], 0) + decay;
            bool rounding = !(value > rank * 2.2e-16 * largest);
            if (!rounding) smallest = Math.Min(smallest, value);
            for (int c = 0; c < o; c++)
            {
                double r = turned[s * o + c];
                size += r * r;
                if (rounding) square += r * r;
                else solved[s * o + c] = r / value;
            }
        }
        double[] weights = ProductTransposed(vectors, solved, rank, rank, o);
        if (features is not null) weights = ProductTransposed(features, weights, rank, m, o);
        double[] free = [];
        if (options.Bias)
        {
            free = (double[])targetMeans.Clone();
            for (int j = 0; j < m; j++)
                for (int c = 0; c < o; c++) free[c] -= means[j] * weights[j * o + c];
        }
        return new(weights, free, size == 0 ? 0 : Math.Sqrt(square / size), (largest + decay) / smallest, null);
    }

    /// <summary>Centred CᵀC [m, m], CᵀY [m, o] and the means, C being kernel values [n, m]; centred when there is a bias.</summary>
    private static (double[] Gram, double[] Right, double[] Means, double[] TargetMeans) Accumulate(double[] x, int n, int d, double[] y, int o, KernelFunction kernel,
        double[] landmarks, int m, bool centred, CancellationToken cancellation)
    {
        var gram = new double[checked(m * m)];
        var right = new double[m * o];
        double[] means = new double[m], targetMeans = new double[o];
        double[] norms = KernelMatrix.SquaredNorms(x, n, d), landmarkNorms = KernelMatrix.SquaredNorms(landmarks, m, d), block = new double[BlockRows * m];
        if (centred)
        {
            // Means first: subtracting them afterwards would cancel.
            for (int first = 0; first < n; first += BlockRows)
            {
                int rows = Block(first);
                for (int r = 0; r < rows; r++)
                    for (int j = 0; j < m; j++) means[j] += block[r * m + j];
                cancellation.ThrowIfCancellationRequested();
            }
            for (int j = 0; j < m; j++) means[j] /= n;
            for (int i = 0; i < n * o; i++) targetMeans[i % o] += y[i];
            for (int c = 0; c < o; c++) targetMeans[c] /= n;
        }
        var target = new double[BlockRows * o];
        for (int first = 0; first < n; first += BlockRows)
        {
            int rows = Block(first);
            for (int r = 0; r < rows; r++)
            {
                for (int j = 0; j < m; j++) block[r * m + j] -= means[j];
                for (int c = 0; c < o; c++) target[r * o + c] = y[(first + r) * o + c] - targetMeans[c];
            }
            fixed (double* b = block, g = gram, t = target, p = right)
            {
                MatrixProduct.Accumulate(m, m, rows, b, 1, m, b, m, 1, g, m);
                MatrixProduct.Accumulate(m, o, rows, b, 1, m, t, o, 1, p, o);
            }
            cancellation.ThrowIfCancellationRequested();
        }
        return (gram, right, means, targetMeans);

        int Block(int first)
        {
            int rows = Math.Min(BlockRows, n - first);
            fixed (double* px = x, pn = norms, pz = landmarks, pl = landmarkNorms, pb = block)
                KernelMatrix.Fill(kernel, rows, m, d, px + (nint)first * d, pn + first, pz, pl, pb);
            return rows;
        }
    }

    /// <summary>Rows E [rank, m] with E K Eᵀ = I on the directions of K that are more than rounding.</summary>
    private static (double[] Rows, int Rank) Whitening(double[] kernel, int m)
    {
        var (values, vectors) = SymmetricEigen.Solve(kernel, m);
        int rank = 0;
        while (rank < m && values[rank] > Negligible * values[0]) rank++;
        for (int s = 0; s < rank; s++)
        {
            double scale = 1 / Math.Sqrt(values[s]);
            for (int j = 0; j < m; j++) vectors[(nint)s * m + j] *= scale;
        }
        return (vectors[..(rank * m)], rank);
    }

    private static double[] Congruent(double[] e, double[] gram, int rank, int m)
    {
        double[] half = Product(e, gram, rank, m, m);
        var whole = new double[rank * rank];
        fixed (double* h = half, pe = e, w = whole) MatrixProduct.Accumulate(rank, rank, m, h, m, 1, pe, 1, m, w, rank);
        return whole;
    }

    private static double[] Product(double[] a, double[] b, int rows, int depth, int columns)
    {
        var c = new double[rows * columns];
        fixed (double* pa = a, pb = b, pc = c) MatrixProduct.Accumulate(rows, columns, depth, pa, depth, 1, pb, columns, 1, pc, columns);
        return c;
    }

    /// <summary>Aᵀ B with A [depth, rows].</summary>
    private static double[] ProductTransposed(double[] a, double[] b, int depth, int rows, int columns)
    {
        var c = new double[rows * columns];
        fixed (double* pa = a, pb = b, pc = c) MatrixProduct.Accumulate(rows, columns, depth, pa, 1, rows, pb, columns, 1, pc, columns);
        return c;
    }
}
