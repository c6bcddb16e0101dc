using System.Text.Json;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Sessions;
using Microsoft.AspNetCore.Http;

namespace ExampleMlFarm.Farm.Serving.Looks;

/// <summary>
/// A command that runs within the server, and its JSON as the answer: the API and <c>--json</c> say the same under the same names, because they are the same.
/// </summary>
internal static class InProcess
{
    /// <summary>Runs a command on the farm.</summary>
    /// <param name="farm">The farm.</param>
    /// <param name="who">Who calls.</param>
    /// <param name="words">The command line, without the options that choose a farm or a shape.</param>
    /// <param name="cancellation">The caller is gone.</param>
    public static async Task<IResult> Answer(ServedFarm farm, string who, IReadOnlyList<string> words, CancellationToken cancellation)
    {
        var (code, output, error) = await Run(farm, who, words, cancellation);
        if (code is ExitCode.Success || output.Length > 0) return Results.Content(output, "application/json; charset=utf-8");
        return Problem(code, error);
    }

    /// <summary>Runs a command on the farm; its exit status, what it printed, and its messages.</summary>
    public static async Task<(ExitCode Code, string Out, string Error)> Run(ServedFarm farm, string who, IReadOnlyList<string> words, CancellationToken cancellation)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var surroundings = new Surroundings
        {
            Terminal = new Terminal(output, error, OutIsTerminal: false, ErrorIsTerminal: false, Width: 100, Colour: false), Time = farm.Time,
            Look = () => RunLook.At(new ServingSite(farm, who), new ProjectFolder(Path.GetDirectoryName(farm.Logs)!)),
        };
        int code = await Root.Run([.. words, "--json", "--quiet"], surroundings, cancellation);
        return ((ExitCode)code, output.ToString(), error.ToString());
    }

    /// <summary>The answer for a command that failed.</summary>
    public static IResult Problem(ExitCode code, string error)
    {
        JsonNode? told = null;
        try { told = JsonNode.Parse(error.Split('\n', 2)[0])?["error"]; }
        catch (JsonException) { }
        int status = code switch { ExitCode.NotFound => 404, ExitCode.Unreachable => 503, ExitCode.Unexpected => 500, _ => 400 };
        return Problems.Of(status, (string?)told?["code"] ?? code.ToString(), (string?)told?["message"] ?? error.Trim(), (string?)told?["hint"], (string?)told?["at"]);
    }
}
