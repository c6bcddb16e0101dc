using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Recipes.Library;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm init</c>: a folder with a recipe that runs as it is. Writes over nothing.</summary>
internal static class InitCommand
{
    // What people type for what the library calls it.
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.Ordinal) { ["sweep"] = "command-sweep" };
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    public static Command Create()
    {
        var folder = new Argument<string>("dir") { Description = "Folder, made when it is not there; this one unless given.", DefaultValueFactory = _ => "." };
        var from = new Option<string>("--from") { Description = $"Recipe to start from: {string.Join(", ", RecipeLibrary.Names)}.", DefaultValueFactory = _ => "ml-deformer" };
        from.CompletionSources.Add(_ => RecipeLibrary.Names);
        var force = new Option<bool>("--force") { Description = "Write over a recipe that is there." };
        var command = new Command("init", "Writes a recipe that runs as it is.\nExample: mlfarm init demo --from command-sweep") { folder, from, force };
        command.SetAction(invocation =>
        {
            string named = invocation.Parsed.GetRequiredValue(from), name = OtherNames.GetValueOrDefault(named, named);
            string text = RecipeLibrary.Find(name) ?? throw new CliException(ExitCode.NotFound, $"there is no recipe \"{named}\" to start from", $"there are: {string.Join(", ", RecipeLibrary.Names)}");
            string working = Globals.FolderOf(invocation.Parsed), given = invocation.Parsed.GetRequiredValue(folder), root = Path.GetFullPath(given, working);
            string recipe = Path.Combine(root, $"{name}.yaml"), schema = Path.Combine(root, ProjectFolder.StateName, "recipe.schema.json");
            if (File.Exists(recipe) && !invocation.Parsed.GetValue(force)) throw new CliException(ExitCode.Usage, $"{recipe} is there already", "--force writes over it");
            Directory.CreateDirectory(Path.GetDirectoryName(schema)!);
            File.WriteAllText(recipe, text);
            // Generated from the node types, so writing it again loses nothing.
            File.WriteAllText(schema, SchemaCommand.Recipe().ToJsonString(Indented) + "\n");
            if (invocation.Format is OutputFormat.Json or OutputFormat.Ndjson) invocation.Terminal.Out.WriteLine(new JsonObject { ["recipe"] = recipe, ["schema"] = schema }.ToJsonString());
            else invocation.Terminal.Out.WriteLine(recipe);
            string enter = root == working ? "" : $"cd {Path.GetRelativePath(working, root)} && ";
            invocation.Hint($"\n{enter}mlfarm plan {name}.yaml      what it would cook\nmlfarm run {name}.yaml       cook it\nmlfarm show                  look at the run");
            return ExitCode.Success;
        });
        return command;
    }
}
