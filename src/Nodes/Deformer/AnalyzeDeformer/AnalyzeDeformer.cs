using System.Diagnostics;
using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Learning.Inference;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Deformer.AnalyzeDeformer;

/// <summary>
/// Holds a trained deformer against the simulated truth, on poses it was trained on, on held-out ones and on poses nobody trained on, beside
/// skinning, the nearest example, ridge regression and the floor that the basis sets. Puts out a report and the figures as metrics.
/// </summary>
public static class AnalyzeDeformer
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.Of<AnalyzeDeformerOptions>(
        NodeDescriptor.From<AnalyzeDeformerOptions>("analyze_deformer", 2, "Measures a trained deformer against simulated truth and writes a report.") with
        {
            Family = "deformer",
            Input = DataKind.Model,
            Output = DataKind.Report,
            NeedsInput = true,
            Metrics =
            [
                new("gain", "1 − mean error of the network / mean error of skinning, on unseen poses"), new("gain_held_out", "The same on held-out poses"), new("gain_training", "The same on training poses"),
                new("gain_ridge", "Gain of ridge regression on unseen poses"), new("gain_nearest", "Gain of the nearest example on unseen poses"), new("gain_floor", "Gain of the basis alone on unseen poses"),
                new("error_percent", "Mean error of the network on unseen poses, percent of the diagonal"), new("error_percent_skinning", "The same of skinning"), new("error_percent_ridge", "The same of ridge regression"),
                new("error_percent_max", "Largest error of the network on unseen poses, percent of the diagonal"), new("ms_per_pose", "Milliseconds of one evaluation on one core"),
                new("normal_error_degrees", "Mean angle between the network's normals and the true ones on unseen poses"), new("normal_error_degrees_skinning", "The same of skinning"),
                new("edge_distortion", "Mean relative error of edge lengths of the network on unseen poses"), new("edge_distortion_skinning", "The same of skinning"),
                new("volume_error", "Relative error of the enclosed volume of the network on unseen poses"), new("volume_error_skinning", "The same of skinning"),
            ],
            Example = ExampleRecipe.Data + ExampleRecipe.Train + ExampleRecipe.Unseen +
                "  analyze:\n    from: train\n    uses: analyze_deformer\n    with:\n      dataset: ${{ nodes.dataset }}\n      basis: ${{ nodes.basis }}\n" +
                "      capture: ${{ nodes.capture }}\n      known: ${{ nodes.displacements }}\n      unseen: ${{ nodes.unseen }}\n",
        },
        Cook);

    private static void Cook(AnalyzeDeformerOptions options, CookContext cook)
    {
        var inputs = DeformerInputs.Open(cook, options.Inputs);
        using var dataset = inputs.Dataset;
        var trained = cook.From.Single();
        using var sessions = new InferenceSessions();
        var model = sessions.Open(File.ReadAllBytes(trained.Path("model.onnx")));
        model.Require(dataset.InputWidth, dataset.TargetWidth);
        var predictors = Predictors.All(dataset.Read("train"), dataset.Read("validation"), inputs.Basis, inputs.Serializer, row => model.Evaluate(row));

        var comparisons = new List<Comparison>();
        foreach (var (name, poses) in Sets(options, cook, inputs))
        {
            if (poses.Count == 0) continue;
            comparisons.Add(Comparison.Measure(name, poses, predictors, inputs, cook.ThrowIfCancelled));
            cook.Progress(comparisons.Count / 3.0, name);
            cook.Log($"{name}: {poses.Count} poses");
            foreach (var row in comparisons[^1].Rows)
                cook.Log($"  {row.Predictor,-24} mean {row.Error.MeanPercent:F4} %  95 % {row.Error.Percentile95Percent:F3} %  max {row.Error.MaximumPercent:F2} %  gain {row.Gain:F4}");
        }
        var unseen = comparisons[^1];
        double milliseconds = MillisecondsPerPose(predictors.First(p => p.Name == Predictors.Network), unseen, inputs);

        cook.Metric("gain", unseen.Of(Predictors.Network).Gain);
        foreach (var (name, set) in new[] { ("gain_held_out", DeformerReport.HeldOut), ("gain_training", DeformerReport.Training) })
            if (comparisons.FirstOrDefault(c => c.Set == set) is { } comparison) cook.Metric(name, comparison.Of(Predictors.Network).Gain);
        cook.Metric("gain_ridge", unseen.Of(Predictors.Ridge).Gain);
        cook.Metric("gain_nearest", unseen.Of(Predictors.Nearest).Gain);
        cook.Metric("gain_floor", unseen.Of(Predictors.Floor).Gain);
        cook.Metric("error_percent", unseen.Of(Predictors.Network).Error.MeanPercent);
        cook.Metric("error_percent_skinning", unseen.Of(Predictors.Skinning).Error.MeanPercent);
        cook.Metric("error_percent_ridge", unseen.Of(Predictors.Ridge).Error.MeanPercent);
        cook.Metric("error_percent_max", unseen.Of(Predictors.Network).Error.MaximumPercent);
        cook.Metric("ms_per_pose", milliseconds);
        foreach (var (of, suffix) in new[] { (Predictors.Network, ""), (Predictors.Skinning, "_skinning") })
        {
            var shape = unseen.Of(of).Shape;
            cook.Metric("normal_error_degrees" + suffix, shape.NormalDegrees);
            cook.Metric("edge_distortion" + suffix, shape.EdgeDistortion);
            if (!double.IsNaN(shape.VolumeError)) cook.Metric("volume_error" + suffix, shape.VolumeError);
        }
        IReadOnlyList<CookInputItem> all = options.Trials is { } trials ? [.. cook.Input(trials)] : [];
        var components = GainCurves.OverComponents(unseen, inputs, predictors.First(p => p.Name == Predictors.Network), cook.ThrowIfCancelled);
        var layers = GainCurves.OverLayers(all, unseen, inputs, sessions, cook.ThrowIfCancelled);
        cook.EmitBytes("report/html", "report.html", Encoding.UTF8.GetBytes(DeformerReport.Write(new(
            inputs, comparisons, predictors, trained,
            all,
            options.Curve is { } curve ? [.. cook.Input(curve)] : [],
            milliseconds, components, layers))));
    }

    /// <summary>Training, held-out and unseen poses; the unseen ones last.</summary>
    private static IEnumerable<(string, IReadOnlyList<TestPose>)> Sets(AnalyzeDeformerOptions options, CookContext cook, DeformerInputs inputs)
    {
        var dataset = inputs.Dataset;
        int trainSplit = dataset.Manifest.Splits.Index().First(s => s.Item.Name == "train").Index;
        var split = new Dictionary<long, int>();
        for (long row = 0; row < dataset.Rows; row++) split[dataset.Example(row)] = dataset.SplitOf(row);
        long trainingRows = split.Values.Count(s => s == trainSplit), stride = Math.Max(1, (trainingRows + options.TrainingPoses - 1) / options.TrainingPoses), seen = 0;
        var training = new List<TestPose>();
        var heldOut = new List<TestPose>();
        foreach (var item in cook.Input(options.Known!))
        {
            if (!split.TryGetValue(item.Index, out int of)) continue;
            bool isTraining = of == trainSplit;
            if (isTraining && seen++ % stride != 0) continue;
            if (TestPose.Read(item, inputs) is { } pose) (isTraining ? training : heldOut).Add(pose);
        }
        yield return (DeformerReport.Training, training);
        yield return (DeformerReport.HeldOut, heldOut);
        var unseen = cook.Input(options.Unseen!).Select(i => TestPose.Read(i, inputs)).OfType<TestPose>().ToList();
        if (unseen.Count == 0) throw FarmException.Invalid("analyze.unseen", $"node '{options.Unseen!.Node}' has no valid pose to measure on");
        yield return (DeformerReport.Unseen, unseen);
    }

    private static double MillisecondsPerPose(Predictor network, Comparison unseen, DeformerInputs inputs)
    {
        var skin = new double[3 * inputs.Stage.Character.PointCount];
        long started = Stopwatch.GetTimestamp();
        int poses = 0;
        while (poses < 20 || Stopwatch.GetElapsedTime(started).TotalMilliseconds < 100)
        {
            var pose = unseen.Poses[poses++ % unseen.Poses.Count];
            inputs.Deform(pose.Pose, network.Displace!(pose), skin);
        }
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds / poses;
    }
}
