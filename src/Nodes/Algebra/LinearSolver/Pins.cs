using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Learning.Solvers;

namespace ExampleMlFarm.Nodes.Algebra.LinearSolver;

/// <summary>Unknowns whose value is given: they leave the system, and their columns go to the right-hand side.</summary>
internal sealed class Pins
{
    private readonly int[] free;
    private readonly int[] pinned;
    private readonly int[] equations;
    private readonly bool any;

    private Pins(int[] free, int[] pinned, int[] equations) => (this.free, this.pinned, this.equations, any) = (free, pinned, equations, pinned.Length > 0);

    /// <summary>The pins of a group of the vectors' geometry; none without a name.</summary>
    /// <exception cref="FarmException"><c>solver.pins</c>.</exception>
    public static Pins Of(LinearSolverOptions options, GeometryData geometry, SparseMatrix matrix)
    {
        int[] all = [.. Enumerable.Range(0, matrix.Columns)], equations = [.. Enumerable.Range(0, matrix.Rows)];
        if (options.PinnedGroup.Length == 0) return new(all, [], equations);
        var of = MatrixGeometry.ClassOf(options.VectorDestinationStorage);
        var group = geometry.FindGroup(of, options.PinnedGroup)
            ?? throw FarmException.Invalid("solver.pins", $"the vectors' geometry has no group '{options.PinnedGroup}' of {of.ToString().ToLowerInvariant()}s");
        if (group.Extent > matrix.Columns) throw FarmException.Invalid("solver.pins", $"the group '{options.PinnedGroup}' reaches element {group.Extent - 1}, and the matrix has {matrix.Columns} unknowns");
        int[] free = [.. all.Where(i => !group.Contains(i))];
        if (free.Length == 0) throw FarmException.Invalid("solver.pins", $"the group '{options.PinnedGroup}' pins all {matrix.Columns} unknowns; leave some to solve for");
        return new(free, group.Indices.ToArray(), options.ReduceRows && matrix.Rows == matrix.Columns ? free : equations);
    }

    /// <summary>Equations and unknowns that are left.</summary>
    public SparseMatrix Reduce(SparseMatrix matrix) => any ? matrix.Part(equations, free) : matrix;

    /// <summary>b of the equations left, less what the pinned unknowns contribute.</summary>
    public double[] Right(SparseMatrix matrix, double[] b, double[] held)
    {
        if (!any) return b;
        var values = new double[matrix.Columns];
        foreach (int i in pinned) values[i] = held[i];
        var contribution = new double[matrix.Rows];
        matrix.Multiply(values, contribution);
        return [.. equations.Select(i => b[i] - contribution[i])];
    }

    /// <summary>The unknowns left of a whole vector.</summary>
    public double[] Free(double[] whole) => any ? [.. free.Select(i => whole[i])] : whole;

    /// <summary>A solution with the pinned unknowns in their places.</summary>
    public double[] Whole(double[] solution, double[] held)
    {
        if (!any) return solution;
        double[] whole = (double[])held.Clone();
        for (int k = 0; k < free.Length; k++) whole[free[k]] = solution[k];
        return whole;
    }
}
