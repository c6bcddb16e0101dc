using System.Diagnostics;
using ExampleMlFarm.Learning.Training;

namespace ExampleMlFarm.Bench.Training;

/// <summary>The trainer of this repository.</summary>
internal static class Ours
{
    public const int Steps = 200, Batch = 128, In = 64, Out = 128;

    public static double Measure()
    {
        var (inputs, targets) = Data();
        var spec = new MlpSpec { InputLength = In, OutputLength = Out, HiddenWidths = [256, 256] };
        var options = new TrainingOptions { EnableValidation = false, EnableEarlyStopping = false, MaxBatchSize = Batch, MaxEpochs = 1000 };
        var trainer = Trainer.Create(spec, options, new TrainingData(In, Out, inputs, targets));
        trainer.RunEpoch();
        long start = Stopwatch.GetTimestamp();
        trainer.RunEpoch();
        return Steps / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Rows of a formula, enough for <see cref="Steps"/> batches.</summary>
    public static (float[] Inputs, float[] Targets) Data()
    {
        var inputs = new float[Steps * Batch * In];
        var targets = new float[Steps * Batch * Out];
        for (int i = 0; i < inputs.Length; i++) inputs[i] = MathF.Sin(i * 0.7f + i / In);
        for (int i = 0; i < targets.Length; i++) targets[i] = MathF.Cos(i * 0.3f) * inputs[i / Out * In + i % In];
        return (inputs, targets);
    }
}
