using ExampleMlFarm.Simulation.Tissue;

namespace ExampleMlFarm.Bench.Tissue;

/// <summary>How far the skin depends on the number of substeps: two minima exist in some poses.</summary>
internal static class PathTable
{
    public static void Print(Subject subject, int count)
    {
        var reference = subject.Solve(new TissueOptions { Steps = 5 }, count);
        foreach (var steps in new[] { 1, 2, 3, 4, 10 })
        {
            var solved = subject.Solve(new TissueOptions { Steps = steps }, count);
            var away = Enumerable.Range(0, count).Select(i => Subject.Farthest(solved[i].Result.Skin, reference[i].Result.Skin) / subject.Capture.Diagonal).ToArray();
            Console.WriteLine($"  {steps,2} substeps against 5: {away.Count(a => a < 1e-3)} of {count} within 0.1 % of the diagonal, farthest {100 * away.Max():F2} %, {solved.Average(s => s.Ms):F1} ms, mean energy {solved.Average(s => s.Result.Energy / reference[0].Result.Energy):F6}");
        }
        Console.WriteLine($"  inverted tetrahedra: {reference.Count(r => r.Result.InvertedTets > 0)} of {count} poses, at most {reference.Max(r => r.Result.InvertedTets)}; {reference.Count(r => !r.Result.IsValid)} invalid");
    }
}
