using System.Text.Json.Nodes;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Checking;
using ExampleMlFarm.Recipes.Expressions;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>From a value to what an option wants: the one place where type and range of options are checked, for constants while the recipe is checked and for the rest per item.</summary>
internal static class OptionConversion
{
    /// <summary>The JSON; with an error in words when the value does not fit.</summary>
    public static JsonNode? ToJson(Value value, OptionDescriptor option, Func<string, string> pathOf, out string? error)
    {
        error = null;
        switch (option.Type, value)
        {
            case (OptionType.Int, Value.Int i): return Ranged(i.Number, option, ref error) ? JsonValue.Create(i.Number) : null;
            case (OptionType.Int, Value.Float f) when f.Number == Math.Floor(f.Number) && Math.Abs(f.Number) < 9e15:
                return Ranged(f.Number, option, ref error) ? JsonValue.Create((long)f.Number) : null;
            case (OptionType.Float, Value.Int i): return Ranged(i.Number, option, ref error) ? JsonValue.Create((double)i.Number) : null;
            case (OptionType.Float, Value.Float f): return Ranged(f.Number, option, ref error) ? JsonValue.Create(f.Number) : null;
            case (OptionType.Float, Value.Text t) when option.Unit == "fraction" && Percentage(t.Characters) is { } share:
                return Ranged(share, option, ref error) ? JsonValue.Create(share) : null;
            case (OptionType.Text, Value.Text or Value.File): return JsonValue.Create(value.ToString()!);
            // A string option may hold digits: version: 2024.
            case (OptionType.Text, Value.Int or Value.Float or Value.Bool): return JsonValue.Create(value.ToString()!);
            case (OptionType.Bool, Value.Bool b): return JsonValue.Create(b.Truth);
            case (OptionType.Choice c, Value.Text t):
                if (c.Words.Contains(t.Characters)) return JsonValue.Create(t.Characters);
                error = $"unknown {option.Name} \"{Short(t.Characters)}\"{NearestName.Hint(t.Characters, [.. c.Words])}";
                return null;
            case (OptionType.Choice c, Value.Int or Value.Bool or Value.Float) when c.Words.Contains(value.ToString()!): return JsonValue.Create(value.ToString()!);
            case (OptionType.File, Value.File or Value.Text):
                if (value.ToString()!.Length > 0) return JsonValue.Create(pathOf(value.ToString()!));
                error = $"\"{option.Name}\" must name a file";
                return null;
            case (OptionType.ListOf l, Value.List list):
                var array = new JsonArray();
                foreach (var entry in list.Entries)
                {
                    var json = ToJson(entry, option with { Type = l.Entry }, pathOf, out error);
                    if (error is not null) return null;
                    array.Add(json);
                }
                return array;
            case (OptionType.ListOf l, not Value.Node):
                var only = ToJson(value, option with { Type = l.Entry }, pathOf, out error);
                return error is null ? new JsonArray(only) : null;
        }
        string range = option.DescribeRange();
        error = $"\"{option.Name}\" must be {Article(option.Type)}{(range.Length > 0 ? $" ({range})" : "")}, not {Shown(value)}";
        return null;
    }

    /// <summary>True when a value of that type may fit; what is only known per item is left to <see cref="ToJson"/>.</summary>
    public static bool MayFit(StaticType type, OptionDescriptor option) => type == StaticType.Any || option.Type switch
    {
        OptionType.Int => type == StaticType.Int || type == StaticType.Float,
        OptionType.Float => type.MayBeNumber || (type == StaticType.Text && option.Unit == "fraction"),
        OptionType.Text => type.Entry is null && type != StaticType.Node,
        OptionType.Bool => type == StaticType.Bool,
        OptionType.Choice => type.Entry is null && type != StaticType.Node,
        OptionType.File => type.MayBeText,
        OptionType.ListOf l => MayFit(type.Entry ?? type, option with { Type = l.Entry }),
        OptionType.Node => type == StaticType.Node,
        _ => false,
    };

    /// <summary>80% as 0.8; null when the text is no percentage.</summary>
    public static double? Percentage(string text)
        => text.EndsWith('%') && Yaml.ScalarTyping.Number(text[..^1].Trim()) is { } v ? (v is Value.Int i ? i.Number : ((Value.Float)v).Number) / 100 : null;

    /// <summary>The type with its article.</summary>
    public static string Article(OptionType type) => type switch
    {
        OptionType.Int => "an int",
        OptionType.Float => "a number",
        OptionType.Text => "a string",
        OptionType.Bool => "true or false",
        OptionType.Choice c => $"one of {string.Join(", ", c.Words)}",
        OptionType.File => "a file",
        OptionType.ListOf l => $"a list of {l.Entry.Describe()}",
        OptionType.Node => "a node, as ${{ nodes.NAME }}",
        OptionType.Chain => "an operator or a list of operators",
        _ => $"a mapping {type.Describe()}",
    };

    /// <summary>A value in a message: its text and its type.</summary>
    public static string Shown(Value value) => value switch
    {
        Value.Text t => $"the string \"{Short(t.Characters)}\"",
        Value.File f => $"the file \"{Short(f.Path)}\"",
        Value.List l => $"a list of {l.Entries.Count}",
        Value.Node n => $"the node \"{n.Name}\"",
        _ => Short(value.ToString()!),
    };

    private static string Short(string text) => text.Length <= 60 ? text : text[..57] + "…";

    private static bool Ranged(double number, OptionDescriptor option, ref string? error)
    {
        if (double.IsFinite(number) && option.Allows(number)) return true;
        string range = option.DescribeRange();
        error = !double.IsFinite(number) ? $"\"{option.Name}\" must be a finite number, not {number}"
            : $"\"{option.Name}\" is {number.ToString("R")}; allowed is {range}{(option.Unit.Length > 0 && option.Unit != "fraction" ? $" {option.Unit}" : "")}";
        return false;
    }
}
