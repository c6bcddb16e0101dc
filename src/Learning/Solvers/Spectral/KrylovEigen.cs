using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Learning.Dense;
using ExampleMlFarm.Learning.Solvers.Direct;
using ExampleMlFarm.Learning.Solvers.Iterative;

namespace ExampleMlFarm.Learning.Solvers.Spectral;

/// <summary>A few eigenpairs of a matrix.</summary>
/// <param name="Real">Real parts [k], by falling absolute value (with a shift: by nearness to it).</param>
/// <param name="Imaginary">Imaginary parts [k].</param>
/// <param name="Vectors">Real parts of the eigenvectors as rows [k, n], each of length 1.</param>
/// <param name="ImaginaryVectors">Imaginary parts as rows [k, n].</param>
/// <param name="Residual">Greatest ‖A v − λ v‖ / |λ| of them.</param>
/// <param name="Iterations">Products with the matrix, or solutions with the shifted one.</param>
/// <param name="Converged">True when all pairs met the tolerance.</param>
public sealed record EigenPairs(double[] Real, double[] Imaginary, double[] Vectors, double[] ImaginaryVectors, double Residual, int Iterations, bool Converged);

/// <summary>Eigenpairs of greatest absolute value, or nearest to a shift, by Arnoldi's method with thick restarts and full orthogonalisation.</summary>
/// <remarks>
/// A restart keeps an orthonormal basis of the wanted invariant subspace. Source: Stewart, "A Krylov–Schur algorithm for large eigenproblems", 2001. The start is keyed: the same
/// matrix gives the same bits.
/// </remarks>
public static class KrylovEigen
{
    /// <summary>Solves for <paramref name="count"/> pairs; of a complex pair cut in half both are given.</summary>
    /// <exception cref="FarmException"><c>solver.eigen</c>: more pairs than the matrix has; <c>solver.singular</c>: the shift is an eigenvalue.</exception>
    public static EigenPairs Solve(SparseMatrix a, int count, bool symmetric, double? shift, double tolerance, int maxIterations)
    {
        int n = a.Rows;
        if (a.Rows != a.Columns) throw FarmException.Invalid("solver.eigen", $"a matrix of {a.Rows} x {a.Columns} has no eigenvalues; it must be square");
        if (count < 1 || count > n) throw FarmException.Invalid("solver.eigen", $"num_eigen_pairs is {count}; it must lie between 1 and the {n} that the matrix has");
        if (symmetric && a.Asymmetry() > 1e-10) throw FarmException.Invalid("solver.eigen", "the matrix is not symmetric; use gen_eigs");
        Func<double[], double[]> apply;
        if (shift is { } sigma)
        {
            var factors = SparseLu.Decompose(a.Shifted(sigma));
            apply = x => factors.Solve(x);
        }
        else apply = x =>
        {
            var y = new double[n];
            a.Multiply(x, y);
            return y;
        };
        var space = new KrylovSpace(n, Math.Min(n, Math.Max(2 * count + 10, 24)), symmetric, apply);
        var (real, imaginary, vectors, imaginaryVectors, iterations) = space.Find(count, tolerance, maxIterations);
        // 1 / (λ − σ) back to λ.
        if (shift is { } s)
            for (int i = 0; i < real.Length; i++)
            {
                double size = real[i] * real[i] + imaginary[i] * imaginary[i];
                (real[i], imaginary[i]) = (s + real[i] / size, -imaginary[i] / size);
            }
        double residual = Residual(a, real, imaginary, vectors, imaginaryVectors);
        return new(real, imaginary, vectors, imaginaryVectors, residual, iterations, residual <= Math.Max(tolerance, 1e-13) * 100);
    }

