using System.Globalization;
using System.Text.Json;
using ExampleMlFarm.Learning.Inference;
using ExampleMlFarm.Learning.Metrics;
using ExampleMlFarm.Learning.Pca;
using ExampleMlFarm.Nodes.Cooking;

namespace ExampleMlFarm.Nodes.Deformer.AnalyzeDeformer;

/// <summary>A gain on unseen poses.</summary>
/// <param name="At">Number of components, or of hidden layers.</param>
/// <param name="Gain">Gain of the network.</param>
/// <param name="Floor">Gain of the basis alone with as many components.</param>
internal readonly record struct GainPoint(int At, double Gain, double Floor);

/// <summary>How the gain on unseen poses depends on what was chosen: components of the basis, and hidden layers. Trains nothing.</summary>
internal static class GainCurves
{
    /// <summary>Name of the attribute by which trials differ in depth.</summary>
    public const string LayersAttribute = "hidden_layers";

    /// <summary>The gain with the first 1, 2, 4, … components, and with all of them.</summary>
    /// <param name="unseen">The poses, with the error of skinning.</param>
    /// <param name="inputs">Character and basis.</param>
    /// <param name="network">The trained network; its displacements lie in the basis, so that their weights are its answer.</param>
    /// <param name="check">Called once per pose: throws when the item should stop.</param>
    public static IReadOnlyList<GainPoint> OverComponents(Comparison unseen, DeformerInputs inputs, Predictor network, Action check)
    {
        var (basis, all) = (inputs.Basis, inputs.Dataset.TargetWidth);
        var whole = new PcaRange(0, all);
        var answers = unseen.Poses.Select(p => basis.Project(network.Displace!(p), whole)).ToList();
        var truths = unseen.Poses.Select(p => basis.Project(p.Displacement, whole)).ToList();
        var points = new List<GainPoint>();
        for (int k = 1; ; k = Math.Min(2 * k, all))
        {
            var range = new PcaRange(0, k);
            double Gain(List<float[]> weights) => GainOf(unseen, inputs, (_, p) => basis.Reconstruct(weights[p].AsSpan(0, k), range), check);
            points.Add(new(k, Gain(answers), Gain(truths)));
            if (k == all) return points;
        }
    }

    /// <summary>The gain of the trial with the lowest validation loss for each number of hidden layers; empty when trials do not differ in it.</summary>
    public static IReadOnlyList<GainPoint> OverLayers(IReadOnlyList<CookInputItem> trials, Comparison unseen, DeformerInputs inputs, InferenceSessions sessions, Action check)
    {
        var byLayers = trials
            .Where(t => t.Attributes[LayersAttribute]?.GetValueKind() == JsonValueKind.Number && t.FindOutput("model.onnx") is not null && t.Metrics.Any(m => m.Name == "validation/loss"))
            .GroupBy(t => (int)double.Parse(t.Attributes[LayersAttribute]!.ToJsonString(), CultureInfo.InvariantCulture)).OrderBy(g => g.Key).ToList();
        if (byLayers.Count < 2) return [];
        var range = new PcaRange(0, inputs.Dataset.TargetWidth);
        var row = new float[inputs.Serializer.Length];
        var points = new List<GainPoint>();
        foreach (var group in byLayers)
        {
            var best = group.OrderBy(t => t.Metric("validation/loss")).ThenBy(t => t.Index).First();
            var model = sessions.Open(File.ReadAllBytes(best.Path("model.onnx")));
            points.Add(new(group.Key, GainOf(unseen, inputs, (pose, _) =>
            {
                inputs.Serializer.Serialize(pose.Pose, row);
                return inputs.Basis.Reconstruct(model.Evaluate(row), range);
            }, check), unseen.Of(Predictors.Floor).Gain));
        }
        return points;
    }

    private static double GainOf(Comparison unseen, DeformerInputs inputs, Func<TestPose, int, float[]> displace, Action check)
    {
        var skin = new double[3 * inputs.Stage.Character.PointCount];
        double sum = 0;
        for (int p = 0; p < unseen.Poses.Count; p++)
        {
            check();
            inputs.Deform(unseen.Poses[p].Pose, displace(unseen.Poses[p], p), skin);
            sum += VertexErrors.Distances(skin, unseen.Poses[p].Truth).Average();
        }
        return VertexErrors.Gain(sum / unseen.Poses.Count, unseen.Of(Predictors.Skinning).Error.Mean);
    }
}
