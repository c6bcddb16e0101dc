using System.CommandLine;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>The options every command has.</summary>
internal static class Globals
{
    public static readonly Option<OutputFormat> Output = new("--output", "-o")
    {
        HelpName = "shape",
        Description = "table, tsv, json, ndjson or name; a table in a terminal and tabs in a pipe unless given.",
        DefaultValueFactory = _ => Enum.TryParse<OutputFormat>(Environment.GetEnvironmentVariable("MLFARM_OUTPUT"), ignoreCase: true, out var format) ? format : OutputFormat.Automatic,
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json") { Description = "The same as -o json.", Recursive = true };
    public static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "No progress and no hints.", Recursive = true };
    public static readonly Option<bool> NoColour = new("--no-color") { Description = "No colour; as NO_COLOR in the environment.", Recursive = true };
    public static readonly Option<bool> NoProgress = new("--no-progress") { Description = "No progress.", Recursive = true };
    public static readonly Option<string?> Folder = new("--folder", "-C") { Description = "Work as if started in this folder.", Recursive = true };

    public static IEnumerable<Option> All => [Output, Json, Quiet, NoColour, NoProgress, Folder];

    public static OutputFormat FormatOf(ParseResult parsed) => parsed.GetValue(Json) ? OutputFormat.Json : parsed.GetValue(Output);

    public static string FolderOf(ParseResult parsed) => Path.GetFullPath(parsed.GetValue(Folder) ?? Environment.CurrentDirectory);

    /// <summary>The project at or above the folder.</summary>
    public static ProjectFolder ProjectOf(ParseResult parsed) => ProjectFolder.Find(FolderOf(parsed))
        ?? throw new CliException(ExitCode.NotFound, $"no farm at or above {FolderOf(parsed)}: nothing was run here yet", "start with: mlfarm run ml-deformer");
}