    private static double Residual(SparseMatrix a, double[] real, double[] imaginary, double[] vectors, double[] imaginaryVectors)
    {
        int n = a.Rows;
        double worst = 0;
        double[] u = new double[n], v = new double[n];
        double largest = 0;
        for (int k = 0; k < real.Length; k++) largest = Math.Max(largest, double.Hypot(real[k], imaginary[k]));
        for (int k = 0; k < real.Length; k++)
        {
            a.Multiply(vectors.AsSpan(k * n, n), u);
            a.Multiply(imaginaryVectors.AsSpan(k * n, n), v);
            double sum = 0;
            for (int i = 0; i < n; i++)
            {
                double x = vectors[k * n + i], y = imaginaryVectors[k * n + i];
                double p = u[i] - real[k] * x + imaginary[k] * y, q = v[i] - real[k] * y - imaginary[k] * x;
                sum += p * p + q * q;
            }
            worst = Math.Max(worst, largest == 0 ? 0 : Math.Sqrt(sum) / largest);
        }
        return worst;
    }

    /// <summary>An orthonormal basis V [m + 1, n] with Op V = V H, H [m + 1, m].</summary>
    private sealed class KrylovSpace(int n, int m, bool symmetric, Func<double[], double[]> apply)
    {
        private readonly List<double[]> basis = [];
        private readonly double[,] h = new double[m + 1, m];
        private readonly CounterRandom random = CounterRandom.Keyed(1, "solver", 0, "krylov");
        private int products;

        public (double[] Real, double[] Imaginary, double[] Vectors, double[] ImaginaryVectors, int Products) Find(int count, double tolerance, int maxIterations)
        {
            basis.Add(Fresh());
            int start = 0;
            while (true)
            {
                bool closed = Expand(start);
                var (real, imaginary, small) = Ritz();
                int[] wanted = Wanted(real, imaginary, count);
                double rest = 0, largest = double.Hypot(real[wanted[0]], imaginary[wanted[0]]);
                foreach (int s in wanted)
                {
                    double sum = 0;
                    for (int j = 0; j < m; j++) sum += h[m, j] * small[s * m + j];
                    // Against its own size: with a shift, one pair may be thousands of times as large as the next.
                    rest = Math.Max(rest, Math.Abs(sum) / Math.Max(double.Hypot(real[s], imaginary[s]), 1e-10 * largest));
                }
                if (closed || m == n || largest == 0 || rest <= tolerance || products >= maxIterations) return Vectors(real, imaginary, small, wanted);
                start = ShrinkTo(Wanted(real, imaginary, Math.Min(m - 2, count + (m - count) / 2)), small);
            }
        }

        /// <summary>Makes the basis whole from column <paramref name="from"/> on; true when the space is closed and nothing is left.</summary>
        private bool Expand(int from)
        {
            bool exhausted = false;
            for (int k = from; k < m; k++)
            {
                double[] v = apply(basis[k]);
                products++;
                double size = Vector.Norm(v);
                for (int pass = 0; pass < 2; pass++)
                    for (int i = 0; i <= k; i++)
                    {
                        double dot = Vector.Dot(basis[i], v);
                        h[i, k] += dot;
                        Vector.Add(-dot, basis[i], v);
                    }
                double rest = Vector.Norm(v);
                if (rest > 1e-13 * size && k + 1 < n)
                {
                    h[k + 1, k] = rest;
                    basis.Add(Vector.Scaled(v, 1 / rest));
                    continue;
                }
                // An invariant space: go on from a new direction, or stop where there is none.
                h[k + 1, k] = 0;
                exhausted = k + 1 == m;
                basis.Add(k + 1 < n ? Fresh() : new double[n]);
            }
            return exhausted;
        }

        private (double[] Real, double[] Imaginary, double[] Vectors) Ritz()
        {
            var square = new double[m * m];
            for (int i = 0; i < m; i++)
                for (int j = 0; j < m; j++) square[i * m + j] = symmetric ? 0.5 * (h[i, j] + h[j, i]) : h[i, j];
            if (!symmetric) return SpectralFactors.Eigenvalues(square, m);
            var (values, vectors) = SymmetricEigen.Solve(square, m);
            return (values, new double[m], vectors);
        }

