using ExampleMlFarm.Geometry.Rendering;
using ExampleMlFarm.Learning.Metrics;

namespace ExampleMlFarm.Nodes.Deformer.AnalyzeDeformer;

/// <summary>Pictures of unseen poses: skinning and network, coloured by their distance from the truth on one scale, and the truth itself.</summary>
internal static class DeformerPictures
{
    private const int Width = 440, Height = 380;

    /// <summary>One row of pictures per chosen pose: the one skinning does worst, one in the middle, and the one the network does worst.</summary>
    public static IEnumerable<(IReadOnlyList<(byte[] Png, string Caption)> Pictures, string Caption)> Draw(DeformerReportContent content)
    {
        var unseen = content.Comparisons[^1];
        var skinning = unseen.Of(Predictors.Skinning).MeanOfPose;
        var network = unseen.Of(Predictors.Network).MeanOfPose;
        var byError = Enumerable.Range(0, unseen.Poses.Count).OrderBy(p => skinning[p]).ToList();
        var chosen = new[] { (byError[^1], "the pose that skinning does worst"), (byError[byError.Count / 2], "a pose in the middle"), (Enumerable.Range(0, network.Count).MaxBy(p => network[p]), "the pose that the network does worst") };
        double diagonal = content.Inputs.Stage.Character.Diagonal;
        double full = FullScale(content);
        foreach (var (pose, why) in chosen.DistinctBy(c => c.Item1))
            yield return (Row(content, unseen.Poses[pose], full),
                $"{unseen.Poses[pose].Name}, {why}. Mean error: skinning {100 * skinning[pose] / diagonal:0.000} %, network {100 * network[pose] / diagonal:0.000} %.");
    }

    /// <summary>The distance that the end of the colour scale stands for, one for all pictures: the 95th percentile of skinning's error.</summary>
    public static double FullScale(DeformerReportContent content) => content.Comparisons[^1].Of(Predictors.Skinning).Error.Percentile95;

    private static IReadOnlyList<(byte[] Png, string Caption)> Row(DeformerReportContent content, TestPose pose, double full)
    {
        var character = content.Inputs.Stage.Character;
        var learned = new double[pose.Truth.Length];
        content.Inputs.Deform(pose.Pose, content.Predictors.First(p => p.Name == Predictors.Network).Displace!(pose), learned);
        var camera = OrthographicCamera.Fit(pose.Truth, (double)Width / Height);
        byte[] Picture(double[] points, double[]? values) => MeshRenderer.Render(
            [new RenderMesh(points, character.Triangles, values, values is null ? null : ColorScale.Heat)], camera, Width, Height, Rgb.White).ToPng();
        double[] Error(double[] points) => [.. VertexErrors.Distances(points, pose.Truth).Select(d => Math.Min(1, d / full))];
        return [(Picture(pose.Skinned, Error(pose.Skinned)), "linear blend skinning"), (Picture(learned, Error(learned)), "network"), (Picture(pose.Truth, null), "simulated truth")];
    }
}
