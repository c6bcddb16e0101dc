using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Learning.States;

namespace ExampleMlFarm.Learning.Training;

/// <summary>What comes out of a training.</summary>
public sealed unsafe partial class Trainer
{
    /// <summary>
    /// The network with the best weights (by validation; the last ones without it), taking and giving raw values: normalisation is
    /// its first and last layer.
    /// </summary>
    public Network Network() => new([.. Around(BestLayers())]);

    /// <summary>Weights as safetensors with PyTorch's names and shapes (<c>layers.0.weight</c> [out, in], <c>layers.0.bias</c>): equal weights, equal bytes.</summary>
    public byte[] Weights() => WeightsOf(BestLayers());

    private byte[] WeightsOf(IEnumerable<Layer> layers)
    {
        var file = new TensorFile();
        int index = 0;
        foreach (var layer in layers.OfType<AffineLayer>())
        {
            file.Add($"layers.{index}.weight", layer.Weight, layer.Outputs, layer.Inputs);
            file.Add($"layers.{index}.bias", layer.Bias, layer.Outputs);
            index++;
        }
        file.Add("input.mean", inputs.Mean, inputs.Mean.Length);
        file.Add("input.scale", inputs.Scale, inputs.Scale.Length);
        file.Add("target.mean", targets.Mean, targets.Mean.Length);
        file.Add("target.scale", targets.Scale, targets.Scale.Length);
        file.Metadata["activation"] = spec.Activation.ToString();
        return file.ToBytes();
    }

    /// <summary>Losses with the weights of <see cref="Network"/>, and errors in the target's own units.</summary>
    public TrainingSummary Summary()
    {
        float[] current = parameters.Values.Span.ToArray();
        if (Best is not null) bestValues.CopyTo(parameters.Values.Span);
        var summary = new TrainingSummary(Epoch, Best?.Epoch ?? Epoch, Stopped, split.Training.Length, split.Validation.Length,
            Evaluate(trainInputs, trainTargets), split.Validation.Length == 0 ? null : Evaluate(validationInputs, validationTargets),
            RootMeanSquare(trainInputs, trainTargets), split.Validation.Length == 0 ? null : RootMeanSquare(validationInputs, validationTargets));
        current.CopyTo(parameters.Values.Span);
        return summary;
    }

    private double RootMeanSquare(float[] x, float[] t)
    {
        int d = spec.InputLength, o = spec.OutputLength, rows = x.Length / d;
        double sum = 0;
        fixed (float* px = x)
            for (int first = 0; first < rows; first += pass.MaxRows)
            {
                int count = Math.Min(pass.MaxRows, rows - first);
                float* output = pass.Forward(px + (nint)first * d, count);
                for (int i = 0; i < count * o; i++)
                {
                    double error = (output[i] - (double)t[first * o + i]) * targets.Scale[i % o];
                    sum += error * error;
                }
            }
        return Math.Sqrt(sum / ((double)rows * o));
    }

    private IEnumerable<Layer> Around(IEnumerable<Layer> layers)
    {
        if (options.InputNormalisation != Normalisation.Off) yield return new NormaliseLayer(inputs.Mean, inputs.InverseScale);
        foreach (var layer in layers) yield return layer;
        if (options.TargetNormalisation != Normalisation.Off) yield return new DenormaliseLayer(targets.Scale, targets.Mean);
    }

    private IEnumerable<Layer> BestLayers() => LayersOf(Best is null ? parameters.Values.Span : bestValues);

    private IEnumerable<Layer> LayersOf(ReadOnlySpan<float> values)
    {
        var held = new MlpParameters(spec);
        values.CopyTo(held.Values.Span);
        return held.ToLayers(spec.Activation);
    }
}

/// <summary>How a training went, measured with the weights it gives.</summary>
/// <param name="Epochs">Epochs done.</param>
/// <param name="BestEpoch">Epoch the weights are from.</param>
/// <param name="Stopped">Why it ended.</param>
/// <param name="TrainingRows">Rows trained on.</param>
/// <param name="ValidationRows">Rows validated on.</param>
/// <param name="TrainLoss">Loss over the training rows, normalised units.</param>
/// <param name="ValidationLoss">Loss over the validation rows, normalised units; null without validation.</param>
/// <param name="TrainRootMeanSquare">Root mean square error over training entries, in the target's units.</param>
/// <param name="ValidationRootMeanSquare">The same over validation entries; null without validation.</param>
public sealed record TrainingSummary(int Epochs, int BestEpoch, StopReason Stopped, int TrainingRows, int ValidationRows, double TrainLoss,
    double? ValidationLoss, double TrainRootMeanSquare, double? ValidationRootMeanSquare);
