using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Training.MlTrainRegression;

/// <summary>When a model is put out.</summary>
public enum ModelEvent : byte
{
    /// <summary>Not at all.</summary>
    Never = 0,
    /// <summary>Once, when the training is over: the kept weights.</summary>
    End = 1,
    /// <summary>Also after every epoch that validated better than all before.</summary>
    Improvement = 2,
    /// <summary>Also after every so many epochs.</summary>
    Epochs = 3,
}

/// <summary>Which epochs the logs hold.</summary>
public enum LossLogEvent : byte
{
    /// <summary>None: no log is put out.</summary>
    Never = 0,
    /// <summary>The last one.</summary>
    End = 1,
    /// <summary>Those that were validated.</summary>
    Evaluation = 2,
    /// <summary>All.</summary>
    Epoch = 3,
}

/// <summary>What a training puts out besides its result, and when. No option of these changes the weights.</summary>
public sealed record TrainingOutputOptions
{
    /// <summary>Cadence of the weights.</summary>
    [Option("When weights are put out as safetensors: at the end weights.safetensors, the kept weights; improvement and epochs put out snapshots of the training as well.")]
    public ModelEvent ModelSaveEvent { get; init; } = ModelEvent.End;

    /// <summary>Epochs between two snapshots of the weights.</summary>
    [Option("Epochs from one snapshot of the weights to the next, for model_save_event: epochs.", Unit = "epochs", Min = 1)]
    public int ModelSaveEpochsPerOutput { get; init; } = 10;

    /// <summary>One file per snapshot of the weights.</summary>
    [Option("Every snapshot has the epoch in its name, weights-20.safetensors; otherwise each replaces the one before, and the last one is weights-snapshot.safetensors.")]
    public bool ModelSaveAppendEpoch { get; init; } = true;

    /// <summary>Cadence of the exported model.</summary>
    [Option("When the model is put out as ONNX: at the end model.onnx, with the kept weights, which other nodes read; improvement and epochs put out snapshots as well.")]
    public ModelEvent ModelExportEvent { get; init; } = ModelEvent.End;

    /// <summary>Epochs between two snapshots of the exported model.</summary>
    [Option("Epochs from one exported snapshot to the next, for model_export_event: epochs.", Unit = "epochs", Min = 1)]
    public int ModelExportEpochsPerOutput { get; init; } = 10;

    /// <summary>One file per exported snapshot.</summary>
    [Option("Every exported snapshot has the epoch in its name, model-20.onnx; otherwise each replaces the one before, and the last one is model-snapshot.onnx.")]
    public bool ModelExportAppendEpoch { get; init; } = true;

    /// <summary>Which epochs are logged.</summary>
    [Option("Epochs in training.csv, training.txt, the TensorBoard events and the curves: every epoch, those that were validated, the last one, or none (then no log is put out).")]
    public LossLogEvent LossLogEvent { get; init; } = LossLogEvent.Epoch;

    /// <summary>Losses in the log of the item.</summary>
    [Option("Print the losses of the logged epochs into the item's log as well.")]
    public bool LogToStandardOutput { get; init; }
}
