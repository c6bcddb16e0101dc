using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Recipes.Attributes;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>Reads <c>attributes:</c> of a node.</summary>
internal sealed class AttributeReader(PlanValues values, NodeProgram node, IReadOnlyDictionary<string, StaticType> inherited, bool isOpen)
{
    private static readonly string[] Types = ["int", "float", "string", "bool", "file", "list"];
    private readonly Dictionary<string, StaticType> types = new(inherited, StringComparer.Ordinal);
    private readonly Dictionary<string, AttributeRule> rules = new(StringComparer.Ordinal);

    public Dictionary<string, AttributeRule> Read(YamlNode yaml)
    {
        if (yaml is not YamlMapping map)
        {
            values.Wrong(yaml.Mark, $"\"attributes\" must be a mapping from names to values, not {yaml.Kind}");
            return rules;
        }
        var good = map.Entries.Where(e => Names.CheckAttribute(values.Diagnostics, e.Key, "attribute")).ToList();
        var entries = good.ToDictionary(e => e.Key.Text, StringComparer.Ordinal);
        int dimension = 0;
        var dimensions = good.Where(e => DistributionOf(e.Value)?.Name == "sobol").Select(e => e.Key.Text).Order(StringComparer.Ordinal).ToDictionary(n => n, _ => dimension++, StringComparer.Ordinal);
        if (dimension > SobolSequence.JoeKuoDimensions) values.Wrong(map.Mark, $"sobol has {SobolSequence.JoeKuoDimensions} dimensions; {dimension} attributes draw from it");
        foreach (var entry in Ordered(good, entries)) Read(entry, dimension > SobolSequence.JoeKuoDimensions ? 0 : dimensions.GetValueOrDefault(entry.Key.Text));
        return rules;
    }

    // Attributes may read each other in any order; a circle is an error. A rule that reads its own name means the inherited value.
    private List<YamlEntry> Ordered(IReadOnlyList<YamlEntry> all, Dictionary<string, YamlEntry> entries)
    {
        var order = new List<YamlEntry>();
        var states = new Dictionary<string, int>(StringComparer.Ordinal);
        var path = new List<string>();
        foreach (var entry in all) Visit(entry);
        return order;

        void Visit(YamlEntry entry)
        {
            string name = entry.Key.Text;
            if (states.GetValueOrDefault(name) == 2) return;
            states[name] = 1;
            path.Add(name);
            foreach (string read in ReadsOf(entry.Value).Where(r => r != name && entries.ContainsKey(r)))
            {
                if (states.GetValueOrDefault(read) == 1)
                {
                    // It exists, only without a type.
                    types[read] = StaticType.Any;
                    values.Wrong(entry.Key.Mark, $"these attributes read each other in a circle: {string.Join(" → ", path.SkipWhile(p => p != read))} → {read}");
                }
                else if (path.Count < Limits.ExpressionDepth) Visit(entries[read]);
                else if (states.GetValueOrDefault(read) == 0) values.Wrong(entry.Key.Mark, $"attributes read each other more than {Limits.ExpressionDepth} deep");
            }
            path.RemoveAt(path.Count - 1);
            states[name] = 2;
            order.Add(entry);
        }
    }

    private static IEnumerable<string> ReadsOf(YamlNode node)
    {
        var reads = new List<string>();
        switch (node)
        {
            case YamlList l: return l.Entries.SelectMany(ReadsOf);
            case YamlMapping m: return m.Find("value") is { } v ? ReadsOf(v) : [];
            case YamlScalar s:
                try
                {
                    void Read(string root, string name, int at)
                    {
                        if (root == "item") reads.Add(name);
                    }
                    if (DistributionOf(node) is not null) Folding.CollectReads(ExpressionParser.Parse(s.Text), Read);
                    else if (Template.HasExpression(s.Text)) Template.Parse(s.Text).CollectReads(Read);
                }
                catch (ExpressionException)
                {
                    // It is reported when the rule is read.
                }
                return reads;
            default: return [];
        }
    }

    private static DistributionDescriptor? DistributionOf(YamlNode node)
    {
        if (node is not YamlScalar s) return null;
        string text = s.Text.Trim();
        int open = text.IndexOf('(', StringComparison.Ordinal);
        return open > 0 ? Distributions.Find(text[..open].TrimEnd()) : null;
    }

    private ExpressionScope Scope => values.Scope with { Item = types, ItemIsOpen = isOpen, Owner = node.Name, Nodes = null, Metrics = null, Outputs = null };

