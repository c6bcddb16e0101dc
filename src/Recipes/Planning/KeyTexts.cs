using System.Text.RegularExpressions;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>Texts for cook keys, in which a file stands for its content instead of its path.</summary>
internal sealed partial class KeyTexts(IRecipeFiles files)
{
    /// <summary>Text of a template.</summary>
    public string Of(Template template) => WithContents(template.ToString());

    /// <summary>Printed expressions with every <c>file("…")</c> replaced.</summary>
    public string WithContents(string printed)
        => FileLiteral().Replace(printed, match => OfFile(((Value.Text)((Expression.Literal)ExpressionParser.Parse(match.Groups[1].Value)).Value).Characters));

    /// <summary>The hash of a file; the name itself of a built-in one or of one that cannot be read now.</summary>
    public string OfFile(string path)
        => RecipeFile.HasScheme(path) ? path : files.HashOf(files.Resolve(path)) is { } hash ? $"sha256:{hash}" : $"file {path}";

    [GeneratedRegex("""file\(("(?:[^"\\]|\\.)*")\)""")]
    private static partial Regex FileLiteral();
}
