using ExampleMlFarm.Simulation.Sparse;

namespace ExampleMlFarm.Simulation.Tissue.Solve;

/// <summary>
/// Newton's method with exact second derivatives where they are positive definite, blended with projected ones where
/// they are not, every step an exact minimum along its line. A factorisation may serve several steps: between two of
/// them the direction is improved by limited-memory BFGS.
/// </summary>
/// <remarks>
/// Projection on demand: Longva et al. 2023, Pitfalls of Projection. A fully projected matrix is far too stiff while a
/// crease forms, hence the blend, whose share is found as in Levenberg-Marquardt. A factorisation as the start matrix
/// of L-BFGS: Liu, Bouaziz and Kavan 2017, Quasi-Newton Methods for Real-Time Simulation of Hyperelastic Materials.
/// Works in place on the problem's positions; one thread at a time.
/// </remarks>
internal sealed unsafe class NewtonSolver : ICageSolver
{
    /// <summary>No step is longer than this many Newton steps.</summary>
    const double LongestStep = 10;

    /// <summary>In root mean cubes of the elements: directions of a nearly singular matrix are cut to this length before the line search.</summary>
    const double LongestMove = 10;

    /// <summary>A share of the projected matrix below it is taken as none.</summary>
    const double SmallestBlend = 0.05;

    /// <summary>How the share of the projected matrix grows after a failed factorisation and falls after a good one.</summary>
    const double BlendGrowth = 2, BlendDecay = 0.5;

    /// <summary>A kept factorisation is given up when a step leaves more than this share of the residual.</summary>
    const double LeastProgress = 0.95;

    readonly CageProblem problem;
    readonly BlockCholesky cholesky;
    readonly AlignedBuffer direction;
    readonly QuasiNewtonMemory memory;
    readonly int free;
    readonly double longestMove;

    /// <param name="problem">What to minimise.</param>
    /// <param name="keptSteps">Steps with one factorisation after the first; 0 is Newton's method proper.</param>
    public NewtonSolver(CageProblem problem, int keptSteps)
    {
        this.problem = problem;
        free = 3 * problem.Mesh.FreeCount;
        cholesky = new BlockCholesky(problem.Mesh.Symbolic);
        direction = new AlignedBuffer(3L * problem.Mesh.NodeCount);
        memory = new QuasiNewtonMemory(free, keptSteps);
        longestMove = LongestMove * Math.Cbrt(problem.Mesh.Volumes.Span.ToArray().Max());
    }

    /// <summary>Told after every step what was done; for benchmarks and tests.</summary>
    public Action<NewtonStep>? Observe { get; set; }

    public SolveProgress Minimise(double tolerance, int iterations)
    {
        var energy = problem.Evaluate();
        var first = Lanes.MaxMagnitude(problem.FreeGradient);
        var residual = first;
        int done = 0, failures = 0;
        // Far from a minimum the exact matrix is hopeless: the first one is the projected one.
        var blend = 1.0;
        while (done < iterations && residual > tolerance)
        {
            failures += FactorPositive(ref blend);
            memory.Clear();
            bool keep;
            do
            {
                var (step, change) = StepDown();
                if (step == 0)
                {
                    if (memory.Count == 0) return new SolveProgress(energy, first, residual, done, failures);
                    break;
                }
                done++;
                var before = residual;
                memory.Begin(direction, step, problem.Gradient);
                energy = problem.Evaluate();
                residual = Lanes.MaxMagnitude(problem.FreeGradient);
                Observe?.Invoke(new NewtonStep(blend, memory.Count, step, change, energy, residual));
                keep = residual <= LeastProgress * before && memory.Complete(problem.Gradient);
            }
            while (keep && residual > tolerance && done < iterations);
            blend = blend * BlendDecay < SmallestBlend ? 0 : blend * BlendDecay;
        }
        return new SolveProgress(energy, first, residual, done, failures);
    }

    /// <summary>Factors the matrix at the current positions with the least share of projection that makes it positive definite, as far as tried.</summary>
    /// <returns>Failed factorisations.</returns>
    int FactorPositive(ref double blend)
    {
        var failures = 0;
        problem.BeginAssembly();
        while (true)
        {
            problem.Assemble(Math.Min(blend, 1));
            // Elements flattened to nothing leave zero eigenvalues even in the projected matrix.
            if (blend >= 1) problem.AddStiffness(1e-8 * blend);
            if (cholesky.Factor(problem.Hessian.Blocks.Pointer)) return failures;
            failures++;
            blend = blend == 0 ? SmallestBlend : blend < 1 ? Math.Min(1, blend * BlendGrowth) : blend * 100;
            if (blend > 1e12) throw new InvalidOperationException("A positive semi-definite stiffness plus a multiple of the identity must factor.");
        }
    }

    /// <summary>Moves to the first minimum along the quasi-Newton direction.</summary>
    /// <returns>The length in units of the direction, zero when nothing lower was found, and the change of energy.</returns>
    (double Step, double Change) StepDown()
    {
        var d = direction.Span[..free];
        var g = problem.FreeGradient;
        for (var i = 0; i < free; i++) d[i] = -g[i];
        memory.Improve(d, () => cholesky.Solve(direction.Pointer));
        var most = Lanes.MaxMagnitude(d);
        if (!double.IsFinite(most)) return (0, 0);
        if (most > longestMove)
            for (var i = 0; i < free; i++) d[i] *= longestMove / most;
        var line = problem.AlongLine(direction);
        var step = line.FirstMinimum(LongestStep);
        var change = line.Value(step);
        if (!(change < 0)) return (0, 0);
        problem.Move(direction, step);
        return (step, change);
    }
}

/// <summary>One step of <see cref="NewtonSolver"/>.</summary>
/// <param name="Blend">Share of the projected matrix.</param>
/// <param name="Kept">Steps made with this factorisation before.</param>
/// <param name="Step">Length in units of the direction.</param>
/// <param name="Change">Of the energy, as the line's polynomial gives it.</param>
/// <param name="Energy">After the step.</param>
/// <param name="Residual">Largest gradient component after the step.</param>
internal readonly record struct NewtonStep(double Blend, int Kept, double Step, double Change, double Energy, double Residual);
