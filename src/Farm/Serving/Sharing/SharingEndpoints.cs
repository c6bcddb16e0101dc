using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Farm.Serving.Requests;
using ExampleMlFarm.Scheduler.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Sharing;

/// <summary>What owners may take of the farm, and how many there are of each licence: read by everybody, set by administrators.</summary>
internal static class SharingEndpoints
{
    /// <summary>Most slots of a quota, and most of a licence.</summary>
    public const int Most = 1_000_000;

    private const int MostBodyBytes = 64 << 10, MostNameCharacters = 100, MostReasonCharacters = 1000;

    // These are of a worker, not of the farm.
    private static readonly string[] OfWorkers = ["cpu", "gpu", "memory"];

    /// <summary>Adds <c>/quotas</c> and <c>/licences</c>.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        var (viewer, admin) = (api.For(FarmRole.Viewer), api.For(FarmRole.Admin));
        viewer.MapGet("/quotas", async () => ApiJson.Of(new JsonArray([.. (await farm.Farm.Owners()).Select(o => (JsonNode)Json(o))])))
            .WithSummary("Owners of runs: slot-seconds used since the farm's last start, and quotas.");
        admin.MapPost("/quotas", async (HttpContext context, CancellationToken gone) =>
        {
            var body = await JsonBody.Read(context.Request, MostBodyBytes, gone);
            string owner = body.Text("owner", MostNameCharacters) ?? throw FarmException.Invalid("http.field", "\"owner\" is missing; it is the name of a key, or empty for runs that are nobody's in particular");
            int? slots = body.Number("slots", 0, Most);
            int burst = body.Number("burst", 0, Most) ?? 0;
            string reason = body.Text("reason", MostReasonCharacters) ?? "";
            body.End();
            if (slots is null && burst > 0) throw FarmException.Invalid("http.field", "\"burst\" goes beyond \"slots\", which is missing; without slots there is no limit");
            var before = Of(await farm.Farm.Owners(), owner);
            // First what was asked: whatever becomes of it, it is known who asked.
            await farm.Record(context, $"quota {(owner.Length > 0 ? owner : "(nobody)")}", reason, before is null ? "none" : Said(before), slots is { } s ? Said(new(owner, 0, s, burst)) : "none");
            await farm.Farm.SetQuota(owner, slots ?? -1, burst);
            return ApiJson.Of(Json(Of(await farm.Farm.Owners(), owner) ?? new(owner, 0, -1, 0)));
        }).WithSummary("Sets what the runs of an owner may take together; without slots there is no limit.")
            .WithFields(("owner", "string", "name of a key; empty: runs that are nobody's in particular"), ("slots", "integer", "slots that are his"), ("burst", "integer", "further slots while nobody within a quota wants them"), ("reason", "string", "kept in the audit log"));
        viewer.MapGet("/licences", async () => ApiJson.Of(new JsonArray([.. (await farm.Farm.Licences()).Select(l => (JsonNode)Json(l))])))
            .WithSummary("Licences: amounts of which the whole farm has so many, whatever worker takes them.");
        admin.MapPost("/licences", async (HttpContext context, CancellationToken gone) =>
        {
            var body = await JsonBody.Read(context.Request, MostBodyBytes, gone);
            string name = body.Demand("licence", MostNameCharacters), reason = body.Text("reason", MostReasonCharacters) ?? "";
            int? total = body.Number("total", 0, Most);
            body.End();
            if (OfWorkers.Contains(name)) throw FarmException.Invalid("http.field", $"\"{name}\" is an amount of each worker and cannot be a licence of the farm");
            var before = (await farm.Farm.Licences()).FirstOrDefault(l => l.Name == name);
            await farm.Record(context, $"licence {name}", reason, before is null ? "none" : $"{before.Total}", total is { } t ? $"{t}" : "none");
            await farm.Farm.SetLicence(name, total ?? -1);
            return ApiJson.Of(Json((await farm.Farm.Licences()).FirstOrDefault(l => l.Name == name) ?? new(name, -1, 0)));
        }).WithSummary("Sets how many there are of a licence; without a total it is none any more.")
            .WithFields(("licence", "string", "as recipes name it in resources:"), ("total", "integer", "how many there are"), ("reason", "string", "kept in the audit log"));
    }

    private static OwnerRow? Of(OwnerRow[] owners, string owner) => owners.FirstOrDefault(o => o.Owner == owner);

    private static string Said(OwnerRow row) => row.QuotaSlots < 0 ? "none" : row.QuotaBurst > 0 ? $"{row.QuotaSlots} slots, {row.QuotaBurst} more in bursts" : $"{row.QuotaSlots} slots";

    private static JsonObject Json(OwnerRow row) => new()
    {
        ["owner"] = row.Owner, ["used_slot_seconds"] = row.UsedSlotSeconds, ["slots"] = row.QuotaSlots < 0 ? null : row.QuotaSlots, ["burst"] = row.QuotaSlots < 0 ? null : row.QuotaBurst,
    };

    private static JsonObject Json(LicenceRow row) => new() { ["licence"] = row.Name, ["total"] = row.Total < 0 ? null : row.Total, ["given_out"] = row.GivenOut };
}
