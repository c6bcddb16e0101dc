using ExampleMlFarm.Workers.Links.Http;
using ExampleMlFarm.Farm.Serving.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Workers;

/// <summary>
/// Partial states of items, by the name that says what they are of: whoever cooks the item next goes on from the last one. They only save time; who reads one checks its
/// checksum.
/// </summary>
internal static class WorkerCheckpoints
{
    private const int MostBytes = HttpCheckpoints.MostBytes;

    /// <summary>Adds the endpoints.</summary>
    public static void Map(RouteGroupBuilder workers, ServedFarm farm, WorkerSessions sessions)
    {
        workers.MapGet("/checkpoints/{name}", (string name, HttpRequest request) => Named(sessions, request, farm, name, path =>
            Task.FromResult(File.Exists(path) ? Results.File(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), "application/octet-stream") : Problems.NotFound("there is no such checkpoint"))))
            .WithSummary("The saved partial state of an item.");
        workers.MapPut("/checkpoints/{name}", (string name, HttpRequest request, CancellationToken gone) => Named(sessions, request, farm, name, async path =>
        {
            var bytes = await RequestBodies.Read(request, MostBytes, gone);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            string draft = $"{path}.{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(6))}";
            try
            {
                await File.WriteAllBytesAsync(draft, bytes, gone);
                File.Move(draft, path, overwrite: true);
            }
            finally { File.Delete(draft); }
            return Results.NoContent();
        })).WithSummary("Replaces it.");
        workers.MapDelete("/checkpoints/{name}", (string name, HttpRequest request) => Named(sessions, request, farm, name, path =>
        {
            if (File.Exists(path)) File.Delete(path);
            return Task.FromResult(Results.NoContent());
        })).WithSummary("Removes it: the item is cooked.");
    }

    private static Task<IResult> Named(WorkerSessions sessions, HttpRequest request, ServedFarm farm, string name, Func<string, Task<IResult>> answer) => WorkerEndpoints.As(sessions, request, _ =>
        name.Length is > 0 and <= 160 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? answer(Path.Combine(farm.Checkpoints, name))
            : Task.FromResult(Problems.Invalid("worker.checkpoint_name", "that is no name of a checkpoint: letters, digits and hyphens")));
}
