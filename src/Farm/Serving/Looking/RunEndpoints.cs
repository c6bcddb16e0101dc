using System.Globalization;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Farm.Serving.Requests;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Looking;

/// <summary>Runs and nodes as people and programs read them: the same fields that the command line prints.</summary>
internal static class RunEndpoints
{
    private const int MostRows = 1000, MostScanned = 20_000;

    /// <summary>Header with the number of events that an answer has seen.</summary>
    public const string SequenceHeader = "Mlfarm-Sequence";

    /// <summary>Adds the endpoints below <c>/runs</c>.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm, LiveRuns live)
    {
        api.MapGet("/runs", (long? cursor, int? limit, string? state, string? query) => Page(farm, cursor, limit ?? 100, state, query))
            .WithSummary("Runs, newest first. cursor: what the page before gave as next. state: a word, or several with commas. query: part of the name.");
        api.MapGet("/runs/{run:long}", (long run, HttpResponse response) => live.Read(run, shell =>
        {
            response.Headers[SequenceHeader] = Number(shell.Machine.EventCount);
            var json = RunPage.Json(shell, live.Look.Program(shell), true);
            json["priority"] = farm.Store.Find(shell.Id)!.Priority;
            json["sequence"] = shell.Machine.EventCount;
            return ApiJson.Of(json);
        })).WithSummary("A run: counters of every node, parameters, failures.");
        api.MapGet("/runs/{run:long}/nodes/{node}", (long run, string node) => live.Read(run, shell => ApiJson.Of(NodePage.Json(new(live.Look, shell), RunLook.NodeOf(shell, node)))))
            .WithSummary("A node: counters, what decides its results, what it reads.");
        api.MapGet("/runs/{run:long}/nodes/{node}/states", (long run, string node, HttpResponse response) => live.Read(run, shell =>
        {
            response.Headers[SequenceHeader] = Number(shell.Machine.EventCount);
            return Results.Bytes(RunLooks.States(shell, RunLook.NodeOf(shell, node).Id.Value), StateBytes.MediaType);
        })).WithSummary($"A byte per item, in order: {StateBytes.Legend}.");
        api.MapGet("/runs/{run:long}/orders", (long run) => live.Read(run, shell => ApiJson.Of(new JsonArray([.. shell.Orders().Select(o => (JsonNode)new JsonObject
        {
            ["sequence"] = o.Sequence, ["at"] = Format.Iso(o.At), ["who"] = o.Who, ["what"] = o.What, ["reason"] = o.Reason,
        })])))).WithSummary("What people asked of the run, oldest first.");
    }

    private static IResult Page(ServedFarm farm, long? cursor, int limit, string? state, string? query)
    {
        if (limit is < 1 or > MostRows) return Problems.Invalid("http.limit", $"limit is {limit}; it must be 1 to {MostRows}");
        if (query is { Length: > 200 }) return Problems.Invalid("http.query", "query is longer than 200 characters");
        var words = state?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var known = Enum.GetValues<RunStatus>().Select(s => RunHead.Word(s, true)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (words?.FirstOrDefault(w => !known.Contains(w)) is { } unknown) return Problems.Invalid("http.state", $"\"{ApiJson.Shown(unknown)}\" is not a state of runs; states: {string.Join(", ", known)}");
        var columns = RunsCommand.Columns(true, farm.Time.GetUtcNow());
        var rows = new List<RunRecord>();
        long? before = cursor, next = null;
        // A filter that fits nothing must not read ten thousand runs at once; the caller goes on from where it stopped.
        for (int scanned = 0; rows.Count < limit && scanned < MostScanned;)
        {
            var page = farm.Store.List(before is { } b ? new(b) : null, Math.Min(MostRows, MostScanned - scanned));
            if (page.Count == 0) { next = null; break; }
            foreach (var record in page)
            {
                if (rows.Count == limit) break;
                (scanned, before, next) = (scanned + 1, record.Id.Value, record.Id.Value);
                if (words is not null && !words.Contains(RunHead.Word((RunStatus)record.Progress.Status, true))) continue;
                if (query is { Length: > 0 } && !record.Name.Contains(query, StringComparison.OrdinalIgnoreCase)) continue;
                rows.Add(record);
            }
        }
        if (next == 1) next = null;
        return ApiJson.Of(new JsonObject { ["runs"] = new JsonArray([.. rows.Select(r => (JsonNode)TableWriter.Json(columns, r))]), ["next"] = next });
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
