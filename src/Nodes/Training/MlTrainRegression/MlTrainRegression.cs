using System.Diagnostics;
using System.Globalization;
using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Contributions;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Learning.Logs;
using ExampleMlFarm.Learning.Onnx;
using ExampleMlFarm.Learning.Training;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Examples;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Training.MlTrainRegression;

/// <summary>
/// Trains one fully connected network on a data set. One item is one trial; a wedge makes many. Its state is saved as it goes, and a
/// training that was killed ends with the same weights as one that was not.
/// </summary>
public static class MlTrainRegression
{
    /// <summary>The catalogue's entry.</summary>
    public static NodeType Type { get; } = NodeType.Of<MlTrainRegressionOptions>(
        NodeDescriptor.From<MlTrainRegressionOptions>("ml_train_regression", 1, "Trains a fully connected network on a data set.") with
        {
            Family = "training",
            Output = DataKind.Model,
            HoudiniNames = ["ml_trainregression", "mlregressiontrain"],
            Metrics =
            [
                new("validation/loss", "Loss of the kept weights on the validation rows"), new("train/loss", "Loss of the kept weights on the training rows"),
                new("validation/rmse", "Root mean square error on the validation rows, in the target's own units"), new("train/rmse", "The same on the training rows"),
                new("epochs", "Epochs trained"), new("best_epoch", "Epoch whose weights were kept"), new("parameters", "Weights and biases"),
            ],
            Example = ExampleRecipe.Data + ExampleRecipe.Train,
        },
        Cook);

    /// <summary>Rows of a data set as the trainer takes them: training rows first, then validation rows.</summary>
    public static TrainingData DataOf(Dataset dataset, int upperLimit = 0)
    {
        var train = dataset.Read("train");
        var validation = dataset.Manifest.Splits.Any(s => s.Name == "validation") ? dataset.Read("validation") : new DatasetRows([], [], []);
        int trained = upperLimit > 0 ? Math.Min(upperLimit, train.Count) : train.Count;
        var inputs = Joined(train.Inputs.AsSpan(0, trained * dataset.InputWidth), validation.Inputs);
        var targets = Joined(train.Targets.AsSpan(0, trained * dataset.TargetWidth), validation.Targets);
        return new TrainingData(dataset.InputWidth, dataset.TargetWidth, inputs, targets)
        {
            InputBlocks = Blocks(dataset.Manifest.InputContributions, dataset.InputWidth),
            Split = new DataSplit([.. Enumerable.Range(0, trained)], [.. Enumerable.Range(trained, validation.Count)]),
        };
    }

    private static void Cook(MlTrainRegressionOptions options, CookContext cook)
    {
        using var dataset = DatasetInput.Open(cook, options.Dataset!);
        var data = options.SplitsByProportion ? Pooled(dataset) : DataOf(dataset, options.UpperLimit);
        var spec = options.Spec(data.InputLength, data.TargetLength);
        var training = options.Training();
        if (data.Split is { ValidationRows.Count: 0 }) training = training with { EnableValidation = false, EnableEarlyStopping = false };
        SnapshotRule weights = SnapshotRule.OfWeights(options.Output), models = SnapshotRule.OfModels(options.Output);

        var trainer = Resumed(spec, training, data, cook) ?? Trainer.Create(spec, training, data);
        cook.Log($"trains on {trainer.Rows.Training} rows, validates on {trainer.Rows.Validation}");
        if (trainer.Epoch > 0) cook.Log($"goes on after epoch {trainer.Epoch}");
        long saved = Stopwatch.GetTimestamp();
        trainer.Run(row =>
        {
            if (weights.KeepsNow(trainer) || models.KeepsNow(trainer))
            {
                var wanted = weights.Of(trainer).Concat(models.Of(trainer)).Select(s => s.Epoch).ToHashSet();
                trainer.KeepSnapshot(wanted.Contains);
            }
            if (IsLogged(row, options.Output, trainer)) Tell(row, options.Output, cook);
            cook.Progress(training.LimitEpochs ? (double)row.Epoch / training.MaxEpochs : 0, $"epoch {row.Epoch}");
            if (Stopwatch.GetElapsedTime(saved).TotalSeconds < options.CheckpointSeconds) return;
            cook.SaveCheckpoint(trainer.State());
            saved = Stopwatch.GetTimestamp();
        }, cook.Cancellation);

        var summary = trainer.Summary();
        cook.Metric("train/loss", summary.TrainLoss);
        if (summary.ValidationLoss is { } validationLoss) cook.Metric("validation/loss", validationLoss);
        cook.Metric("train/rmse", summary.TrainRootMeanSquare);
        if (summary.ValidationRootMeanSquare is { } rmse) cook.Metric("validation/rmse", rmse);
        cook.Metric("epochs", summary.Epochs);
        cook.Metric("best_epoch", summary.BestEpoch);
        var network = trainer.Network();
        cook.Metric("parameters", network.ParameterCount);
        cook.Log($"{summary.Epochs} epochs ({summary.Stopped}), best {summary.BestEpoch}: train loss {summary.TrainLoss:G4}, validation loss {summary.ValidationLoss:G4}");

        // The end before its snapshots: whoever asks for the first file of a tag gets the kept weights.
        var metadata = Metadata(dataset);
        if (models.PutsOutTheEnd) cook.EmitBytes("file/onnx", models.NameOfEnd, OnnxModel.Write(network, metadata));
        foreach (var (epoch, name) in models.Of(trainer)) cook.EmitBytes("file/onnx", name, OnnxModel.Write(trainer.NetworkOf(epoch), metadata));
        if (weights.PutsOutTheEnd) cook.EmitBytes("file/safetensors", weights.NameOfEnd, trainer.Weights());
        foreach (var (epoch, name) in weights.Of(trainer)) cook.EmitBytes("file/safetensors", name, trainer.WeightsOf(epoch));
        cook.EmitBytes("file/json", "hyperparameters.json", Encoding.UTF8.GetBytes(trainer.HyperparametersJson()));
        var log = trainer.Log.Where(row => IsLogged(row, options.Output, trainer)).ToList();
        if (log.Count == 0) return;
        cook.EmitBytes("log/csv", "training.csv", Encoding.UTF8.GetBytes(TrainingLog.Csv(log)));
        cook.EmitBytes("log/text", "training.txt", Encoding.UTF8.GetBytes(TrainingLog.Columns(log)));
        // Time zero: the file is a result and must be the same each time; TensorBoard's relative axis shows seconds since then.
        cook.EmitBytes("log/tensorboard", TensorBoardEvents.FileName(0, "mlfarm"), TensorBoardEvents.Write(log, 0));
    }

