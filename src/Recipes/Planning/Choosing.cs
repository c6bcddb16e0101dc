using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>Chooses upstream items by <c>where</c>, <c>by</c> and <c>top</c>, and reads their attributes where only results know them.</summary>
internal static class Choosing
{
    /// <summary>The chosen items in their order: the best first with <c>by</c>, else ascending. Equal ones keep the upstream order.</summary>
    public static IReadOnlyList<long> Choose(NodeProgram upstream, ChoiceRule rule, RangeSet members, IItemInputs inputs)
    {
        var chosen = new List<(long Item, double By)>();
        foreach (var range in members)
        {
            for (long i = range.Start; i < range.End; i++)
            {
                var names = new UpstreamNames(upstream, i, inputs);
                if (rule.Where is not null && !Holds(rule.Where, names, "where", upstream, i)) continue;
                chosen.Add((i, rule.By is null ? 0 : Number(rule.By, names, upstream, i)));
            }
        }
        if (rule.By is not null)
            chosen = rule.SmallestFirst ? [.. chosen.OrderBy(c => c.By).ThenBy(c => c.Item)] : [.. chosen.OrderByDescending(c => c.By).ThenBy(c => c.Item)];
        return [.. chosen.Take((int)Math.Min(rule.Top ?? int.MaxValue, int.MaxValue)).Select(c => c.Item)];
    }

    /// <summary>An attribute of an upstream item, by rule or from its result.</summary>
    public static Value? AttributeOf(NodeProgram upstream, long item, string name, IItemInputs inputs) => new UpstreamNames(upstream, item, inputs).Attribute(name);

    private static bool Holds(Template condition, UpstreamNames names, string what, NodeProgram upstream, long item)
        => Evaluate(condition, names, what, upstream, item) is Value.Bool b ? b.Truth : throw FarmException.Invalid("recipe.expression", $"\"{what}\" over {upstream.Name}/{item} gives no bool");

    private static double Number(Template by, UpstreamNames names, NodeProgram upstream, long item) => Evaluate(by, names, "by", upstream, item) switch
    {
        Value.Int i => i.Number,
        Value.Float f => f.Number,
        var other => throw FarmException.Invalid("recipe.expression", $"\"by\" over {upstream.Name}/{item} gives {OptionConversion.Shown(other)} instead of a number"),
    };

    private static Value Evaluate(Template template, UpstreamNames names, string what, NodeProgram upstream, long item)
    {
        try
        {
            return template.Evaluate(names);
        }
        catch (ExpressionException e)
        {
            throw FarmException.Invalid("recipe.expression", $"\"{what}\" over {upstream.Name}/{item}: {e.Message}");
        }
    }

    private sealed class UpstreamNames(NodeProgram upstream, long item, IItemInputs inputs) : IExpressionNames
    {
        private readonly ItemNames? rules = upstream.ReportsAttributes ? null : new(upstream, item, NoInputs.Instance);

        public Value? Attribute(string name)
            => name == "index" ? new Value.Int(item) : rules is not null ? rules.Attribute(name) : Value.FromJson(inputs.AttributesOf(0, item)?[name]);

        public double? Metric(string name)
        {
            foreach (var m in inputs.MetricsOf(0, item))
                if (m.Name == name) return m.Value;
            return null;
        }

        public string? Output(string name) => null;
    }
}
