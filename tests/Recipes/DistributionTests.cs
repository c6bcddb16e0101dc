using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Recipes.Attributes;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Tests.Recipes;

public sealed class DistributionTests
{
    private static double[] Draw(string rule, int count, long seed = 1)
    {
        var program = Compiling.Program($"recipe: 1\nseed: {seed}\nnodes:\n  cases:\n    generate: {count}\n    attributes: {{x: \"{rule}\"}}\n");
        return [.. Enumerable.Range(0, count).Select(i => program.AttributeOf(program.Nodes[0], i, "x", NoInputs.Instance)).Select(v => v is Value.Int n ? n.Number : ((Value.Float)v!).Number)];
    }

    /// <summary>Kolmogorov-Smirnov distance between a sample and a distribution function.</summary>
    private static double Distance(double[] sample, Func<double, double> cumulative)
    {
        Array.Sort(sample);
        double worst = 0;
        for (int i = 0; i < sample.Length; i++)
        {
            double p = cumulative(sample[i]);
            worst = Math.Max(worst, Math.Max(p - (double)i / sample.Length, (i + 1.0) / sample.Length - p));
        }
        return worst;
    }

    [Theory]
    [InlineData("uniform(-2, 3)")]
    [InlineData("log_uniform(0.001, 10)")]
    [InlineData("normal(2, 3)")]
    [InlineData("truncated_normal(0, 1, -0.5, 2)")]
    [InlineData("log_normal(0, 0.5)")]
    [InlineData("exponential(4)")]
    [InlineData("sobol(0, 5)")]
    [InlineData("latin_hypercube(0, 5)")]
    public void Draws_follow_their_distribution(string rule)
    {
        double low = NormalDistribution.Cumulative(-0.5), high = NormalDistribution.Cumulative(2);
        Func<double, double> cumulative = rule[..rule.IndexOf('(', StringComparison.Ordinal)] switch
        {
            "uniform" => x => (x + 2) / 5,
            "log_uniform" => x => Math.Log(x / 0.001) / Math.Log(1e4),
            "normal" => x => NormalDistribution.Cumulative((x - 2) / 3),
            "truncated_normal" => x => (NormalDistribution.Cumulative(x) - low) / (high - low),
            "log_normal" => x => NormalDistribution.Cumulative(Math.Log(x) / 0.5),
            "exponential" => x => 1 - Math.Exp(-x / 4),
            _ => x => x / 5,
        };
        // The 0.1 % point of the statistic for 4000 draws is 0.031.
        Assert.InRange(Distance(Draw(rule, 4000), cumulative), 0, 0.031);
    }

    [Fact]
    public void Integers_and_choices_come_out_equally_often()
    {
        Assert.All(Draw("integers(-1, 3)", 5000).CountBy(x => x).Select(c => c.Value), n => Assert.InRange(n, 880, 1120));
        Assert.Equal([-1.0, 0, 1, 2, 3], Draw("integers(-1, 3)", 5000).Distinct().Order());
        var weighted = Draw("choice([1, 2], [3, 1])", 4000).CountBy(x => x).ToDictionary();
        Assert.InRange(weighted[1], 2850, 3150);
    }

    [Theory]
    [InlineData("uniform(0, 1)")]
    [InlineData("normal(0, 1)")]
    [InlineData("sobol(0, 1)")]
    [InlineData("choice(1, 2, 3)")]
    public void Larger_count_keeps_the_first_items(string rule) => Assert.Equal(Draw(rule, 50), Draw(rule, 500)[..50]);

    [Fact]
    public void Latin_hypercube_changes_with_the_count_and_others_with_the_seed()
    {
        Assert.NotEqual(Draw("latin_hypercube(0, 1)", 50), Draw("latin_hypercube(0, 1)", 51)[..50]);
        Assert.NotEqual(Draw("uniform(0, 1)", 50), Draw("uniform(0, 1)", 50, seed: 2));
    }

    [Fact]
    public void Draws_have_the_same_bits_for_ever()
    {
        // A changed bit here changes every cached result that drew from it.
        string bits = string.Join(' ', new[] { "uniform(0, 1)", "log_uniform(0.1, 9)", "normal(0, 1)", "truncated_normal(0, 1, -1, 1)", "log_normal(0, 1)", "exponential(1)", "sobol(0, 1)", "latin_hypercube(0, 1)" }
            .Select(rule => BitConverter.DoubleToInt64Bits(Draw(rule, 8)[5]).ToString("x16")));
        Assert.True(Golden == bits, bits);
    }

    private const string Golden = "3fe93db6ec65840f 400bd5514c9eb7cb 3fe9abaef0bdde37 3fe084dee3e87728 4001d7faf1a2e328 3fce5ea574f1a761 3fcef0b0a4400000 3fbdb30724628296";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Latin_hypercube_has_one_item_in_each_stratum(int n)
    {
        var column = CounterRandom.Keyed(3, "n", 0, "x");
        Assert.Equal(Enumerable.Range(0, n), Enumerable.Range(0, n).Select(i => (int)(LatinHypercube.Point(column, i, n) * n)).Order());
    }

    [Fact]
    public void Name_node_and_seed_key_the_draws_but_not_the_order_of_attributes()
    {
        static Value? X(string attributes, string node = "cases") => Compiling.Program($"recipe: 1\nnodes:\n  {node}: {{generate: 3, attributes: {{{attributes}}}}}\n") is var p ? p.AttributeOf(p.Nodes[0], 1, "x", NoInputs.Instance) : null;
        Assert.Equal(X("x: 'uniform(0, 1)', y: 'uniform(0, 1)'"), X("y: 'uniform(0, 1)', x: 'uniform(0, 1)'"));
        Assert.NotEqual(X("x: 'uniform(0, 1)'"), X("x: 'uniform(0, 1)'", "other"));
    }
}
