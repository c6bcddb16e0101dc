namespace ExampleMlFarm.Farm.Output;

/// <summary>A curve in one line of text.</summary>
public static class Sparkline
{
    private const string Steps = "▁▂▃▄▅▆▇█";

    /// <summary>
    /// At most <paramref name="width"/> blocks, each the mean of its share of the values, scaled between the least and the greatest. Values that
    /// are not finite leave a gap.
    /// </summary>
    public static string Of(IReadOnlyList<double> values, int width)
    {
        if (values.Count == 0 || width < 1) return "";
        int count = Math.Min(width, values.Count);
        var means = new double[count];
        for (int i = 0; i < count; i++)
        {
            int from = (int)((long)i * values.Count / count), to = Math.Max(from + 1, (int)((long)(i + 1) * values.Count / count));
            double sum = 0;
            for (int j = from; j < to; j++) sum += values[j];
            means[i] = sum / (to - from);
        }
        double least = means.Where(double.IsFinite).DefaultIfEmpty(0).Min(), span = means.Where(double.IsFinite).DefaultIfEmpty(0).Max() - least;
        return string.Concat(means.Select(m => !double.IsFinite(m) ? ' ' : span <= 0 ? Steps[0] : Steps[(int)Math.Min(Steps.Length - 1, (m - least) / span * Steps.Length)]));
    }
}
