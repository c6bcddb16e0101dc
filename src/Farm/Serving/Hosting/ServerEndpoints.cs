using System.Reflection;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving.Requests;
using ExampleMlFarm.Farm.Serving.Telemetry;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Hosting;

/// <summary>The server itself, its workers and their pools.</summary>
internal static class ServerEndpoints
{
    /// <summary>Adds <c>/server</c>, <c>/workers</c> and <c>/pools</c>.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        var started = farm.Time.GetUtcNow();
        api.MapGet("/server", async (FarmGauges gauges) =>
        {
            var figures = await gauges.Look();
            return ApiJson.Of(new JsonObject
            {
                ["version"] = typeof(ServerEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
                ["host"] = Environment.MachineName, ["process"] = Environment.ProcessId, ["started"] = Format.Iso(started), ["store"] = farm.Store is FarmStore ? "sqlite" : "postgresql",
                ["open_runs"] = figures.OpenRuns, ["open_items"] = figures.OpenItems, ["workers"] = figures.Workers, ["slots"] = figures.Slots, ["busy_slots"] = figures.BusySlots,
            });
        }).WithSummary("This server: version, store, how much there is to do.");
        api.MapGet("/workers", async () => ApiJson.Of(new JsonArray([.. (await farm.Farm.Workers()).Select(w => (JsonNode)Json(w))]))).WithSummary("Workers that were heard of lately.");
        api.MapGet("/workers/{worker}", async (string worker) => await farm.Farm.Worker(worker) is { } row ? ApiJson.Of(Json(row))
            : Problems.NotFound($"no worker \"{ApiJson.Shown(worker)}\" was heard of lately")).WithSummary("One worker.");
        api.MapGet("/pools", async () => ApiJson.Of(new JsonArray([.. (await farm.Farm.Workers()).SelectMany(w => w.Pools.Select(p => (Pool: p, Worker: w))).GroupBy(p => p.Pool, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (JsonNode)new JsonObject
            {
                ["pool"] = g.Key, ["workers"] = g.Count(), ["slots"] = g.Sum(p => p.Worker.Slots), ["busy_slots"] = g.Sum(p => p.Worker.Uses.Sum(u => u.BusySlots)),
            })]))).WithSummary("Pools that workers serve; * are those that serve every pool, the empty name the items that name none.");
    }

    /// <summary>A worker as programs read it.</summary>
    public static JsonObject Json(WorkerRow w, bool withTime = true) => new()
    {
        ["worker"] = w.Worker, ["host"] = w.Host, ["process"] = w.Pid, ["pools"] = new JsonArray([.. w.Pools.Select(p => (JsonNode)JsonValue.Create(p))]),
        ["slots"] = w.Slots, ["busy_slots"] = w.Uses.Sum(u => u.BusySlots), ["cpu"] = w.Cpu, ["gpu"] = w.Gpu, ["memory_bytes"] = w.MemoryBytes,
        ["custom"] = new JsonObject(w.Custom.DistinctBy(c => c.Key).Select(c => KeyValuePair.Create(c.Key, (JsonNode?)JsonValue.Create(c.Value)))),
        ["runs"] = new JsonArray([.. w.Uses.Select(u => (JsonNode)new JsonObject { ["run"] = u.Run, ["busy_slots"] = u.BusySlots })]), ["last_heard"] = withTime ? Format.Iso(w.LastHeard) : null,
    };
}
