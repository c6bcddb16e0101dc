using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Solvers;
using ExampleMlFarm.Tests.Learning.Linear;
using ExampleMlFarm.Tests.Learning.Oracles;
using static ExampleMlFarm.Tests.Learning.Regression.KernelRegressionTests;

namespace ExampleMlFarm.Tests.Learning.Solvers;

public class DirectSolverTests
{
    /// <summary>Matrix, rows, columns.</summary>
    private static readonly Dictionary<string, (double[] A, int Rows, int Columns)> Matrices = new()
    {
        ["square"] = (RidgeTests.Normal(30 * 30), 30, 30),
        ["large"] = (RidgeTests.Normal(150 * 150), 150, 150),
        ["tall"] = (RidgeTests.Normal(40 * 12), 40, 12),
        ["wide"] = (RidgeTests.Normal(12 * 40), 12, 40),
        ["deficient"] = (SolverProblems.OfRank(25, 25, 17), 25, 25),
        ["tall deficient"] = (SolverProblems.OfRank(40, 12, 7), 40, 12),
        ["wide deficient"] = (SolverProblems.OfRank(12, 40, 7), 12, 40),
        ["definite"] = (SolverProblems.Symmetric(30, 0.5), 30, 30),
        ["indefinite"] = (SolverProblems.Symmetric(30, -12), 30, 30),
        ["semidefinite"] = (SolverProblems.Symmetric(30, 0, 18), 30, 30),
        ["one"] = ([3], 1, 1),
    };

    /// <summary>The shortest least squares solution of each, by numpy.</summary>
    private static readonly Lazy<Dictionary<string, double[]>> Numpy = new(() =>
    {
        var names = Matrices.Keys.ToList();
        double[][] rows = Python.Rows(string.Concat(names.Select((n, i) => $"print(*np.linalg.lstsq(np.fromfile('a{i}').reshape({Matrices[n].Rows}, {Matrices[n].Columns}), np.fromfile('b{i}'), rcond=1e-12)[0])\n")).Insert(0, "import numpy as np\n"),
            [.. names.SelectMany((n, i) => ((string, byte[])[])[($"a{i}", Bytes(Matrices[n].A)), ($"b{i}", Bytes(SolverProblems.Right(Matrices[n].Rows)))])]);
        return names.Select((n, i) => (n, rows[i])).ToDictionary();
    });

    [Theory]
    [InlineData("square", DenseMethod.PartialPivLu, DenseMethod.FullPivLu, DenseMethod.HouseholderQr, DenseMethod.ColPivHouseholderQr, DenseMethod.FullPivHouseholderQr, DenseMethod.CompleteOrthogonalDecomposition, DenseMethod.BdcSvd, DenseMethod.JacobiSvd)]
    [InlineData("large", DenseMethod.PartialPivLu, DenseMethod.FullPivLu, DenseMethod.HouseholderQr, DenseMethod.ColPivHouseholderQr, DenseMethod.FullPivHouseholderQr, DenseMethod.CompleteOrthogonalDecomposition)]
    [InlineData("tall", DenseMethod.HouseholderQr, DenseMethod.ColPivHouseholderQr, DenseMethod.FullPivHouseholderQr, DenseMethod.CompleteOrthogonalDecomposition, DenseMethod.BdcSvd, DenseMethod.JacobiSvd)]
    [InlineData("wide", DenseMethod.CompleteOrthogonalDecomposition, DenseMethod.BdcSvd, DenseMethod.JacobiSvd)]
    [InlineData("deficient", DenseMethod.CompleteOrthogonalDecomposition, DenseMethod.BdcSvd, DenseMethod.JacobiSvd)]
    [InlineData("tall deficient", DenseMethod.CompleteOrthogonalDecomposition, DenseMethod.BdcSvd, DenseMethod.JacobiSvd)]
    [InlineData("wide deficient", DenseMethod.CompleteOrthogonalDecomposition, DenseMethod.BdcSvd, DenseMethod.JacobiSvd)]
    [InlineData("definite", DenseMethod.PartialPivLu, DenseMethod.Llt, DenseMethod.Ldlt, DenseMethod.SelfAdjointEigenSolver)]
    [InlineData("indefinite", DenseMethod.PartialPivLu, DenseMethod.Ldlt, DenseMethod.SelfAdjointEigenSolver)]
    [InlineData("semidefinite", DenseMethod.SelfAdjointEigenSolver, DenseMethod.BdcSvd)]
    [InlineData("one", DenseMethod.PartialPivLu, DenseMethod.FullPivHouseholderQr, DenseMethod.Llt, DenseMethod.Ldlt, DenseMethod.JacobiSvd, DenseMethod.BdcSvd, DenseMethod.SelfAdjointEigenSolver)]
    public void Dense_methods_give_the_solution_of_numpy(string name, params DenseMethod[] methods)
    {
        Python.Require("numpy");
        var (a, rows, columns) = Matrices[name];
        foreach (var method in methods)
        {
            var factors = LinearSolver.Decompose(a, rows, columns, method);
            var solution = LinearSolver.Solve(factors, SparseMatrix.FromDense(a, rows, columns), SolverProblems.Right(rows), 1e-8);
            Near(Numpy.Value[name], solution.X, 1e-8);
            Assert.True(solution.Converged, $"{method}: {solution.Residual:g3}, {solution.NormalResidual:g3}");
        }
    }

