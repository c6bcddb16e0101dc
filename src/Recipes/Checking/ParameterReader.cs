using ExampleMlFarm.Recipes.Attributes;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>A parameter as the recipe declares it: what <c>-p</c>, the web form and the schema offer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Default">Its value unless given; null = must be given.</param>
/// <param name="Help">What it means.</param>
/// <param name="Unit">Unit, or empty.</param>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Greatest value.</param>
/// <param name="Choices">Allowed values; empty = any.</param>
/// <param name="Mark">Where.</param>
public sealed record ParameterDeclaration(string Name, StaticType Type, Value? Default, string Help, string Unit, double Min, double Max, IReadOnlyList<Value> Choices, TextMark Mark);

/// <summary>Reads <c>params:</c> and puts the given values in.</summary>
internal sealed class ParameterReader(PlanValues values, IRecipeFiles files, bool checkOnly, IReadOnlyDictionary<string, Value>? frozen)
{
    private static readonly string[] Keys = ["type", "default", "help", "unit", "min", "max", "choices"];
    private static readonly string[] Types = ["int", "float", "string", "bool", "file", "list"];

    /// <summary>The declarations, with a value for each.</summary>
    public (IReadOnlyList<ParameterDeclaration> Declared, Dictionary<string, Value> Bound) Read(YamlNode? node, IReadOnlyDictionary<string, string> given)
    {
        var declared = new List<ParameterDeclaration>();
        var bound = new Dictionary<string, Value>(StringComparer.Ordinal);
        if (node is YamlMapping map)
        {
            foreach (var (key, value) in map.Entries)
                if (Names.Check(values.Diagnostics, key, "parameter") && Declare(key, value) is { } declaration) declared.Add(declaration);
        }
        else if (node is YamlScalar { IsNull: false } or YamlList) values.Wrong(node.Mark, $"\"params\" must be a mapping from names to declarations, not {node.Kind}");
        foreach (string name in given.Keys.Order(StringComparer.Ordinal))
        {
            if (declared.All(d => d.Name != name) && (node as YamlMapping)?.Find(name) is null)
                values.Diagnostics.ParameterError(name, $"the recipe has no parameter \"{name}\"{NearestName.Hint(name, [.. declared.Select(d => d.Name)])}");
        }
        foreach (var d in declared)
            if (Bind(d, given.GetValueOrDefault(d.Name)) is { } v) bound[d.Name] = v;
        return (declared, bound);
    }

    private ParameterDeclaration? Declare(YamlScalar key, YamlNode node)
    {
        if (node is not YamlMapping)
            return values.Of(node, key.Text) is { } short_ ? new(key.Text, short_.Type, short_, "", "", double.NegativeInfinity, double.PositiveInfinity, [], key.Mark) : null;
        var map = values.Mapping(node, $"parameter \"{key.Text}\"", Keys)!;
        var fallback = map.Find("default") is { } d ? values.Of(d, "default") : null;
        string? word = map.Find("type") is { } t ? values.Choice(t, "type", Types) : null;
        if (map.Find("type") is not null && word is null) return null;
        if (map.Find("default") is not null && fallback is null) return null;
        var type = word is null ? fallback?.Type : StaticType.Named(word);
        if (type is null)
        {
            values.Wrong(key.Mark, $"parameter \"{key.Text}\" needs a \"type\" ({string.Join(", ", Types)}) or a \"default\" that has one");
            return null;
        }
        double min = map.Find("min") is { } low ? values.Number(low, "min", double.NegativeInfinity, double.PositiveInfinity) ?? double.NegativeInfinity : double.NegativeInfinity;
        double max = map.Find("max") is { } high ? values.Number(high, "max", double.NegativeInfinity, double.PositiveInfinity) ?? double.PositiveInfinity : double.PositiveInfinity;
        if (min > max) values.Wrong(map.Find("min")!.Mark, $"\"min\" {min.ToString("R")} is above \"max\" {max.ToString("R")}");
        var choices = map.Find("choices") is { } c ? values.Of(c, "choices") is Value.List l ? l.Entries : [] : [];
        var declaration = new ParameterDeclaration(key.Text, type, null, map.Find("help") is { } h ? values.Word(h, "help") ?? "" : "",
            map.Find("unit") is { } u ? values.Word(u, "unit") ?? "" : "", min, max, choices, key.Mark);
        if (fallback is null) return declaration;
        var fitted = Fit(fallback, declaration, out string? error);
        if (error is null) return declaration with { Default = fitted };
        values.Wrong(map.Find("default")!.Mark, error);
        return null;
    }

    private Value? Bind(ParameterDeclaration d, string? given)
    {
        if (frozen?.GetValueOrDefault(d.Name) is { } bound) return bound;
        if (given is null)
        {
            if (d.Default is not null) return Resolved(d, d.Default, null);
            if (!checkOnly)
            {
                values.Wrong(d.Mark, $"parameter \"{d.Name}\" has no value; give one with -p {d.Name}=…, or a \"default\"");
                return null;
            }
            values.Diagnostics.Note(d.Mark, $"parameter \"{d.Name}\" has no default; checked with a stand-in");
            return StandIn(d);
        }
        var value = FromText(given, d.Type);
        if (value is null)
        {
            values.Diagnostics.ParameterError(d.Name, $"\"{given}\" is not {OneOf(d.Type)}");
            return null;
        }
        var fitted = Fit(value, d, out string? error);
        if (error is null) return Resolved(d, fitted!, given);
        values.Diagnostics.ParameterError(d.Name, error);
        return null;
    }

