using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Checking;
using ExampleMlFarm.Recipes.Library;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Farm.Recipes;

/// <summary>A recipe as it was named on the command line: a file, or one that ships with the program.</summary>
/// <param name="Name">What to call it in messages.</param>
/// <param name="Text">The YAML.</param>
/// <param name="Folder">Folder that relative paths in it start from.</param>
internal sealed record RecipeSource(string Name, string Text, string Folder)
{
    /// <summary>Finds it: a file first, then a shipped recipe.</summary>
    /// <exception cref="CliException">There is neither.</exception>
    public static RecipeSource Find(string named, string workingFolder)
    {
        string path = Path.GetFullPath(named, workingFolder);
        if (File.Exists(path)) return new(named, File.ReadAllText(path), Path.GetDirectoryName(path)!);
        if (RecipeLibrary.Find(named) is { } text) return new($"{named}.yaml", text, workingFolder);
        throw new CliException(ExitCode.NotFound, $"there is no recipe \"{named}\": no such file, and not one that ships with mlfarm",
            $"shipped recipes: {string.Join(", ", RecipeLibrary.Names)}; write one of your own with: mlfarm init");
    }

    /// <summary>Compiles it, and writes everything that is wrong with it.</summary>
    /// <param name="parameters">Parameters given from outside.</param>
    /// <param name="terminal">Where to write.</param>
    /// <param name="part">What of it is cooked; null = all of it.</param>
    /// <param name="notes">True to note what this machine is too small for.</param>
    /// <exception cref="CliException">It has errors.</exception>
    public RecipeProgram Compile(IReadOnlyDictionary<string, string> parameters, Terminal terminal, RecipePart? part = null, bool notes = false)
    {
        var result = RecipeCompiler.Compile(Text, Name, parameters, Catalogue.Descriptors, new DiskFiles(Folder), part: part);
        foreach (var error in result.Errors.Concat(notes && result.Program is { } program ? ResourceNotes.Of(program) : [])) terminal.Error.WriteLine(error);
        return result.Program ?? throw new CliException(ExitCode.Invalid, Counted(result.Errors));
    }

    /// <summary><c>2 errors, 1 note</c>.</summary>
    public static string Counted(IReadOnlyList<RecipeError> errors)
    {
        int wrong = errors.Count(e => e.Severity == Severity.Error), notes = errors.Count - wrong;
        return $"{wrong} {(wrong == 1 ? "error" : "errors")}{(notes > 0 ? $", {notes} {(notes == 1 ? "note" : "notes")}" : "")}";
    }
}
