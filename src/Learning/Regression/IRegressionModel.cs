namespace ExampleMlFarm.Learning.Regression;

/// <summary>A fitted map from raw rows to raw rows that was found without training a network: what the regression nodes put out and evaluate.</summary>
public interface IRegressionModel
{
    /// <summary>Entries d of an input row.</summary>
    int InputLength { get; }

    /// <summary>Entries o of an output row.</summary>
    int OutputLength { get; }

    /// <summary>Rows [n, d] to rows [n, o]. A row's bits do not depend on the rows beside it.</summary>
    double[] Predict(ReadOnlySpan<double> rows);

    /// <summary>The same map as an ONNX model over float32 rows (opset 17, IR version 8); equal models give equal bytes.</summary>
    /// <param name="metadata">Goes into metadata_props.</param>
    byte[] ToOnnx(IReadOnlyDictionary<string, string>? metadata = null);

    /// <summary>All its numbers as safetensors, in double; equal models give equal bytes.</summary>
    byte[] ToTensors();
}

/// <summary>Float rows, which data sets and geometry hold.</summary>
public static class RegressionModels
{
    /// <summary>Float rows [n, d] to float rows [n, o], computed in double.</summary>
    public static float[] Predict(this IRegressionModel model, ReadOnlySpan<float> rows)
        => Array.ConvertAll(model.Predict(Wide(rows)), v => (float)v);

    /// <summary>Root mean square error over all entries of rows [n, d] with known targets [n, o]; 0 without rows.</summary>
    public static double RootMeanSquare(this IRegressionModel model, ReadOnlySpan<double> rows, ReadOnlySpan<double> targets)
    {
        double[] predicted = model.Predict(rows);
        if (predicted.Length != targets.Length)
            throw Core.FarmException.Invalid("regression.input", $"{targets.Length} targets do not fit {predicted.Length} predicted numbers");
        double sum = 0;
        for (int i = 0; i < predicted.Length; i++) sum += (predicted[i] - targets[i]) * (predicted[i] - targets[i]);
        return predicted.Length == 0 ? 0 : Math.Sqrt(sum / predicted.Length);
    }

    /// <summary>A copy in double.</summary>
    public static double[] Wide(ReadOnlySpan<float> values)
    {
        var wide = new double[values.Length];
        System.Numerics.Tensors.TensorPrimitives.ConvertTruncating(values, wide.AsSpan());
        return wide;
    }
}
