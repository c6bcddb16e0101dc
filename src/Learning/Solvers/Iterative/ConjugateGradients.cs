namespace ExampleMlFarm.Learning.Solvers.Iterative;

/// <summary>Conjugate gradients for positive definite systems, for least squares, and minimal residuals for symmetric indefinite ones.</summary>
/// <remarks>Sources: Hestenes and Stiefel, 1952; Björck, "Numerical Methods for Least Squares Problems", 7.4 (CGLS); Paige and Saunders, "Solution of sparse indefinite systems of linear equations", 1975 (MINRES).</remarks>
internal static class ConjugateGradients
{
    /// <summary>Improves x; gives the steps made.</summary>
    public static int Solve(IterativeProblem p, double[] x)
    {
        double[] r = p.Rest(x), z = p.Precondition(r), direction = (double[])z.Clone();
        double rho = Vector.Dot(r, z), enough = p.Enough;
        int step = 0;
        for (; step < p.MaxIterations && Vector.Norm(r) > enough; step++)
        {
            double[] q = p.Times(direction);
            double curvature = Vector.Dot(direction, q);
            // Not positive definite, or as far as rounding lets it come.
            if (!(curvature > 0)) break;
            double alpha = rho / curvature;
            Vector.Add(alpha, direction, x);
            Vector.Add(-alpha, q, r);
            z = p.Precondition(r);
            double next = Vector.Dot(r, z);
            Vector.Replace(z, next / rho, direction);
            rho = next;
        }
        return step;
    }

    /// <summary>Least squares: minimises ‖b − A x‖ until ‖Aᵀ(b − A x)‖ ≤ tolerance ‖Aᵀ b‖.</summary>
    public static int LeastSquares(IterativeProblem p, double[] x)
    {
        double[] r = p.Rest(x), s = Transposed(p, r), z = p.Precondition(s), direction = (double[])z.Clone();
        double gamma = Vector.Dot(s, z), enough = p.Tolerance * Vector.Norm(Transposed(p, p.B));
        int step = 0;
        for (; step < p.MaxIterations && Vector.Norm(s) > enough; step++)
        {
            double[] q = p.Times(direction);
            double size = Vector.Dot(q, q);
            if (!(size > 0)) break;
            double alpha = gamma / size;
            Vector.Add(alpha, direction, x);
            Vector.Add(-alpha, q, r);
            s = Transposed(p, r);
            z = p.Precondition(s);
            double next = Vector.Dot(s, z);
            Vector.Replace(z, next / gamma, direction);
            gamma = next;
        }
        return step;
    }

    /// <summary>Aᵀ r.</summary>
    public static double[] Transposed(IterativeProblem p, double[] r)
    {
        var s = new double[p.A.Columns];
        p.A.MultiplyTransposed(r, s);
        return s;
    }

    /// <summary>MINRES. The preconditioner must be positive definite.</summary>
    public static int MinimalResiduals(IterativeProblem p, double[] x)
    {
        int n = p.Length;
        double[] r1 = p.Rest(x), y = p.Precondition(r1), r2 = (double[])r1.Clone();
        double beta = Vector.Dot(r1, y);
        if (!(beta > 0) || Vector.Norm(r1) <= p.Enough) return 0;
        beta = Math.Sqrt(beta);
        double oldBeta = 0, dBar = 0, epsilon = 0, phiBar = beta, cosine = -1, sine = 0;
        double[] w = new double[n], w2 = new double[n];
        int step = 0;
        while (step < p.MaxIterations)
        {
            double[] v = Vector.Scaled(y, 1 / beta);
            y = p.Times(v);
            if (step > 0) Vector.Add(-beta / oldBeta, r1, y);
            double alpha = Vector.Dot(v, y);
            Vector.Add(-alpha / beta, r2, y);
            (r1, r2) = (r2, y);
            y = p.Precondition(r2);
            oldBeta = beta;
            beta = Math.Sqrt(Math.Max(Vector.Dot(r2, y), 0));

            double oldEpsilon = epsilon, delta = cosine * dBar + sine * alpha, gammaBar = sine * dBar - cosine * alpha;
            epsilon = sine * beta;
            dBar = -cosine * beta;
            double gamma = Math.Max(double.Hypot(gammaBar, beta), 1e-300);
            (cosine, sine) = (gammaBar / gamma, beta / gamma);
            double phi = cosine * phiBar;
            phiBar *= sine;
            var w1 = w2;
            w2 = w;
            w = v;
            Vector.Add(-oldEpsilon, w1, w);
            Vector.Add(-delta, w2, w);
            for (int i = 0; i < n; i++) w[i] /= gamma;
            Vector.Add(phi, w, x);
            step++;
            // The recurrence measures in the preconditioner's norm; the true residual decides.
            if (beta == 0 || (step % 5 == 0 || Math.Abs(phiBar) <= p.Enough) && Vector.Norm(p.Rest(x)) <= p.Enough) break;
        }
        return step;
    }
}
