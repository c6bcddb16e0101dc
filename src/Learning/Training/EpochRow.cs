namespace ExampleMlFarm.Learning.Training;

/// <summary>One line of the training log.</summary>
/// <param name="Epoch">Epochs done, from 1.</param>
/// <param name="TrainLoss">Mean over the epoch's rows while the weights were moving, normalised units, without the decay term.</param>
/// <param name="ValidationLoss">Mean over the validation rows after the epoch; null where it was not evaluated.</param>
/// <param name="LearningRate">Rate of this epoch.</param>
/// <param name="Seconds">Training time from the start, summed over resumptions. Not part of any result's bytes.</param>
public readonly record struct EpochRow(int Epoch, double TrainLoss, double? ValidationLoss, double LearningRate, double Seconds);

/// <summary>Why a training is over.</summary>
public enum StopReason
{
    /// <summary>It is not.</summary>
    None,
    /// <summary>All epochs are done.</summary>
    MaxEpochs,
    /// <summary>All steps are done.</summary>
    MaxIterations,
    /// <summary>Validation did not improve for the given patience.</summary>
    EarlyStopping,
}
