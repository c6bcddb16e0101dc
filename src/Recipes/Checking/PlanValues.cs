using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>Reads values that are fixed before there are items: plain ones, and expressions over params and run. Says what is wrong and gives null.</summary>
internal sealed class PlanValues(Diagnostics diagnostics, ExpressionScope scope)
{
    public ExpressionScope Scope { get; } = scope;

    public Diagnostics Diagnostics { get; } = diagnostics;

    /// <summary>Any value: a scalar or a list of them.</summary>
    public Value? Of(YamlNode node, string what)
    {
        switch (node)
        {
            case YamlScalar s when s.IsNull: return Wrong(s.Mark, $"\"{what}\" is empty; give it a value, or leave it out");
            case YamlScalar s when Expressions.Template.HasExpression(s.Text):
                var template = Template(s, Scope.WithoutItems, out _);
                if (template is null) return null;
                if (template.Constant is { } constant) return constant;
                return null;
            case YamlScalar s: return ScalarTyping.Of(s);
            case YamlList l:
                var entries = l.Entries.Select(e => Of(e, what)).ToArray();
                return entries.Any(e => e is null) ? null : new Value.List(entries!);
            default: return Wrong(node.Mark, $"\"{what}\" must be a value, not {node.Kind}");
        }
    }

    /// <summary>A template with its type, checked and folded; null when it is wrong.</summary>
    public Template? Template(YamlScalar scalar, ExpressionScope where, out StaticType type)
    {
        type = StaticType.Any;
        bool wrong = false;
        void Report(int at, string message)
        {
            wrong = true;
            Diagnostics.Error(scalar.Locate(at), message);
        }
        try
        {
            var template = Expressions.Template.Parse(scalar.Text);
            type = template.Check(where, Report);
            if (wrong) return null;
            var folded = template.Fold(where, Report);
            return wrong ? null : folded;
        }
        catch (ExpressionException e)
        {
            Report(e.At, e.Message);
            return null;
        }
    }

    public long? Int(YamlNode node, string what, long min, long max)
    {
        var value = Of(node, what);
        if (value is null) return null;
        long? number = value is Value.Int i ? i.Number : value is Value.Float f && f.Number == Math.Floor(f.Number) && Math.Abs(f.Number) < 9e15 ? (long)f.Number : null;
        if (number is null) return WrongInt(node.Mark, $"\"{what}\" must be an int ({Range(min, max)}), not {OptionConversion.Shown(value)}");
        if (number < min || number > max) return WrongInt(node.Mark, $"\"{what}\" is {number}; allowed is {Range(min, max)}");
        return number;
    }

    public double? Number(YamlNode node, string what, double min, double max)
    {
        var value = Of(node, what);
        if (value is null) return null;
        double? number = value is Value.Int i ? i.Number : value is Value.Float f ? f.Number : null;
        string range = double.IsFinite(max) ? $"{min.ToString("R")} to {max.ToString("R")}" : double.IsFinite(min) ? $"at least {min.ToString("R")}" : "any finite number";
        if (number is null)
        {
            Wrong(node.Mark, $"\"{what}\" must be a number ({range}), not {OptionConversion.Shown(value)}");
            return null;
        }
        if (!double.IsFinite(number.Value) || number < min || number > max)
        {
            Wrong(node.Mark, $"\"{what}\" is {number.Value.ToString("R")}; allowed is {range}");
            return null;
        }
        return number;
    }

    public string? Word(YamlNode node, string what)
    {
        var value = Of(node, what);
        if (value is Value.Text or Value.File) return value.ToString();
        if (value is not null) Wrong(node.Mark, $"\"{what}\" must be a string, not {OptionConversion.Shown(value)}");
        return null;
    }

    /// <summary>One of a few words; the message names the nearest.</summary>
    public string? Choice(YamlNode node, string what, IReadOnlyCollection<string> words)
    {
        string? word = Word(node, what);
        if (word is null || words.Contains(word)) return word;
        Wrong(node.Mark, $"unknown {what} \"{word}\"{NearestName.Hint(word, words)}");
        return null;
    }

    public IReadOnlyList<string>? Words(YamlNode node, string what)
    {
        if (node is YamlList list)
        {
            var words = list.Entries.Select(e => Word(e, what)).ToArray();
            return words.Any(w => w is null) ? null : [.. words.OfType<string>()];
        }
        return Word(node, what) is { } one ? [one] : null;
    }

    /// <summary>A mapping whose keys are checked; null, with an error, for anything else.</summary>
    public YamlMapping? Mapping(YamlNode node, string what, IReadOnlyCollection<string> keys, IReadOnlyDictionary<string, string>? notYet = null)
    {
        if (node is not YamlMapping map)
        {
            Wrong(node.Mark, $"\"{what}\" must be a mapping with {string.Join(", ", keys)}, not {node.Kind}");
            return null;
        }
        foreach (var entry in map.Entries)
        {
            if (keys.Contains(entry.Key.Text)) continue;
            if (notYet?.GetValueOrDefault(entry.Key.Text) is { } later) Wrong(entry.Key.Mark, later);
            else Wrong(entry.Key.Mark, $"unknown key \"{entry.Key.Text}\" in {what}{NearestName.Hint(entry.Key.Text, keys)}");
        }
        return map;
    }

    public Value? Wrong(TextMark mark, string message)
    {
        Diagnostics.Error(mark, message);
        return null;
    }

    private long? WrongInt(TextMark mark, string message)
    {
        Diagnostics.Error(mark, message);
        return null;
    }

    private static string Range(long min, long max) => max == long.MaxValue ? $"at least {min}" : min == long.MinValue ? $"at most {max}" : $"{min} to {max}";
}
