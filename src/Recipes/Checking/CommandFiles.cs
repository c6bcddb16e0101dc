using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>
/// Finds the files that a command names by bare words: in <c>python3 simulate.py --steps 4</c>, <c>simulate.py</c> is the file beside the recipe. It
/// becomes part of the cook key and is frozen with the run, as if it were written <c>${{ file("simulate.py") }}</c>.
/// </summary>
/// <remarks>
/// A word counts when it is a relative path of plain characters and such a file exists. The program itself counts only when it is written as a path
/// (<c>./tool</c>), outputs do not, nor does what a shell line writes to.
/// </remarks>
internal sealed class CommandFiles(IRecipeFiles files, IReadOnlyCollection<string> outputs)
{
    /// <summary>Full paths of files that are named by an expression and are not there.</summary>
    public IEnumerable<string> Missing(Template word) =>
        word.Parts.OfType<Expression.Literal>().Select(l => l.Value).OfType<Value.File>().Where(f => !RecipeFile.HasScheme(f.Path)).Select(f => files.Resolve(f.Path))
            .Where(path => files.HashOf(path) is null);

    /// <summary>A whole word of a list.</summary>
    public Template OfWord(Template word, bool isProgram)
        => word is { IsText: true, Parts: [Expression.Literal { Value: Value.Text text } literal] } && Names(text.Characters, isProgram)
            ? new([new Expression.Literal(new Value.File(files.Resolve(text.Characters))) { At = literal.At }], false)
            : word;

    /// <summary>A command line.</summary>
    public Template OfLine(Template line)
    {
        if (!line.IsText) return line;
        var parts = new List<Expression>();
        for (int i = 0; i < line.Parts.Count; i++)
        {
            if (line.Parts[i] is Expression.Literal { Value: Value.Text text } literal)
                Split(text.Characters, literal.At, isFirst: i == 0, isLast: i == line.Parts.Count - 1, parts);
            else parts.Add(line.Parts[i]);
        }
        return new(parts, true);
    }

    private void Split(string text, int at, bool isFirst, bool isLast, List<Expression> parts)
    {
        int kept = 0;
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = start + 1;
            if (!IsPlain(text[start])) continue;
            while (end < text.Length && IsPlain(text[end])) end++;
            bool isWhole = (start > 0 ? IsGap(text[start - 1]) : isFirst) && (end < text.Length ? IsGap(text[end]) : isLast);
            string before = text[..start].TrimEnd(' ', '\t');
            bool isProgram = before.Length == 0 ? isFirst : before[^1] is '|' or '&' or ';' or '(' or '\n';
            if (!isWhole || before.EndsWith('>') || !Names(text[start..end], isProgram)) continue;
            if (start > kept) parts.Add(new Expression.Literal(new Value.Text(text[kept..start])) { At = at + kept });
            parts.Add(new Expression.Literal(new Value.File(files.Resolve(text[start..end]))) { At = at + start });
            kept = end;
        }
        if (kept < text.Length) parts.Add(new Expression.Literal(new Value.Text(text[kept..])) { At = at + kept });
    }

    private bool Names(string word, bool isProgram)
        => word.Length is > 0 and < 256 && word[0] is not ('/' or '-') && word.All(IsPlain) && !outputs.Contains(word) && (!isProgram || word.Contains('/', StringComparison.Ordinal))
            && files.HashOf(files.Resolve(word)) is not null;

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or '+' || c > 127;

    private static bool IsGap(char c) => c is ' ' or '\t' or '\n' or '|' or '&' or ';' or '(' or ')' or '<';
}
