using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>How bad it is.</summary>
public enum Severity : byte
{
    /// <summary>The recipe cannot be cooked.</summary>
    Error = 0,
    /// <summary>It can, but somebody should look.</summary>
    Note = 1,
}

/// <summary>Something wrong with a recipe, at a place.</summary>
/// <param name="File">Name of the recipe file, or <c>-p name</c> for a parameter given from outside.</param>
/// <param name="Mark">Line and column from 1; line 0 for what stands in no file.</param>
/// <param name="Severity">Error or note.</param>
/// <param name="Message">The thing, the value, what is allowed, the nearest name.</param>
public sealed record RecipeError(string File, TextMark Mark, Severity Severity, string Message)
{
    /// <summary><c>sweep.yaml:11:17  error  unknown method "sobel"; did you mean "sobol"?</c></summary>
    public override string ToString() => (Mark.Line > 0 ? $"{File}:{Mark}" : File) + (Severity == Severity.Error ? "  error  " : "  note   ") + Message;
}

/// <summary>Collects what is wrong, so that a recipe's errors are reported together.</summary>
public sealed class Diagnostics(string file)
{
    private readonly List<RecipeError> found = [];
    private readonly HashSet<(TextMark, string)> said = [];

    /// <summary>Name of the recipe file.</summary>
    public string File { get; } = file;

    /// <summary>Everything found, in the order of the file.</summary>
    public IReadOnlyList<RecipeError> Sorted => [.. found.OrderBy(e => e.Mark.Line).ThenBy(e => e.Mark.Column)];

    /// <summary>True when at least one error (not a note) was found.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>Adds an error; the same one at the same place is said once.</summary>
    public void Error(TextMark mark, string message) => Add(new(File, mark, Severity.Error, message));

    /// <summary>Adds a note.</summary>
    public void Note(TextMark mark, string message) => Add(new(File, mark, Severity.Note, message));

    /// <summary>Adds an error about a parameter given from outside.</summary>
    public void ParameterError(string name, string message) => GivenError($"-p {name}", message);

    /// <summary>Adds an error about something else that was given from outside, as it was typed.</summary>
    public void GivenError(string given, string message) => Add(new(given, default, Severity.Error, message));

    private void Add(RecipeError error)
    {
        if (error.Severity == Severity.Error) HasErrors = true;
        if (found.Count < Limits.Errors && said.Add((error.Mark, error.Message))) found.Add(error);
    }
}
