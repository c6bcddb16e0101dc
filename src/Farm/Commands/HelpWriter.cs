using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using ExampleMlFarm.Farm.Output;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>Writes <c>--help</c> so that it fits one screen: what the command does, its words, its own options, an example.</summary>
internal sealed class HelpWriter : SynchronousCommandLineAction
{
    private const string Example = "Example: ";
    private const int WidestLine = 100;

    public override int Invoke(ParseResult parsed)
    {
        Write(parsed.CommandResult.Command, (parsed.InvocationConfiguration as Surroundings)?.Terminal ?? Terminal.OfProcess(colourAllowed: false));
        return 0;
    }

    /// <summary>Help on one command.</summary>
    public static void Write(Command command, Terminal terminal) => Write(command, terminal.Out, terminal.OutIsTerminal ? Math.Min(terminal.Width, WidestLine) : WidestLine);

    /// <summary>Help on one command, for another stream and width.</summary>
    public static void Write(Command command, TextWriter to, int width)
    {
        var (summary, example) = Parts(command);
        foreach (string line in Wrapping.Lines("", summary, width)) to.WriteLine(line);
        to.WriteLine();
        to.WriteLine($"  {Usage(command)}");
        if (command is RootCommand) Groups(to, width);
        else Pairs(to, width, "Commands", command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, Parts(c).Summary)));
        Pairs(to, width, "Arguments", command.Arguments.Where(a => !a.Hidden).Select(a => ($"<{a.Name}>", a.Description ?? "")));
        Pairs(to, width, "Options", command.Options.Where(o => !o.Hidden && o is not HelpOption && (command is RootCommand || !o.Recursive)).Select(o => (Names(o), o.Description ?? "")));
        if (example is not null) to.WriteLine($"\n{Example}{example}");
        to.WriteLine(command is RootCommand ? $"\nMore: mlfarm <command> --help      mlfarm help {string.Join('|', HelpTopics.All.Keys)}" : "\nOptions of all commands: mlfarm --help");
    }

    private static void Groups(TextWriter to, int width)
    {
        foreach (var (name, commands) in Root.Groups)
            Pairs(to, width, name, commands().Where(c => !c.Hidden).Select(c => (string.Join(", ", c.Aliases.Prepend(c.Name)), FirstSentence(Parts(c).Summary))));
    }

    private static void Pairs(TextWriter to, int width, string heading, IEnumerable<(string Name, string Text)> pairs)
    {
        var all = pairs.ToList();
        if (all.Count == 0) return;
        int names = Math.Min(28, Math.Max(12, all.Max(p => p.Name.Length)));
        to.WriteLine($"\n{heading}");
        foreach (var (name, text) in all)
            foreach (string line in Wrapping.Lines($"  {name.PadRight(names)}  ", text, width)) to.WriteLine(line);
    }

    // In a long list the first sentence has to do.
    private static string FirstSentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end ? text[..(end + 1)] : text;

    internal static (string Summary, string? Example) Parts(Command command)
    {
        string text = command.Description ?? "";
        int at = text.IndexOf("\n" + Example, StringComparison.Ordinal);
        return at < 0 ? (text, null) : (text[..at], text[(at + 1 + Example.Length)..]);
    }

    private static string Usage(Command command)
    {
        var words = new List<string>();
        for (var at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault()) words.Insert(0, at is RootCommand ? "mlfarm" : at.Name);
        if (command.Subcommands.Count > 0) words.Add("<command>");
        words.AddRange(command.Arguments.Where(a => !a.Hidden).Select(a => a.HasDefaultValue || a.Arity.MinimumNumberOfValues == 0 ? $"[<{a.Name}>]" : a.Arity.MaximumNumberOfValues > 1 ? $"<{a.Name}>..." : $"<{a.Name}>"));
        words.Add("[options]");
        return string.Join(' ', words);
    }

    internal static string Names(Option option)
        => string.Join(", ", option.Aliases.OrderBy(a => a.Length).Append(option.Name)) + (option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0 ? "" : $" <{Word(option)}>");

    private static string Word(Option option) => option.HelpName ?? (option.ValueType.IsEnum ? string.Join('|', Enum.GetNames(option.ValueType).Where(n => n != nameof(OutputFormat.Automatic)).Select(n => n.ToLowerInvariant())) : Nullable.GetUnderlyingType(option.ValueType) is { } inner ? Short(inner) : Short(option.ValueType));

    private static string Short(Type type) => type == typeof(int) || type == typeof(long) || type == typeof(double) ? "n" : "text";
}
