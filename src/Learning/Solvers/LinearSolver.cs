using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Solvers.Direct;
using ExampleMlFarm.Learning.Solvers.Iterative;

namespace ExampleMlFarm.Learning.Solvers;

/// <summary>Direct methods for dense matrices; names as Eigen has them.</summary>
public enum DenseMethod
{
    /// <summary>LU, largest entry of each column: square, regular matrices.</summary>
    PartialPivLu,
    /// <summary>LU, largest entry of all: square matrices of any rank.</summary>
    FullPivLu,
    /// <summary>QR without exchanges: least squares of full rank.</summary>
    HouseholderQr,
    /// <summary>QR, longest column first: least squares of any rank.</summary>
    ColPivHouseholderQr,
    /// <summary>QR, largest entry of all first.</summary>
    FullPivHouseholderQr,
    /// <summary>QR from both sides: the shortest least squares solution.</summary>
    CompleteOrthogonalDecomposition,
    /// <summary>Cholesky's: positive definite matrices.</summary>
    Llt,
    /// <summary>L D Lᵀ, largest diagonal entry first: semidefinite, and most symmetric matrices.</summary>
    Ldlt,
    /// <summary>Singular values by bidiagonal form: the shortest least squares solution.</summary>
    BdcSvd,
    /// <summary>Singular values by Jacobi rotations: the same, slower, small values exact.</summary>
    JacobiSvd,
    /// <summary>Eigenvalues of a square matrix; to look at, not to solve with.</summary>
    EigenSolver,
    /// <summary>Eigenvalues of a symmetric matrix.</summary>
    SelfAdjointEigenSolver,
}

/// <summary>Direct methods for sparse matrices.</summary>
public enum SparseMethod
{
    /// <summary>Cholesky's: positive definite matrices.</summary>
    Llt,
    /// <summary>L D Lᵀ without pivoting: symmetric matrices with regular leading blocks.</summary>
    Ldlt,
    /// <summary>LU with partial pivoting: square, regular matrices.</summary>
    Lu,
    /// <summary>QR: least squares, or the shortest solution where rows are fewer than columns.</summary>
    Qr,
}

/// <summary>Methods that improve a guess step by step.</summary>
public enum IterativeMethod
{
    /// <summary>Generalised minimal residuals, restarted after 30 steps.</summary>
    Gmres,
    /// <summary>The same, carrying directions of the smallest eigenvalues over a restart.</summary>
    Dgmres,
    /// <summary>Minimal residuals: symmetric matrices.</summary>
    Minres,
    /// <summary>Conjugate gradients: positive definite matrices.</summary>
    ConjugateGradient,
    /// <summary>Conjugate gradients on the normal equations: least squares.</summary>
    LeastSquaresConjugateGradient,
    /// <summary>Stabilised biconjugate gradients: square matrices.</summary>
    BiCgStab,
    /// <summary>Induced dimension reduction with four shadows: square matrices.</summary>
    Idrs,
}

/// <summary>What stands in for the matrix in every step.</summary>
public enum Preconditioning
{
    /// <summary>Nothing.</summary>
    Identity,
    /// <summary>The diagonal.</summary>
    Diagonal,
    /// <summary>Incomplete LU with a tolerance.</summary>
    IncompleteLut,
    /// <summary>Incomplete Cholesky, for positive definite matrices.</summary>
    IncompleteCholesky,
}

/// <summary>A solution and how good it is.</summary>
/// <param name="X">Solution [columns].</param>
/// <param name="Iterations">Steps of an iterative method; 0 for a direct one.</param>
/// <param name="Residual">‖b − A x‖ / ‖b‖.</param>
/// <param name="NormalResidual">‖Aᵀ(b − A x)‖ / ‖Aᵀ b‖: what least squares makes small.</param>
/// <param name="Converged">True when the tolerance was met: by the residual, or for methods of least squares by the normal residual.</param>
public sealed record LinearSolution(double[] X, int Iterations, double Residual, double NormalResidual, bool Converged);

