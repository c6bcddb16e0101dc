using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Tests.Recipes;

public sealed class CollectTests
{
    private static string Groups(string collect, int count = 10)
    {
        var program = Compiling.Program($"recipe: 1\nnodes:\n  a: {{generate: {count}, attributes: {{kind: \"${{{{ item.index % 3 }}}}\", even: \"${{{{ item.index % 2 == 0 }}}}\"}}, uses: no_op}}\n  b: {{collect: {collect}, uses: no_op}}\n");
        return program.Find("b")!.Dependencies[0].Mapping switch
        {
            Mapping.Groups g => string.Join(' ', g.Members),
            var other => other.ToString(),
        };
    }

    [Theory]
    [InlineData("a", "All { }")]
    [InlineData("{node: a, size: 4}", "Blocks { Size = 4, Step = 4 }")]
    [InlineData("{node: a, size: 4, overlap: 2}", "0-3 2-5 4-7 6-9")]
    [InlineData("{node: a, size: 4, overlap: 1}", "0-3 3-6 6-9")]
    [InlineData("{node: a, count: 3}", "0-3 4-6 7-9")]
    [InlineData("{node: a, count: 20}", "0 1 2 3 4 5 6 7 8 9")]
    [InlineData("{node: a, by: kind}", "0,3,6,9 1,4,7 2,5,8")]
    [InlineData("{node: a, by: [kind, even]}", "0,6 1,7 2,8 3,9 4 5")]
    [InlineData("{node: a, by: kind, size: 2}", "0,3 6,9 1,4 7 2,5 8")]
    [InlineData("{node: a, range: [2, 4]}", "2-4")]
    [InlineData("{node: a, range: 7-8, size: 1}", "7 8")]
    [InlineData("{node: a, range: [0, 3], combinations: 2}", "0-1 0,2 0,3 1-2 1,3 2-3")]
    public void Members_are_grouped_as_asked(string collect, string expected) => Assert.Equal(expected, Groups(collect));

    [Fact]
    public void Keep_takes_a_share_by_seed_and_keeps_it_when_items_are_added()
    {
        string some = Groups("{node: a, combinations: 2, keep: 20%, seed: 3}", 30);
        Assert.InRange(some.Split(' ').Length, 60, 115);
        Assert.NotEqual(some, Groups("{node: a, combinations: 2, keep: 20%, seed: 4}", 30));
        string few = Groups("{node: a, keep: 50%, seed: 3}", 100), more = Groups("{node: a, keep: 50%, seed: 3}", 200);
        Assert.StartsWith(few[..few.LastIndexOf(',')], more, StringComparison.Ordinal);
    }

    [Fact]
    public void Group_carries_the_value_it_stands_for()
    {
        var program = Compiling.Program("recipe: 1\nnodes:\n  a: {generate: 6, attributes: {kind: \"${{ item.index % 3 }}\"}}\n  b: {collect: {node: a, by: kind}, run: \"echo ${{ item.kind }}\"}\n");
        Assert.Equal(["echo 0", "echo 1", "echo 2"], Enumerable.Range(0, 3).Select(i => program.Specify(program.Find("b")!, i, NoInputs.Instance).Command[0].Join(_ => "", _ => "", true)));
    }

    [Fact]
    public void Groups_by_what_only_a_cook_knows_are_found_by_an_expander()
    {
        var program = Compiling.Program("recipe: 1\nnodes:\n  a: {generate: 4, uses: scatter}\n  b: {collect: {node: a, by: number}, uses: no_op, with: {number: \"${{ item.number }}\"}}\n");
        var expander = program.Find("b?")!;
        ItemResult[] cooked = [.. new[] { 5, 7, 5 }.Select((n, i) => new ItemResult(ItemRange.One(i == 2 ? 3 : i), ResultKind.Succeeded, Attributes: $"{{\"number\":{n}}}"))];
        var lease = Leases.Of(program, "b?", 0, 1, cooked);
        var (expansion, attributes) = program.Expand(expander, 0, new LeaseInputs(program, default, lease));
        Assert.Equal("0,3 1", string.Join(' ', expansion.Members!));
        Assert.Equal("""{"number":[5,7]}""", attributes);

        var found = new ItemResult(ItemRange.One(0), ResultKind.Succeeded, Expansion: expansion, Attributes: attributes);
        var inputs = new LeaseInputs(program, default, new(new(1), program.Find("b")!.Id, new(0, 2), [], [new(0, expansion.Members, cooked), new(1, [new(ItemRange.One(0)), new(ItemRange.One(0))], [found])]));
        Assert.Equal([5.0, 7.0], Enumerable.Range(0, 2).Select(i => program.Specify(program.Find("b")!, i, inputs).Options["number"]!.GetValue<double>()));
    }
}