    [Theory]
    [InlineData("deficient", 17, DenseMethod.FullPivLu)]
    [InlineData("deficient", 17, DenseMethod.ColPivHouseholderQr)]
    [InlineData("tall deficient", 7, DenseMethod.FullPivHouseholderQr)]
    [InlineData("wide deficient", 7, DenseMethod.ColPivHouseholderQr)]
    [InlineData("wide", 12, DenseMethod.ColPivHouseholderQr)]
    [InlineData("semidefinite", 18, DenseMethod.Ldlt)]
    [InlineData("semidefinite", 18, DenseMethod.JacobiSvd)]
    public void Rank_is_revealed_and_a_consistent_system_solved(string name, int rank, DenseMethod method)
    {
        var (a, rows, columns) = Matrices[name];
        var matrix = SparseMatrix.FromDense(a, rows, columns);
        var right = new double[rows];
        matrix.Multiply(SolverProblems.Right(columns), right);
        var factors = LinearSolver.Decompose(a, rows, columns, method);
        Assert.Equal(rank, factors.Rank);
        Assert.InRange(LinearSolver.Solve(factors, matrix, right, 1e-8).Residual, 0, 1e-10);
    }

    [Fact]
    public void Eigenvalues_equal_those_of_numpy_and_belong_to_their_vectors()
    {
        var (a, n, _) = Matrices["square"];
        var factors = LinearSolver.Decompose(a, n, n, DenseMethod.EigenSolver);
        double[] real = factors.Numbers["real"], imaginary = factors.Numbers["imaginary"], vectors = factors.Numbers["vectors"];
        for (int s = 0; s < n; s++)
        {
            if (imaginary[s] < 0) continue;
            double[] x = vectors[(s * n)..(s * n + n)], y = imaginary[s] > 0 ? vectors[((s + 1) * n)..((s + 2) * n)] : new double[n];
            for (int i = 0; i < n; i++)
            {
                double p = 0, q = 0;
                for (int j = 0; j < n; j++) (p, q) = (p + a[i * n + j] * x[j], q + a[i * n + j] * y[j]);
                Assert.Equal(real[s] * x[i] - imaginary[s] * y[i], p, 1e-9);
                Assert.Equal(real[s] * y[i] + imaginary[s] * x[i], q, 1e-9);
            }
        }
        Assert.Equal("solver.method", Assert.Throws<FarmException>(() => factors.Solve(new double[n])).Failure.Code);
        Python.Require("numpy");
        double[] oracle = Python.Numbers(Python.Run("import numpy as np\nv = np.linalg.eigvals(np.fromfile('a').reshape(30, 30))\nprint(*np.sort(v.real), *np.sort(v.imag))", ("a", Bytes(a))));
        Near(oracle, [.. real.Order(), .. imaginary.Order()], 1e-9);
    }

