using System.Globalization;
using ExampleMlFarm.Learning.Training;

namespace ExampleMlFarm.Nodes.Training.MlTrainRegression;

/// <summary>Which epochs of a training are put out as one kind of file, and under which names.</summary>
/// <param name="Event">When.</param>
/// <param name="EpochsPerOutput">Epochs between two, for <see cref="ModelEvent.Epochs"/>.</param>
/// <param name="AppendEpoch">Whether all are put out, or the last alone.</param>
/// <param name="Stem">Name before the epoch.</param>
/// <param name="Extension">With its dot.</param>
internal sealed record SnapshotRule(ModelEvent Event, int EpochsPerOutput, bool AppendEpoch, string Stem, string Extension)
{
    /// <summary>The rule for weights.</summary>
    public static SnapshotRule OfWeights(TrainingOutputOptions o) => new(o.ModelSaveEvent, o.ModelSaveEpochsPerOutput, o.ModelSaveAppendEpoch, "weights", ".safetensors");

    /// <summary>The rule for exported models.</summary>
    public static SnapshotRule OfModels(TrainingOutputOptions o) => new(o.ModelExportEvent, o.ModelExportEpochsPerOutput, o.ModelExportAppendEpoch, "model", ".onnx");

    /// <summary>Whether there is a file at the end, with the kept weights.</summary>
    public bool PutsOutTheEnd => Event != ModelEvent.Never;

    /// <summary>Name of the file at the end.</summary>
    public string NameOfEnd => Stem + Extension;

    /// <summary>Whether the epoch that was just done is to be kept.</summary>
    public bool KeepsNow(Trainer trainer) => Event switch
    {
        ModelEvent.Improvement => trainer.Best?.Epoch == trainer.Epoch,
        ModelEvent.Epochs => trainer.Epoch % EpochsPerOutput == 0,
        _ => false,
    };

    /// <summary>The epochs put out so far, ascending, with their names.</summary>
    public IReadOnlyList<(int Epoch, string Name)> Of(Trainer trainer)
    {
        IReadOnlyList<int> epochs = Event switch
        {
            ModelEvent.Improvement => trainer.ImprovedEpochs,
            ModelEvent.Epochs => [.. Enumerable.Range(1, trainer.Epoch / EpochsPerOutput).Select(i => i * EpochsPerOutput)],
            _ => [],
        };
        return AppendEpoch ? [.. epochs.Select(e => (e, string.Create(CultureInfo.InvariantCulture, $"{Stem}-{e}{Extension}")))]
            : epochs.Count > 0 ? [(epochs[^1], $"{Stem}-snapshot{Extension}")] : [];
    }
}
