using System.Diagnostics;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;
using ExampleMlFarm.Simulation.Tissue;

namespace ExampleMlFarm.Bench.Tissue;

/// <summary>A captured character with a numbered supply of poses.</summary>
internal sealed record Subject(TissueCapture Capture, Func<int, Affine[]> Pose)
{
    public static Subject Of(Character character, double resolution, PoseDistribution poses)
    {
        var generator = new PoseGenerator(JointLimits.FromClips(character), seed: 1, poses);
        return new Subject(
            TissueCapture.Build(character.RestPoints, character.Triangles, TissueJoint.Of(character), new CaptureOptions { Resolution = resolution }),
            i => generator.Generate(i).World);
    }

    /// <summary>Solves poses [0, count) and times each; three more before them warm the compiler up.</summary>
    public (TissueResult Result, double Ms)[] Solve(TissueOptions options, int count)
    {
        var solver = new TissueSolver(Capture, options);
        for (var i = 0; i < 3; i++) solver.Solve(Pose(count + i));
        var process = Process.GetCurrentProcess();
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var pose = Pose(i);
            process.Refresh();
            var start = process.TotalProcessorTime;
            var result = solver.Solve(pose);
            process.Refresh();
            return (result, (process.TotalProcessorTime - start).TotalMilliseconds);
        })];
    }

    public static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min((int)(share * sorted.Length), sorted.Length - 1)];
    }

    public static double Farthest(double[] a, double[] b) =>
        Enumerable.Range(0, a.Length / 3).Max(i => Vector3d.Distance(Vector3d.Read(a, i), Vector3d.Read(b, i)));
}
