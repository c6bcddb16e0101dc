using System.Globalization;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Learning.Solvers;
using ExampleMlFarm.Learning.Solvers.Spectral;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;
using Solvers = ExampleMlFarm.Learning.Solvers;

namespace ExampleMlFarm.Nodes.Algebra.LinearSolver;

/// <summary>
/// Linear systems, decompositions, eigenpairs and products of matrices that lie in geometry. The result says how it was reached: details
/// <c>solver_converged</c>, <c>solver_iterations</c>, <c>solver_residual</c>, <c>solver_rank</c>.
/// </summary>
public static class LinearSolverNode
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.OfBoth<LinearSolverOptions>(
        NodeDescriptor.From<LinearSolverOptions>("linear_solver", 1, "Solves linear systems, decomposes matrices and finds eigenpairs.") with
        {
            Family = "algebra",
            Input = DataKind.Geometry,
            Output = DataKind.Geometry,
            NeedsInput = true,
            HoudiniNames = ["linearsolver"],
            Metrics =
            [
                new("converged", "1 when the tolerance was met for every right-hand side, else 0"), new("residual", "Greatest relative residual ‖b − A x‖ / ‖b‖"),
                new("iterations", "Most iterative steps of any right-hand side"), new("rank", "Numerical rank that a direct method found"),
            ],
            Example = ExampleRecipe.Head + ExampleRecipe.Limits + ExampleRecipe.Poses + ExampleRecipe.Numbers +
                "  singular_values:\n    from: numbers\n    uses: linear_solver\n    with: { mode: decompose, dense_direct_solver: bdc_svd, matrix_value_attr: value, cols: 3, square_matrix: false }\n",
        },
        (options, cook) =>
        {
            var (geometry, report) = Run(options, cook.AllGeometry(), cook);
            if (report.Residual is { } residual)
            {
                cook.Metric("converged", report.Converged ? 1 : 0);
                cook.Metric("residual", residual);
                cook.Metric("iterations", report.Iterations);
                cook.Log(string.Create(CultureInfo.InvariantCulture, $"{(report.Converged ? "converged" : "did not converge")}: relative residual {residual:G3} after {report.Iterations} iterations"));
            }
            if (report.Rank is { } rank) cook.Metric("rank", rank);
            cook.EmitGeometry(geometry);
        },
        (options, geometry, cook) => [Run(options, geometry, cook).Geometry]);

    /// <summary>What is known of a result.</summary>
    private sealed record Report(bool Converged = true, int Iterations = 0, double? Residual = null, int? Rank = null);

    private static (GeometryData Geometry, Report Report) Run(LinearSolverOptions options, IReadOnlyList<GeometryData> geometry, CookContext cook)
    {
        if (geometry.Count is < 1 or > 2) throw FarmException.Invalid("solver.inputs", $"linear_solver takes the matrix's geometry, and the vectors' after it, and was given {geometry.Count} geometries");
        var vectors = options.Vector is { } node ? cook.Input(node).Single().Geometry() : geometry[^1];
        var (result, report) = options.Mode switch
        {
            LinearSolverMode.Decompose => Decompose(options, geometry[0]),
            LinearSolverMode.SolveWithDecomposition => SolveWithFactors(options, vectors, cook),
            LinearSolverMode.Multiply => Multiply(options, geometry[0], vectors),
            _ => Solve(options, geometry[0], vectors, cook),
        };
        if (report.Residual is { } residual)
            result = result.WithDetail("solver_converged", AttributeValues.Of([report.Converged ? 1 : 0])).WithDetail("solver_iterations", AttributeValues.Of([report.Iterations]))
                .WithDetail("solver_residual", AttributeValues.Of([residual]));
        return (report.Rank is { } rank ? result.WithDetail("solver_rank", AttributeValues.Of([rank])) : result, report);
    }

    private static SolverFamily FamilyOf(LinearSolverOptions options) => options.Solver != SolverFamily.Automatic ? options.Solver
        : MatrixGeometry.IsSparse(options) ? SolverFamily.SparseDirect : SolverFamily.DenseDirect;

    private static Factorisation Factors(LinearSolverOptions options, SparseMatrix matrix) => FamilyOf(options) switch
    {
        SolverFamily.SparseDirect => Solvers.LinearSolver.Decompose(matrix, options.SparseDirectSolver),
        SolverFamily.DenseDirect when (long)matrix.Rows * matrix.Columns > MatrixGeometry.MaxDense =>
            throw FarmException.Invalid("solver.matrix", $"a matrix of {matrix.Rows} x {matrix.Columns} is too large to be dense; use sparse_direct or iterative"),
        SolverFamily.DenseDirect => Solvers.LinearSolver.Decompose(matrix.ToDense(), matrix.Rows, matrix.Columns, options.DenseDirectSolver),
        var other => throw FarmException.Invalid("solver.option", $"'solver: {other.ToString().ToLowerInvariant()}' does not decompose a matrix; use dense_direct or sparse_direct, or eigenpairs with 'mode: decompose'"),
    };

    private static (GeometryData, Report) Decompose(LinearSolverOptions options, GeometryData geometry)
    {
        var matrix = MatrixGeometry.Read(options, geometry);
        if (FamilyOf(options) == SolverFamily.Eigenpairs) return EigenPairs(options, matrix);
        var factors = Factors(options, matrix);
        return (FactorGeometry.Write(factors), new Report(Rank: factors.Rank));
    }

    private static (GeometryData, Report) EigenPairs(LinearSolverOptions options, SparseMatrix matrix)
    {
        bool symmetric = options.EigenSolver is EigenSelection.SymEigs or EigenSelection.SymEigsShift;
        double? shift = options.EigenSolver is EigenSelection.GenEigsRealShift or EigenSelection.SymEigsShift ? options.Shift : null;
        var pairs = KrylovEigen.Solve(matrix, options.NumEigenPairs, symmetric, shift, options.SolverTolerance, options.SolverMaxIter > 0 ? options.SolverMaxIter : Math.Max(1000, 100 * options.NumEigenPairs));
        int n = matrix.Rows, k = pairs.Real.Length;
        // Pair after pair, as a basis lies: points p n … (p + 1) n − 1 are vector p.
        var values = new double[2 * k * n];
        var vectors = new double[2 * k * n];
        var index = new int[k * n];
        for (int i = 0; i < k * n; i++)
        {
            (values[2 * i], values[2 * i + 1]) = (pairs.Real[i / n], pairs.Imaginary[i / n]);
            (vectors[2 * i], vectors[2 * i + 1]) = (pairs.Vectors[i], pairs.ImaginaryVectors[i]);
            index[i] = i / n;
        }
        return (GeometryData.PointCloud(new float[3 * k * n]).With(AttributeClass.Point, "eigenvalue", AttributeValues.Of(values, 2))
            .With(AttributeClass.Point, options.VectorDestinationAttr, AttributeValues.Of(vectors, 2)).With(AttributeClass.Point, "pair", AttributeValues.Of(index)),
            new Report(pairs.Converged, pairs.Iterations, pairs.Residual));
    }

    private static (GeometryData, Report) Multiply(LinearSolverOptions options, GeometryData geometry, GeometryData source)
    {
        var matrix = MatrixGeometry.Read(options, geometry);
        var (x, isDouble) = VectorGeometry.Read(source, options.VectorSourceStorage, options.VectorSourceAttr, options.Precision == NumberPrecision.Bits32);
        Require(x[0].Length, matrix.Columns, "columns", options.VectorSourceAttr);
        var y = x.Select(v =>
        {
            var product = new double[matrix.Rows];
            matrix.Multiply(v, product);
            return product;
        }).ToArray();
        return (Finish(options, source, y, isDouble), new Report());
    }

    private static (GeometryData, Report) SolveWithFactors(LinearSolverOptions options, GeometryData source, CookContext cook)
    {
        if (options.Decomposition is null) throw FarmException.Invalid("solver.factors", "'mode: solve_with_decomposition' needs 'decomposition: ${{ nodes.NAME }}', a linear_solver node with 'mode: decompose'");
        if (options.PinnedGroup.Length > 0) throw FarmException.Invalid("solver.option", "unknowns are pinned before a matrix is decomposed; use 'mode: linear_system_solve'");
        var factors = cook.Input(options.Decomposition).Single().LoadGeometry(FactorGeometry.Read);
        var (b, isDouble) = VectorGeometry.Read(source, options.VectorSourceStorage, options.VectorSourceAttr, options.Precision == NumberPrecision.Bits32);
        Require(b[0].Length, factors.Rows, "rows", options.VectorSourceAttr);
        return (Finish(options, source, [.. b.Select(v => factors.Solve(v))], isDouble), new Report(Rank: factors.Rank));
    }

    private static (GeometryData, Report) Solve(LinearSolverOptions options, GeometryData geometry, GeometryData source, CookContext cook)
    {
        if (FamilyOf(options) == SolverFamily.Eigenpairs) throw FarmException.Invalid("solver.option", "'solver: eigenpairs' goes with 'mode: decompose'");
        bool round = options.Precision == NumberPrecision.Bits32;
        var matrix = MatrixGeometry.Read(options, geometry);
        var (b, isDouble) = VectorGeometry.Read(source, options.VectorSourceStorage, options.VectorSourceAttr, round);
        Require(b[0].Length, matrix.Rows, "rows", options.VectorSourceAttr);
        var before = VectorGeometry.Find(source, options.VectorDestinationStorage, options.VectorDestinationAttr, b.Length, matrix.Columns, round);
        var pins = Pins.Of(options, source, matrix);
        var reduced = pins.Reduce(matrix);
        var factors = FamilyOf(options) == SolverFamily.Iterative ? null : Factors(options, reduced);
        var report = new Report(Residual: 0, Rank: factors?.Rank);
        var x = new double[b.Length][];
        for (int c = 0; c < b.Length; c++)
        {
            cook.ThrowIfCancelled();
            double[] held = before is null ? new double[matrix.Columns] : before[c], right = pins.Right(matrix, b[c], held);
            var solution = factors is not null ? Solvers.LinearSolver.Solve(factors, reduced, right, options.SolverTolerance)
                : Solvers.LinearSolver.Iterate(reduced, right, options.IterativeSolver, options.Preconditioner, options.SolverTolerance, options.SolverMaxIter, options.SolveWithGuess ? pins.Free(held) : null);
            x[c] = pins.Whole(solution.X, held);
            report = report with { Converged = report.Converged && solution.Converged, Iterations = Math.Max(report.Iterations, solution.Iterations), Residual = Math.Max(report.Residual!.Value, solution.Residual) };
        }
        return (Finish(options, source, x, isDouble), report);
    }

    private static GeometryData Finish(LinearSolverOptions options, GeometryData geometry, double[][] result, bool isDouble)
    {
        bool wide = options.Precision == NumberPrecision.Bits64 || (options.Precision == NumberPrecision.Auto && isDouble);
        var before = options.AccumulateResult ? VectorGeometry.Find(geometry, options.VectorDestinationStorage, options.VectorDestinationAttr, result.Length, result[0].Length, round: false) : null;
        for (int c = 0; c < result.Length; c++)
            for (int i = 0; i < result[c].Length; i++) result[c][i] = options.Scale * result[c][i] + (before is null ? 0 : before[c][i]);
        return VectorGeometry.Write(geometry, options.VectorDestinationStorage, options.VectorDestinationAttr, result, wide);
    }

    private static void Require(int length, int needed, string what, string name)
    {
        if (length != needed) throw FarmException.Invalid("solver.size", $"'{name}' holds vectors of {length} numbers and the matrix has {needed} {what}");
    }
}
