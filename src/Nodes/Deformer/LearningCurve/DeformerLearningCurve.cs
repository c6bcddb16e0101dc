using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Learning.Pca;
using ExampleMlFarm.Learning.Training;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Deformer.LearningCurve;

/// <summary>
/// One point of a learning curve: basis, ridge regression and network from the first poses of a data set alone, measured on unseen poses.
/// A wedge over <c>poses</c> makes the curve.
/// </summary>
public static class DeformerLearningCurve
{
    /// <summary>Poses used.</summary>
    public const string PosesMetric = "poses";

    /// <summary>Mean error of skinning, percent of the diagonal.</summary>
    public const string SkinningMetric = "error_percent_skinning";

    /// <summary>Mean error of ridge regression, percent of the diagonal.</summary>
    public const string RidgeMetric = "error_percent_ridge";

    /// <summary>Mean error of the network, percent of the diagonal.</summary>
    public const string NetworkMetric = "error_percent";

    /// <summary>Mean error of the basis alone, percent of the diagonal.</summary>
    public const string FloorMetric = "error_percent_floor";

    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.Of<DeformerLearningCurveOptions>(
        NodeDescriptor.From<DeformerLearningCurveOptions>("deformer_learning_curve", 1, "Measures what a deformer from fewer poses would be worth.") with
        {
            Family = "deformer",
            Input = DataKind.Any,
            Output = DataKind.None,
            Metrics =
            [
                new(PosesMetric, "Poses used"), new(NetworkMetric, "Mean error of the network, percent of the diagonal"), new(SkinningMetric, "The same of skinning"),
                new(RidgeMetric, "The same of ridge regression"), new(FloorMetric, "The same of the basis alone"), new("gain", "1 − error of the network / error of skinning"),
            ],
            Example = ExampleRecipe.Data + ExampleRecipe.Unseen +
                "  curve:\n    wedge: { method: grid, parameters: { poses: { values: [16, 32, 64] } } }\n    uses: deformer_learning_curve\n    with:\n      dataset: ${{ nodes.dataset }}\n" +
                "      basis: ${{ nodes.basis }}\n      capture: ${{ nodes.capture }}\n      known: ${{ nodes.displacements }}\n      unseen: ${{ nodes.unseen }}\n      poses: ${{ item.poses }}\n",
        },
        Cook);

    private static void Cook(DeformerLearningCurveOptions options, CookContext cook)
    {
        var inputs = DeformerInputs.Open(cook, options.Inputs);
        using var dataset = inputs.Dataset;
        var stage = inputs.Stage;
        var poses = new List<TestPose>();
        var isTraining = new List<bool>();
        var split = new Dictionary<long, string>();
        for (long row = 0; row < dataset.Rows; row++) split[dataset.Example(row)] = dataset.Manifest.Splits[dataset.SplitOf(row)].Name;
        foreach (var item in cook.Input(options.Known!))
        {
            if (poses.Count == options.Poses) break;
            if (!split.TryGetValue(item.Index, out var of) || TestPose.Read(item, inputs) is not { } pose) continue;
            poses.Add(pose);
            isTraining.Add(of == "train");
        }
        cook.ThrowIfCancelled();

        int points = 3 * stage.Character.PointCount;
        var samples = new float[poses.Count * points];
        for (int p = 0; p < poses.Count; p++) poses[p].Displacement.CopyTo(samples, p * points);
        var basis = PrincipalComponents.Analyse(RowSource.FromMemory(samples, points), new PcaOptions { Components = Math.Min(options.Components, poses.Count - 1) });
        var weights = basis.Project(samples);
        var (train, validation) = (Rows(poses, weights, basis.Count, inputs, isTraining, true), Rows(poses, weights, basis.Count, inputs, isTraining, false));
        cook.ThrowIfCancelled();

        var network = Train(options, cook, train, validation, inputs.Serializer.Length, basis.Count);
        var predictors = Predictors.All(train, validation, basis, inputs.Serializer, row => network.Evaluate(row));
        var unseen = cook.Input(options.Unseen!).Select(i => TestPose.Read(i, inputs)).OfType<TestPose>().ToList();
        if (unseen.Count == 0) throw FarmException.Invalid("analyze.unseen", $"node '{options.Unseen!.Node}' has no valid pose to measure on");
        var comparison = Comparison.Measure("unseen", unseen, predictors, inputs, cook.ThrowIfCancelled);
        cook.Metric(PosesMetric, poses.Count);
        cook.Metric(SkinningMetric, comparison.Of(Predictors.Skinning).Error.MeanPercent);
        cook.Metric(RidgeMetric, comparison.Of(Predictors.Ridge).Error.MeanPercent);
        cook.Metric(NetworkMetric, comparison.Of(Predictors.Network).Error.MeanPercent);
        cook.Metric(FloorMetric, comparison.Of(Predictors.Floor).Error.MeanPercent);
        cook.Metric("gain", comparison.Of(Predictors.Network).Gain);
        cook.Log($"{poses.Count} poses: gain {comparison.Of(Predictors.Network).Gain:F4}, ridge {comparison.Of(Predictors.Ridge).Gain:F4}, floor {comparison.Of(Predictors.Floor).Gain:F4}");
    }

    private static Network Train(DeformerLearningCurveOptions options, CookContext cook, DatasetRows train, DatasetRows validation, int inputLength, int targetLength)
    {
        bool validates = validation.Count > 0;
        var trainer = Trainer.Create(
            new MlpSpec { InputLength = inputLength, OutputLength = targetLength, HiddenWidths = [.. Enumerable.Repeat(options.HiddenWidth, options.HiddenLayers)], Activation = options.Activation, Seed = (ulong)options.Seed },
            new TrainingOptions
            {
                WeightDecay = options.WeightDecay,
                LearningRate = options.LearningRate,
                Scheduler = Scheduler.Cosine,
                MaxEpochs = options.MaxEpochs,
                MaxBatchSize = options.MaxBatchSize,
                ShuffleRandomSeed = (ulong)options.Seed,
                EnableValidation = validates,
                EnableEarlyStopping = false,
            },
            new TrainingData(inputLength, targetLength, (float[])[.. train.Inputs, .. validation.Inputs], (float[])[.. train.Targets, .. validation.Targets])
            {
                Split = new DataSplit([.. Enumerable.Range(0, train.Count)], [.. Enumerable.Range(train.Count, validation.Count)]),
            });
        trainer.Run(row => cook.Progress((double)row.Epoch / options.MaxEpochs), cook.Cancellation);
        return trainer.Network();
    }

    private static DatasetRows Rows(List<TestPose> poses, float[] weights, int width, DeformerInputs inputs, List<bool> isTraining, bool training)
    {
        var chosen = Enumerable.Range(0, poses.Count).Where(p => isTraining[p] == training).ToArray();
        int length = inputs.Serializer.Length;
        var rows = new DatasetRows([.. chosen.Select(p => (long)p)], new float[chosen.Length * length], new float[chosen.Length * width]);
        for (int i = 0; i < chosen.Length; i++)
        {
            inputs.Serializer.Serialize(poses[chosen[i]].Pose, rows.Inputs.AsSpan(i * length, length));
            weights.AsSpan(chosen[i] * width, width).CopyTo(rows.Targets.AsSpan(i * width));
        }
        return rows;
    }
}
