using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Recipes;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Checking;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Runs;

/// <summary>Submitting runs. The recipe is always compiled here: a plan is never taken from outside, so a run cannot be other than its recipe says.</summary>
internal static class RunEndpoints
{
    private const int MostBodyBytes = 32 << 20;

    /// <summary>Adds the endpoints.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        api.MapPost("/runs", async (HttpContext context) =>
        {
            var body = await Body(context.Request);
            var program = Compile(body, farm, out var errors);
            if (program is null) return Wrong(errors);
            if (MissingFile(program, farm) is { } missing) return missing;
            string key = context.Request.Headers["Idempotency-Key"].ToString();
            if (key.Length > 200) return Problems.Invalid("http.idempotency_key", $"the Idempotency-Key has {key.Length} characters; 200 are allowed");
            int priority = Read(body, "priority", 0);
            if (priority is < -1000 or > 1000) return Problems.Invalid("run.priority", $"priority is {priority}; it must be a number from -1000 to 1000");
            string name = Text(body, "name") ?? program.Name, who = Callers.NameOf(context);
            long run = await farm.Farm.Submit(new RunSubmission(name, Text(body, "folder") ?? "", FrozenRun.Freeze(program), PlanCodec.Encode(program.Plan), priority, key.Length > 0 ? $"{who} {key}" : "", who));
            await farm.Store.Audit(new AuditRow(0, farm.Time.GetUtcNow(), who, $"{context.Connection.RemoteIpAddress}", $"submit {name}", Text(body, "reason") ?? "", "", $"run {run}"));
            return Results.Content(new JsonObject { ["run"] = run, ["name"] = name, ["url"] = $"/runs/{run}", ["notes"] = Told(errors) }.ToJsonString(), "application/json", null, 201);
        }).WithSummary("Submits a run: recipe (text) with file, folder, parameters, files (path to sha256), only, anew; or frozen (base64). Sent again under its Idempotency-Key it is the same run.");
        api.MapPost("/check", async (HttpContext context) =>
        {
            Compile(await Body(context.Request), farm, out var errors);
            return Results.Content(Told(errors).ToJsonString(), "application/json");
        }).WithSummary("Everything that is wrong with a recipe; the same body as a run.");
        api.MapPost("/plan", async (HttpContext context) =>
        {
            var program = Compile(await Body(context.Request), farm, out var errors);
            return program is null ? Wrong(errors) : Results.Content(Commands.PlanCommand.Json(Commands.PlanCommand.Report(program, new ServingSite(farm, ""))).ToJsonString(), "application/json");
        }).WithSummary("Items per node, cached or to be cooked and why; the same body as a run. Starts nothing.");
    }

    private static async Task<JsonObject> Body(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MostBodyBytes;
        try
        {
            return await JsonNode.ParseAsync(request.Body, documentOptions: new() { MaxDepth = 64 }, cancellationToken: request.HttpContext.RequestAborted) as JsonObject
                ?? throw FarmException.Invalid("http.body", "the body is no JSON object");
        }
        catch (System.Text.Json.JsonException e) { throw new FarmException(Failure.Invalid("http.body", $"the body is no JSON: {e.Message}"), e); }
    }

    private static RecipeProgram? Compile(JsonObject body, ServedFarm farm, out IReadOnlyList<RecipeError> errors)
    {
        if (Text(body, "frozen") is { } frozen)
        {
            errors = [];
            byte[] bytes;
            try { bytes = Convert.FromBase64String(frozen); }
            catch (FormatException e) { throw new FarmException(Failure.Invalid("http.frozen", "\"frozen\" is not base64"), e); }
            return FrozenRun.Thaw(bytes, Catalogue.Descriptors);
        }
        string recipe = Text(body, "recipe") ?? throw FarmException.Invalid("http.recipe", "the body has neither \"recipe\" (the text of one, or the name of one that ships) nor \"frozen\"");
        string file = Text(body, "file") ?? "recipe.yaml";
        if (!recipe.Contains('\n', StringComparison.Ordinal) && ExampleMlFarm.Recipes.Library.RecipeLibrary.Find(recipe) is { } shipped) (file, recipe) = ($"{recipe}.yaml", shipped);
        // As texts of a command line, so that types and ranges are checked in one place.
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Object(body, "parameters"))
            parameters[name] = value is JsonValue v && v.TryGetValue(out string? text) ? text : value?.ToJsonString() ?? throw FarmException.Invalid("http.parameter", $"parameter \"{name}\" has no value");
        var files = new Dictionary<string, ContentHash>(StringComparer.Ordinal);
        foreach (var (path, hash) in Object(body, "files"))
            files[path] = hash is JsonValue v && v.TryGetValue(out string? text) && ContentHash.TryParse(text, out var known) ? known : throw FarmException.Invalid("http.file", $"the file \"{path}\" has no SHA-256 of 64 hexadecimal digits");
        // The server's own disk is none of a recipe's business: files are those that the caller named and uploaded.
        var result = RecipeCompiler.Compile(recipe, file, parameters, Catalogue.Descriptors, new FrozenFiles(Text(body, "folder") ?? "/", files), false,
            new(Words(body, "only"), Words(body, "anew")));
        errors = result.Errors;
        return result.Program;
    }

    // Nothing would ever heal a run whose files are not there.
    private static IResult? MissingFile(RecipeProgram program, ServedFarm farm)
    {
        foreach (var (path, hash) in program.Source.Named)
            if (!farm.Artifacts.Contains(hash)) return Problems.Of(409, "file.missing", $"the recipe names {path} (sha256 {hash}), which the farm does not have", $"upload it first: PUT /api/v1/artifacts/{hash}");
        return null;
    }

    private static IResult Wrong(IReadOnlyList<RecipeError> errors)
        => Problems.Of(400, "recipe.invalid", errors.Count == 0 ? "the recipe is wrong" : errors[0].ToString(), RecipeSource.Counted(errors), errors.Count == 0 ? null : $"{errors[0].File}:{errors[0].Mark.Line}:{errors[0].Mark.Column}");

    private static JsonArray Told(IReadOnlyList<RecipeError> errors) => new([.. errors.Select(e => (JsonNode)new JsonObject
    {
        ["file"] = e.File, ["line"] = e.Mark.Line, ["column"] = e.Mark.Column, ["severity"] = e.Severity.ToString().ToLowerInvariant(), ["message"] = e.Message,
    })]);

    private static string? Text(JsonObject body, string name) => body[name] is not { } given ? null
        : given is JsonValue v && v.TryGetValue(out string? text) ? text : throw FarmException.Invalid("http.body", $"\"{name}\" must be a text");

    private static int Read(JsonObject body, string name, int standard) => body[name] is not { } given ? standard
        : given is JsonValue v && v.TryGetValue(out int number) ? number : throw FarmException.Invalid("http.body", $"\"{name}\" must be a whole number");

    private static JsonObject Object(JsonObject body, string name) => body[name] switch
    {
        null => [],
        JsonObject o => o,
        _ => throw FarmException.Invalid("http.body", $"\"{name}\" must be an object"),
    };

    private static string[] Words(JsonObject body, string name) => body[name] switch
    {
        null => [],
        JsonArray a => [.. a.Select(w => w is JsonValue v && v.TryGetValue(out string? text) ? text : throw FarmException.Invalid("http.body", $"\"{name}\" must be a list of names"))],
        _ => throw FarmException.Invalid("http.body", $"\"{name}\" must be a list of names"),
    };
}
