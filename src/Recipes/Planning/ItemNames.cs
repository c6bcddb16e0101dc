using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Recipes.Attributes;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>
/// Attributes and metrics of one item, worked out when asked for and kept while this object lives. Inherited ones follow the item's lineage through
/// the mappings; where the recipe does not decide them they come from upstream results.
/// </summary>
internal sealed class ItemNames(NodeProgram node, long index, IItemInputs inputs, IReadOnlyList<Metric>? metrics = null) : IExpressionNames
{
    private readonly Dictionary<string, Value?> known = new(StringComparer.Ordinal);
    private ItemNames? parent;

    /// <summary>The item as a message names it.</summary>
    public string Address => $"{node.Name}/{index}";

    public Value? Attribute(string name)
    {
        if (known.TryGetValue(name, out var value)) return value;
        value = node.Attributes.TryGetValue(name, out var rule) ? Evaluate(rule) : Inherited(name);
        known[name] = value;
        return value;
    }

    public double? Metric(string name)
    {
        if (metrics is null) return null;
        foreach (var m in metrics)
            if (m.Name == name) return m.Value;
        return null;
    }

    public string? Output(string name)
    {
        foreach (var o in node.Outputs)
            if (o.Name == name) return o.Path.Evaluate(this).ToString();
        return null;
    }

    /// <summary>Every attribute that is known by name, and those that a result carries besides.</summary>
    public SortedDictionary<string, Value> All()
    {
        var all = new SortedDictionary<string, Value>(StringComparer.Ordinal);
        if (node.IsOpen && Reported() is { } reported)
            foreach (var (name, json) in reported)
                if (Value.FromJson(json) is { } v) all[name] = v;
        foreach (string name in node.Visible.Keys)
            if (name != "index" && Attribute(name) is { } v) all[name] = v;
        return all;
    }

    private Value Evaluate(AttributeRule rule)
    {
        try
        {
            var names = new RuleNames(this, rule.Name);
            if (rule is AttributeRule.Computed c) return Fit(c.Template.Evaluate(names), c.Type);
            var d = (AttributeRule.Drawn)rule;
            var arguments = d.Constants;
            if (arguments is null)
            {
                arguments = [.. d.Arguments.Select(a => Evaluator.Evaluate(a, names))];
                d.Distribution.Check(arguments);
            }
            return d.Distribution.Draw(arguments, new(d.Column, index, node.ItemCount ?? 0, d.Dimension));
        }
        catch (Exception e) when (e is ExpressionException or ArithmeticException)
        {
            throw FarmException.Invalid("recipe.attribute", $"attribute \"{rule.Name}\" of {Address} (line {rule.Mark.Line}): {e.Message}");
        }
    }

    private static Value Fit(Value value, StaticType type)
    {
        if (type == StaticType.Float && value is Value.Int i) return new Value.Float(i.Number);
        return type == StaticType.File && value is Value.Text t ? new Value.File(t.Characters) : value;
    }

    private Value? Inherited(string name)
    {
        if (name == "index") return new Value.Int(index);
        if (node.Wedge is { } wedge && wedge.IndexOf(name) is >= 0 and var parameter) return wedge.ValueOf(parameter, index % wedge.Legs);
        if (node.Frames is { } frames && name == "frame") return new Value.Int(frames.Start + frames.Step * (index % frames.Length));
        long at = index / node.Times;
        switch (node.Source)
        {
            case ItemSource.Listed l: return l.Entries[(int)at].GetValueOrDefault(name);
            case ItemSource.From f: return FromParent(f.Upstream, at, name);
            case ItemSource.Selected { Chosen: { } chosen } s: return FromParent(s.Upstream, chosen[(int)at], name);
            case ItemSource.Selected s: return FromParent(s.Upstream, inputs.Members(0, index)[0].Start, name);
            case ItemSource.Each e:
                var member = inputs.Members(1, index);
                return Column(member[0].Start, name, inputs.PositionInExpansion(index)) ?? FromParent(e.Upstream, inputs.Members(0, index)[0].Start, name);
            case ItemSource.Collected { Rule.By: { Count: > 0 } by } c:
                int position = -1;
                for (int i = 0; i < by.Count && position < 0; i++)
                    if (by[i] == name) position = i;
                if (position < 0) return null;
                return c.Groups is { } groups ? groups.Values[(int)at][position] : Column(inputs.Members(1, index)[0].Start, name, inputs.PositionInExpansion(index));
            default: return null;
        }
    }

    private Value? FromParent(NodeProgram upstream, long upstreamIndex, string name)
    {
        if (upstream.ReportsAttributes) return Value.FromJson(inputs.AttributesOf(0, upstreamIndex)?[name]);
        return (parent ??= new(upstream, upstreamIndex, NoInputs.Instance)).Attribute(name);
    }

    private Value? Column(long expanderItem, string name, long position)
        => inputs.AttributesOf(1, expanderItem)?[name] is System.Text.Json.Nodes.JsonArray column && position < column.Count ? Value.FromJson(column[(int)position]) : null;

    private System.Text.Json.Nodes.JsonObject? Reported()
    {
        if (node.Source.Parent is not { ReportsAttributes: true }) return null;
        var member = inputs.Members(0, index);
        return member.Count == 1 ? inputs.AttributesOf(0, member[0].Start) : null;
    }

    /// <summary>Inside the rule of an attribute its own name means the inherited one.</summary>
    private sealed class RuleNames(ItemNames item, string own) : IExpressionNames
    {
        public Value? Attribute(string name) => name == own ? item.Inherited(name) : item.Attribute(name);
        public double? Metric(string name) => item.Metric(name);
        public string? Output(string name) => item.Output(name);
    }
}
