using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Sparse;
using ExampleMlFarm.Simulation.Tissue.Solve;

namespace ExampleMlFarm.Tests.Tissue.Solve;

public sealed unsafe class EnergyTests
{
    static CageProblem Disturbed(double amount)
    {
        var (problem, _) = BoxCage.Problem(new Vector3d(2, 1, 1), 0.5, p => p.X < 0.1, force: new Vector3d(0.1, -0.2, 0.3));
        for (var i = 0; i < 3 * problem.Mesh.FreeCount; i++) problem.Positions.Span[i] += amount * BoxCage.Noise(i);
        return problem;
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.4)]
    public void Gradient_equals_finite_differences_of_the_energy(double amount)
    {
        var problem = Disturbed(amount);
        problem.Evaluate();
        var gradient = problem.FreeGradient.ToArray();
        var scale = Lanes.MaxMagnitude(gradient);
        for (var i = 0; i < gradient.Length; i += 7)
        {
            const double Step = 1e-5;
            ref var x = ref problem.Positions.Span[i];
            var here = x;
            x = here + Step; var up = problem.Evaluate();
            x = here - Step; var down = problem.Evaluate();
            x = here;
            Assert.Equal(gradient[i], (up - down) / (2 * Step), 1e-6 * scale);
        }
    }

    [Fact]
    public void Exact_matrix_equals_finite_differences_of_the_gradient()
    {
        var problem = Disturbed(0.3);
        var n = 3 * problem.Mesh.FreeCount;
        problem.Evaluate();
        problem.Assemble(0);
        var dense = Dense(problem);
        var scale = dense.Cast<double>().Max(Math.Abs);
        const double Step = 1e-6;
        for (var j = 0; j < n; j += 11)
        {
            ref var x = ref problem.Positions.Span[j];
            var here = x;
            x = here + Step; problem.Evaluate(); var up = problem.FreeGradient.ToArray();
            x = here - Step; problem.Evaluate(); var down = problem.FreeGradient.ToArray();
            x = here;
            for (var i = 0; i < n; i++) Assert.Equal((up[i] - down[i]) / (2 * Step), dense[i, j], 1e-7 * scale);
        }
    }

    [Fact]
    public void Projected_matrix_is_the_exact_one_where_that_has_no_negative_eigenvalues()
    {
        // Where J is near 1 + mu / lambda the pressure nearly vanishes, and every element is convex.
        var (problem, _) = BoxCage.Problem(new Vector3d(1, 1, 1), 0.5, p => p.X < 0.1);
        BoxCage.Place(problem, p => new Vector3d(1.03 * p.X, 1.02 * p.Y + 0.03 * p.X, 1.04 * p.Z));
        problem.Evaluate();
        problem.Assemble(0);
        var exact = Dense(problem);
        problem.BeginAssembly();
        problem.Assemble(1);
        var projected = Dense(problem);
        for (var i = 0; i < exact.GetLength(0); i++)
            for (var j = 0; j < exact.GetLength(0); j++) Assert.Equal(exact[i, j], projected[i, j], 1e-10);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(1.5)]
    public void Projected_matrix_of_inverted_elements_factors_where_the_exact_one_does_not(double amount)
    {
        var problem = Disturbed(amount);
        problem.Evaluate();
        Assert.True(problem.Elastic.Inverted > 0 || amount < 1);
        var cholesky = new BlockCholesky(problem.Mesh.Symbolic);
        problem.Assemble(0);
        Assert.False(cholesky.Factor(problem.Hessian.Blocks.Pointer));
        problem.BeginAssembly();
        problem.Assemble(1);
        problem.AddStiffness(1e-8);
        Assert.True(cholesky.Factor(problem.Hessian.Blocks.Pointer));
    }

    [Fact]
    public void Projected_element_is_the_nearest_semidefinite_one()
    {
        // One element: the projection of its matrix over all coordinates must equal V diag(max(e, 0)) V^T up to the volume's weights.
        double* x = stackalloc double[12] { 0, 0, 0, 0.6, 0.1, 0, -0.1, 0.8, 0.1, 0.1, 0.05, -0.5 };
        var corners = stackalloc int[32];
        var inverse = stackalloc double[72];
        var volume = stackalloc double[8];
        for (var lane = 0; lane < 8; lane++)
        {
            for (var c = 0; c < 4; c++) corners[8 * c + lane] = c;
            for (var k = 0; k < 3; k++) inverse[8 * (4 * k) + lane] = 1;
            volume[lane] = 1;
        }
        var lanes = stackalloc double[6 * 72];
        const double Mu = 1, Lambda = 4;
        ProjectedElements.Compute(x, corners, inverse, volume, Mu, Lambda, lanes);
        // With a unit rest matrix the blocks of corners 1 to 3 are the 9x9 matrix over the columns of F.
        var projected = new double[9, 9];
        (int, int)[] pairs = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)];
        for (var b = 0; b < 6; b++)
            for (var r = 0; r < 3; r++)
                for (var c = 0; c < 3; c++)
                {
                    var value = lanes[72 * b + 8 * (3 * c + r) + 5];
                    projected[3 * pairs[b].Item1 + r, 3 * pairs[b].Item2 + c] = value;
                    projected[3 * pairs[b].Item2 + c, 3 * pairs[b].Item1 + r] = value;
                }
        var f = new Vector3d[] { new(0.6, 0.1, 0), new(-0.1, 0.8, 0.1), new(0.1, 0.05, -0.5) };
        var exact = Exact(f, Mu, Lambda);
        Eigen9.Decompose(exact, out var values, out var vectors);
        Assert.Contains(values, e => e < -0.1);
        for (var i = 0; i < 9; i++)
            for (var j = 0; j < 9; j++)
            {
                var expected = 0.0;
                for (var k = 0; k < 9; k++) expected += vectors[i, k] * Math.Max(values[k], 0) * vectors[j, k];
                Assert.Equal(expected, projected[i, j], 1e-10);
            }
    }

    static double[,] Exact(Vector3d[] f, double mu, double lambda)
    {
        Vector3d[] g = [Vector3d.Cross(f[1], f[2]), Vector3d.Cross(f[2], f[0]), Vector3d.Cross(f[0], f[1])];
        var pressure = lambda * (Vector3d.Dot(f[0], g[0]) - 1) - mu;
        var h = new double[9, 9];
        for (var p = 0; p < 3; p++)
            for (var q = 0; q < 3; q++)
                for (var r = 0; r < 3; r++)
                    for (var c = 0; c < 3; c++)
                    {
                        h[3 * p + r, 3 * q + c] = lambda * g[p][r] * g[q][c] + (p == q && r == c ? mu : 0);
                        if (p == q || r == c) continue;
                        // d (f_q x f_s) / d f_q, the cross-product matrix of the third column with the sign of the cycle.
                        var third = f[3 - p - q];
                        var cycle = (q - p + 3) % 3 == 1 ? -1 : 1;
                        var sign = (c - r + 3) % 3 == 1 ? -1 : 1;
                        h[3 * p + r, 3 * q + c] += pressure * cycle * sign * third[3 - r - c];
                    }
        return h;
    }

    [Fact]
    public void Polynomial_along_a_line_gives_the_energy_there()
    {
        var problem = Disturbed(0.3);
        var direction = new AlignedBuffer(3L * problem.Mesh.NodeCount);
        for (var i = 0; i < 3 * problem.Mesh.FreeCount; i++) direction.Span[i] = BoxCage.Noise(1000 + i);
        var start = problem.Evaluate();
        var slope = Lanes.Dot(problem.FreeGradient, direction.Span[..(3 * problem.Mesh.FreeCount)]);
        var line = problem.AlongLine(direction);
        Assert.Equal(slope, line.Slope, 1e-9 * Math.Abs(slope));
        var at = 0.0;
        foreach (var s in new[] { -0.5, 0.25, 1, 2 })
        {
            problem.Move(direction, s - at);
            at = s;
            var expected = problem.Evaluate() - start;
            Assert.Equal(expected, line.Value(s), 1e-9 * Math.Abs(expected));
        }
    }

    [Fact]
    public void First_minimum_is_where_the_derivative_first_rises_through_zero()
    {
        var line = new LinePolynomial();
        // (s-1)(s-2)(s-4) integrated and turned so that it descends first.
        new double[] { -8, 7, -7.0 / 3, 0.25, 0, 0 }.CopyTo(line.Coefficients);
        Assert.Equal(1, line.FirstMinimum(10), 1e-9);
        Assert.Equal(0.5, line.FirstMinimum(0.5), 1e-12);
        line.Coefficients[0] = 1;
        Assert.Equal(0, line.FirstMinimum(10));
    }

    [Theory]
    [InlineData(1.3, 1, 10)]
    [InlineData(0.7, 2, 5)]
    public void Uniaxially_stretched_element_has_the_closed_form_stress(double a, double mu, double lambda)
    {
        // Lateral stress vanishes where b^2 = (1 + mu (1 - 1/a) / lambda) / a.
        var b = Math.Sqrt((1 + mu * (1 - 1 / a) / lambda) / a);
        var mesh = new ElasticMesh([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 1, 2, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1], [1.0 / 6], []);
        var problem = new CageProblem(mesh, mu, lambda, [], 0, [0, 0, 0]);
        BoxCage.Place(problem, p => new Vector3d(a * p.X, b * p.Y, b * p.Z));
        var energy = problem.Evaluate();
        var j = a * b * b;
        Assert.Equal((mu / 2 * (a * a + 2 * b * b - 3) - mu * (j - 1) + lambda / 2 * (j - 1) * (j - 1)) / 6, energy, 1e-14);
        var stress = mu * a + (lambda * (j - 1) - mu) * b * b;
        Vector3d Force(int vertex) => Vector3d.Read(problem.Gradient.Span, mesh.NodeOfVertex[vertex]);
        Assert.Equal(stress / 6, Force(1).X, 1e-14);
        Assert.Equal(0, Force(2).Length, 1e-14);
        Assert.Equal(0, Force(3).Length, 1e-14);
    }

    static double[,] Dense(CageProblem problem)
    {
        var s = problem.Mesh.Symbolic;
        var dense = new double[3 * s.Count, 3 * s.Count];
        for (var j = 0; j < s.Count; j++)
            for (var b = s.ColumnStarts[j]; b < s.ColumnStarts[j + 1]; b++)
                for (var c = 0; c < 3; c++)
                    for (var r = 0; r < 3; r++)
                    {
                        var value = problem.Hessian.Blocks.Pointer[12 * b + 4 * c + r];
                        dense[3 * s.BlockRows[b] + r, 3 * j + c] = value;
                        dense[3 * j + c, 3 * s.BlockRows[b] + r] = value;
                    }
        return dense;
    }
}
