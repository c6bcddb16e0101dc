using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Dense;

namespace ExampleMlFarm.Learning.Linear;

/// <summary>
/// The target of the nearest training input in Euclidean distance, found by looking at all: the baseline that any learning must
/// beat. Of equally near ones the first wins.
/// </summary>
public sealed unsafe class NearestExample
{
    private readonly double[] inputs;
    private readonly float[] targets;
    private readonly int inputLength;
    private readonly int targetLength;

    /// <summary>Keeps copies of inputs [n, d] and targets [n, o].</summary>
    /// <exception cref="FarmException"><c>nearest.input</c>.</exception>
    public NearestExample(ReadOnlySpan<float> inputs, int inputLength, ReadOnlySpan<float> targets, int targetLength)
    {
        if (inputLength < 1 || targetLength < 1 || inputs.Length == 0 || inputs.Length % inputLength != 0 || targets.Length % targetLength != 0
            || inputs.Length / inputLength != targets.Length / targetLength)
            throw FarmException.Invalid("nearest.input", $"{inputs.Length} inputs in rows of {inputLength} and {targets.Length} targets in rows of {targetLength} are not the same positive number of rows");
        (this.inputLength, this.targetLength) = (inputLength, targetLength);
        this.inputs = Wide(inputs);
        this.targets = targets.ToArray();
    }

    private static double[] Wide(ReadOnlySpan<float> values)
    {
        var wide = new double[values.Length];
        for (int i = 0; i < wide.Length; i++) wide[i] = values[i];
        return wide;
    }

    /// <summary>Row of the nearest training input and its distance, for each query row [m, d].</summary>
    public (int Row, double Distance)[] Find(ReadOnlySpan<float> queries)
    {
        if (queries.Length % inputLength != 0) throw FarmException.Invalid("nearest.input", $"{queries.Length} values are no whole number of rows of {inputLength}");
        var found = new (int, double)[queries.Length / inputLength];
        var difference = new double[inputLength];
        fixed (double* examples = inputs, delta = difference)
            for (int q = 0; q < found.Length; q++)
            {
                int best = 0;
                double least = double.PositiveInfinity;
                for (int e = 0; e < inputs.Length / inputLength; e++)
                {
                    double* example = examples + (nint)e * inputLength;
                    for (int i = 0; i < inputLength; i++) delta[i] = queries[q * inputLength + i] - example[i];
                    double square = Vectors.Dot(delta, delta, inputLength);
                    if (square < least) (best, least) = (e, square);
                }
                found[q] = (best, Math.Sqrt(least));
            }
        return found;
    }

    /// <summary>Targets [m, o] of the nearest training inputs.</summary>
    public float[] Predict(ReadOnlySpan<float> queries)
    {
        var found = Find(queries);
        var outputs = new float[checked(found.Length * targetLength)];
        for (int q = 0; q < found.Length; q++) Array.Copy(targets, found[q].Row * targetLength, outputs, q * targetLength, targetLength);
        return outputs;
    }
}
