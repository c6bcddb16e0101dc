using ExampleMlFarm.Learning.Solvers;
using ExampleMlFarm.Learning.Solvers.Spectral;
using ExampleMlFarm.Tests.Learning.Linear;
using ExampleMlFarm.Tests.Learning.Oracles;
using static ExampleMlFarm.Tests.Learning.Regression.KernelRegressionTests;

namespace ExampleMlFarm.Tests.Learning.Solvers;

public class IterativeSolverTests
{
    public static TheoryData<IterativeMethod, Preconditioning, double, double> Cases
    {
        get
        {
            var cases = new TheoryData<IterativeMethod, Preconditioning, double, double>();
            foreach (var method in Enum.GetValues<IterativeMethod>())
                foreach (var preconditioning in Enum.GetValues<Preconditioning>())
                {
                    bool squares = method == IterativeMethod.LeastSquaresConjugateGradient, symmetric = method is IterativeMethod.ConjugateGradient or IterativeMethod.Minres;
                    if (squares && preconditioning is Preconditioning.IncompleteLut or Preconditioning.IncompleteCholesky && !symmetric) continue;
                    // ILUT of a symmetric matrix is not symmetric.
                    if (symmetric && preconditioning == Preconditioning.IncompleteLut) continue;
                    cases.Add(method, preconditioning, 0, 0);
                    if (!symmetric) cases.Add(method, preconditioning, 0.7, 0);
                    if (method is not (IterativeMethod.ConjugateGradient or IterativeMethod.BiCgStab) && preconditioning is Preconditioning.Identity or Preconditioning.Diagonal) cases.Add(method, preconditioning, 0, 0.35);
                }
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Every_method_meets_its_tolerance_and_the_direct_solution(IterativeMethod method, Preconditioning preconditioning, double convection, double shift)
    {
        var a = SolverProblems.Grid(convection, shift);
        double[] right = SolverProblems.Right(a.Rows), exact = LinearSolver.Decompose(a, SparseMethod.Lu).Solve(right);
        var solution = LinearSolver.Iterate(a, right, method, preconditioning, 1e-10, 3000);
        Assert.True(solution.Converged, $"{solution.Iterations} steps, residual {solution.Residual:g3}");
        Near(exact, solution.X, 1e-6);
        Assert.InRange(solution.Iterations, 1, 3000);
        var again = LinearSolver.Iterate(a, right, method, preconditioning, 1e-8, 3000, solution.X);
        Assert.Equal(0, again.Iterations);
    }

    [Theory]
    [InlineData(IterativeMethod.ConjugateGradient, Preconditioning.IncompleteCholesky)]
    [InlineData(IterativeMethod.Gmres, Preconditioning.IncompleteLut)]
    [InlineData(IterativeMethod.BiCgStab, Preconditioning.IncompleteLut)]
    [InlineData(IterativeMethod.Idrs, Preconditioning.IncompleteLut)]
    public void A_preconditioner_saves_steps(IterativeMethod method, Preconditioning preconditioning)
    {
        var a = SolverProblems.Grid(side: 30);
        double[] right = SolverProblems.Right(a.Rows);
        Assert.True(2 * LinearSolver.Iterate(a, right, method, preconditioning, 1e-8, 5000).Iterations < LinearSolver.Iterate(a, right, method, Preconditioning.Identity, 1e-8, 5000).Iterations);
    }

    [Fact]
    public void Deflation_goes_on_where_restarts_stall()
    {
        // A few eigenvalues near zero: each restart forgets their directions.
        double[] diagonal = [.. Enumerable.Range(0, 200).Select(i => i < 4 ? 0.002 * (i + 1) : 1 + i)];
        int[] places = [.. Enumerable.Range(0, 200)];
        var a = SparseMatrix.FromCoordinates(200, 200, places, places, diagonal);
        double[] right = SolverProblems.Right(200);
        var plain = LinearSolver.Iterate(a, right, IterativeMethod.Gmres, Preconditioning.Identity, 1e-8, 4000);
        var deflated = LinearSolver.Iterate(a, right, IterativeMethod.Dgmres, Preconditioning.Identity, 1e-8, 4000);
        Assert.True(deflated.Converged);
        Assert.True(2 * deflated.Iterations < plain.Iterations, $"{deflated.Iterations} against {plain.Iterations}");
    }

    [Fact]
    public void Least_squares_of_a_tall_system_equals_qr()
    {
        var a = SolverProblems.Scattered(80, 25);
        double[] right = SolverProblems.Right(80);
        var solution = LinearSolver.Iterate(a, right, IterativeMethod.LeastSquaresConjugateGradient, Preconditioning.Diagonal, 1e-12, 500);
        Assert.True(solution.Converged);
        Near(LinearSolver.Decompose(a, SparseMethod.Qr).Solve(right), solution.X, 1e-8);
    }

    [Fact]
    public void Too_few_steps_are_reported_as_such_and_not_as_a_solution()
    {
        var a = SolverProblems.Grid();
        var solution = LinearSolver.Iterate(a, SolverProblems.Right(a.Rows), IterativeMethod.ConjugateGradient, Preconditioning.Identity, 1e-12, 3);
        Assert.False(solution.Converged);
        Assert.Equal(3, solution.Iterations);
        Assert.InRange(solution.Residual, 1e-6, 10);
        // A singular system without a solution ends, and says that it has none.
        var singular = SparseMatrix.FromCoordinates(2, 2, [0, 0, 1, 1], [0, 1, 0, 1], [1, 2, 2, 4]);
        foreach (var method in Enum.GetValues<IterativeMethod>().Where(m => m != IterativeMethod.LeastSquaresConjugateGradient))
            Assert.False(LinearSolver.Iterate(singular, [1, 0], method, Preconditioning.Identity, 1e-8, 50).Converged, method.ToString());
        // Nothing on the right: nothing on the left.
        foreach (var method in Enum.GetValues<IterativeMethod>())
            Assert.Equal(new double[a.Rows], LinearSolver.Iterate(a, new double[a.Rows], method, Preconditioning.Diagonal, 1e-8, 50).X);
    }

    [Fact]
    public void Bad_options_are_reported_with_what_is_allowed()
    {
        var a = SolverProblems.Grid(0.5);
        double[] right = SolverProblems.Right(a.Rows);
        Refused("solver.matrix", "not symmetric", () => LinearSolver.Iterate(a, right, IterativeMethod.ConjugateGradient, Preconditioning.Identity, 1e-8, 0));
        Refused("solver.size", "right-hand side has 3", () => LinearSolver.Iterate(a, [1, 2, 3], IterativeMethod.Gmres, Preconditioning.Identity, 1e-8, 0));
        Refused("solver.option", "solver_tolerance is 0", () => LinearSolver.Iterate(a, right, IterativeMethod.Gmres, Preconditioning.Identity, 0, 0));
        Refused("solver.vector", "number 1 of a vector is NaN", () => LinearSolver.Iterate(a, [.. right.Select((v, i) => i == 1 ? double.NaN : v)], IterativeMethod.Gmres, Preconditioning.Identity, 1e-8, 0));
        Refused("solver.preconditioner", "positive diagonal", () => LinearSolver.Iterate(SolverProblems.Grid(0, 5), right, IterativeMethod.Minres, Preconditioning.IncompleteCholesky, 1e-8, 0));
    }

    [Fact]
    public void Eigenpairs_equal_those_of_scipy()
    {
        var symmetric = SolverProblems.Grid(side: 17);
        var convective = SolverProblems.Grid(1.6, side: 12);
        var pairs = KrylovEigen.Solve(symmetric, 8, true, null, 1e-10, 5000);
        var near = KrylovEigen.Solve(symmetric, 8, true, 1.03, 1e-10, 5000);
        var general = KrylovEigen.Solve(convective, 8, false, null, 1e-10, 5000);
        var generalNear = KrylovEigen.Solve(convective, 7, false, 3.1, 1e-10, 5000);
        Assert.All([pairs, near, general, generalNear], p => Assert.True(p.Converged && p.Residual < 1e-8, $"{p.Residual:g3} after {p.Iterations}"));
        Assert.Contains(general.Imaginary, v => v > 0.1);
        Python.Require("scipy");
        double[][] oracle = Python.Rows("""
            import numpy as np
            a = np.fromfile('a').reshape(289, 289); c = np.fromfile('c').reshape(144, 144)
            w = np.linalg.eigvalsh(a)
            print(*w[np.argsort(-abs(w))][:8])
            print(*w[np.argsort(abs(w - 1.03))][:8])
            v = np.linalg.eigvals(c)
            print(*np.sort(abs(v))[::-1][:8])
            print(*np.sort(abs(v - 3.1))[:7])
            """, ("a", Bytes(symmetric.ToDense())), ("c", Bytes(convective.ToDense())));
        Near(oracle[0], pairs.Real, 1e-8);
        Near([.. oracle[1].Order()], [.. near.Real.Order()], 1e-8);
        Near(oracle[2], [.. general.Real.Zip(general.Imaginary, double.Hypot).Take(8)], 1e-7);
        Near(oracle[3], [.. generalNear.Real.Zip(generalNear.Imaginary, (r, i) => double.Hypot(r - 3.1, i)).Order().Take(7)], 1e-7);
    }

    [Fact]
    public void Eigenpairs_of_small_and_special_matrices_are_whole()
    {
        // The identity closes every Krylov space at once; a zero has nothing but zeros.
        int[] places = [.. Enumerable.Range(0, 40)];
        var identity = SparseMatrix.FromCoordinates(40, 40, places, places, [.. places.Select(_ => 1.0)]);
        Near([1, 1, 1], KrylovEigen.Solve(identity, 3, true, null, 1e-10, 500).Real, 1e-10);
        Near([0, 0], KrylovEigen.Solve(identity.Shifted(1), 2, true, null, 1e-10, 500).Real, 1e-10);
        double[] all = KrylovEigen.Solve(SparseMatrix.FromDense(SolverProblems.Symmetric(9), 9, 9), 9, true, null, 1e-10, 500).Real;
        Near([.. LinearSolver.Decompose(SolverProblems.Symmetric(9), 9, 9, DenseMethod.SelfAdjointEigenSolver).Numbers["values"]], all, 1e-8);
        var turn = SparseMatrix.FromCoordinates(2, 2, [0, 1], [1, 0], [-1, 1]);
        var pair = KrylovEigen.Solve(turn, 1, false, null, 1e-10, 100);
        Near([1, -1], pair.Imaginary, 1e-12);
        Refused("solver.eigen", "num_eigen_pairs is 3", () => KrylovEigen.Solve(turn, 3, false, null, 1e-10, 100));
        Refused("solver.eigen", "not symmetric", () => KrylovEigen.Solve(turn, 1, true, null, 1e-10, 100));
        Refused("solver.singular", "singular", () => KrylovEigen.Solve(identity, 1, true, 1, 1e-10, 100));
    }

    [Fact]
    public void The_same_system_gives_the_same_bits()
    {
        var a = SolverProblems.Grid(0.6);
        double[] right = SolverProblems.Right(a.Rows);
        foreach (var method in (IterativeMethod[])[IterativeMethod.Idrs, IterativeMethod.Dgmres])
            Assert.Equal(LinearSolver.Iterate(a, right, method, Preconditioning.IncompleteLut, 1e-9, 500).X, LinearSolver.Iterate(a, right, method, Preconditioning.IncompleteLut, 1e-9, 500).X);
        Assert.Equal(KrylovEigen.Solve(a, 4, false, null, 1e-9, 500).Vectors, KrylovEigen.Solve(a, 4, false, null, 1e-9, 500).Vectors);
    }
}