    private void Read(YamlEntry entry, int dimension)
    {
        string name = entry.Key.Text;
        var yaml = entry.Value;
        StaticType? wanted = null;
        if (yaml is YamlMapping)
        {
            if (values.Mapping(yaml, $"attribute \"{name}\"", ["type", "value"]) is not { } map) return;
            if (map.Find("type") is { } t && values.Choice(t, "type", Types) is { } word) wanted = StaticType.Named(word);
            if (map.Find("value") is not { } value)
            {
                values.Wrong(yaml.Mark, $"attribute \"{name}\" needs a \"value\"");
                return;
            }
            yaml = value;
        }
        AttributeRule? rule = yaml is YamlScalar scalar && DistributionOf(scalar) is { } distribution ? Drawn(name, scalar, distribution, dimension) : Computed(name, yaml);
        if (rule is null)
        {
            types[name] = StaticType.Any;
            return;
        }
        if (wanted is not null && !rule.Type.Fits(wanted))
        {
            values.Wrong(yaml.Mark, $"attribute \"{name}\" must be {(wanted == StaticType.Int ? "an int" : $"a {wanted}")}; this is {(rule.Type == StaticType.Int ? "an int" : $"a {rule.Type}")}");
            return;
        }
        if (wanted is not null && wanted.Entry is null) rule = rule with { Type = wanted };
        types[name] = rule.Type;
        rules[name] = rule;
    }

    private AttributeRule.Computed? Computed(string name, YamlNode yaml)
    {
        if (yaml is YamlScalar s && Template.HasExpression(s.Text))
        {
            var template = values.Template(s, Scope, out var type);
            return template is null ? null : new(name, type, yaml.Mark, template);
        }
        if (yaml is YamlScalar { IsPlain: true } plain && plain.Text.TrimEnd().EndsWith(')') && plain.Text.IndexOf('(', StringComparison.Ordinal) is > 0 and var open
            && NearestName.Of(plain.Text[..open].Trim(), Distributions.All.Select(d => d.Name)) is { } near)
        {
            values.Wrong(yaml.Mark, $"unknown distribution \"{plain.Text[..open].Trim()}\"; did you mean \"{near}\"? ({string.Join(", ", Distributions.All.Select(d => d.Name))}); text stands in quotes");
            return null;
        }
        if (yaml is YamlList list && list.Entries.OfType<YamlScalar>().Any(e => Template.HasExpression(e.Text)))
        {
            values.Wrong(yaml.Mark, $"a list that is worked out is one expression: \"${{{{ [a, b] }}}}\"");
            return null;
        }
        if (values.Of(yaml, name) is not { } value) return null;
        if (value is Value.Float { Number: var number } && !double.IsFinite(number))
        {
            values.Wrong(yaml.Mark, $"attribute \"{name}\" must be a finite number, not {number}");
            return null;
        }
        return new(name, value.Type, yaml.Mark, new([new Expression.Literal(value)], false));
    }

    private AttributeRule.Drawn? Drawn(string name, YamlScalar s, DistributionDescriptor distribution, int dimension)
    {
        bool wrong = false;
        void Report(int at, string message)
        {
            wrong = true;
            values.Diagnostics.Error(s.Locate(at), message);
        }
        try
        {
            if (ExpressionParser.Parse(s.Text) is not Expression.Call call || call.Function != distribution.Name)
            {
                Report(0, $"{distribution.Name}() stands alone, as the whole value of an attribute; another attribute can compute with it");
                return null;
            }
            if (call.Arguments.Count < distribution.Fewest || call.Arguments.Count > distribution.Most)
            {
                Report(call.At, $"{distribution.Name} takes {(distribution.Fewest == distribution.Most ? $"{distribution.Fewest}" : $"{distribution.Fewest} to {distribution.Most}")} arguments, not {call.Arguments.Count}: {distribution.Signature}");
                return null;
            }
            var argumentTypes = call.Arguments.Select(a => TypeChecker.Check(a, Scope, Report)).ToArray();
            if (wrong) return null;
            for (int i = 0; i < argumentTypes.Length; i++)
            {
                if (!distribution.WantsNumbers || argumentTypes[i].MayBeNumber) continue;
                Report(call.Arguments[i].At, $"{distribution.Name} needs numbers, not {argumentTypes[i]}: {distribution.Signature}");
                return null;
            }
            var arguments = call.Arguments.Select(a => Folding.Fold(a, Scope, Report)).ToArray();
            if (wrong) return null;
            var rule = new AttributeRule.Drawn(name, distribution.Result(argumentTypes), s.Mark, distribution, arguments, dimension) { Column = CounterRandom.Keyed(node.Seed, node.Name, 0, name) };
            if (distribution.Name == "latin_hypercube" && node.ItemCount is null)
            {
                Report(call.At, $"latin_hypercube needs the number of items, which node \"{node.Name}\" does not know before it is cooked; use sobol or uniform");
                return null;
            }
            if (rule.Constants is not null) distribution.Check(rule.Constants);
            return rule;
        }
        catch (ExpressionException e)
        {
            Report(e.At, e.Message);
        }
        catch (ArithmeticException e)
        {
            Report(0, $"{distribution.Name}: {e.Message}");
        }
        return null;
    }
}
