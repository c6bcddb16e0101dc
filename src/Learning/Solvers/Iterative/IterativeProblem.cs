namespace ExampleMlFarm.Learning.Solvers.Iterative;

/// <summary>A system to be solved step by step, and when to stop.</summary>
/// <param name="A">The matrix.</param>
/// <param name="B">Right-hand side [rows].</param>
/// <param name="M">Preconditioner.</param>
/// <param name="Tolerance">Relative residual ‖b − A x‖ / ‖b‖ that is enough.</param>
/// <param name="MaxIterations">Most products with A, more or less: most steps.</param>
internal sealed record IterativeProblem(SparseMatrix A, double[] B, IPreconditioner M, double Tolerance, int MaxIterations)
{
    public int Length => B.Length;

    /// <summary>Residual norm that is enough.</summary>
    public double Enough => Tolerance * Vector.Norm(B);

    /// <summary>b − A x.</summary>
    public double[] Rest(double[] x)
    {
        var rest = new double[A.Rows];
        A.Multiply(x, rest);
        for (int i = 0; i < rest.Length; i++) rest[i] = B[i] - rest[i];
        return rest;
    }

    public double[] Times(double[] x)
    {
        var y = new double[A.Rows];
        A.Multiply(x, y);
        return y;
    }

    /// <summary>M⁻¹ r.</summary>
    public double[] Precondition(double[] r)
    {
        var z = new double[r.Length];
        M.Apply(r, z);
        return z;
    }
}

/// <summary>Vector operations of the iterative solvers; sums in the fixed order of <see cref="Dense.Vectors"/>.</summary>
internal static unsafe class Vector
{
    public static double Dot(double[] x, double[] y)
    {
        fixed (double* a = x, b = y) return Dense.Vectors.Dot(a, b, x.Length);
    }

    public static double Norm(double[] x) => Math.Sqrt(Dot(x, x));

    /// <summary>y += factor · x.</summary>
    public static void Add(double factor, double[] x, double[] y)
    {
        fixed (double* a = x, b = y) Dense.Vectors.Add(factor, a, b, x.Length);
    }

    /// <summary>y = x + factor · y.</summary>
    public static void Replace(double[] x, double factor, double[] y)
    {
        for (int i = 0; i < y.Length; i++) y[i] = Math.FusedMultiplyAdd(factor, y[i], x[i]);
    }

    public static double[] Scaled(double[] x, double factor) => Array.ConvertAll(x, v => v * factor);
}
