using ExampleMlFarm.Core.Randomness;

namespace ExampleMlFarm.Learning.Solvers.Iterative;

/// <summary>Solvers of unsymmetric systems that keep a few vectors only: BiCGSTAB and IDR(s).</summary>
/// <remarks>
/// Preconditioned from the right. Sources: van der Vorst, "Bi-CGSTAB", 1992; van Gijzen and Sonneveld, "Algorithm 913: an elegant IDR(s) variant that efficiently exploits
/// biorthogonality properties", 2011.
/// </remarks>
internal static class ShortRecurrences
{
    private const int Shadows = 4;

    /// <summary>Improves x; gives the steps made, two products with A each. Starts again where the recurrence breaks down.</summary>
    public static int BiCgStab(IterativeProblem p, double[] x)
    {
        int step = 0;
        double enough = p.Enough;
        while (step < p.MaxIterations)
        {
            double[] r = p.Rest(x), shadow = (double[])r.Clone(), direction = new double[p.Length], v = new double[p.Length];
            double rho = 1, alpha = 1, omega = 1;
            int first = step;
            if (Vector.Norm(r) <= enough) return step;
            while (step < p.MaxIterations)
            {
                double next = Vector.Dot(shadow, r);
                if (Math.Abs(next) < 1e-30 * Vector.Dot(r, r)) break;
                double beta = next / rho * (alpha / omega);
                Vector.Add(-omega, v, direction);
                Vector.Replace(r, beta, direction);
                double[] y = p.Precondition(direction);
                v = p.Times(y);
                alpha = next / Vector.Dot(shadow, v);
                if (!double.IsFinite(alpha)) break;
                Vector.Add(-alpha, v, r);
                Vector.Add(alpha, y, x);
                step++;
                if (Vector.Norm(r) <= enough) break;
                double[] z = p.Precondition(r), t = p.Times(z);
                double size = Vector.Dot(t, t);
                omega = size == 0 ? 0 : Vector.Dot(t, r) / size;
                Vector.Add(omega, z, x);
                Vector.Add(-omega, t, r);
                rho = next;
                if (Vector.Norm(r) <= enough || omega == 0) break;
            }
            // No step since the last start: it would break down again.
            if (step == first) return step;
        }
        return step;
    }

    /// <summary>IDR(4); gives the products with A.</summary>
    public static int InducedDimensionReduction(IterativeProblem p, double[] x)
    {
        int n = p.Length, s = Math.Min(Shadows, n), step = 0;
        double[][] shadow = ShadowSpace(n, s);
        double[][] g = [.. Enumerable.Range(0, s).Select(_ => new double[n])], u = [.. Enumerable.Range(0, s).Select(_ => new double[n])];
        var m = new double[s, s];
        for (int i = 0; i < s; i++) m[i, i] = 1;
        double omega = 1, enough = p.Enough;
        double[] r = p.Rest(x);
        while (Vector.Norm(r) > enough && step < p.MaxIterations)
        {
            double[] f = [.. shadow.Select(q => Vector.Dot(q, r))];
            for (int k = 0; k < s && step < p.MaxIterations; k++)
            {
                double[] c = LowerSolve(m, f, k, s), v = (double[])r.Clone();
                for (int i = k; i < s; i++) Vector.Add(-c[i], g[i], v);
                v = p.Precondition(v);
                var direction = Vector.Scaled(v, omega);
                for (int i = k; i < s; i++) Vector.Add(c[i], u[i], direction);
                double[] image = p.Times(direction);
                for (int i = 0; i < k; i++)
                {
                    double alpha = Vector.Dot(shadow[i], image) / m[i, i];
                    Vector.Add(-alpha, g[i], image);
                    Vector.Add(-alpha, u[i], direction);
                }
                (u[k], g[k]) = (direction, image);
                for (int i = k; i < s; i++) m[i, k] = Vector.Dot(shadow[i], image);
                step++;
                if (m[k, k] == 0) return step;
                double beta = f[k] / m[k, k];
                Vector.Add(-beta, image, r);
                Vector.Add(beta, direction, x);
                if (Vector.Norm(r) <= enough) return step;
                for (int i = k + 1; i < s; i++) f[i] -= beta * m[i, k];
            }
            double[] z = p.Precondition(r), t = p.Times(z);
            step++;
            double size = Vector.Norm(t), norm = Vector.Norm(r), dot = Vector.Dot(t, r);
            if (size == 0) return step;
            omega = dot / (size * size);
            // A small angle between t and r makes the residual grow: keep the step's length up.
            double cosine = Math.Abs(dot / (size * norm));
            if (cosine < 0.7 && cosine > 0) omega *= 0.7 / cosine;
            if (omega == 0) return step;
            Vector.Add(-omega, t, r);
            Vector.Add(omega, z, x);
        }
        return step;
    }

    /// <summary>Solves the lower triangle M[k.., k..] c = f[k..].</summary>
    private static double[] LowerSolve(double[,] m, double[] f, int k, int s)
    {
        var c = new double[s];
        for (int i = k; i < s; i++)
        {
            c[i] = f[i];
            for (int j = k; j < i; j++) c[i] -= m[i, j] * c[j];
            c[i] /= m[i, i];
        }
        return c;
    }

    /// <summary>Orthonormal random vectors, the same in every run.</summary>
    private static double[][] ShadowSpace(int n, int s)
    {
        var random = CounterRandom.Keyed(1, "solver", 0, "idrs");
        var vectors = new double[s][];
        for (int k = 0; k < s; k++)
        {
            vectors[k] = [.. Enumerable.Range(0, n).Select(i => random.At(k).Normal((uint)i))];
            for (int pass = 0; pass < 2; pass++)
                for (int i = 0; i < k; i++) Vector.Add(-Vector.Dot(vectors[i], vectors[k]), vectors[i], vectors[k]);
            vectors[k] = Vector.Scaled(vectors[k], 1 / Vector.Norm(vectors[k]));
        }
        return vectors;
    }
}
