using System.CommandLine;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Serving.Hosting;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Farm.Sites;
using ExampleMlFarm.Farm.Sites.Served;

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

    public static readonly Option<string?> Url = new("--url") { HelpName = "url", Description = "The farm's address, http://farm:8470, or those of several of its servers with commas; MLFARM_URL unless given, and without either the farm of the folder.", Recursive = true };

    public static IEnumerable<Option> All => [Output, Json, Quiet, NoColour, NoProgress, Folder, Url];

    public static OutputFormat FormatOf(ParseResult parsed) => parsed.GetValue(Json) ? OutputFormat.Json : parsed.GetValue(Output);

    public static string FolderOf(ParseResult parsed) => Path.GetFullPath(parsed.GetValue(Folder) ?? Environment.CurrentDirectory);

    /// <summary>The farm that the command is about.</summary>
    /// <exception cref="CliException">There is none, or nothing was ever run there.</exception>
    public static RunLook LookFrom(ParseResult parsed) => (parsed.InvocationConfiguration as Surroundings)?.Look is { } given ? given() : FarmOf(parsed) is { } farm ? RunLook.At(new ServedSite(farm), WorkingFolder(parsed)) : RunLook.Open(ProjectOf(parsed));

    /// <summary>As <see cref="LookFrom"/>; null when nothing was ever run there.</summary>
    public static RunLook? TryLookFrom(ParseResult parsed) => (parsed.InvocationConfiguration as Surroundings)?.Look is not null || FarmOf(parsed) is not null ? LookFrom(parsed) : ProjectFolder.Find(FolderOf(parsed)) is { } project && FolderSite.Exists(project) ? RunLook.Open(project) : null;

    /// <summary>A way to the farm whose address was given; null when none was, and the command is about the folder's own.</summary>
    /// <exception cref="CliException">The address is none.</exception>
    public static FarmHttp? FarmOf(ParseResult parsed)
    {
        string given = parsed.GetValue(Url) ?? Environment.GetEnvironmentVariable("MLFARM_URL") ?? "";
        return given.Length == 0 ? null : FarmAt(given);
    }

    /// <summary>A way to the server at the address that was given, or to the one that works on the folder.</summary>
    /// <exception cref="CliException">There is neither.</exception>
    public static FarmHttp ServerOf(ParseResult parsed) => FarmOf(parsed) ?? (ProjectFolder.Find(FolderOf(parsed)) is { } project && ServerFile.Find(project) is { } file ? FarmAt(file.Url)
        : throw new CliException(ExitCode.Unreachable, $"no server works on {FolderOf(parsed)}", "name one with --url or MLFARM_URL, or start one: mlfarm server start"));

    /// <summary>A way to the farm at an address, or at those of several of its servers with commas, with the key from the environment, or the one that <c>auth login</c> kept for it.</summary>
    /// <exception cref="CliException">The address is none.</exception>
    public static FarmHttp FarmAt(string given)
    {
        var urls = given.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Address).ToList();
        if (urls.Count == 0) throw NoAddress(given);
        // Servers of one farm know the same keys.
        string? token = Environment.GetEnvironmentVariable("MLFARM_TOKEN") is { Length: > 0 } set ? set : urls.Select(Credentials.OfUser().Find).FirstOrDefault(t => t is not null);
        return new FarmHttp(urls[0], token ?? "", TimeProvider.System, urls[1..]);
    }

    private static Uri Address(string given)
    {
        if (!Uri.TryCreate(given, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) throw NoAddress(given);
        return url.AbsolutePath.EndsWith('/') ? url : new Uri(url + "/");
    }

    private static CliException NoAddress(string given) => new(ExitCode.Usage, $"\"{given}\" is not the address of a farm", "write for example: --url http://farm:8470");

    /// <summary>Where outputs of a farm elsewhere are placed: the project at or above the folder, or the folder itself.</summary>
    public static ProjectFolder WorkingFolder(ParseResult parsed) => ProjectFolder.Find(FolderOf(parsed)) ?? new(FolderOf(parsed));

    /// <summary>The project at or above the folder.</summary>
    public static ProjectFolder ProjectOf(ParseResult parsed) => ProjectFolder.Find(FolderOf(parsed))
        ?? throw new CliException(ExitCode.NotFound, $"no farm at or above {FolderOf(parsed)}: nothing was run here yet", "start with: mlfarm run ml-deformer");
}
