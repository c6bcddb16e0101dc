using ExampleMlFarm.Simulation.Sparse;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// Newton's method with exact second derivatives where they are positive definite, and with projected ones where they
/// are not (Longva et al. 2023, Pitfalls of Projection), each step an exact minimum along its line.
/// </summary>
/// <remarks>Works in place on the problem's positions; one thread at a time.</remarks>
internal sealed unsafe class NewtonSolver : ICageSolver
{
    /// <summary>No step is longer than this many Newton steps.</summary>
    const double LongestStep = 2;

    readonly CageProblem problem;
    readonly BlockCholesky cholesky;
    readonly AlignedBuffer direction;

    public NewtonSolver(CageProblem problem)
    {
        this.problem = problem;
        cholesky = new BlockCholesky(problem.Mesh.Symbolic);
        direction = new AlignedBuffer(3L * problem.Mesh.NodeCount);
    }

    public SolveProgress Minimise(double tolerance, int iterations)
    {
        var free = 3 * problem.Mesh.FreeCount;
        var energy = problem.Evaluate();
        var first = Lanes.MaxMagnitude(problem.FreeGradient);
        var residual = first;
        int done = 0, projections = 0, refused = 0;
        while (done < iterations && residual > tolerance)
        {
            // After a refusal the exact matrix is not tried again until the residual has fallen.
            var exact = refused == 0;
            if (exact)
            {
                problem.Assemble(projected: false);
                exact = cholesky.Factor(problem.Hessian.Blocks.Pointer);
            }
            if (!exact)
            {
                refused = refused == 0 ? 1 : refused - 1;
                problem.Assemble(projected: true);
                projections++;
                Regularise();
                if (!cholesky.Factor(problem.Hessian.Blocks.Pointer)) break;
            }
            for (var i = 0; i < free; i++) direction.Pointer[i] = -problem.Gradient.Pointer[i];
            cholesky.Solve(direction.Pointer);
            var step = problem.AlongLine(direction).FirstMinimum(LongestStep);
            done++;
            if (step == 0) break;
            problem.Move(direction, step);
            energy = problem.Evaluate();
            residual = Lanes.MaxMagnitude(problem.FreeGradient);
            if (Trace is not null) Trace($"{done} exact {exact} step {step:F4} energy {energy:R} residual {residual:E2}");
        }
        return new SolveProgress(energy, first, residual, done, projections);
    }

    public Action<string>? Trace { get; set; }

    /// <summary>Elements flattened to nothing leave zero eigenvalues; a trace of the Laplacian lifts them.</summary>
    void Regularise()
    {
        for (var i = 0; i < problem.Mesh.FreeCount; i++)
            problem.Hessian.AddToDiagonal(i, 1e-8 * problem.Elastic.Mu * problem.Mesh.Laplacian[problem.Mesh.Symbolic.ColumnStarts[i]]);
    }
}