/// <summary>Decomposes and solves linear systems by the method asked for, and measures what comes out.</summary>
/// <remarks>One thread; the same bits on every machine, but for bdc_svd and eigen_solver, which run the platform's square roots through MathNet.Numerics.</remarks>
public static class LinearSolver
{
    /// <summary>Decomposes a dense matrix [rows, columns], row-major.</summary>
    /// <exception cref="FarmException"><c>solver.matrix</c>, <c>solver.singular</c>, <c>solver.not_definite</c>.</exception>
    public static Factorisation Decompose(double[] matrix, int rows, int columns, DenseMethod method)
    {
        if (rows < 1 || columns < 1 || matrix.Length != (long)rows * columns)
            throw FarmException.Invalid("solver.matrix", $"{matrix.Length} numbers are no matrix of {rows} x {columns}");
        int broken = Array.FindIndex(matrix, v => !double.IsFinite(v));
        if (broken >= 0) throw FarmException.Invalid("solver.matrix", $"entry ({broken / columns}, {broken % columns}) is {matrix[broken]}; every number must be finite");
        if (method is DenseMethod.PartialPivLu or DenseMethod.FullPivLu or DenseMethod.Llt or DenseMethod.Ldlt or DenseMethod.EigenSolver or DenseMethod.SelfAdjointEigenSolver)
            RequireSquare(rows, columns, method.ToString());
        if (method is DenseMethod.Llt or DenseMethod.Ldlt or DenseMethod.SelfAdjointEigenSolver) RequireSymmetric(SymmetryOf(matrix, rows), method.ToString());
        return method switch
        {
            DenseMethod.PartialPivLu => LuFactors.Decompose(matrix, rows, full: false),
            DenseMethod.FullPivLu => LuFactors.Decompose(matrix, rows, full: true),
            DenseMethod.HouseholderQr => OrthogonalFactors.Decompose(matrix, rows, columns, QrPivoting.None, complete: false),
            DenseMethod.ColPivHouseholderQr => OrthogonalFactors.Decompose(matrix, rows, columns, QrPivoting.Columns, complete: false),
            DenseMethod.FullPivHouseholderQr => OrthogonalFactors.Decompose(matrix, rows, columns, QrPivoting.Full, complete: false),
            DenseMethod.CompleteOrthogonalDecomposition => OrthogonalFactors.Decompose(matrix, rows, columns, QrPivoting.Columns, complete: true),
            DenseMethod.Llt => LdltFactors.Decompose(matrix, rows, positive: true),
            DenseMethod.Ldlt => LdltFactors.Decompose(matrix, rows, positive: false),
            DenseMethod.BdcSvd => SpectralFactors.Bidiagonal(matrix, rows, columns),
            DenseMethod.JacobiSvd => SpectralFactors.Jacobi(matrix, rows, columns),
            DenseMethod.EigenSolver => SpectralFactors.General(matrix, rows),
            DenseMethod.SelfAdjointEigenSolver => SpectralFactors.SelfAdjoint(matrix, rows),
            _ => throw new InvalidOperationException($"there is no method {method}"),
        };
    }

    /// <summary>Decomposes a sparse matrix.</summary>
    /// <exception cref="FarmException"><c>solver.matrix</c>, <c>solver.singular</c>, <c>solver.not_definite</c>.</exception>
    public static Factorisation Decompose(SparseMatrix matrix, SparseMethod method)
    {
        if (method != SparseMethod.Qr) RequireSquare(matrix.Rows, matrix.Columns, method.ToString());
        if (method is SparseMethod.Llt or SparseMethod.Ldlt) RequireSymmetric(matrix.Asymmetry(), method.ToString());
        return method switch
        {
            SparseMethod.Llt => SparseLdlt.Decompose(matrix, positive: true),
            SparseMethod.Ldlt => SparseLdlt.Decompose(matrix, positive: false),
            SparseMethod.Lu => SparseLu.Decompose(matrix),
            SparseMethod.Qr => SparseQr.Decompose(matrix),
            _ => throw new InvalidOperationException($"there is no method {method}"),
        };
    }

    /// <summary>Solves with a decomposition and measures against the matrix it came from.</summary>
    public static LinearSolution Solve(Factorisation factors, SparseMatrix matrix, double[] right, double tolerance)
        => Measured(matrix, right, factors.Solve(RequireFinite(right)), 0, tolerance, factors.Rows != factors.Columns || factors.Rank < factors.Columns);