    [Theory]
    [InlineData(SparseMethod.Llt, 0, 0)]
    [InlineData(SparseMethod.Ldlt, 0, 0)]
    [InlineData(SparseMethod.Ldlt, 0, 1.37)]
    [InlineData(SparseMethod.Lu, 0, 0)]
    [InlineData(SparseMethod.Lu, 0.8, 0)]
    [InlineData(SparseMethod.Lu, 0.3, 4)]
    [InlineData(SparseMethod.Qr, 0.8, 0)]
    [InlineData(SparseMethod.Qr, 0.3, 1.37)]
    public void Sparse_methods_solve_what_dense_elimination_solves(SparseMethod method, double convection, double shift)
    {
        var a = SolverProblems.Grid(convection, shift);
        double[] right = SolverProblems.Right(a.Rows);
        var solution = LinearSolver.Solve(LinearSolver.Decompose(a, method), a, right, 1e-8);
        Assert.InRange(solution.Residual, 0, 1e-11);
        Near(LinearSolver.Decompose(a.ToDense(), a.Rows, a.Columns, DenseMethod.PartialPivLu).Solve(right), solution.X, 1e-8);
    }

    [Theory]
    [InlineData(60, 25)]
    [InlineData(25, 60)]
    [InlineData(40, 40)]
    public void Sparse_qr_gives_the_least_squares_or_shortest_solution(int rows, int columns)
    {
        var a = SolverProblems.Scattered(rows, columns);
        double[] right = SolverProblems.Right(rows);
        double[] reference = LinearSolver.Decompose(a.ToDense(), rows, columns, DenseMethod.CompleteOrthogonalDecomposition).Solve(right);
        var solution = LinearSolver.Solve(LinearSolver.Decompose(a, SparseMethod.Qr), a, right, 1e-8);
        Near(reference, solution.X, 1e-8);
        Assert.True(solution.Converged);
    }

    [Fact]
    public void Sparse_lu_of_scattered_matrices_equals_scipys_solution()
    {
        Python.Require("scipy");
        var a = SolverProblems.Scattered(80, 80);
        double[] right = SolverProblems.Right(80);
        double[] oracle = Python.Numbers(Python.Run("import numpy as np, scipy.sparse as s, scipy.sparse.linalg as l\nprint(*l.spsolve(s.csc_matrix(np.fromfile('a').reshape(80, 80)), np.fromfile('b')))",
            ("a", Bytes(a.ToDense())), ("b", Bytes(right))));
        Near(oracle, LinearSolver.Decompose(a, SparseMethod.Lu).Solve(right), 1e-9);
    }

    [Fact]
    public void Systems_that_a_method_cannot_solve_are_refused_with_one_that_can()
    {
        var (deficient, n, _) = Matrices["deficient"];
        Refused("solver.singular", "rank-revealing", () => LinearSolver.Decompose(deficient, n, n, DenseMethod.PartialPivLu));
        Refused("solver.singular", "col_piv_householder_qr", () => LinearSolver.Decompose(deficient, n, n, DenseMethod.HouseholderQr));
        Refused("solver.not_definite", "use ldlt", () => LinearSolver.Decompose(Matrices["indefinite"].A, 30, 30, DenseMethod.Llt));
        Refused("solver.matrix", "not symmetric", () => LinearSolver.Decompose(Matrices["square"].A, 30, 30, DenseMethod.Llt));
        Refused("solver.matrix", "needs a square one", () => LinearSolver.Decompose(Matrices["tall"].A, 40, 12, DenseMethod.PartialPivLu));
        Refused("solver.matrix", "entry (0, 1) is NaN", () => LinearSolver.Decompose([1, double.NaN], 1, 2, DenseMethod.BdcSvd));
        Refused("solver.not_definite", "pivot", () => LinearSolver.Decompose(SolverProblems.Grid(0, 2), SparseMethod.Llt));
        var twice = SparseMatrix.FromCoordinates(2, 2, [0, 0, 1, 1], [0, 1, 0, 1], [1, 2, 2, 4]);
        Refused("solver.singular", "singular", () => LinearSolver.Decompose(twice, SparseMethod.Lu));
        Refused("solver.singular", "singular", () => LinearSolver.Decompose(twice, SparseMethod.Ldlt));
        Refused("solver.size", "3 numbers", () => LinearSolver.Decompose(Matrices["one"].A, 1, 1, DenseMethod.Llt).Solve([1, 2, 3]));
        Refused("solver.matrix", "outside", () => SparseMatrix.FromCoordinates(2, 2, [2], [0], [1]));
        Assert.Equal(1, LinearSolver.Decompose(twice, SparseMethod.Qr).Rank);
    }

