using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving.Requests;
using ExampleMlFarm.Scheduler.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Access;

/// <summary>Keys and the audit log: for administrators. Who one is oneself, everybody may ask.</summary>
internal static class KeyEndpoints
{
    /// <summary>Most lines of the audit log at once.</summary>
    public const int MostLines = 1000;

    private const int MostBodyBytes = 64 << 10;

    /// <summary>Adds the endpoints below <c>/keys</c>, <c>/audit</c> and <c>/auth</c>.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        var keys = new KeyStore(farm.Store);
        api.MapGet("/auth", (HttpContext context) => ApiJson.Of(new JsonObject
        {
            ["name"] = Callers.NameOf(context), ["role"] = FarmRoles.Word(Callers.Role(context)), ["key"] = Callers.KeyId(context) is { Length: > 0 } id ? id : null,
        })).RequireAuthorization(p => p.RequireAuthenticatedUser()).WithSummary("Who the caller is.");
        var admin = api.For(FarmRole.Admin);
        admin.MapGet("/keys", () => ApiJson.Of(new JsonArray([.. keys.All().Select(k => (JsonNode)Json(k))]))).WithSummary("All keys, without their secrets.");
        admin.MapPost("/keys", async (HttpContext context, CancellationToken gone) =>
        {
            var body = await JsonBody.Read(context.Request, MostBodyBytes, gone);
            string name = body.Demand("name", ApiKey.MostNameCharacters), reason = body.Text("reason", 1000) ?? "";
            var role = FarmRoles.Parse(body.Demand("role", 20));
            body.End();
            var key = ApiKey.Mint();
            var stored = key.ToStored(name, role, farm.Time.GetUtcNow(), Callers.NameOf(context));
            await keys.Add(stored);
            await farm.Record(context, $"key.create {key.Id}", reason, after: $"{name}, {FarmRoles.Word(role)}");
            var json = Json(stored);
            json["token"] = key.Reveal();
            context.Response.Headers.CacheControl = "no-store";
            return ApiJson.Of(json, 201);
        }).WithSummary("Makes a key. Its token is in this answer and nowhere else.").WithFields(("name", "string", "whose it is"), ("role", "string", string.Join(", ", FarmRoles.Words)), ("reason", "string", "kept in the audit log"));
        admin.MapDelete("/keys/{id}", async (string id, HttpContext context, KeyRing ring) =>
        {
            if (keys.Find(id) is not { } key) return Problems.NotFound($"there is no key \"{ApiJson.Shown(id)}\"", "mlfarm auth key ls lists them");
            await keys.Revoke(id, farm.Time.GetUtcNow());
            ring.Forget(id);
            await farm.Record(context, $"key.revoke {id}", before: key.Revoked is null ? "good" : "revoked", after: "revoked");
            return ApiJson.Of(Json(keys.Find(id)!));
        }).WithSummary("Ends a key for good. Other servers of the farm notice within two seconds.");
        admin.MapGet("/audit", (long? before, int? limit) => limit is < 1 or > MostLines
            ? Problems.Invalid("http.limit", $"limit is {limit}; it must be 1 to {MostLines}")
            : ApiJson.Of(Lines(farm.Store.Audits(before, limit ?? 100)))).WithSummary("Who changed what, newest first; before: a number, for the next page.");
    }

    /// <summary>A key as programs read it.</summary>
    public static JsonObject Json(StoredKey key) => new()
    {
        ["id"] = key.Id, ["name"] = key.Name, ["role"] = FarmRoles.Word(key.Role), ["created"] = Format.Iso(key.Created), ["created_by"] = key.CreatedBy,
        ["last_used"] = key.LastUsed is { } used ? Format.Iso(used) : null, ["revoked"] = key.Revoked is { } revoked ? Format.Iso(revoked) : null,
    };

    private static JsonArray Lines(IReadOnlyList<AuditRow> lines) => new([.. lines.Select(l => (JsonNode)new JsonObject
    {
        ["number"] = l.Id, ["at"] = Format.Iso(l.At), ["who"] = l.Who, ["address"] = l.Address, ["what"] = l.What, ["reason"] = l.Reason, ["before"] = l.Before, ["after"] = l.After,
    })]);
}
