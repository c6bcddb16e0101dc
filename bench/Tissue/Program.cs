using System.Diagnostics;
using System.Globalization;
using ExampleMlFarm.Bench.Tissue;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Tissue;
using ExampleMlFarm.Simulation.Tissue.Solve;
using ExampleMlFarm.Tests.Tissue.Meshes;

// Milliseconds per pose of the tissue solvers: `dotnet run -c Release --project bench/Tissue -- fox.glb [poses]`.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var glb = args.Length > 0 ? args[0] : "";
var poses = args.Length > 1 ? int.Parse(args[1]) : 16;
var what = args.Length > 2 ? args[2] : "all";

Console.WriteLine("limb");
var limb = Limb.Capture();
Measure(limb, i =>
{
    var draw = CounterRandom.Keyed(1, "bench", i, "limb");
    return Limb.Pose(130 * draw.Uniform(0), 120 * draw.Uniform(1) - 60, 100 * draw.Uniform(2) - 50, 100 * draw.Uniform(3) - 50);
});
if (File.Exists(glb))
{
    Console.WriteLine("fox");
    var fox = new Fox(glb);
    var time = Stopwatch.StartNew();
    var capture = fox.Capture(new CaptureOptions());
    Console.WriteLine($"  capture {time.ElapsedMilliseconds} ms");
    Measure(capture, i =>
    {
        var draw = CounterRandom.Keyed(1, "bench", i, "fox");
        var k = 0u;
        return fox.Pose(() => draw.Uniform(k++));
    });
}

void Measure(TissueCapture capture, Func<int, Affine[]> pose)
{
    Console.WriteLine($"  {capture.VertexCount} vertices, {capture.TetCount} tets, {capture.PinVertices.Length} pins, {capture.Statistics}");
    var time = Stopwatch.StartNew();
    var solver = new TissueSolver(capture, new TissueOptions { Solver = Enum.Parse<TissueSolverKind>(args.Length > 3 ? args[3] : "QuasiNewton"), Steps = what.StartsWith("steps", StringComparison.Ordinal) ? int.Parse(what[5..]) : 2 });
    Console.WriteLine($"  solver {time.ElapsedMilliseconds} ms, {solver.Problem.Mesh.FreeCount} free nodes, {solver.Problem.Mesh.Symbolic.MultiplyAdds / 1e6:F1} M multiply-adds per factorisation");
    for (var i = 0; i < 3; i++) solver.Solve(pose(i));
    if (what == "parts") Breakdown.Print(solver);
    if (what == "trace") ((NewtonSolver)solver.Solver).Observe = s => Console.WriteLine(s);
    var ms = new List<double>();
    var its = new List<double>();
    int invalid = 0, projections = 0;
    for (var i = what == "trace" ? poses : 0; i < (what == "trace" ? poses + 1 : poses); i++)
    {
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var result = solver.Solve(pose(i));
        ms.Add((Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds);
        its.Add(result.Iterations);
        projections += result.FailedFactorisations;
        if (what == "list") Console.WriteLine($"  {i}: {result.Iterations} its {result.FailedFactorisations} proj {ms[^1]:F0} ms inverted {result.InvertedTets} energy {result.Energy:R} displacement {result.MaxDisplacement:G3}");
        if (!result.IsValid) { invalid++; Console.WriteLine($"  pose {i}: {result.InvalidReason}"); }
    }
    ms.Sort();
    its.Sort();
    Console.WriteLine($"  ms/pose median {ms[ms.Count / 2]:F1} 95% {ms[(int)(ms.Count * .95)]:F1} max {ms[^1]:F1}; iterations median {its[its.Count / 2]} 95% {its[(int)(its.Count * .95)]} max {its[^1]}; projections {(double)projections / poses:F1}; invalid {invalid}");
}
