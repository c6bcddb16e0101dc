using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Recipes;
using ExampleMlFarm.Farm.Serving.Access;
using ExampleMlFarm.Farm.Serving.Requests;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Checking;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExampleMlFarm.Farm.Serving.Runs;

/// <summary>Submitting runs. The recipe is always compiled here: a plan is never taken from outside, so a run cannot be other than its recipe says.</summary>
internal static class RunEndpoints
{
    private const int MostBodyBytes = 32 << 20, MostNameCharacters = 4_000, MostParameterCharacters = 1 << 20, MostEntries = 10_000;

    private static readonly (string, string, string)[] Fields =
    [
        ("recipe", "string", "text of a recipe, or the name of one that ships"), ("frozen", "string", "base64, in place of a recipe: what mlfarm submit sends"), ("file", "string", "name of the recipe's file, for messages"),
        ("folder", "string", "working folder of whoever submits"), ("parameters", "object", "values by name"), ("files", "object", "SHA-256 by path of what the recipe names; uploaded before"),
        ("only", "array", "nodes to cook, with what they need"), ("anew", "array", "nodes whose earlier results are not used"), ("name", "string", "that of the recipe unless given"), ("priority", "integer", "greater goes first"),
        ("reason", "string", "kept in the audit log"),
    ];

    /// <summary>Adds the endpoints.</summary>
    public static void Map(RouteGroupBuilder api, ServedFarm farm)
    {
        api.MapPost("/runs", async (HttpContext context) =>
        {
            var body = await JsonBody.Read(context.Request, MostBodyBytes, context.RequestAborted);
            int priority = body.Number("priority", -1000, 1000) ?? 0;
            string? given = body.Text("name", MostNameCharacters);
            string folder = body.Text("folder", MostNameCharacters) ?? "", reason = body.Text("reason", MostNameCharacters) ?? "";
            var program = Compile(body, farm, out var errors);
            if (program is null) return Wrong(errors);
            if (MissingFile(program, farm) is { } missing) return missing;
            string key = context.Request.Headers["Idempotency-Key"].ToString();
            if (key.Length > 200) return Problems.Invalid("http.idempotency_key", $"the Idempotency-Key has {key.Length} characters; 200 are allowed");
            string name = given ?? program.Name, who = Callers.NameOf(context);
            long run = await farm.Farm.Submit(new RunSubmission(name, folder, FrozenRun.Freeze(program), PlanCodec.Encode(program.Plan), priority, key.Length > 0 ? $"{who} {key}" : "", who));
            await farm.Record(context, $"submit {name}", reason, after: $"run {run}");
            return Results.Content(new JsonObject { ["run"] = run, ["name"] = name, ["url"] = $"/runs/{run}", ["notes"] = Told(errors) }.ToJsonString(), "application/json", null, 201);
        }).WithSummary("Submits a run. Sent again under its Idempotency-Key it is the same run.").WithFields(Fields);
        api.MapPost("/check", async (HttpContext context) =>
        {
            Compile(await Only(context), farm, out var errors);
            return Results.Content(Told(errors).ToJsonString(), "application/json");
        }).WithSummary("Everything that is wrong with a recipe; the same body as a run.").WithFields(Fields);
        api.MapPost("/plan", async (HttpContext context) =>
        {
            var program = Compile(await Only(context), farm, out var errors);
            return program is null ? Wrong(errors) : Results.Content(Commands.PlanCommand.Json(Commands.PlanCommand.Report(program, new ServingSite(farm, ""))).ToJsonString(), "application/json");
        }).WithSummary("Items per node, cached or to be cooked and why; the same body as a run. Starts nothing.").WithFields(Fields);
    }

    private static async Task<JsonBody> Only(HttpContext context)
    {
        var body = await JsonBody.Read(context.Request, MostBodyBytes, context.RequestAborted);
        // The same body as that of a run, whose fields are not all needed here.
        foreach (string further in (string[])["name", "reason", "priority"]) _ = body.Has(further);
        return body;
    }

    private static RecipeProgram? Compile(JsonBody body, ServedFarm farm, out IReadOnlyList<RecipeError> errors)
    {
        string? frozen = body.Text("frozen", MostBodyBytes), recipe = body.Text("recipe", MostBodyBytes), named = body.Text("file", MostNameCharacters), folder = body.Text("folder", MostNameCharacters);
        IReadOnlyDictionary<string, string> parameters = body.Map("parameters", MostEntries, MostParameterCharacters), hashes = body.Map("files", MostEntries, MostNameCharacters);
        IReadOnlyList<string> only = body.Texts("only", MostEntries, MostNameCharacters), anew = body.Texts("anew", MostEntries, MostNameCharacters);
        body.End();
        if (frozen is not null)
        {
            errors = [];
            try { return FrozenRun.Thaw(Convert.FromBase64String(frozen), Catalogue.Descriptors); }
            catch (FormatException e) { throw new FarmException(Failure.Invalid("http.frozen", "\"frozen\" is not base64"), e); }
        }
        if (recipe is null) throw FarmException.Invalid("http.recipe", "the body has neither \"recipe\" (the text of one, or the name of one that ships) nor \"frozen\"");
        string file = named ?? "recipe.yaml";
        if (!recipe.Contains('\n', StringComparison.Ordinal) && ExampleMlFarm.Recipes.Library.RecipeLibrary.Find(recipe) is { } shipped) (file, recipe) = ($"{recipe}.yaml", shipped);
        var files = hashes.ToDictionary(f => f.Key, f => ContentHash.TryParse(f.Value, out var known) ? known : throw FarmException.Invalid("http.file", $"the file \"{f.Key}\" has no SHA-256 of 64 hexadecimal digits"), StringComparer.Ordinal);
        // The server's own disk is none of a recipe's business: files are those that the caller named and uploaded.
        var result = RecipeCompiler.Compile(recipe, file, parameters, Catalogue.Descriptors, new FrozenFiles(folder ?? "/", files), false, new([.. only], [.. anew]));
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
}