    /// <summary>Improves a guess (zeros where it is null) until the tolerance is met or the steps are used up.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="right">b [rows].</param>
    /// <param name="method">The method.</param>
    /// <param name="preconditioning">What stands in for the matrix.</param>
    /// <param name="tolerance">Relative residual that is enough; for least squares that of the normal equations.</param>
    /// <param name="maxIterations">Most steps; 0: twice the columns.</param>
    /// <param name="guess">Start [columns].</param>
    public static LinearSolution Iterate(SparseMatrix matrix, double[] right, IterativeMethod method, Preconditioning preconditioning, double tolerance, int maxIterations, double[]? guess = null)
    {
        bool squares = method == IterativeMethod.LeastSquaresConjugateGradient;
        if (!squares) RequireSquare(matrix.Rows, matrix.Columns, method.ToString());
        if (method is IterativeMethod.ConjugateGradient or IterativeMethod.Minres) RequireSymmetric(matrix.Asymmetry(), method.ToString());
        if (RequireFinite(right).Length != matrix.Rows) throw FarmException.Invalid("solver.size", $"the right-hand side has {right.Length} numbers and the matrix {matrix.Rows} rows");
        if (guess is not null && RequireFinite(guess).Length != matrix.Columns) throw FarmException.Invalid("solver.size", $"the guess has {guess.Length} numbers and the matrix {matrix.Columns} columns");
        if (!(tolerance > 0 && tolerance < 1)) throw FarmException.Invalid("solver.option", $"solver_tolerance is {tolerance}; it must lie between 0 and 1");
        var problem = new IterativeProblem(matrix, right, Preconditioner(matrix, preconditioning, squares), tolerance, maxIterations > 0 ? maxIterations : Math.Max(20, 2 * matrix.Columns));
        double[] x = guess is null ? new double[matrix.Columns] : (double[])guess.Clone();
        int steps = method switch
        {
            IterativeMethod.Gmres => Gmres.Solve(problem, x, deflate: false),
            IterativeMethod.Dgmres => Gmres.Solve(problem, x, deflate: true),
            IterativeMethod.Minres => ConjugateGradients.MinimalResiduals(problem, x),
            IterativeMethod.ConjugateGradient => ConjugateGradients.Solve(problem, x),
            IterativeMethod.LeastSquaresConjugateGradient => ConjugateGradients.LeastSquares(problem, x),
            IterativeMethod.BiCgStab => ShortRecurrences.BiCgStab(problem, x),
            IterativeMethod.Idrs => ShortRecurrences.InducedDimensionReduction(problem, x),
            _ => throw new InvalidOperationException($"there is no method {method}"),
        };
        return Measured(matrix, right, x, steps, tolerance, squares);
    }

    private static IPreconditioner Preconditioner(SparseMatrix matrix, Preconditioning kind, bool squares) => kind switch
    {
        Preconditioning.Identity => new IdentityPreconditioner(),
        Preconditioning.Diagonal => new DiagonalPreconditioner(matrix, squares),
        _ when squares => throw FarmException.Invalid("solver.option", "least_squares_conjugate_gradient takes the preconditioner identity or diagonal"),
        Preconditioning.IncompleteLut => new IncompleteLut(matrix),
        _ => new IncompleteCholesky(matrix),
    };

    private static LinearSolution Measured(SparseMatrix matrix, double[] right, double[] x, int iterations, double tolerance, bool squares)
    {
        double[] rest = new double[matrix.Rows], gradient = new double[matrix.Columns], start = new double[matrix.Columns];
        matrix.Multiply(x, rest);
        for (int i = 0; i < rest.Length; i++) rest[i] = right[i] - rest[i];
        matrix.MultiplyTransposed(rest, gradient);
        matrix.MultiplyTransposed(right, start);
        double residual = Relative(rest, right), normal = Relative(gradient, start);
        // A sum of rounding: recurrences stop a little before the true residual does.
        double enough = 1.01 * tolerance;
        return new(x, iterations, residual, normal, residual <= enough || (squares && normal <= enough));
    }

    private static double Relative(double[] part, double[] whole)
    {
        double size = Vector.Norm(whole), rest = Vector.Norm(part);
        return size == 0 ? rest == 0 ? 0 : double.PositiveInfinity : rest / size;
    }

    private static void RequireSquare(int rows, int columns, string method)
    {
        if (rows != columns) throw FarmException.Invalid("solver.matrix", $"the matrix is {rows} x {columns} and {method} needs a square one; use qr, svd or least squares");
    }

    private static void RequireSymmetric(double asymmetry, string method)
    {
        if (asymmetry > 1e-8) throw FarmException.Invalid("solver.matrix", $"the matrix is not symmetric (entries differ from their mirror images by {asymmetry:g3} of the greatest) and {method} needs a symmetric one; use lu, qr or gmres");
    }

    private static double SymmetryOf(double[] matrix, int n)
    {
        double difference = 0, size = 0;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
            {
                size = Math.Max(size, Math.Abs(matrix[(nint)i * n + j]));
                difference = Math.Max(difference, Math.Abs(matrix[(nint)i * n + j] - matrix[(nint)j * n + i]));
            }
        return size == 0 ? 0 : difference / size;
    }

    private static double[] RequireFinite(double[] values)
    {
        int broken = Array.FindIndex(values, v => !double.IsFinite(v));
        return broken < 0 ? values : throw FarmException.Invalid("solver.vector", $"number {broken} of a vector is {values[broken]}; every number must be finite");
    }
}