    private Value? Resolved(ParameterDeclaration d, Value value, string? given)
    {
        if (value is not Value.File f) return value;
        string path = files.Resolve(f.Path);
        if (Catalogue.RecipeFile.HasScheme(path) || files.HashOf(path) is not null) return new Value.File(path);
        string message = $"parameter \"{d.Name}\": the file \"{f.Path}\" cannot be read (looked for {path})";
        if (given is null) values.Wrong(d.Mark, message);
        else values.Diagnostics.ParameterError(d.Name, message);
        return null;
    }

    private static Value? Fit(Value value, ParameterDeclaration d, out string? error)
    {
        error = null;
        var fitted = (value, d.Type) switch
        {
            (Value.Int i, _) when d.Type == StaticType.Float => new Value.Float(i.Number),
            (Value.Text t, _) when d.Type == StaticType.File => new Value.File(t.Characters),
            (Value.Int or Value.Float or Value.Bool, _) when d.Type == StaticType.Text => new Value.Text(value.ToString()!),
            _ => value,
        };
        if (!fitted.Type.Fits(d.Type)) error = $"parameter \"{d.Name}\" must be {OneOf(d.Type)}, not {OptionConversion.Shown(value)}";
        else if (fitted is Value.Float { Number: var f } && !double.IsFinite(f)) error = $"parameter \"{d.Name}\" must be a finite number, not {f}";
        else if ((fitted is Value.Int i ? i.Number : fitted is Value.Float x ? x.Number : (double?)null) is { } n && (n < d.Min || n > d.Max))
            error = $"parameter \"{d.Name}\" is {fitted}; allowed is {Range(d)}";
        else if (d.Choices.Count > 0 && !d.Choices.Any(c => c.ToString() == fitted.ToString()))
            error = $"parameter \"{d.Name}\" is {OptionConversion.Shown(fitted)}; allowed is {string.Join(", ", d.Choices)}";
        return error is null ? fitted : null;
    }

    private static string Range(ParameterDeclaration d)
        => double.IsFinite(d.Max) ? double.IsFinite(d.Min) ? $"{d.Min.ToString("R")} to {d.Max.ToString("R")}" : $"at most {d.Max.ToString("R")}" : $"at least {d.Min.ToString("R")}";

    private static string OneOf(StaticType type) => type == StaticType.Int ? "an int" : $"a {type}";

    private static Value? FromText(string text, StaticType type)
    {
        if (type == StaticType.Text) return new Value.Text(text);
        if (type == StaticType.File) return new Value.File(text);
        if (type == StaticType.Bool) return text is "true" or "false" ? new Value.Bool(text == "true") : null;
        if (type == StaticType.Int) return ScalarTyping.Number(text) as Value.Int;
        if (type == StaticType.Float) return ScalarTyping.Number(text);
        try
        {
            return Folding.Fold(ExpressionParser.Parse(text), new ExpressionScope(), static (_, _) => { }) is Expression.Literal { Value: Value.List l } ? l : null;
        }
        catch (ExpressionException)
        {
            return null;
        }
    }

    private static Value StandIn(ParameterDeclaration d)
    {
        if (d.Choices.Count > 0) return d.Choices[0];
        double number = double.IsFinite(d.Min) ? d.Min : 1;
        if (d.Type == StaticType.Int) return new Value.Int((long)Math.Ceiling(number));
        if (d.Type == StaticType.Float) return new Value.Float(number);
        if (d.Type == StaticType.Bool) return new Value.Bool(false);
        if (d.Type == StaticType.File) return new Value.File("given:later");
        return d.Type.Entry is not null ? new Value.List([]) : new Value.Text("");
    }
}

/// <summary>Names that expressions can write.</summary>
internal static class Names
{
    public static bool Check(Diagnostics diagnostics, YamlScalar key, string what)
    {
        string text = key.Text;
        bool good = text.Length is > 0 and <= 64 && (char.IsAsciiLetter(text[0]) || text[0] == '_') && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
        if (!good) diagnostics.Error(key.Mark, $"\"{(text.Length <= 64 ? text : text[..61] + "…")}\" cannot name {(what[0] is 'a' or 'o' ? "an" : "a")} {what}; letters, digits and _ can, a letter first, 64 at most");
        return good;
    }

    /// <summary>The same for what becomes an attribute of items: an attribute of <c>attributes:</c>, a parameter of <c>wedge:</c>.</summary>
    public static bool CheckAttribute(Diagnostics diagnostics, YamlScalar key, string what)
    {
        if (!Check(diagnostics, key, what)) return false;
        if (!AttributeVariables.IsReserved(key.Text)) return true;
        string article = what[0] == 'a' ? "an" : "a";
        diagnostics.Error(key.Mark, key.Text == "index"
            ? $"\"index\" is every item's own number and cannot name {article} {what}"
            : $"\"{key.Text}\" cannot name {article} {what}: {AttributeVariables.Of(key.Text)} is what commands find the item's own under; reserved are {string.Join(", ", AttributeVariables.Reserved.Select(r => r.ToLowerInvariant()))}");
        return false;
    }
}
