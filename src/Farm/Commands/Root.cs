using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Recipes.Checking;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>The command tree, and how a command line is run.</summary>
internal static class Root
{
    /// <summary>The commands in the order in which people need them; help shows them so.</summary>
    public static readonly IReadOnlyList<(string Name, Func<IEnumerable<Command>> Commands)> Groups =
    [
        ("Start", () => [InitCommand.Create(), CheckCommand.Create(), PlanCommand.Create(), RunCommand.Create(), RunCommand.Submit()]),
        ("Look", () => [RunsCommand.Create(), ShowCommand.Create(), ItemsCommand.Create(), WatchCommand.Create(), LogsCommand.Create(), ExplainCommand.Create(), MetricsCommand.Create(), CompareCommand.Create()]),
        ("Act", () => [OrderCommands.Retry(), OrderCommands.Skip(), OrderCommands.Cancel(), OrderCommands.Pause(), ResumeCommand.Create(), SetCommand.Create(), WaitCommand.Create()]),
        ("Results", () => [ArtifactsCommand.Create(), DatasetCommand.Create(), ModelCommand.Create()]),
        ("Farm", () => [ServerCommand.Create(), WorkerCommand.Create(), SharingCommands.Pool(), SharingCommands.Quota(), SharingCommands.Licence(), AuthCommand.Create(), DoctorCommand.Create()]),
        ("Help and tools", () => [NodeCommand.Create(), SchemaCommand.Create(), CompletionCommand.Create(), HelpCommand.Create()]),
    ];

    public static RootCommand Create()
    {
        var root = new RootCommand("mlfarm cooks recipes: simulates data sets, trains on them, checks the result, and goes on exactly after any crash.\nExample: mlfarm run ml-deformer");
        foreach (var (_, commands) in Groups)
            foreach (var command in commands()) root.Subcommands.Add(command);
        foreach (var option in Globals.All) root.Options.Add(option);
        root.Options.OfType<HelpOption>().Single().Action = new HelpWriter();
        root.SetAction(parsed => new HelpWriter().Invoke(parsed));
        return root;
    }

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit status.</returns>
    public static async Task<int> Run(string[] words, InvocationConfiguration configuration, CancellationToken cancellation = default)
    {
        var parsed = Create().Parse(words);
        if (parsed.Action is not ParseErrorAction) return await parsed.InvokeAsync(configuration, cancellation);
        var error = (configuration as Surroundings)?.Terminal?.Error ?? configuration.Error;
        var command = parsed.CommandResult.Command;
        // A noun without its verb: the list of verbs says more than an error.
        if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0) HelpWriter.Write(command, error, 100);
        else
        {
            string path = string.Join(' ', Path(command)), said = string.Join("; ", parsed.Errors.Select(e => e.Message.TrimEnd('.')).Distinct());
            if (parsed.GetValue(Globals.Json)) error.WriteLine(new JsonObject { ["error"] = new JsonObject { ["code"] = "Usage", ["message"] = said, ["hint"] = $"{path} --help", ["at"] = null } }.ToJsonString());
            else error.WriteLine($"mlfarm: {said}{Similar(command, parsed.UnmatchedTokens)}\n        {path} --help");
        }
        return (int)ExitCode.Usage;
    }

    private static IEnumerable<string> Path(Command command)
        => command is RootCommand ? ["mlfarm"] : Path(command.Parents.OfType<Command>().First()).Append(command.Name);

    private static string Similar(Command command, IReadOnlyList<string> unmatched)
        => unmatched.Count > 0 && NearestName.Of(unmatched[0], command.Subcommands.Where(c => !c.Hidden).SelectMany(c => c.Aliases.Append(c.Name))) is { } near ? $"; did you mean {near}?" : "";
}