    private static bool IsLogged(EpochRow row, TrainingOutputOptions output, Trainer trainer) => output.LossLogEvent switch
    {
        LossLogEvent.Never => false,
        LossLogEvent.End => trainer.Stopped != StopReason.None && row.Epoch == trainer.Epoch,
        LossLogEvent.Evaluation => row.ValidationLoss is not null,
        _ => true,
    };

    private static void Tell(EpochRow row, TrainingOutputOptions output, CookContext cook)
    {
        cook.Metric("train/loss", row.TrainLoss, row.Epoch);
        if (row.ValidationLoss is { } loss) cook.Metric("validation/loss", loss, row.Epoch);
        cook.Metric("learning_rate", row.LearningRate, row.Epoch);
        if (!output.LogToStandardOutput) return;
        string validated = row.ValidationLoss is { } v ? string.Create(CultureInfo.InvariantCulture, $", validation loss {v:G5}") : "";
        cook.Log(string.Create(CultureInfo.InvariantCulture, $"epoch {row.Epoch}: train loss {row.TrainLoss:G5}{validated}, learning rate {row.LearningRate:G4}"));
    }

    /// <summary>Training and validation rows of a data set together, in the order of its rows, for a split by proportions. Test rows are not among them.</summary>
    private static TrainingData Pooled(Dataset dataset)
    {
        var names = dataset.Manifest.Splits.Select(s => s.Name).ToList();
        var rows = Enumerable.Range(0, checked((int)dataset.Rows)).Where(r => names[dataset.SplitOf(r)] is "train" or "validation").ToList();
        float[] inputs = new float[rows.Count * dataset.InputWidth], targets = new float[rows.Count * dataset.TargetWidth];
        for (int r = 0; r < rows.Count; r++)
        {
            dataset.Input(rows[r]).CopyTo(inputs.AsSpan(r * dataset.InputWidth));
            dataset.Target(rows[r]).CopyTo(targets.AsSpan(r * dataset.TargetWidth));
        }
        return new TrainingData(dataset.InputWidth, dataset.TargetWidth, inputs, targets) { InputBlocks = Blocks(dataset.Manifest.InputContributions, dataset.InputWidth) };
    }

    /// <summary>The training as it was saved; null when nothing was saved, or nothing that is of use: a saved state only ever saves time.</summary>
    private static Trainer? Resumed(MlpSpec spec, TrainingOptions training, TrainingData data, CookContext cook)
    {
        if (cook.LoadCheckpoint() is not { } state) return null;
        try { return Trainer.Resume(spec, training, data, state); }
        catch (FarmException e) when (e.Failure.Code is "training.state_mismatch" or "tensors.corrupt")
        {
            cook.Log($"the saved training state cannot be used ({e.Failure.Message}); the training starts anew");
            return null;
        }
    }

    private static Dictionary<string, string> Metadata(Dataset dataset)
    {
        var metadata = new Dictionary<string, string> { ["mlfarm.dataset_sha256"] = dataset.Manifest.Sha256.ToString() };
        if (dataset.Manifest.InputContributions is { } inputs) metadata[OnnxModel.InputContributionsKey] = inputs.ToJson();
        if (dataset.Manifest.TargetContributions is { } targets) metadata[OnnxModel.OutputContributionsKey] = targets.ToJson();
        return metadata;
    }

    private static float[] Joined(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        var joined = new float[first.Length + second.Length];
        first.CopyTo(joined);
        second.CopyTo(joined.AsSpan(first.Length));
        return joined;
    }

    /// <summary>Numbers of each contribution; one block where that is not known, since points may be any number.</summary>
    private static IReadOnlyList<int> Blocks(ContributionList? contributions, int width)
    {
        if (contributions is null || contributions.Any(c => c.Kind == ContributionKind.Volume)) return [];
        int perPoint = contributions.Sum(c => c.TupleSize);
        return width % perPoint == 0 ? [.. contributions.Select(c => c.TupleSize * (width / perPoint))] : [];
    }
}
