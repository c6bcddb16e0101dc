using ExampleMlFarm.Learning.Dense;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace ExampleMlFarm.Learning.Solvers.Direct;

/// <summary>Singular values, and eigenvalues of symmetric and of any square matrices.</summary>
/// <remarks>One-sided Jacobi and the symmetric solver are our own; the bidiagonal SVD and the eigenvalues of unsymmetric matrices are MathNet.Numerics' managed ones.</remarks>
internal static class SpectralFactors
{
    /// <summary>One-sided Jacobi: slow, small singular values to full relative accuracy.</summary>
    public static Factorisation Jacobi(double[] matrix, int m, int n)
    {
        bool wide = m <= n;
        int k = Math.Min(m, n), length = Math.Max(m, n);
        double[] rows = wide ? matrix : Transposed(matrix, m, n);
        var (u, values, v) = SingularValues.Decompose(rows, k, length);
        int[] order = [.. Enumerable.Range(0, k).OrderByDescending(i => values[i])];
        // X = Uᵀᵀ diag(s) V: rows of u run along X's rows, rows of v along its columns.
        return Spectrum([.. order.Select(i => values[i])], Rows(wide ? u : v, order, m), Rows(wide ? v : u, order, n), m, n);
    }

    /// <summary>Golub and Kahan's: bidiagonal form, then implicit QR.</summary>
    public static Factorisation Bidiagonal(double[] matrix, int m, int n)
    {
        var svd = Matrix<double>.Build.DenseOfRowMajor(m, n, matrix).Svd();
        int k = Math.Min(m, n);
        double[] left = new double[(long)k * m], right = new double[(long)k * n];
        for (int s = 0; s < k; s++)
        {
            for (int i = 0; i < m; i++) left[(nint)s * m + i] = svd.U[i, s];
            for (int j = 0; j < n; j++) right[(nint)s * n + j] = svd.VT[s, j];
        }
        return Spectrum(svd.S.ToArray(), left, right, m, n);
    }

    /// <summary>All eigenvalues of a symmetric matrix, falling, vectors as rows; only the symmetric part counts.</summary>
    public static Factorisation SelfAdjoint(double[] matrix, int n)
    {
        var symmetric = new double[matrix.Length];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) symmetric[(nint)i * n + j] = 0.5 * (matrix[(nint)i * n + j] + matrix[(nint)j * n + i]);
        var (values, vectors) = SymmetricEigen.Solve(symmetric, n);
        return Spectrum(values, vectors, vectors, n, n);
    }

    /// <summary>All eigenvalues of any square matrix; of a complex pair the first has the positive imaginary part, and its vector's parts lie in two rows.</summary>
    public static Factorisation General(double[] matrix, int n)
    {
        var (real, imaginary, vectors) = Eigenvalues(matrix, n);
        return new(FactorForm.Eigen, n, n, n) { Numbers = { ["real"] = real, ["imaginary"] = imaginary, ["vectors"] = vectors } };
    }

    /// <summary>Eigenvalues and, as rows, the real basis of eigenvectors: (Re, Im) of a pair one after the other.</summary>
    public static (double[] Real, double[] Imaginary, double[] Vectors) Eigenvalues(double[] matrix, int n)
    {
        Evd<double> evd = Matrix<double>.Build.DenseOfRowMajor(n, n, matrix).Evd(Symmetricity.Asymmetric);
        var vectors = new double[(long)n * n];
        for (int s = 0; s < n; s++)
            for (int i = 0; i < n; i++) vectors[(nint)s * n + i] = evd.EigenVectors[i, s];
        return ([.. evd.EigenValues.Select(v => v.Real)], [.. evd.EigenValues.Select(v => v.Imaginary)], vectors);
    }

    /// <summary>The shortest solution of least error; directions that are rounding are left out.</summary>
    public static double[] Solve(Factorisation f, ReadOnlySpan<double> right)
    {
        int m = f.Rows, n = f.Columns, k = Math.Min(m, n);
        double[] values = f.Number("values", k), left = f.Number("left", (long)k * m), rightVectors = f.Number("right", (long)k * n), x = new double[n];
        double cut = Cut(values, m, n);
        for (int s = 0; s < k; s++)
        {
            if (Math.Abs(values[s]) <= cut) continue;
            double dot = 0;
            for (int i = 0; i < m; i++) dot += left[(nint)s * m + i] * right[i];
            dot /= values[s];
            for (int j = 0; j < n; j++) x[j] += rightVectors[(nint)s * n + j] * dot;
        }
        return x;
    }

    private static Factorisation Spectrum(double[] values, double[] left, double[] right, int m, int n)
    {
        double cut = Cut(values, m, n);
        return new(FactorForm.Spectral, m, n, values.Count(v => Math.Abs(v) > cut)) { Numbers = { ["values"] = values, ["left"] = left, ["right"] = right } };
    }

    private static double Cut(double[] values, int m, int n) => Math.Max(m, n) * 2.2e-16 * values.Max(Math.Abs);

    private static double[] Rows(double[] rows, int[] order, int length)
    {
        var sorted = new double[(long)order.Length * length];
        for (int s = 0; s < order.Length; s++) Array.Copy(rows, (nint)order[s] * length, sorted, (nint)s * length, length);
        return sorted;
    }

    private static double[] Transposed(double[] matrix, int m, int n)
    {
        var t = new double[matrix.Length];
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) t[(nint)j * m + i] = matrix[(nint)i * n + j];
        return t;
    }
}
