using ExampleMlFarm.Learning.Dense;
using ExampleMlFarm.Learning.Solvers.Direct;

namespace ExampleMlFarm.Learning.Solvers.Iterative;

/// <summary>
/// Generalised minimal residuals with restarts, preconditioned from the right, so that the residual it watches is the true one. Deflated: directions that
/// belong to the smallest eigenvalues are carried over a restart, which otherwise loses them and stalls.
/// </summary>
/// <remarks>
/// Sources: Saad and Schultz, "GMRES", 1986; Morgan, "A restarted GMRES method augmented with eigenvectors", 1995.
/// </remarks>
internal static class Gmres
{
    private const int Restart = 30;
    private const int Deflated = 4;

    /// <summary>Improves x; gives the products with A.</summary>
    public static int Solve(IterativeProblem p, double[] x, bool deflate)
    {
        int done = 0;
        double[][] kept = [];
        while (done < p.MaxIterations)
        {
            double[] r = p.Rest(x);
            double beta = Vector.Norm(r);
            if (beta <= p.Enough) break;
            int steps = Math.Min(Math.Min(Restart, p.MaxIterations - done), p.Length);
            var cycle = new Cycle(p, r, beta, steps, kept);
            done += cycle.Steps;
            cycle.AddTo(x);
            if (cycle.Steps == 0) break;
            if (deflate) kept = cycle.SmallestDirections(Deflated);
        }
        return done;
    }

    /// <summary>One restart: an orthonormal basis V of the space, directions Z (the first of Krylov's, the last carried over), A Z = V H.</summary>
    private sealed class Cycle
    {
        private readonly List<double[]> basis = [];
        private readonly List<double[]> directions = [];
        private readonly List<double[]> columns = [];
        private readonly double beta;

        public Cycle(IterativeProblem p, double[] r, double beta, int steps, double[][] kept)
        {
            this.beta = beta;
            basis.Add(Vector.Scaled(r, 1 / beta));
            int krylov = Math.Max(1, steps - kept.Length);
            for (int k = 0; k < steps; k++)
            {
                double[] direction = k < krylov ? p.Precondition(basis[k]) : kept[k - krylov];
                double[] v = p.Times(direction);
                double size = Vector.Norm(v);
                var column = new double[k + 2];
                // Twice: once leaves what rounding makes of nearly parallel vectors.
                for (int pass = 0; pass < 2; pass++)
                    for (int i = 0; i <= k; i++)
                    {
                        double dot = Vector.Dot(basis[i], v);
                        column[i] += dot;
                        Vector.Add(-dot, basis[i], v);
                    }
                double rest = Vector.Norm(v);
                column[k + 1] = rest;
                directions.Add(direction);
                columns.Add(column);
                Steps++;
                // The space is closed under A: the solution lies in it.
                if (rest <= 1e-14 * size) break;
                basis.Add(Vector.Scaled(v, 1 / rest));
                if (Remaining() <= p.Enough) break;
            }
        }

        public int Steps { get; private set; }

        public void AddTo(double[] x)
        {
            double[] y = Minimise(out _);
            for (int k = 0; k < y.Length; k++) Vector.Add(y[k], directions[k], x);
        }

        /// <summary>Combinations of the directions that A shrinks most: harmonic Ritz vectors of the smallest |θ|, as a real basis.</summary>
        public double[][] SmallestDirections(int count)
        {
            int m = columns.Count;
            count = Math.Min(count, m / 2);
            if (count == 0) return [];
            // (H̄ᵀH̄) g = θ (H̄ᵀ (Vᵀ Z)) g: smallest θ are greatest μ of (H̄ᵀH̄)⁻¹ H̄ᵀVᵀZ.
            double[] normal = new double[m * m], mixed = new double[m * m];
            var projected = new double[m + 1, m];
            for (int i = 0; i < Math.Min(m + 1, basis.Count); i++)
                for (int j = 0; j < m; j++) projected[i, j] = Vector.Dot(basis[i], directions[j]);
            for (int i = 0; i < m; i++)
                for (int j = 0; j < m; j++)
                    for (int k = 0; k < columns[i].Length; k++)
                    {
                        if (k < columns[j].Length) normal[i * m + j] += columns[i][k] * columns[j][k];
                        mixed[i * m + j] += columns[i][k] * projected[k, j];
                    }
            if (CholeskyFactor.Of(normal, m) is not { } factor) return [];
            var transposed = new double[m * m];
            for (int i = 0; i < m; i++)
                for (int j = 0; j < m; j++) transposed[j * m + i] = mixed[i * m + j];
            factor.Solve(transposed, m);
            for (int i = 0; i < m; i++)
                for (int j = 0; j < m; j++) mixed[i * m + j] = transposed[j * m + i];
            var (real, imaginary, vectors) = SpectralFactors.Eigenvalues(mixed, m);
            var kept = new List<double[]>();
            foreach (int s in Enumerable.Range(0, m).OrderByDescending(s => double.Hypot(real[s], imaginary[s])).ThenBy(s => s).Take(count))
            {
                var direction = new double[directions[0].Length];
                for (int k = 0; k < m; k++) Vector.Add(vectors[s * m + k], directions[k], direction);
                foreach (var earlier in kept) Vector.Add(-Vector.Dot(earlier, direction), earlier, direction);
                double size = Vector.Norm(direction);
                if (size > 1e-10) kept.Add(Vector.Scaled(direction, 1 / size));
            }
            return [.. kept];
        }

        private double Remaining()
        {
            Minimise(out double rest);
            return rest;
        }

        /// <summary>y that minimises ‖β e₁ − H y‖, by Givens rotations.</summary>
        private double[] Minimise(out double rest)
        {
            int m = columns.Count;
            var g = new double[m + 1];
            g[0] = beta;
            double[] cosines = new double[m], sines = new double[m];
            var r = new double[m][];
            for (int k = 0; k < m; k++)
            {
                double[] h = (double[])columns[k].Clone();
                for (int i = 0; i < k; i++) (h[i], h[i + 1]) = (cosines[i] * h[i] + sines[i] * h[i + 1], cosines[i] * h[i + 1] - sines[i] * h[i]);
                double length = double.Hypot(h[k], h[k + 1]);
                (cosines[k], sines[k]) = length == 0 ? (1, 0) : (h[k] / length, h[k + 1] / length);
                h[k] = length;
                (g[k], g[k + 1]) = (cosines[k] * g[k], -sines[k] * g[k]);
                r[k] = h;
            }
            rest = Math.Abs(g[m]);
            var y = new double[m];
            for (int i = m - 1; i >= 0; i--)
            {
                double sum = g[i];
                for (int j = i + 1; j < m; j++) sum -= r[j][i] * y[j];
                y[i] = r[i][i] == 0 ? 0 : sum / r[i][i];
            }
            return y;
        }
    }
}
