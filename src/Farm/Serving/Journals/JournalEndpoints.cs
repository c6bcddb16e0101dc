using System.Buffers;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Farm.Sites;
using ExampleMlFarm.Scheduler.Cache;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Workers.Logs;
using ExampleMlFarm.Farm.Serving.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Journals;

/// <summary>
/// Runs as they are stored, for programs that replay them: what the command line looks at when the farm is elsewhere. A run of ten million items is some
/// kilobytes here, since events speak of ranges.
/// </summary>
internal static class JournalEndpoints
{
    private const int MostRuns = 1000, ReplyBytes = 8 << 20;
    private const double MostWaitSeconds = 25;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Adds the endpoints below <c>/journals</c>.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        var journals = api.MapGroup("/journals");
        journals.MapGet("", (long? before, int? limit) => Results.Json(
            [.. farm.Store.List(before is { } b ? new RunId(b) : null, Math.Clamp(limit ?? 100, 1, MostRuns)).Select(RecordWords.Of)], JournalJson.Default.RecordWordsArray))
            .WithSummary("Stored runs, newest first; those with a number below before.");
        journals.MapGet("/{run:long}", (long run) => farm.Store.Find(new(run)) is { } record ? Results.Json([RecordWords.Of(record)], JournalJson.Default.RecordWordsArray) : None(run))
            .WithSummary("One stored run, as a list of one.");
        journals.MapGet("/{run:long}/frozen", (long run) => Known(farm, run, () => Results.Bytes(farm.Store.Frozen(new(run)), "application/json")))
            .WithSummary("What was frozen with the run: recipe, parameters, hashes of files, versions of node types.");
        journals.MapGet("/{run:long}/orders", (long run) => Known(farm, run, () => Results.Json([.. farm.Store.Orders(new(run))], JournalJson.Default.StoredOrderArray)))
            .WithSummary("What people asked of the run, oldest first.");
        journals.MapGet("/{run:long}/snapshot", Snapshot).WithSummary("State after some event; 204 when there is none and the run is replayed from its beginning.");
        journals.MapGet("/{run:long}/events", Events).WithSummary("Events from a number on; waits up to wait seconds for the first.");
        journals.MapGet("/{run:long}/logs", (long run, string node) => Known(farm, run, () => Results.Json([.. LogFiles(farm, run, node)], JournalJson.Default.LogFileWordsArray)))
            .WithSummary("Log files of a node.");
        journals.MapGet("/{run:long}/logs/{name}", (long run, string name, string node) => Known(farm, run, () => LogFiles(farm, run, node).Any(f => f.Name == name)
            ? Results.Stream(new FileStream(Path.Combine(LogReader.FolderOf(farm.Logs, new(run), node), name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), "application/octet-stream", enableRangeProcessing: true)
            : Results.Problem(statusCode: 404, title: "not found", detail: $"node {node} of run {run} has no log file {name}")))
            .WithSummary("A log file; with Range.");
        journals.MapPost("/cooked", async (HttpRequest request, CancellationToken gone) =>
        {
            var queries = CookQueryCodec.DecodeQueries(await RequestBodies.Read(request, 4 << 20, gone));
            return Results.Bytes(CookQueryCodec.Encode(new CookedResults(farm.Store.Cache, farm.Artifacts).Find(queries)), "application/octet-stream");
        }).WithSummary("Earlier results under cook keys, in the bytes of CookQueryCodec.");

        IResult Snapshot(long run, HttpResponse response) => Known(farm, run, () =>
        {
            var stored = farm.Store.Load(new(run));
            using (stored.Tail as IDisposable) { }
            if (stored.Snapshot is not { } snapshot) return Results.NoContent();
            response.Headers["Mlfarm-Sequence"] = $"{stored.SnapshotSequence}";
            return Results.Bytes(snapshot.ToArray(), "application/octet-stream");
        });

        async Task<IResult> Events(long run, long from, double? wait, CancellationToken gone)
        {
            if (farm.Store.Find(new(run)) is null) return None(run);
            if (from < 0) return Results.Problem(statusCode: 400, title: "invalid", detail: $"from is {from}; events are counted from 0");
            var to = new ArrayBufferWriter<byte>(4096);
            for (long begun = farm.Time.GetTimestamp(); ;)
            {
                foreach (var stored in farm.Store.Events(new(run), from))
                {
                    JournalFrames.Write(to, stored);
                    if (to.WrittenCount >= ReplyBytes) break;
                }
                if (to.WrittenCount > 0 || farm.Time.GetElapsedTime(begun).TotalSeconds >= Math.Min(wait ?? 0, MostWaitSeconds)) return Results.Bytes(to.WrittenMemory.ToArray(), JournalFrames.MediaType);
                await Task.Delay(BetweenLooks, farm.Time, gone);
            }
        }
    }

    private static IResult Known(ServedFarm farm, long run, Func<IResult> answer) => farm.Store.Find(new(run)) is null ? None(run) : answer();

    private static IResult None(long run) => Results.Problem(statusCode: 404, title: "not found", detail: $"there is no run {run}");

    private static IEnumerable<LogFileWords> LogFiles(ServedFarm farm, long run, string node)
    {
        // A node's name becomes the name of a folder; these two would leave it.
        if (node is "" or "." or "..") yield break;
        var folder = new DirectoryInfo(LogReader.FolderOf(farm.Logs, new(run), node));
        if (!folder.Exists) yield break;
        foreach (var file in folder.GetFiles().OrderBy(f => f.Name, StringComparer.Ordinal))
            if (file.Extension is ".log" or ".idx") yield return new(file.Name, file.Length);
    }
}
