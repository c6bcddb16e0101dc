using System.Globalization;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Workers.Logs;
using ExampleMlFarm.Farm.Serving.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Workers;

/// <summary>
/// Log files of workers elsewhere, appended in order: a piece belongs where the file ends, or nothing is changed, so that a call that is made twice does no harm. A worker
/// writes only files with its own name.
/// </summary>
internal static class WorkerLogs
{
    private const int MostPieceBytes = 8 << 20, MostNodeCharacters = 200;

    // A worker begins another file at its own limit; an attempt may run over that once.
    private const long MostFileBytes = ExampleMlFarm.Workers.Limits.LogFileBytes + 2 * ExampleMlFarm.Workers.Limits.AttemptLogBytes;

    /// <summary>Adds the endpoints.</summary>
    public static void Map(RouteGroupBuilder workers, ServedFarm farm, WorkerSessions sessions) =>
        workers.MapPost("/runs/{run:long}/logs/{name}", (long run, string name, string node, long offset, HttpRequest request, CancellationToken gone) => WorkerEndpoints.As(sessions, request, async worker =>
        {
            if (!name.StartsWith(worker.Value + "-", StringComparison.Ordinal) || Path.GetFileName(name) != name || Path.GetExtension(name) is not (".log" or ".idx"))
                return Problems.Of(403, "worker.log_name", $"{worker} may not write a log of this name", $"names begin with {worker}- and end with .log or .idx");
            if (node.Length is 0 or > MostNodeCharacters || node is "." or ".." || node.Any(c => char.IsControl(c) || c is '/' or '\\')) return Problems.Invalid("worker.log_node", "that is no name of a node");
            if (farm.Store.Find(new(run)) is null) return WorkerEndpoints.Unknown(run);
            var bytes = await RequestBodies.Read(request, MostPieceBytes, gone);
            return Results.Text(Append(Path.Combine(LogReader.FolderOf(farm.Logs, new(run), node), name), offset, bytes).ToString(CultureInfo.InvariantCulture));
        })).WithSummary("Adds to a log file at offset, in gzip if so said; answers how long the file is.");

    private static long Append(string path, long offset, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Locked: two calls of one worker may overtake each other.
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 0);
        if (file.Length != offset || file.Length + bytes.Length > MostFileBytes) return file.Length;
        file.Position = offset;
        file.Write(bytes);
        return file.Length;
    }
}
