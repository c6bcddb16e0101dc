namespace ExampleMlFarm.Tests.Recipes;

/// <summary>
/// Every file in Bad is a recipe with mistakes; its first lines, <c>#! line:column  severity  message</c>, are what the checker must say about the rest, all of it
/// and nothing else. Lines count from the one after the <c>#!</c> lines.
/// </summary>
public sealed class BadRecipeTests
{
    public static TheoryData<string> Files() => new(TestFiles.In("Bad").Select(f => Path.GetFileName(f)!));

    [Theory]
    [MemberData(nameof(Files))]
    public void Bad_recipe_is_reported_with_its_line_column_and_message(string file)
    {
        var (expected, text, parameters) = Split(TestFiles.Read("Bad/" + file));
        var result = Compiling.Result(text, parameters);
        string[] said = [.. result.Errors.Select(e => $"{e}"[(e.Mark.Line > 0 ? "r.yaml:".Length : 0)..])];
        Assert.Equal(string.Join('\n', expected), string.Join('\n', said));
        Assert.Null(result.Program);
    }

    [Fact]
    public void There_are_at_least_forty_five_bad_recipes() => Assert.InRange(Files().Count, 45, int.MaxValue);

    internal static (string[] Expected, string Text, (string, string)[] Parameters) Split(string content)
    {
        string[] lines = content.Split('\n');
        string[] head = [.. lines.TakeWhile(l => l.StartsWith('#') && l.Length > 1 && l[1] is '!' or 'p')];
        return ([.. head.Where(l => l[1] == '!').Select(l => l[3..])], string.Join('\n', lines.Skip(head.Length)), [.. head.Where(l => l[1] == 'p').Select(l => (l[3..].Split('=')[0], l[3..].Split('=')[1]))]);
    }
}
