namespace ExampleMlFarm.Farm.Output;

/// <summary>Asks before work is dropped. Asks only where somebody can answer; elsewhere it wants <c>--yes</c>, as gh does.</summary>
public static class Confirmation
{
    /// <summary>Asks on standard error and waits for an answer.</summary>
    /// <returns>True for yes.</returns>
    /// <exception cref="CliException">Nobody can be asked.</exception>
    public static bool Ask(Terminal terminal, string question)
    {
        if (terminal.In is not { } answers)
            throw new CliException(ExitCode.Usage, $"{question} Nobody can be asked here: --yes is required when not running in a terminal", "look first with --dry-run");
        terminal.Error.Write($"{question} [y/N] ");
        terminal.Error.Flush();
        return answers.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }
}