        /// <summary>The greatest, whole pairs.</summary>
        private static int[] Wanted(double[] real, double[] imaginary, int count)
        {
            // Both of a pair have one absolute value, to the bit or nearly; the first of them decides for both.
            double Size(int s) => double.Hypot(real[s], imaginary[s]);
            int First(int s) => imaginary[s] < 0 ? s - 1 : s;
            int[] order = [.. Enumerable.Range(0, real.Length).OrderByDescending(s => Size(First(s))).ThenBy(s => s)];
            int taken = Math.Min(count, order.Length);
            if (taken < order.Length && imaginary[order[taken - 1]] > 0) taken++;
            return order[..taken];
        }

        /// <summary>Keeps the space of these Ritz vectors; gives its dimension.</summary>
        private int ShrinkTo(int[] kept, double[] small)
        {
            // Rows of `small` hold real and imaginary parts of pairs: together a real basis.
            var q = new List<double[]>();
            foreach (int s in kept)
            {
                double[] row = small[(s * m)..(s * m + m)];
                for (int pass = 0; pass < 2; pass++)
                    foreach (var earlier in q) Vector.Add(-Vector.Dot(earlier, row), earlier, row);
                double size = Vector.Norm(row);
                if (size > 1e-10) q.Add(Vector.Scaled(row, 1 / size));
            }
            int k = q.Count;
            double[][] turned = [.. q.Select(row =>
            {
                var v = new double[n];
                for (int j = 0; j < m; j++) Vector.Add(row[j], basis[j], v);
                return v;
            })];
            var next = new double[m + 1, m];
            for (int a = 0; a < k; a++)
                for (int b = 0; b < k; b++)
                    for (int i = 0; i < m; i++)
                        for (int j = 0; j < m; j++) next[a, b] += q[a][i] * h[i, j] * q[b][j];
            for (int b = 0; b < k; b++)
                for (int j = 0; j < m; j++) next[k, b] += h[m, j] * q[b][j];
            double[] last = basis[m];
            basis.Clear();
            basis.AddRange(turned);
            basis.Add(last);
            Array.Copy(next, h, next.Length);
            return k;
        }

        private (double[], double[], double[], double[], int) Vectors(double[] real, double[] imaginary, double[] small, int[] wanted)
        {
            int k = wanted.Length;
            double[] re = new double[(long)k * n], im = new double[(long)k * n];
            for (int w = 0; w < k; w++)
            {
                int s = wanted[w];
                // Of a pair, rows s and s + 1 hold the parts of the vector with the positive imaginary part.
                bool second = imaginary[s] < 0, complex = imaginary[s] != 0;
                double[] x = Combined(small, second ? s - 1 : s), y = complex ? Combined(small, second ? s : s + 1) : new double[n];
                double size = Math.Sqrt(Vector.Dot(x, x) + Vector.Dot(y, y));
                for (int i = 0; i < n; i++) (re[w * n + i], im[w * n + i]) = (x[i] / size, (second ? -y[i] : y[i]) / size);
            }
            return ([.. wanted.Select(s => real[s])], [.. wanted.Select(s => imaginary[s])], re, im, products);
        }

        private double[] Combined(double[] small, int s)
        {
            var v = new double[n];
            for (int j = 0; j < m; j++) Vector.Add(small[s * m + j], basis[j], v);
            return v;
        }

        private double[] Fresh()
        {
            double[] v = [.. Enumerable.Range(0, n).Select(i => random.At(basis.Count).Normal((uint)i))];
            for (int pass = 0; pass < 2; pass++)
                foreach (var b in basis) Vector.Add(-Vector.Dot(b, v), b, v);
            return Vector.Scaled(v, 1 / Vector.Norm(v));
        }
    }
}
