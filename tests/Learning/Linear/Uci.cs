using System.Globalization;
using ExampleMlFarm.Learning.Linear;

namespace ExampleMlFarm.Tests.Learning.Linear;

/// <summary>The UCI sets with the published splits (Hernández-Lobato and Adams), where they lie beside the checkout.</summary>
internal static class Uci
{
    public static string? Find(string set)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data", "uci", set);
            if (Directory.Exists(path)) return path;
        }
        return null;
    }

    /// <summary>Rows of one split: inputs [n, d] standardised on the training rows, targets [n] as they are.</summary>
    public sealed record Split(int Columns, double[] Train, double[] TrainTargets, double[] Test, double[] TestTargets)
    {
        /// <summary>Root mean square error of predictions for the test rows.</summary>
        public double Error(double[] predicted) => Math.Sqrt(predicted.Zip(TestTargets).Average(p => (p.First - p.Second) * (p.First - p.Second)));
    }

    /// <summary>The published splits of a set.</summary>
    public static IEnumerable<Split> Splits(string folder)
    {
        double[][] table = [.. Numbers(Path.Combine(folder, "data.txt"))];
        int[] features = [.. Numbers(Path.Combine(folder, "index_features.txt")).SelectMany(r => r).Select(v => (int)v)];
        int target = (int)Numbers(Path.Combine(folder, "index_target.txt")).First()[0], splits = (int)Numbers(Path.Combine(folder, "n_splits.txt")).First()[0];
        for (int s = 0; s < splits; s++)
        {
            int[] train = Rows($"index_train_{s}.txt"), test = Rows($"index_test_{s}.txt");
            double[] mean = [.. features.Select(f => train.Average(r => table[r][f]))];
            double[] deviation = [.. features.Select((f, i) => Math.Sqrt(train.Average(r => Math.Pow(table[r][f] - mean[i], 2))))];
            double[] Inputs(int[] rows) => [.. rows.SelectMany(r => features.Select((f, i) => (table[r][f] - mean[i]) / (deviation[i] > 0 ? deviation[i] : 1)))];
            double[] Targets(int[] rows) => [.. rows.Select(r => table[r][target])];
            yield return new(features.Length, Inputs(train), Targets(train), Inputs(test), Targets(test));
        }

        int[] Rows(string name) => [.. Numbers(Path.Combine(folder, name)).Select(r => (int)r[0])];
    }

    /// <summary>Mean test RMSE of ridge (λ = 1e-6) and of the nearest example over all splits, inputs standardised on the training rows.</summary>
    public static (double Ridge, double Nearest) Measure(string folder)
    {
        double ridge = 0, nearest = 0;
        int count = 0;
        foreach (var split in Splits(folder))
        {
            ridge += split.Error(Ridge.Fit(split.Train, split.Columns, split.TrainTargets, 1, 1e-6).Predict(split.Test));
            var neighbours = new NearestExample(Floats(split.Train), split.Columns, Floats(split.TrainTargets), 1).Find(Floats(split.Test));
            nearest += split.Error([.. neighbours.Select(n => split.TrainTargets[n.Row])]);
            count++;
        }
        return (ridge / count, nearest / count);
    }

    private static float[] Floats(double[] values) => Array.ConvertAll(values, v => (float)v);

    private static IEnumerable<double[]> Numbers(string path)
        => File.ReadLines(path).Where(l => l.Trim().Length > 0)
            .Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray());
}
