using System.Globalization;

namespace ExampleMlFarm.Farm.Output;

/// <summary>Numbers, times and sizes as people read them.</summary>
public static class Format
{
    /// <summary>ISO 8601 in UTC, to the second.</summary>
    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary><c>0.4 s</c>, <c>41 s</c>, <c>2 min 04 s</c>, <c>3 h 12 min</c>, <c>5 d 3 h</c>.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 0 or double.NaN => "-",
        < 0.0005 => "0 s",
        < 0.95 => $"{seconds:0.0##} s",
        < 9.95 => $"{seconds:0.0} s",
        < 60 => $"{Math.Floor(seconds)} s",
        < 3600 => $"{(int)(seconds / 60)} min {(int)(seconds % 60):00} s",
        < 86400 => $"{(int)(seconds / 3600)} h {(int)(seconds % 3600 / 60):00} min",
        _ => $"{(int)(seconds / 86400)} d {(int)(seconds % 86400 / 3600)} h",
    };

    /// <summary>How long ago, in one unit.</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now) => (now - time).TotalSeconds switch
    {
        < 2 => "just now",
        < 60 and var s => $"{(int)s} s ago",
        < 3600 and var s => $"{(int)(s / 60)} min ago",
        < 86400 and var s => $"{(int)(s / 3600)} h ago",
        var s => $"{(int)(s / 86400)} d ago",
    };

    /// <summary><c>812 B</c>, <c>4.1 KB</c>, <c>412 MB</c>: powers of ten, as disks are sold.</summary>
    public static string Size(long bytes)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < units.Length - 1) { value /= 1000; unit++; }
        return unit == 0 ? $"{bytes} B" : value < 9.95 ? $"{value:0.0} {units[unit]}" : $"{value:0} {units[unit]}";
    }

    /// <summary>Four significant digits, exponent only where it helps.</summary>
    public static string Number(double value) =>
        value == 0 ? "0"
        : !double.IsFinite(value) ? Full(value)
        : Math.Abs(value) is >= 1e-3 and < 1e6 ? value.ToString(Math.Abs(value) >= 1000 ? "0" : "G4", CultureInfo.InvariantCulture)
        : value.ToString("0.###e+0", CultureInfo.InvariantCulture);

    /// <summary>Every digit; <c>inf</c>, <c>-inf</c> and <c>nan</c> as numpy reads and writes them.</summary>
    public static string Full(double value) => value switch
    {
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        double.NaN => "nan",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>Thousands apart by a thin gap, so that 10000000 can be read.</summary>
    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');

    /// <summary>Cut in the middle: names that begin or end alike stay apart.</summary>
    public static string CutMiddle(string text, int width) => text.Length <= width ? text : width <= 2 ? Cut(text, width) : string.Concat(text.AsSpan(0, width / 2), "…", text.AsSpan(text.Length - (width - 1 - width / 2)));

    /// <summary>Cut to a width, with an ellipsis for what is cut.</summary>
    public static string Cut(string text, int width) => text.Length <= width ? text : width <= 1 ? text[..width] : string.Concat(text.AsSpan(0, width - 1), "…");
}
