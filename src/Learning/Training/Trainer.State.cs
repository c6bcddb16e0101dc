using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.States;

namespace ExampleMlFarm.Learning.Training;

/// <summary>Saving and resuming: everything a trainer needs to go on as if it had never stopped.</summary>
public sealed unsafe partial class Trainer
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        NewLine = "\n",
    };

    /// <summary>Spec and options as JSON, keys as in a recipe.</summary>
    public string HyperparametersJson() => JsonSerializer.Serialize(new { Network = spec, Training = options }, Json) + "\n";

    /// <summary>
    /// The whole state as safetensors: weights, both moments, best weights, snapshots, log, step, staleness, and what it belongs to. Shuffles
    /// and rates follow from the epoch's number, so no generator state is in it.
    /// </summary>
    public byte[] State()
    {
        var file = new TensorFile();
        int count = parameters.Values.Length;
        file.Add("weights", parameters.Values.Span, count);
        file.Add("first_moment", rule.First.Span, count);
        file.Add("second_moment", rule.Second.Span, count);
        file.Add("best_weights", bestValues, count);
        file.Add("log", log.SelectMany(r => (double[])[r.TrainLoss, r.ValidationLoss ?? double.NaN, r.LearningRate, r.Seconds]).ToArray(), log.Count, 4);
        foreach (var (epoch, values) in snapshots) file.Add($"{SnapshotPrefix}{epoch}", values, count);
        file.Metadata["format"] = "mlfarm.training-state.1";
        file.Metadata["key"] = key;
        file.Metadata["split"] = split.Hash();
        file.Metadata["step"] = step.ToString(CultureInfo.InvariantCulture);
        file.Metadata["stale"] = stale.ToString(CultureInfo.InvariantCulture);
        file.Metadata["best_epoch"] = (Best?.Epoch ?? 0).ToString(CultureInfo.InvariantCulture);
        return file.ToBytes();
    }

    /// <summary>Goes on where <see cref="State"/> was taken: the same trajectory, bit for bit, as without the stop.</summary>
    /// <exception cref="FarmException">
    /// <c>training.state_mismatch</c>: the state belongs to another network, other options or other data; <c>tensors.corrupt</c>: it is damaged.
    /// </exception>
    public static Trainer Resume(MlpSpec spec, TrainingOptions options, TrainingData data, ReadOnlyMemory<byte> state, TimeProvider? clock = null)
    {
        var file = TensorFile.Parse(state);
        var trainer = Create(spec, options, data, clock);
        string format = file.Text("format");
        if (format != "mlfarm.training-state.1")
            throw FarmException.Invalid("training.state_mismatch", $"the state has format '{format}'; this version reads 'mlfarm.training-state.1'. Train from the start");
        if (file.Text("split") != trainer.split.Hash())
            throw FarmException.Invalid("training.state_mismatch", "the state was saved for another split into training and validation rows. Train from the start");
        if (file.Text("key") != trainer.key)
            throw FarmException.Invalid("training.state_mismatch", "the state was saved for another network, other training options or other data. Train from the start");
        trainer.Take(file);
        return trainer;
    }

    private void Take(TensorFile file)
    {
        int count = parameters.Values.Length;
        file.Floats("weights", count).CopyTo(parameters.Values.Span);
        file.Floats("first_moment", count).CopyTo(rule.First.Span);
        file.Floats("second_moment", count).CopyTo(rule.Second.Span);
        bestValues = file.Floats("best_weights", count);
        double[] rows = file.Doubles("log", -1, 4);
        for (int e = 0; e < rows.Length / 4; e++)
            log.Add(new(e + 1, rows[4 * e], double.IsNaN(rows[4 * e + 1]) ? null : rows[4 * e + 1], rows[4 * e + 2], rows[4 * e + 3]));
        foreach (string name in file.Names)
            if (name.StartsWith(SnapshotPrefix, StringComparison.Ordinal))
                snapshots[int.TryParse(name.AsSpan(SnapshotPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int epoch) && epoch <= log.Count
                    ? epoch : throw FarmException.Invalid("tensors.corrupt", $"the state has a snapshot '{name}' and {log.Count} epochs")] = file.Floats(name, count);
        step = Whole(file, "step", long.MaxValue);
        stale = (int)Whole(file, "stale", int.MaxValue);
        int best = (int)Whole(file, "best_epoch", log.Count);
        if (best > 0)
            Best = (best, log[best - 1].ValidationLoss ?? throw FarmException.Invalid("tensors.corrupt", $"the state names epoch {best} as the best, which was not validated"));
        if (options.EnableEarlyStopping && stale >= options.Patience) Stopped = StopReason.EarlyStopping;
        else if (options.LimitEpochs && Epoch >= options.MaxEpochs) Stopped = StopReason.MaxEpochs;
        else if (options.MaxIterations > 0 && step >= options.MaxIterations) Stopped = StopReason.MaxIterations;
    }

    private static long Whole(TensorFile file, string name, long most)
        => long.TryParse(file.Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= most
            ? value
            : throw FarmException.Invalid("tensors.corrupt", $"the state's '{name}' is '{file.Text(name)}'");

    /// <summary>Hash of all that decides the trajectory. Limits do not, unless the rate falls towards the last epoch: they may be raised later.</summary>
    private static string StateKey(MlpSpec spec, TrainingOptions options, TrainingData data, RowSplit split)
    {
        bool towardsEnd = options.LinearDecay == 0 && (options.Scheduler is Scheduler.Linear or Scheduler.Cosine
            || (options.Scheduler == Scheduler.Exponential && options.ExponentialStyle == ExponentialStyle.EndLearningRate));
        var deciding = options with { MaxEpochs = towardsEnd ? options.MaxEpochs : 0, LimitEpochs = towardsEnd, MaxIterations = 0, Patience = 0 };
        string text = JsonSerializer.Serialize(new { Network = spec, Training = deciding, Blocks = data.InputBlocks }, Json) + data.Hash() + split.Hash();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
