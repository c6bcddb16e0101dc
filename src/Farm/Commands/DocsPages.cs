using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>The pages below <c>docs</c> that follow from the program: node types, command line, schema. A test holds the files to them.</summary>
internal static class DocsPages
{
    private const string Told = "Written by the program about itself: `MLFARM_GOLDEN=write` with the tests in `tests/Farm` writes it anew.";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Every page by its path below <c>docs</c>.</summary>
    public static IReadOnlyDictionary<string, string> All()
    {
        var pages = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["command-line.md"] = CommandLine(),
            ["nodes/README.md"] = Index(),
            ["recipe-schema.json"] = SchemaCommand.Recipe().ToJsonString(Indented) + "\n",
        };
        foreach (var type in Catalogue.Descriptors.All) pages[$"nodes/{type.Name}.md"] = CatalogueText.Markdown(type);
        return pages;
    }

    private static string Index()
    {
        var text = new StringBuilder($"# Node types\n\n{Told}\nThe same in a terminal: `mlfarm node ls`, `mlfarm node show pca`.\n");
        foreach (var family in Catalogue.Descriptors.All.GroupBy(d => d.Family).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {family.Key}\n\n| node | takes | gives | |\n|---|---|---|---|\n");
            foreach (var type in family.OrderBy(d => d.Name, StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"| [{type.Name}]({type.Name}.md) | {Word(type.Input)} | {Word(type.Output)} | {type.Summary} |\n");
        }
        return text.ToString();
    }

    private static string CommandLine()
    {
        var text = new StringBuilder($"# Command line\n\n{Told}\nThe same in a terminal: `mlfarm --help`, `mlfarm run --help`, `mlfarm help exit-codes`.\n");
        foreach (var (name, commands) in Root.Groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {name}\n");
            foreach (var command in commands().Where(c => !c.Hidden)) Describe(text, command, "mlfarm");
        }
        text.Append("\n## Options of every command\n\n");
        Options(text, Globals.All);
        foreach (var (name, page) in HelpTopics.All) text.Append(CultureInfo.InvariantCulture, $"\n## Help: {name}\n\n```text\n{page().TrimEnd()}\n```\n");
        return text.ToString();
    }

    private static void Describe(StringBuilder text, Command command, string before)
    {
        var (summary, example) = HelpWriter.Parts(command);
        text.Append(CultureInfo.InvariantCulture, $"\n### {before} {string.Join(", ", command.Aliases.Prepend(command.Name))}\n\n{summary}\n");
        if (example is not null) text.Append(CultureInfo.InvariantCulture, $"\n```sh\n{string.Join('\n', example.Split("      ", StringSplitOptions.RemoveEmptyEntries))}\n```\n");
        var arguments = command.Arguments.Where(a => !a.Hidden).ToList();
        var options = command.Options.Where(o => !o.Hidden && o is not HelpOption && !o.Recursive).ToList();
        if (arguments.Count + options.Count > 0) text.Append('\n');
        foreach (var argument in arguments) text.Append(CultureInfo.InvariantCulture, $"* `<{argument.Name}>` {argument.Description}\n");
        Options(text, options);
        foreach (var verb in command.Subcommands.Where(c => !c.Hidden)) Describe(text, verb, $"{before} {command.Name}");
    }

    private static void Options(StringBuilder text, IEnumerable<Option> options)
    {
        foreach (var option in options) text.Append(CultureInfo.InvariantCulture, $"* `{HelpWriter.Names(option)}` {option.Description}\n");
    }

    private static string Word(DataKind kind) => kind.ToString().ToLowerInvariant();
}