    [Fact]
    public void Entries_given_twice_are_added_and_the_transpose_of_the_transpose_is_the_matrix()
        => Gen.Select(Gen.Int[1, 6], Gen.Int[1, 6]).SelectMany((m, n) => Gen.Select(Gen.Int[0, m - 1], Gen.Int[0, n - 1], Gen.Int[-4, 4]).Array[0, 20].Select(e => (m, n, e)))
            .Sample(c =>
            {
                var a = SparseMatrix.FromCoordinates(c.m, c.n, [.. c.e.Select(e => e.Item1)], [.. c.e.Select(e => e.Item2)], [.. c.e.Select(e => (double)e.Item3)]);
                var dense = new double[c.m * c.n];
                foreach (var (i, j, v) in c.e) dense[i * c.n + j] += v;
                Assert.Equal(dense, a.ToDense());
                Assert.Equal(dense, a.Transpose().Transpose().ToDense());
                double[] x = [.. Enumerable.Range(1, c.m).Select(i => (double)i)], y = new double[c.n], z = new double[c.n];
                a.MultiplyTransposed(x, y);
                a.Transpose().Multiply(x, z);
                Assert.Equal(z, y);
            }, iter: 500, threads: 1);

    [Fact]
    public void Damaged_factors_give_a_typed_error_and_never_a_crash()
    {
        var grid = SolverProblems.Grid(0.3, side: 4);
        Func<Factorisation>[] makers =
        [
            .. Enum.GetValues<SparseMethod>().Select(m => (Func<Factorisation>)(() => LinearSolver.Decompose(m is SparseMethod.Llt or SparseMethod.Ldlt ? SolverProblems.Grid(side: 4) : grid, m))),
            .. new[] { DenseMethod.PartialPivLu, DenseMethod.CompleteOrthogonalDecomposition, DenseMethod.BdcSvd }.Select(m => (Func<Factorisation>)(() => LinearSolver.Decompose(grid.ToDense(), 16, 16, m))),
        ];
        Gen.Select(Gen.Int[0, makers.Length - 1], Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int).Sample((which, array, at, value) =>
        {
            var factors = makers[which]();
            var names = factors.Indices.Keys.ToList();
            if (names.Count == 0)
            {
                string numbers = factors.Numbers.Keys.ElementAt(array % factors.Numbers.Count);
                factors.Numbers[numbers] = factors.Numbers[numbers][..(at % (factors.Numbers[numbers].Length + 1))];
                names.Add("rank");
                factors.Indices["rank"] = [];
            }
            string name = names[array % names.Count];
            if (value % 3 == 0) factors.Indices[name] = factors.Indices[name][..(at % (factors.Indices[name].Length + 1))];
            else if (value % 3 == 1) factors.Indices.Remove(name);
            else if (factors.Indices[name].Length > 0) factors.Indices[name][at % factors.Indices[name].Length] = value;
            try { factors.Solve(new double[16]); }
            catch (FarmException e) { Assert.StartsWith("solver.", e.Failure.Code, StringComparison.Ordinal); }
        }, iter: 2000, threads: 1);
    }
}
