using System.CommandLine;
using ExampleMlFarm.Farm.Output;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm help</c>: pages about what several commands share; for the name of a command, its own help.</summary>
internal static class HelpCommand
{
    public static Command Create()
    {
        var topic = new Argument<string[]>("topic") { Description = $"{string.Join(", ", HelpTopics.All.Keys)}, or a command.", Arity = ArgumentArity.ZeroOrMore };
        topic.CompletionSources.Add(_ => HelpTopics.All.Keys);
        var command = new Command("help", "Shows a page of help.\nExample: mlfarm help addresses") { topic };
        command.SetAction(invocation =>
        {
            string[] words = invocation.Parsed.GetValue(topic) ?? [];
            if (words.Length == 1 && HelpTopics.All.TryGetValue(words[0], out var page))
            {
                invocation.Terminal.Out.Write(page());
                return ExitCode.Success;
            }
            System.CommandLine.Command found = invocation.Parsed.RootCommandResult.Command;
            foreach (string word in words)
                found = found.Subcommands.FirstOrDefault(c => c.Name == word || c.Aliases.Contains(word))
                    ?? throw new CliException(ExitCode.NotFound, $"there is no help on \"{string.Join(' ', words)}\"", $"pages: {string.Join(", ", HelpTopics.All.Keys)}; or a command: mlfarm help run");
            HelpWriter.Write(found, invocation.Terminal);
            return ExitCode.Success;
        });
        return command;
    }
}
