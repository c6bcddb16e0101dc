using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Farm.Serving.Looks;
using ExampleMlFarm.Farm.Serving.Requests;
using ExampleMlFarm.Scheduler.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Runs;

/// <summary>What can be done to runs: each is an order command of the program. Every change is written down with who, from where, and why.</summary>
internal static class ActionEndpoints
{
    private const int MostBodyBytes = 8 << 20, MostCharacters = 10_000, MostArtifacts = 100_000;

    private static readonly (string, string, string) Address = ("address", "string", "142, 142/simulate/10-40, 142@failed");

    /// <summary>Adds the endpoints below <c>/actions</c>.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        var actions = api.MapGroup("/actions");
        foreach (string verb in (string[])["retry", "skip", "cancel", "pause"])
            Act(verb, $"As mlfarm {verb}.", body =>
            {
                string address = AddressOf(body);
                return new(address, context => InProcess.Answer(farm, Callers.NameOf(context), [verb, address, "--yes", $"--reason={ReasonOf(body)}", .. body.Flag("dry_run") ? (string[])["--dry-run"] : []], context.RequestAborted));
            }, Address, ("dry_run", "boolean", "only say what would be touched"));
        Act("resume", "Goes on with a run: damaged results are cooked again, then what is open.", body =>
        {
            bool reads = !body.Flag("trust_artifacts");
            if (!AddressParser.TryParse(AddressOf(body), out var address, out _) || address is not { Run: { } run, Node: null }) throw FarmException.Invalid("address", "resume is about a whole run; write for example 142");
            return new($"{run}", context => Resume(farm, run, Callers.NameOf(context), ReasonOf(body), reads));
        }, Address, ("trust_artifacts", "boolean", "do not read every result again"));
        Act("set", "Changes the priority of a run.", body =>
        {
            string address = AddressOf(body);
            int priority = body.Number("priority", -1000, 1000) ?? throw FarmException.Invalid("http.field", "\"priority\" is missing; it must be a whole number from -1000 to 1000");
            return new($"{address} priority={priority}", context => InProcess.Answer(farm, Callers.NameOf(context), ["set", address, $"priority={priority}"], context.RequestAborted));
        }, Address, ("priority", "integer", "-1000 to 1000; greater goes first"));
        Act("remove", "Removes artifacts; items that lack them are cooked again when they are needed.", body =>
        {
            var hashes = body.Texts("artifacts", MostArtifacts, 64).Select(text => ContentHash.TryParse(text, out var hash) ? hash : throw FarmException.Invalid("artifact.name", $"\"{text}\" is no SHA-256 of 64 hexadecimal digits")).ToList();
            return new($"{hashes.Count} artifacts", async context =>
            {
                await new ServingSite(farm, Callers.NameOf(context)).Remove(hashes, context.RequestAborted);
                return Results.Content(new JsonObject { ["action"] = "remove", ["accepted"] = true, ["artifacts"] = hashes.Count }.ToJsonString(), "application/json");
            });
        }, ("artifacts", "array", "their SHA-256")).RequireAuthorization(FarmRoles.Word(FarmRole.Admin));

        RouteHandlerBuilder Act(string verb, string summary, Func<JsonBody, Asked> read, params (string Name, string Type, string Text)[] fields) => actions.MapPost($"/{verb}", async (HttpContext context) =>
        {
            var body = await JsonBody.Read(context.Request, MostBodyBytes, context.RequestAborted);
            var asked = read(body);
            string reason = ReasonOf(body);
            bool isDry = body.Flag("dry_run");
            body.End();
            if (isDry && !fields.Any(f => f.Name == "dry_run")) throw FarmException.Invalid("http.field", $"{verb} cannot be tried without being done; leave out \"dry_run\"");
            // First what was asked: whatever becomes of it, it is known who asked.
            if (!isDry) await farm.Record(context, $"{verb} {asked.What}", reason);
            return await asked.Act(context);
        }).WithSummary(summary).WithFields([.. fields, ("reason", "string", "kept in the run's history and in the audit log")]);
    }

    private sealed record Asked(string What, Func<HttpContext, Task<IResult>> Act);

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

    private static string AddressOf(JsonBody body)
    {
        string text = body.Demand("address", MostCharacters);
        return AddressParser.TryParse(text, out _, out string? error) && !text.StartsWith('-') ? text : throw new CliException(ExitCode.Usage, error ?? $"\"{text}\" is no address", "write for example 142, 142/simulate/10-40 or 142@failed");
    }

    private static string ReasonOf(JsonBody body) => body.Text("reason", MostCharacters) ?? "";
}
