using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;

namespace ExampleMlFarm.Learning.Training;

/// <summary>Decides which rows are trained on: limit, shuffle, split, in this order.</summary>
internal sealed record RowSplit(int[] Training, int[] Validation)
{
    /// <summary>Validation is never empty when it is on, and training never is.</summary>
    public static RowSplit Make(TrainingData data, TrainingOptions options)
    {
        int rows = options.LimitSize ? Math.Min(options.UpperLimit, data.Rows) : data.Rows;
        var split = data.Split is { } given ? Given(given, data.Rows, rows, options) : Proportional(rows, options);
        if (split.Training.Length == 0)
            throw FarmException.Invalid("training.split", $"no row of {data.Rows} is left to train on; give more rows or validate on fewer");
        if (options.EnableValidation && split.Validation.Length == 0)
            throw FarmException.Invalid("training.split", $"no row of {data.Rows} is left to validate on; turn validation off or give a split with validation rows");
        return split;
    }

    /// <summary>SHA-256 of the two row lists.</summary>
    public string Hash()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(MemoryMarshal.AsBytes(Training.AsSpan()));
        sha.AppendData("|"u8);
        sha.AppendData(MemoryMarshal.AsBytes(Validation.AsSpan()));
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    private static RowSplit Proportional(int rows, TrainingOptions options)
    {
        int[] order = options.Shuffle
            ? CounterRandom.Keyed(options.ShuffleRandomSeed, "training", 0, "split").Permutation(rows)
            : [.. Enumerable.Range(0, rows)];
        if (!options.EnableValidation) return new(order, []);
        if (rows < 2) throw FarmException.Invalid("training.split", "one row cannot be both trained and validated on; give more rows or turn validation off");
        double share = (double)options.ValidationDataProportion / ((double)options.TrainingDataProportion + options.ValidationDataProportion);
        int validation = Math.Clamp((int)Math.Round(rows * share), 1, rows - 1);
        return new(order[..^validation], order[^validation..]);
    }

    private static RowSplit Given(DataSplit given, int rows, int limit, TrainingOptions options)
    {
        var seen = new bool[rows];
        foreach (int row in given.TrainingRows.Concat(given.ValidationRows))
        {
            if ((uint)row >= (uint)rows) throw FarmException.Invalid("training.split", $"row {row} of the split is not among the {rows} rows of the data");
            if (seen[row]) throw FarmException.Invalid("training.split", $"row {row} is in the split twice");
            seen[row] = true;
        }
        // The limit counts rows trained on: what a split keeps apart is kept whole, so that limits can be compared.
        return new([.. given.TrainingRows.Take(limit)], options.EnableValidation ? [.. given.ValidationRows] : []);
    }
}
