using ExampleMlFarm.Simulation.Tissue;

namespace ExampleMlFarm.Bench.Tissue;

/// <summary>Milliseconds per pose of each solver at the same tolerance, and how their energies compare.</summary>
internal static class SolverTable
{
    public static void Print(Subject subject, int count)
    {
        var reference = subject.Solve(new TissueOptions { Solver = TissueSolverKind.Newton, Tolerance = 1e-8 }, count);
        Console.WriteLine("  solver               tolerance  ms median    95 %     max | steps median   95 % | us per 1,000 tets and step | same minimum  lower  higher | invalid");
        foreach (var tolerance in new[] { 1e-3, 1e-5 })
            foreach (var kind in Enum.GetValues<TissueSolverKind>())
            {
                var solved = subject.Solve(new TissueOptions { Solver = kind, Tolerance = tolerance }, count);
                var ms = solved.Select(s => s.Ms).ToArray();
                var steps = solved.Select(s => (double)s.Result.Iterations).ToArray();
                int same = 0, lower = 0, higher = 0;
                for (var i = 0; i < count; i++)
                {
                    var relative = solved[i].Result.Energy / reference[i].Result.Energy - 1;
                    if (Math.Abs(relative) < 1e-4) same++;
                    else if (relative < 0) lower++;
                    else higher++;
                }
                Console.WriteLine(
                    $"  {kind,-20} {tolerance,9:G2} {Subject.Quantile(ms, 0.5),10:F1} {Subject.Quantile(ms, 0.95),7:F1} {ms.Max(),7:F1} | {Subject.Quantile(steps, 0.5),12} {Subject.Quantile(steps, 0.95),6} | " +
                    $"{1e6 * ms.Sum() / steps.Sum() / subject.Capture.TetCount,26:F1} | {same,12} {lower,6} {higher,7} | {solved.Count(s => !s.Result.IsValid)}");
            }
    }
}
