using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Tests.Recipes;

public sealed class WedgeTests
{
    private static string[] Legs(string wedge, params string[] names)
    {
        var program = Compiling.Program($"recipe: 1\nnodes:\n  a:\n    wedge: {wedge}\n    uses: no_op\n");
        return [.. Enumerable.Range(0, (int)program.Nodes[0].ItemCount!.Value).Select(i => string.Join(' ', names.Select(n => program.AttributeOf(program.Nodes[0], i, n, NoInputs.Instance))))];
    }

    [Fact]
    public void Grid_makes_every_combination_and_the_first_parameter_changes_slowest()
        => Assert.Equal(["1 x", "1 y", "2 x", "2 y", "3 x", "3 y"], Legs("{parameters: {n: [1, 2, 3], s: {values: [x, y]}}}", "n", "s"));

    [Fact]
    public void Ranges_hold_both_ends_linear_and_log_and_whole()
    {
        Assert.Equal(["0.0", "0.5", "1.0"], Legs("{parameters: {x: {min: 0, max: 1, count: 3}}}", "x"));
        Assert.Equal(["1e-07", "1e-05", "0.001"], Legs("{parameters: {x: {min: 1e-7, max: 1e-3, count: 3, scale: log}}}", "x").Select(t => ((Value)new Value.Float(Math.Round(double.Parse(t), 12))).ToString()));
        Assert.Equal(["1", "4", "16", "64"], Legs("{parameters: {x: {min: 1, max: 64, count: 4, scale: log, type: int}}}", "x"));
        Assert.Equal(["3.0"], Legs("{parameters: {x: {min: 3, max: 9, count: 1}}}", "x"));
    }

    [Fact]
    public void Zip_moves_parameters_together() => Assert.Equal(["1 a", "2 b"], Legs("{method: zip, parameters: {n: [1, 2], s: [a, b]}}", "n", "s"));

    [Fact]
    public void List_holds_the_legs_as_written() => Assert.Equal(["1 0.5", "7 2.0"], Legs("{method: list, legs: [{n: 1, x: 0.5}, {x: 2, n: 7}]}", "n", "x"));

    [Theory]
    [InlineData("random")]
    [InlineData("sobol")]
    public void More_drawn_legs_keep_the_first(string method)
    {
        string Wedge(int count) => $"{{method: {method}, count: {count}, parameters: {{lr: {{min: 1e-5, max: 1e-1, scale: log}}, n: {{min: 1, max: 4, type: int}}, s: [a, b]}}}}";
        var legs = Legs(Wedge(64), "lr", "n", "s");
        Assert.Equal(Legs(Wedge(8), "lr", "n", "s"), legs[..8]);
        Assert.Equal(["1", "2", "3", "4"], legs.Select(l => l.Split(' ')[1]).Distinct().Order());
        Assert.All(legs, l => Assert.InRange(double.Parse(l.Split(' ')[0]), 1e-5, 1e-1));
    }

    [Fact]
    public void Latin_hypercube_legs_stratify_each_parameter()
        => Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), Legs("{method: latin_hypercube, count: 10, parameters: {n: {min: 0, max: 9, type: int}}}", "n").Order());

    [Fact]
    public void Wedge_over_a_node_groups_its_legs_by_input()
    {
        var program = Compiling.Program("""
            recipe: 1
            nodes:
              cases: {generate: 3, attributes: {r: "${{ item.index * 10 }}"}}
              a: {from: cases, wedge: {parameters: {w: [1, 2]}}, attributes: {both: "${{ item.r + item.w }}"}, uses: no_op}
            """);
        Assert.Equal([1L, 2, 11, 12, 21, 22], Enumerable.Range(0, 6).Select(i => ((Value.Int)program.AttributeOf(program.Find("a")!, i, "both", NoInputs.Instance)!).Number));
        Assert.Equal(new ExampleMlFarm.Core.Plans.Mapping.Repeat(2), program.Find("a")!.Dependencies[0].Mapping);
    }
}
