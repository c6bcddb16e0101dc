using System.Text.Json;
using ExampleMlFarm.Artifacts;
using ExampleMlFarm.Farm.Projects;

namespace ExampleMlFarm.Farm.Serving.Hosting;

/// <summary>Where the server of a folder answers: the content of <c>.mlfarm/server.json</c>. It holds no secret.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Pid">Its process number.</param>
/// <param name="Process">Its process, as <see cref="ProcessIdentity"/> writes it: numbers are used again.</param>
internal sealed record ServerFile(string Url, int Pid, string Process)
{
    private static readonly JsonSerializerOptions Shape = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The server that works on a folder; null when none does.</summary>
    public static ServerFile? Find(ProjectFolder project)
    {
        try
        {
            var found = JsonSerializer.Deserialize<ServerFile>(File.ReadAllText(PathIn(project)), Shape);
            return found?.Url is not null && ProcessIdentity.TryParse(found.Process, out var process) && !process.IsGone ? found : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException) { return null; }
    }

    /// <summary>Says that this process serves the folder at an address.</summary>
    public static void Write(ProjectFolder project, Uri url)
    {
        string path = PathIn(project), draft = path + ".draft";
        File.WriteAllText(draft, JsonSerializer.Serialize(new ServerFile(url.ToString(), Environment.ProcessId, ProcessIdentity.Current.ToString()), Shape));
        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Takes it back.</summary>
    public static void Remove(ProjectFolder project) => File.Delete(PathIn(project));

    private static string PathIn(ProjectFolder project) => Path.Combine(project.State, "server.json");
}
