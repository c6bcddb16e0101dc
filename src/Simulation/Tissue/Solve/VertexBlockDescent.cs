using System.Runtime.CompilerServices;
using ExampleMlFarm.Simulation.Sparse;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// Vertex block descent (Chen et al. 2024) with Chebyshev acceleration (Wang 2015): each vertex in turn goes to the
/// exact minimum of the energy with its neighbours held.
/// </summary>
/// <remarks>
/// F is linear and J is linear in a single vertex, so the energy there is a convex quadratic with the matrix
/// <c>sum V mu |b|^2 I + lambda/V a a^T</c>: no projection, no line search, and no plain sweep raises the energy; an
/// accelerated one that does is taken back. Vertices go colour by colour; within a colour they do not touch.
/// </remarks>
internal sealed unsafe class VertexBlockDescent : ICageSolver
{
    readonly CageProblem problem;
    readonly VertexStars stars;
    readonly double rho;
    readonly AlignedBuffer before, previous, swept;

    /// <param name="problem">What to minimise.</param>
    /// <param name="rho">Chebyshev's estimate of the spectral radius, 0 for plain sweeps, below 1.</param>
    public VertexBlockDescent(CageProblem problem, double rho)
    {
        this.problem = problem;
        this.rho = rho;
        stars = new VertexStars(problem.Mesh);
        before = new AlignedBuffer(problem.Positions.Length);
        previous = new AlignedBuffer(problem.Positions.Length);
        swept = new AlignedBuffer(problem.Positions.Length);
    }

    /// <summary>Told the energy after every sweep; for benchmarks and tests.</summary>
    public Action<double>? Observe { get; set; }

    public SolveProgress Minimise(double tolerance, int iterations)
    {
        var energy = problem.Evaluate();
        var first = Lanes.MaxMagnitude(problem.FreeGradient);
        var residual = first;
        var done = 0;
        double omega = 1;
        var age = 0;
        while (done < iterations && residual > tolerance)
        {
            problem.Positions.Span.CopyTo(before.Span);
            Sweep();
            done++;
            age++;
            omega = age == 1 ? 1 : age == 2 ? 2 / (2 - rho * rho) : 4 / (4 - rho * rho * omega);
            if (omega > 1)
            {
                problem.Positions.Span.CopyTo(swept.Span);
                double* x = problem.Positions.Pointer, old = previous.Pointer;
                for (var i = 0; i < 3 * problem.Mesh.FreeCount; i++) x[i] = omega * (x[i] - old[i]) + old[i];
            }
            var now = problem.Evaluate();
            if (!(now <= energy) && omega > 1)
            {
                swept.Span.CopyTo(problem.Positions.Span);
                now = problem.Evaluate();
                age = 0;
            }
            before.Span.CopyTo(previous.Span);
            energy = now;
            residual = Lanes.MaxMagnitude(problem.FreeGradient);
            Observe?.Invoke(energy);
        }
        return new SolveProgress(energy, first, residual, done, 0);
    }

    /// <summary>One pass over all free vertices.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sweep()
    {
        var x = problem.Positions.Pointer;
        double mu = problem.Elastic.Mu, lambda = problem.Elastic.Lambda;
        fixed (int* neighbours = stars.Neighbours, faces = stars.Faces)
        fixed (double* couplings = stars.Couplings, volumes = stars.Volumes)
            foreach (var node in stars.Order)
            {
                var own = x + 3 * node;
                double px = own[0], py = own[1], pz = own[2];
                var stiffness = mu * stars.Diagonals[node];
                double gx = stiffness * px, gy = stiffness * py, gz = stiffness * pz;
                for (var k = stars.NeighbourStarts[node]; k < stars.NeighbourStarts[node + 1]; k++)
                {
                    var q = x + 3 * neighbours[k];
                    var c = mu * couplings[k];
                    gx += c * q[0]; gy += c * q[1]; gz += c * q[2];
                }
                if (problem.SpringOfNode[node] is var spring and >= 0)
                {
                    gx += problem.SpringStiffness * (px - problem.SpringTargets[3 * spring]);
                    gy += problem.SpringStiffness * (py - problem.SpringTargets[3 * spring + 1]);
                    gz += problem.SpringStiffness * (pz - problem.SpringTargets[3 * spring + 2]);
                    stiffness += problem.SpringStiffness;
                }
                if (problem.NodeForces is { IsEmpty: false } force)
                {
                    gx -= force[3 * node]; gy -= force[3 * node + 1]; gz -= force[3 * node + 2];
                }
                double hxx = stiffness, hyy = stiffness, hzz = stiffness, hxy = 0, hxz = 0, hyz = 0;
                for (var k = stars.FaceStarts[node]; k < stars.FaceStarts[node + 1]; k++)
                {
                    double* a = x + 3 * faces[3 * k], b = x + 3 * faces[3 * k + 1], c = x + 3 * faces[3 * k + 2];
                    double ux = b[0] - a[0], uy = b[1] - a[1], uz = b[2] - a[2], vx = c[0] - a[0], vy = c[1] - a[1], vz = c[2] - a[2];
                    double nx = (uy * vz - uz * vy) / 6, ny = (uz * vx - ux * vz) / 6, nz = (ux * vy - uy * vx) / 6;
                    var inverse = volumes[k];
                    var strain = (nx * (px - a[0]) + ny * (py - a[1]) + nz * (pz - a[2])) * inverse - 1;
                    var pressure = lambda * strain - mu;
                    gx += pressure * nx; gy += pressure * ny; gz += pressure * nz;
                    var w = lambda * inverse;
                    hxx += w * nx * nx; hyy += w * ny * ny; hzz += w * nz * nz;
                    hxy += w * nx * ny; hxz += w * nx * nz; hyz += w * ny * nz;
                }
                double cxx = hyy * hzz - hyz * hyz, cxy = hxz * hyz - hxy * hzz, cxz = hxy * hyz - hxz * hyy;
                var scale = 1 / (hxx * cxx + hxy * cxy + hxz * cxz);
                double cyy = hxx * hzz - hxz * hxz, cyz = hxy * hxz - hxx * hyz, czz = hxx * hyy - hxy * hxy;
                own[0] = px - (cxx * gx + cxy * gy + cxz * gz) * scale;
                own[1] = py - (cxy * gx + cyy * gy + cyz * gz) * scale;
                own[2] = pz - (cxz * gx + cyz * gy + czz * gz) * scale;
            }
    }
}
