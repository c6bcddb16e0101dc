using CsCheck;

namespace ExampleMlFarm.Tests.Recipes;

public sealed class FuzzTests
{
    private static readonly string[] Sources = [.. TestFiles.In("Good").Concat(TestFiles.In("Bad")).Select(File.ReadAllText)];

    [Fact]
    public void Mutated_recipe_gives_a_program_or_errors_and_never_an_exception()
    {
        var edit = Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[0, 4], Gen.OneOf("{", "}", "[", "]", ":", "- ", "'", "\"", "${{", "}}", "|", ">", "&a", "*a", "\t", "\n", "\0", "é", "-1", ".nan", "1e999", "item.x", "%", "?", "\ud800", "nodes", "from: ", "9999999999999999999"));
        Gen.Select(Gen.Int[0, Sources.Length - 1], edit.Array[1, 4]).Sample(t =>
        {
            string text = Sources[t.Item1];
            foreach (var (place, kind, insert) in t.Item2)
            {
                int at = text.Length == 0 ? 0 : place % text.Length;
                text = kind switch
                {
                    0 => text[..at],
                    1 => text.Remove(at, Math.Min(7, text.Length - at)),
                    _ => text.Insert(at, insert),
                };
            }
            var result = Compiling.Result(text);
            Assert.True(result.Program is not null || result.Errors.Count > 0);
            Assert.All(result.Errors, e => Assert.InRange(e.Mark.Line, 0, text.Split('\n').Length + 1));
        }, iter: 1000, threads: 1);
    }

    [Theory]
    [InlineData(10_000_000)]
    [InlineData(500_000)]
    public void List_ten_million_deep_is_an_error_at_once(int depth)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        string error = Assert.Single(Compiling.Errors("recipe: 1\nnodes: " + new string('[', depth)));
        Assert.Contains(depth > 1 << 20 ? "r.yaml:1:1  error  the recipe has 10000017 bytes" : "r.yaml:2:71  error  lists and mappings are nested deeper than 64 levels", error, StringComparison.Ordinal);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
    }

    [Fact]
    public void Block_list_that_deepens_with_every_line_is_an_error()
        => Assert.Contains("nested deeper than 64", Assert.Single(Compiling.Errors("recipe: 1\nnodes:\n" + string.Concat(Enumerable.Range(1, 200).Select(i => new string(' ', i) + "-\n")))), StringComparison.Ordinal);

    [Fact]
    public void Chain_of_a_thousand_nodes_compiles()
    {
        string text = "recipe: 1\nnodes:\n  n0: {generate: 2, uses: no_op}\n" + string.Concat(Enumerable.Range(1, 999).Select(i => $"  n{i}: {{from: n{i - 1}, uses: no_op}}\n"));
        Assert.Equal(1000, Compiling.Program(text).Nodes.Count);
    }
}
