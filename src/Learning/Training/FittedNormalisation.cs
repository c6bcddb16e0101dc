namespace ExampleMlFarm.Learning.Training;

/// <summary>Mean and scale per entry, fitted on the training rows: normalised = (raw − mean) / scale.</summary>
internal sealed record FittedNormalisation(float[] Mean, float[] Scale, float[] InverseScale)
{
    /// <summary>Variances below this share of the largest count as none: rounding, not signal.</summary>
    private const double Negligible = 1e-12;

    /// <summary>
    /// Fits on <paramref name="rows"/> of values [n, length]. <paramref name="blocks"/> share a scale each;
    /// <paramref name="totalVariance"/> makes the variances of all entries sum to 1 instead (targets).
    /// </summary>
    public static FittedNormalisation Fit(Normalisation kind, ReadOnlySpan<float> values, int length, ReadOnlySpan<int> rows, IReadOnlyList<int> blocks, bool totalVariance)
    {
        var mean = new double[length];
        var variance = new double[length];
        if (kind != Normalisation.Off)
        {
            foreach (int row in rows)
                for (int i = 0; i < length; i++) mean[i] += values[row * length + i];
            for (int i = 0; i < length; i++) mean[i] = (float)(mean[i] / rows.Length);
            foreach (int row in rows)
                for (int i = 0; i < length; i++)
                {
                    double d = values[row * length + i] - mean[i];
                    variance[i] += d * d;
                }
            for (int i = 0; i < length; i++) variance[i] /= rows.Length;
        }
        double[] scale = kind switch
        {
            Normalisation.Off => [.. Enumerable.Repeat(1.0, length)],
            Normalisation.Standardize => [.. variance.Select(v => Math.Sqrt(v) < Negligible ? 1 : Math.Sqrt(v))],
            _ when totalVariance => [.. Enumerable.Repeat(RootOr1(variance.Sum()), length)],
            _ => BlockScales(variance, blocks.Count == 0 ? [length] : blocks),
        };
        return new([.. mean.Select(m => (float)m)], [.. scale.Select(s => (float)s)], [.. scale.Select(s => (float)(1 / s))]);
    }

    /// <summary>The rows [m, length] asked for, normalised.</summary>
    public float[] Gather(ReadOnlySpan<float> values, ReadOnlySpan<int> rows)
    {
        int length = Mean.Length;
        var normalised = new float[checked(rows.Length * length)];
        for (int r = 0; r < rows.Length; r++)
            for (int i = 0; i < length; i++)
                normalised[r * length + i] = (values[rows[r] * length + i] - Mean[i]) * InverseScale[i];
        return normalised;
    }

    private static double[] BlockScales(double[] variance, IReadOnlyList<int> blocks)
    {
        var scale = new double[variance.Length];
        int first = 0;
        foreach (int block in blocks)
        {
            double[] within = variance[first..(first + block)];
            double[] varying = [.. within.Where(v => v > Negligible * within.Max())];
            Array.Fill(scale, RootOr1(varying.Length == 0 ? 0 : varying.Average()), first, block);
            first += block;
        }
        return scale;
    }

    private static double RootOr1(double variance) => Math.Sqrt(variance) < Negligible ? 1 : Math.Sqrt(variance);
}
