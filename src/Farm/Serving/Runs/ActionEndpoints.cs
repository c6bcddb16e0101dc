using System.Text.Json;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving.Looks;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Runs;

/// <summary>What can be done to runs: each is an order command of the program. Every change is written down with who, from where, and why.</summary>
internal static class ActionEndpoints
{
    private const int MostBodyBytes = 1 << 20;

    /// <summary>Adds the endpoints below <c>/actions</c>.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        var actions = api.MapGroup("/actions");
        foreach (string verb in (string[])["retry", "skip", "cancel", "pause"])
            actions.MapPost($"/{verb}", async (HttpContext context, CancellationToken gone) =>
            {
                var body = await Body(context);
                string address = AddressOf(body);
                string[] words = [verb, address, "--yes", $"--reason={Text(body, "reason") ?? ""}", .. Flag(body, "dry_run") ? (string[])["--dry-run"] : []];
                return await Audited(farm, context, body, $"{verb} {address}", () => InProcess.Answer(farm, Callers.NameOf(context), words, gone));
            }).WithSummary($"As mlfarm {verb}: address, reason, dry_run.");
        actions.MapPost("/resume", async (HttpContext context) =>
        {
            var body = await Body(context);
            if (!AddressParser.TryParse(AddressOf(body), out var address, out _) || address is not { Run: { } run, Node: null }) return Problems.Invalid("address", "resume is about a whole run", hint: "write for example 142");
            return await Audited(farm, context, body, $"resume {run}", () => Resume(farm, run, Callers.NameOf(context), Text(body, "reason") ?? "", !Flag(body, "trust_artifacts")));
        }).WithSummary("Goes on with a run: damaged results are cooked again, then what is open. address, reason, trust_artifacts.");
        actions.MapPost("/set", async (HttpContext context, CancellationToken gone) =>
        {
            var body = await Body(context);
            string address = AddressOf(body);
            if (body["priority"] is not JsonValue v || !v.TryGetValue(out int priority)) return Problems.Invalid("http.body", "\"priority\" must be a whole number");
            return await Audited(farm, context, body, $"set {address} priority={priority}", () => InProcess.Answer(farm, Callers.NameOf(context), ["set", address, $"priority={priority}"], gone));
        }).WithSummary("Changes the priority of a run: address, priority.");
    }

    private static async Task<IResult> Resume(ServedFarm farm, RunId id, string who, string reason, bool reads)
    {
        if (!await farm.Farm.Activate(id.Value)) return Problems.NotFound($"there is no run {id}");
        var run = farm.Run(id.Value);
        var verified = await run.Verify(reads);
        var status = (Core.Runs.RunStatus)(await run.State()).Status;
        OrderOutcome outcome = new(true, "it goes on already", 0);
        if (status != Core.Runs.RunStatus.Running && !(status == Core.Runs.RunStatus.Succeeded && verified.Items == 0))
            outcome = await run.Order(new(OrderKind.Resume, -1, [], [], who, reason, DryRun: false));
        return Results.Content(new JsonObject
        {
            ["action"] = "resume", ["run"] = id.Value, ["accepted"] = outcome.Accepted, ["message"] = outcome.Message, ["items"] = verified.Items, ["broken_artifacts"] = verified.Broken,
            ["reasons"] = new JsonArray([.. verified.Reasons.Select(r => (JsonNode)JsonValue.Create(r))]),
        }.ToJsonString(), "application/json");
    }

    private static async Task<IResult> Audited(ServedFarm farm, HttpContext context, JsonObject body, string what, Func<Task<IResult>> act)
    {
        // First what was asked: whatever becomes of it, it is known who asked.
        if (!Flag(body, "dry_run"))
            await farm.Store.Audit(new AuditRow(0, farm.Time.GetUtcNow(), Callers.NameOf(context), $"{context.Connection.RemoteIpAddress}", what, Text(body, "reason") ?? "", "", ""));
        return await act();
    }

    private static string AddressOf(JsonObject body)
    {
        string text = Text(body, "address") ?? throw FarmException.Invalid("http.body", "the body has no \"address\": 142, 142/simulate/10-40, 142@failed");
        return AddressParser.TryParse(text, out _, out string? error) && !text.StartsWith('-') ? text : throw new CliException(ExitCode.Usage, error ?? $"\"{text}\" is no address");
    }

    private static async Task<JsonObject> Body(HttpContext context)
    {
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MostBodyBytes;
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, documentOptions: new() { MaxDepth = 16 }, cancellationToken: context.RequestAborted) as JsonObject ?? throw FarmException.Invalid("http.body", "the body is no JSON object");
        }
        catch (JsonException e) { throw new FarmException(Failure.Invalid("http.body", $"the body is no JSON: {e.Message}"), e); }
    }

    private static string? Text(JsonObject body, string name) => body[name] is not { } given ? null
        : given is JsonValue v && v.TryGetValue(out string? text) ? text : throw FarmException.Invalid("http.body", $"\"{name}\" must be a text");

    private static bool Flag(JsonObject body, string name) => body[name] is not { } given ? false
        : given is JsonValue v && v.TryGetValue(out bool flag) ? flag : throw FarmException.Invalid("http.body", $"\"{name}\" must be true or false");
}
