using System.Diagnostics;
using ExampleMlFarm.Simulation.Sparse;
using ExampleMlFarm.Simulation.Tissue;

namespace ExampleMlFarm.Bench.Tissue;

/// <summary>Where the time of one Newton step goes, at the pose that a solver stopped at.</summary>
internal static class Breakdown
{
    public static unsafe void Print(TissueSolver solver)
    {
        var problem = solver.Problem;
        var cholesky = new BlockCholesky(problem.Mesh.Symbolic);
        var direction = new AlignedBuffer(3L * problem.Mesh.NodeCount);
        problem.Evaluate();
        var parts = new (string Name, Action Run)[]
        {
            ("energy and gradient", () => problem.Evaluate()),
            ("line polynomial", () => problem.AlongLine(direction)),
            ("projected assembly", () => problem.Hessian.Projected(problem.Positions.Pointer)),
            ("exact assembly", () => problem.Hessian.Exact(problem.Positions.Pointer)),
            ("factorisation", () => cholesky.Factor(problem.Hessian.Blocks.Pointer)),
            ("solve", () => cholesky.Solve(direction.Pointer)),
        };
        foreach (var (name, run) in parts)
        {
            var samples = new double[31];
            for (var i = 0; i < samples.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                run();
                samples[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
            Array.Sort(samples);
            Console.WriteLine($"    {name}: {samples[15]:F3} ms");
        }
        Console.WriteLine($"    factor {cholesky.FactorLength * 8 / 1e6:F1} MB, supernodes {problem.Mesh.Symbolic.SuperCount}");
    }
}
