using System.CommandLine;
using System.Globalization;
using ExampleMlFarm.Farm.Output;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>Options and arguments that several commands share.</summary>
internal static class LookOptions
{
    public static Option<int> Limit(int standard) => new("--limit", "-n") { Description = $"Most rows, {standard} unless given; 0 = all of them.", DefaultValueFactory = _ => standard };

    /// <summary>The limit as a count.</summary>
    /// <exception cref="CliException">It is below 0.</exception>
    public static int Most(int limit) => limit switch
    {
        < 0 => throw new CliException(ExitCode.Usage, $"--limit is {limit}; it must be 0 (all) or more"),
        0 => int.MaxValue,
        _ => limit,
    };

    public static Argument<string> Address(string what, string? standard = null)
    {
        var argument = new Argument<string>("address") { Description = what };
        if (standard is not null) argument.DefaultValueFactory = _ => standard;
        return argument;
    }

    /// <summary>A stretch of time as people write it.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static TimeSpan Age(string option, string text)
    {
        double unit = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        return unit > 0 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count) && count * unit < 1e9
            ? TimeSpan.FromSeconds(count * unit) : throw new CliException(ExitCode.Usage, $"{option} {text} is no age", "write 30s, 5m, 2h or 3d");
    }

    public static Option<string?> Folder() => new("--dir", "-d") { Description = "Folder to write into; this one unless given." };
}
