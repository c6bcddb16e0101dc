using System.Diagnostics;
using ExampleMlFarm.Simulation.Sparse;
using ExampleMlFarm.Simulation.Tissue;
using ExampleMlFarm.Simulation.Tissue.Solve;

namespace ExampleMlFarm.Bench.Tissue;

/// <summary>Where the time of one Newton step goes, and the steps of one pose.</summary>
internal static class Breakdown
{
    public static unsafe void Print(Subject subject)
    {
        var start = Stopwatch.GetTimestamp();
        var solver = new TissueSolver(subject.Capture);
        var setUp = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        solver.Solve(subject.Pose(0));
        var problem = solver.Problem;
        var cholesky = new BlockCholesky(problem.Mesh.Symbolic);
        var direction = new AlignedBuffer(3L * problem.Mesh.NodeCount);
        var sweeper = new VertexBlockDescent(problem, 0);
        problem.Evaluate();
        (string Name, Action Run)[] parts =
        [
            ("energy and gradient", () => problem.Evaluate()),
            ("line polynomial", () => problem.AlongLine(direction)),
            ("projected matrix", () => problem.Hessian.Projected(problem.Positions.Pointer)),
            ("exact matrix", () => problem.Hessian.Exact(problem.Positions.Pointer)),
            ("factorisation", () => cholesky.Factor(problem.Hessian.Blocks.Pointer)),
            ("solve", () => cholesky.Solve(direction.Pointer)),
            ("block descent sweep", sweeper.Sweep),
        ];
        Console.WriteLine($"    set-up: {setUp:F0} ms");
        foreach (var (name, run) in parts)
        {
            var samples = new double[101];
            for (var i = 0; i < samples.Length; i++)
            {
                start = Stopwatch.GetTimestamp();
                run();
                samples[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
            Console.WriteLine($"    {name}: {samples.Order().ElementAt(50):F3} ms, at best {samples.Min():F3}");
        }
        Console.WriteLine($"    factor {cholesky.FactorLength * 8 / 1e6:F1} MB, {problem.Mesh.Symbolic.SuperCount} supernodes, {problem.Mesh.Symbolic.MultiplyAdds / 1e6:F1} M multiply-adds");
    }

    public static void Trace(Subject subject, int pose)
    {
        var solver = new TissueSolver(subject.Capture);
        ((NewtonSolver)solver.Solver).Observe = s => Console.WriteLine($"    {s}");
        solver.Solve(subject.Pose(pose));
    }
}
