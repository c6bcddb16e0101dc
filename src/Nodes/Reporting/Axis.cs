using System.Globalization;

namespace ExampleMlFarm.Nodes.Reporting;

/// <summary>One axis of a plot: a range of values, linear or logarithmic, with ticks at round numbers.</summary>
internal readonly record struct Axis(double Low, double High, bool Logarithmic)
{
    /// <summary>An axis that holds all finite values; positive ones only when logarithmic.</summary>
    public static Axis Around(IEnumerable<double> values, bool logarithmic, bool fromZero = false)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (double v in values)
        {
            if (!double.IsFinite(v) || (logarithmic && v <= 0)) continue;
            low = Math.Min(low, v);
            high = Math.Max(high, v);
        }
        if (low > high) (low, high) = logarithmic ? (0.1, 10) : (0, 1);
        if (fromZero && !logarithmic) low = Math.Min(0, low);
        if (logarithmic) return high / low < 1.2 ? new(low / 1.5, high * 1.5, true) : new(low / Math.Pow(high / low, 0.04), high * Math.Pow(high / low, 0.04), true);
        double margin = high > low ? (high - low) * 0.05 : Math.Max(Math.Abs(high) * 0.1, 1e-9);
        return new(fromZero && low >= 0 ? 0 : low - margin, high + margin, false);
    }

    /// <summary>Where a value lies, from 0 (low) to 1 (high).</summary>
    public double Position(double value) => Logarithmic
        ? Math.Log(value / Low) / Math.Log(High / Low)
        : (value - Low) / (High - Low);

    /// <summary>Round values inside the range.</summary>
    public IReadOnlyList<double> Ticks(int about)
    {
        var ticks = new List<double>();
        if (Logarithmic)
        {
            double decades = Math.Log10(High / Low);
            double[] steps = decades > 4 ? [1] : decades > 1.3 ? [1, 3] : [1, 2, 3, 5, 7];
            for (int e = (int)Math.Floor(Math.Log10(Low)); e <= Math.Ceiling(Math.Log10(High)); e++)
                foreach (double s in steps)
                    if (s * Math.Pow(10, e) is var v && v >= Low && v <= High) ticks.Add(v);
            return ticks;
        }
        double rough = (High - Low) / about, power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * ((rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
        for (double v = Math.Ceiling(Low / step) * step; v <= High + step * 1e-9; v += step) ticks.Add(Math.Abs(v) < step * 1e-9 ? 0 : v);
        return ticks;
    }

    /// <summary>A tick's text.</summary>
    public static string Label(double value) => value == 0 ? "0"
        : Math.Abs(value) is >= 1e-3 and < 1e5 ? value.ToString("0.####", CultureInfo.InvariantCulture)
        : value.ToString("0.#e+0", CultureInfo.InvariantCulture);
}
