namespace ExampleMlFarm.Farm.Output;

/// <summary>How the program may write: results on standard output, everything else on standard error.</summary>
/// <param name="Out">Data.</param>
/// <param name="Error">Progress, hints, warnings.</param>
/// <param name="OutIsTerminal">False in a pipe: full values, tabs, no colour.</param>
/// <param name="ErrorIsTerminal">False in a pipe: progress as occasional plain lines.</param>
/// <param name="Width">Columns of the terminal; tables never pass it.</param>
/// <param name="Colour">False with NO_COLOR, <c>--no-color</c> or in a pipe.</param>
public sealed record Terminal(TextWriter Out, TextWriter Error, bool OutIsTerminal, bool ErrorIsTerminal, int Width, bool Colour)
{
    /// <summary>Where answers come from; null when nobody is there to be asked.</summary>
    public TextReader? In { get; init; }

    /// <summary>Standard output for bytes: what an artifact holds.</summary>
    public Func<Stream> OpenBytes { get; init; } = () => Stream.Null;

    /// <summary>True when this output shape is a table for people to read here.</summary>
    public bool ShowsTable(OutputFormat format) => format == OutputFormat.Table || (format == OutputFormat.Automatic && OutIsTerminal);

    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess(bool colourAllowed)
    {
        bool outTerminal = !Console.IsOutputRedirected, errorTerminal = !Console.IsErrorRedirected;
        int width = 100;
        try { if (outTerminal || errorTerminal) width = Math.Max(40, Console.WindowWidth); }
        catch (IOException) { /* a terminal without a size keeps the default */ }
        bool noColour = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Environment.GetEnvironmentVariable("TERM") == "dumb";
        return new(Console.Out, Console.Error, outTerminal, errorTerminal, width, colourAllowed && !noColour && outTerminal)
        {
            In = errorTerminal && !Console.IsInputRedirected ? Console.In : null,
            OpenBytes = Console.OpenStandardOutput,
        };
    }
}
