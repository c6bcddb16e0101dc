using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Learning.Training;

namespace ExampleMlFarm.Tests.Learning.Training;

/// <summary>Small data sets with known answers.</summary>
internal static class Problems
{
    /// <summary>Targets from a fixed random tanh network of one hidden layer: an error of zero is reachable.</summary>
    public static TrainingData Teacher(int rows, int inputs = 3, int hidden = 4, int targets = 2)
    {
        var random = CounterRandom.Keyed(5, "test", 0, "teacher");
        uint draw = 0;
        double[] first = [.. Enumerable.Range(0, hidden * inputs).Select(_ => random.Normal(draw++))];
        double[] second = [.. Enumerable.Range(0, targets * hidden).Select(_ => random.Normal(draw++))];
        float[] x = new float[rows * inputs], y = new float[rows * targets];
        for (int r = 0; r < rows; r++)
        {
            for (int i = 0; i < inputs; i++) x[r * inputs + i] = (float)(2 * random.Uniform(draw++) - 1);
            for (int h = 0; h < hidden; h++)
            {
                double sum = 0;
                for (int i = 0; i < inputs; i++) sum += first[h * inputs + i] * x[r * inputs + i];
                for (int t = 0; t < targets; t++) y[r * targets + t] += (float)(second[t * hidden + h] * Math.Tanh(sum));
            }
        }
        return new(inputs, targets, x, y);
    }

    public static MlpSpec Spec(TrainingData data, params int[] hidden)
        => new() { InputLength = data.InputLength, OutputLength = data.TargetLength, HiddenWidths = hidden };

    public static TrainingOptions Plain => new()
    {
        EnableValidation = false,
        EnableEarlyStopping = false,
        Shuffle = false,
        InputNormalisation = Normalisation.Off,
        TargetNormalisation = Normalisation.Off,
    };
}
