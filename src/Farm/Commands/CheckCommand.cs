using System.CommandLine;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Recipes;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Checking;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm check</c>: says everything that is wrong with a recipe, and runs nothing.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var recipe = new Argument<string>("recipe") { Description = "A recipe file, or the name of a shipped one." };
        var parameters = ParameterOption.Create();
        var command = new Command("check", "Says everything that is wrong with a recipe: file:line:column. Runs nothing.\nExample: mlfarm check sweep.yaml") { recipe, parameters };
        command.SetAction(invocation =>
        {
            string folder = Globals.FolderOf(invocation.Parsed);
            var source = RecipeSource.Find(invocation.Parsed.GetRequiredValue(recipe), folder);
            var given = ParameterOption.Read(invocation.Parsed.GetValue(parameters)!, folder);
            var result = RecipeCompiler.Compile(source.Text, source.Name, given, Catalogue.Descriptors, new DiskFiles(source.Folder), checkOnly: true);
            IReadOnlyList<RecipeError> found = [.. result.Errors.Concat(result.Program is { } program ? ResourceNotes.Of(program) : []).OrderBy(e => e.Mark.Line).ThenBy(e => e.Mark.Column)];
            bool failed = result.Errors.Any(e => e.Severity == Severity.Error);
            if (invocation.Format is OutputFormat.Json or OutputFormat.Ndjson)
                invocation.Terminal.Out.WriteLine(new JsonArray([.. found.Select(e => (JsonNode)new JsonObject
                {
                    ["file"] = e.File, ["line"] = e.Mark.Line, ["column"] = e.Mark.Column, ["severity"] = e.Severity.ToString().ToLowerInvariant(), ["message"] = e.Message,
                })]).ToJsonString());
            else
            {
                foreach (var error in found) invocation.Terminal.Out.WriteLine(error);
                invocation.Terminal.Out.WriteLine(found.Count == 0 ? $"{source.Name} is fine" : RecipeSource.Counted(found));
            }
            return failed ? ExitCode.Invalid : ExitCode.Success;
        });
        return command;
    }
}
