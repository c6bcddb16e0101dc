namespace ExampleMlFarm.Farm.Output;

/// <summary>Ends a command with an exit status and one message that says what to do next. Anything else that is thrown is a bug.</summary>
public sealed class CliException : Exception
{
    /// <summary>The exit status.</summary>
    public ExitCode Code { get; }

    /// <summary>The next step, or null.</summary>
    public string? Hint { get; }

    /// <summary>What it is about: an address or file:line:column, or null.</summary>
    public string? At { get; }

    /// <summary>One message with its status.</summary>
    public CliException(ExitCode code, string message, string? hint = null, string? at = null) : base(message) => (Code, Hint, At) = (code, hint, at);
}
