using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Learning.Onnx;
using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Learning.States;

namespace ExampleMlFarm.Learning.Linear;

/// <summary>y = W x + b in double.</summary>
public sealed class RidgeModel : IRegressionModel
{
    internal RidgeModel(int inputLength, int outputLength, double[] weight, double[] bias, double conditionEstimate)
        => (InputLength, OutputLength, Weight, Bias, ConditionEstimate) = (inputLength, outputLength, weight, bias, conditionEstimate);

    /// <summary>Entries d of an input row.</summary>
    public int InputLength { get; }

    /// <summary>Entries o of an output row.</summary>
    public int OutputLength { get; }

    /// <summary>W [o, d], row-major.</summary>
    public IReadOnlyList<double> Weight { get; }

    /// <summary>b [o].</summary>
    public IReadOnlyList<double> Bias { get; }

    /// <summary>Largest over smallest eigenvalue of the system that was solved, estimated from below.</summary>
    public double ConditionEstimate { get; }

    /// <summary>Rows [n, d] to rows [n, o].</summary>
    public double[] Predict(ReadOnlySpan<double> rows)
    {
        if (rows.Length % InputLength != 0) throw FarmException.Invalid("ridge.input", $"{rows.Length} values are no whole number of rows of {InputLength}");
        int count = rows.Length / InputLength;
        double[] weight = (double[])Weight;
        var outputs = new double[count * OutputLength];
        for (int r = 0; r < count; r++)
            for (int t = 0; t < OutputLength; t++)
            {
                double sum = Bias[t];
                for (int i = 0; i < InputLength; i++) sum += weight[t * InputLength + i] * rows[r * InputLength + i];
                outputs[r * OutputLength + t] = sum;
            }
        return outputs;
    }

    /// <summary>Float rows [n, d] to float rows [n, o], computed in double.</summary>
    public float[] Predict(ReadOnlySpan<float> rows)
    {
        var wide = new double[rows.Length];
        for (int i = 0; i < wide.Length; i++) wide[i] = rows[i];
        return Array.ConvertAll(Predict(wide), v => (float)v);
    }

    /// <summary>Root mean square error and coefficient of determination R² of each output over rows with known targets [n, o].</summary>
    public (double[] RootMeanSquare, double[] Determination) Measure(ReadOnlySpan<double> rows, ReadOnlySpan<double> targets)
    {
        double[] predicted = Predict(rows);
        if (predicted.Length != targets.Length || predicted.Length == 0)
            throw FarmException.Invalid("ridge.input", $"{targets.Length} targets do not fit {predicted.Length / OutputLength} rows of {OutputLength}");
        int count = predicted.Length / OutputLength;
        double[] error = new double[OutputLength], determination = new double[OutputLength];
        for (int t = 0; t < OutputLength; t++)
        {
            double mean = 0, squares = 0, variance = 0;
            for (int r = 0; r < count; r++) mean += targets[r * OutputLength + t] / count;
            for (int r = 0; r < count; r++)
            {
                double e = predicted[r * OutputLength + t] - targets[r * OutputLength + t], v = targets[r * OutputLength + t] - mean;
                squares += e * e;
                variance += v * v;
            }
            error[t] = Math.Sqrt(squares / count);
            determination[t] = variance > 0 ? 1 - squares / variance : double.NaN;
        }
        return (error, determination);
    }

    /// <summary>The same map in float, for ONNX and inference.</summary>
    public Network ToNetwork() => new([new AffineLayer(InputLength, OutputLength, [.. Weight.Select(w => (float)w)], [.. Bias.Select(b => (float)b)])]);

    /// <inheritdoc/>
    public byte[] ToOnnx(IReadOnlyDictionary<string, string>? metadata = null) => OnnxModel.Write(ToNetwork(), metadata);

    /// <inheritdoc/>
    public byte[] ToTensors()
    {
        var file = new TensorFile();
        file.Add("weight", (double[])Weight, OutputLength, InputLength);
        file.Add("bias", (double[])Bias, OutputLength);
        return file.ToBytes();
    }
}
