using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Tissue.Solve;

namespace ExampleMlFarm.Tests.Tissue.Solve;

public sealed class MinimiserTests
{
    public static TheoryData<string> Solvers => ["newton", "quasi-newton", "block descent"];

    static ICageSolver Solver(string name, CageProblem problem) => name switch
    {
        "newton" => new NewtonSolver(problem, 0),
        "quasi-newton" => new NewtonSolver(problem, 15),
        "wild block descent" => new VertexBlockDescent(problem, 0.9999),
        _ => new VertexBlockDescent(problem, 0.9),
    };

    static Func<Vector3d, bool> OnBoundary(Vector3d size, double h)
    {
        var (low, high) = BoxCage.Bounds(BoxCage.Lattice(size, h));
        return p => p.X < low.X + 1e-9 || p.Y < low.Y + 1e-9 || p.Z < low.Z + 1e-9 || p.X > high.X - 1e-9 || p.Y > high.Y - 1e-9 || p.Z > high.Z - 1e-9;
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Affine_boundary_is_continued_as_the_affine_field(string name)
    {
        var size = new Vector3d(1.5, 1, 1);
        var (problem, _) = BoxCage.Problem(size, 0.25, OnBoundary(size, 0.25));
        Vector3d Field(Vector3d p) => new(1.1 * p.X + 0.2 * p.Y + 3, 0.95 * p.Y - 0.1 * p.Z, 0.05 * p.X + 1.2 * p.Z);
        BoxCage.Place(problem, Field, heldOnly: true);
        Solver(name, problem).Minimise(1e-11, 4000);
        for (var i = 0; i < problem.Mesh.NodeCount; i++)
            Assert.True(Vector3d.Distance(Field(Vector3d.Read(problem.Mesh.RestPositions, i)), Vector3d.Read(problem.Positions.Span, i)) < 1e-8);
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    [InlineData("wild block descent")]
    public void No_step_raises_the_energy(string name)
    {
        var (problem, _) = BoxCage.Problem(new Vector3d(2, 0.5, 0.5), 0.25, p => p.X < 0.1 || p.X > 1.9);
        var turn = Quaterniond.FromAxisAngle(Vector3d.UnitX, 1.2);
        BoxCage.Place(problem, p => p.X > 1.9 ? turn.Rotate(p) : p, heldOnly: true);
        var energies = new List<double> { problem.Evaluate() };
        var solver = Solver(name, problem);
        if (solver is NewtonSolver newton) newton.Observe = s => energies.Add(s.Energy);
        if (solver is VertexBlockDescent descent) descent.Observe = energies.Add;
        var progress = solver.Minimise(1e-9, 3000);
        Assert.True(progress.Residual <= 1e-9);
        Assert.True(energies.Count > 3);
        for (var i = 1; i < energies.Count; i++) Assert.True(energies[i] <= energies[i - 1] + 1e-13, $"{energies[i - 1]:R} -> {energies[i]:R}");
    }

    [Theory]
    [InlineData("quasi-newton")]
    [InlineData("block descent")]
    public void Others_reach_the_minimum_that_newton_finds(string name)
    {
        const double H = 0.25;
        double[] Solve(string which)
        {
            var (problem, _) = BoxCage.Problem(new Vector3d(2, 0.5, 0.5), H, p => p.X < 0.1 || p.X > 1.9, force: new Vector3d(0, 0.05, 0));
            BoxCage.Place(problem, p => p.X > 1.9 ? p + new Vector3d(0.2, 0.4, 0.1) : p, heldOnly: true);
            Solver(which, problem).Minimise(1e-7, 5000);
            return problem.Positions.Span.ToArray();
        }
        var reference = Solve("newton");
        var other = Solve(name);
        for (var i = 0; i < reference.Length / 3; i++)
            Assert.True(Vector3d.Distance(Vector3d.Read(reference, i), Vector3d.Read(other, i)) < 1e-3 * H);
    }

    [Fact]
    public void Stretched_bar_keeps_its_volume_the_better_the_stiffer_it_is()
    {
        var errors = new List<double>();
        foreach (var lambda in new double[] { 1, 3, 10, 30, 100, 300 })
        {
            var (problem, _) = BoxCage.Problem(new Vector3d(2, 0.5, 0.5), 0.25, p => p.X < 0.1 || p.X > 1.9, lambda);
            BoxCage.Place(problem, p => p.X > 1.9 ? p + new Vector3d(0.5, 0, 0) : p, heldOnly: true);
            new NewtonSolver(problem, 0).Minimise(1e-8, 100);
            errors.Add(Math.Abs(Volume(problem, problem.Positions.Span) / Volume(problem, problem.Mesh.RestPositions) - 1));
        }
        for (var i = 1; i < errors.Count; i++) Assert.True(errors[i] < errors[i - 1], string.Join(", ", errors));
        Assert.True(errors[^1] < 0.01);
    }

    static double Volume(CageProblem problem, ReadOnlySpan<double> x)
    {
        var sum = 0.0;
        for (var t = 0; t < problem.Mesh.TetCount; t++)
        {
            var c = problem.Mesh.Corners.AsSpan(4 * t, 4);
            var o = Vector3d.Read(x, c[0]);
            sum += Vector3d.Dot(Vector3d.Read(x, c[1]) - o, Vector3d.Cross(Vector3d.Read(x, c[2]) - o, Vector3d.Read(x, c[3]) - o)) / 6;
        }
        return sum;
    }

    [Fact]
    public void Vertices_of_one_colour_share_no_element()
    {
        var (problem, _) = BoxCage.Problem(new Vector3d(2, 1, 1), 0.25, p => p.X < 0.1);
        var stars = new VertexStars(problem.Mesh);
        Assert.Equal(Enumerable.Range(0, problem.Mesh.FreeCount), stars.Order.Order());
        Assert.InRange(stars.ColourCount, 2, 16);
        // Within one colour the order does not matter: sweeping it backwards gives the same bits.
        var colour = new Dictionary<int, int>();
        for (int i = 0, current = 0; i < stars.Order.Length; i++)
        {
            if (i > 0 && stars.Order[i] < stars.Order[i - 1]) current++;
            colour[stars.Order[i]] = current;
        }
        foreach (var node in stars.Order)
            for (var k = stars.NeighbourStarts[node]; k < stars.NeighbourStarts[node + 1]; k++)
                if (stars.Neighbours[k] < problem.Mesh.FreeCount) Assert.NotEqual(colour[node], colour[stars.Neighbours[k]]);
    }
}
