using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Recipes.Wedges;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>Reads <c>wedge:</c>.</summary>
internal sealed class WedgeReader(PlanValues values)
{
    private static readonly string[] Methods = ["grid", "zip", "random", "sobol", "latin_hypercube", "list"];

    public WedgeRule? Read(YamlNode node, ulong seed, string name)
    {
        var later = new Dictionary<string, string> { ["exclude"] = NotYet("exclude"), ["include"] = NotYet("include") };
        if (values.Mapping(node, "wedge", ["method", "parameters", "count", "legs"], later) is not { } map) return null;
        string? word = map.Find("method") is { } m ? values.Choice(m, "method", Methods) : "grid";
        if (word is null) return null;
        var method = (WedgeMethod)Array.IndexOf(Methods, word);
        if (method == WedgeMethod.List) return ReadList(map, seed, name);
        if (map.Find("legs") is { } stray) values.Wrong(stray.Mark, "\"legs\" belongs to method list; the others have \"parameters\"");
        if (map.Find("parameters") is not YamlMapping { Entries.Count: > 0 } given)
        {
            values.Wrong(map.Find("parameters")?.Mark ?? map.Mark, "\"wedge\" needs \"parameters\": a mapping from names to {values: […]} or {min, max, count}");
            return null;
        }
        bool steps = method is WedgeMethod.Grid or WedgeMethod.Zip;
        long legs = 1;
        if (!steps)
        {
            if (map.Find("count") is not { } count)
            {
                values.Wrong(map.Mark, $"method {word} needs \"count\": how many legs are drawn");
                return null;
            }
            if (values.Int(count, "count", 1, Limits.Items) is not { } n) return null;
            legs = n;
        }
        else if (map.Find("count") is { } stray2) values.Wrong(stray2.Mark, $"method {word} takes no \"count\" of its own; each parameter has one");
        var parameters = new List<WedgeParameter>();
        foreach (var (key, value) in given.Entries)
            if (Names.CheckAttribute(values.Diagnostics, key, "parameter") && Parameter(key.Text, value, steps) is { } p) parameters.Add(p);
        if (parameters.Count < given.Entries.Count) return null;
        if (method == WedgeMethod.Sobol && parameters.Count > SobolSequence.JoeKuoDimensions)
        {
            values.Wrong(given.Mark, $"sobol has {SobolSequence.JoeKuoDimensions} dimensions; this wedge has {parameters.Count} parameters");
            return null;
        }
        if (method == WedgeMethod.Zip)
        {
            legs = parameters[0].Length;
            foreach (var p in parameters.Where(p => p.Length != legs))
            {
                values.Wrong(given.Entries.First(e => e.Key.Text == p.Name).Key.Mark, $"zip moves all parameters together: \"{p.Name}\" has {p.Length} values, \"{parameters[0].Name}\" has {legs}");
                return null;
            }
        }
        if (method == WedgeMethod.Grid)
        {
            Int128 product = 1;
            foreach (var p in parameters) product = Int128.Min(product * p.Length, (Int128)Limits.Items * 1000);
            if (product > Limits.Items)
            {
                values.Wrong(given.Mark, $"this grid has more than {Limits.Items} legs ({string.Join(" × ", parameters.Select(p => p.Length))}); take fewer values, or method sobol with a count");
                return null;
            }
            legs = (long)product;
        }
        return new(method, parameters, legs, seed, name);
    }

    private static string NotYet(string key) => $"\"{key}\" is not there yet; a later version will have it. Until then choose legs with method list";

    private WedgeParameter? Parameter(string name, YamlNode node, bool steps)
    {
        if (node is YamlList short_) return Listed(name, short_);
        if (values.Mapping(node, $"parameter \"{name}\"", ["values", "min", "max", "count", "scale", "type"]) is not { } map) return null;
        if (map.Find("values") is { } list)
        {
            foreach (string other in new[] { "min", "max", "count", "scale", "type" })
                if (map.Find(other) is { } stray) values.Wrong(stray.Mark, $"parameter \"{name}\" has \"values\"; \"{other}\" belongs to a range");
            return Listed(name, list);
        }
        bool complete = true;
        foreach (string needed in steps ? ["min", "max", "count"] : new[] { "min", "max" })
        {
            if (map.Find(needed) is not null) continue;
            complete = false;
            values.Wrong(map.Mark, $"parameter \"{name}\" needs \"{needed}\" (or \"values\")");
        }
        if (!steps && map.Find("count") is { } own) values.Wrong(own.Mark, "drawn legs have one \"count\", next to \"method\"");
        if (!complete) return null;
        double? min = values.Number(map.Find("min")!, "min", double.MinValue, double.MaxValue), max = values.Number(map.Find("max")!, "max", double.MinValue, double.MaxValue);
        long? count = steps ? values.Int(map.Find("count")!, "count", 1, Limits.Items) : 0;
        bool isLog = map.Find("scale") is { } scale && values.Choice(scale, "scale", ["linear", "log"]) == "log";
        bool isInt = map.Find("type") is { } type && values.Choice(type, "type", ["int", "float"]) == "int";
        if (min is not { } low || max is not { } high || count is not { } n) return null;
        if (low > high)
        {
            values.Wrong(map.Find("min")!.Mark, $"\"min\" {low.ToString("R")} is above \"max\" {high.ToString("R")}");
            return null;
        }
        if (isLog && low <= 0)
        {
            values.Wrong(map.Find("min")!.Mark, $"\"min\" is {low.ToString("R")}; a log scale needs one above 0");
            return null;
        }
        if (isInt && (Math.Abs(low) > 9e15 || Math.Abs(high) > 9e15 || low != Math.Floor(low) || high != Math.Floor(high)))
        {
            values.Wrong(map.Find("min")!.Mark, $"parameter \"{name}\" is an int; \"min\" and \"max\" must be whole numbers");
            return null;
        }
        var parameter = new WedgeParameter(name, [], low, high, n, isLog, isInt);
        if (isInt && n > high - low + 1)
        {
            values.Wrong(map.Find("count")!.Mark, $"parameter \"{name}\": {n} values do not fit between {low.ToString("R")} and {high.ToString("R")}, where there are {(high - low + 1).ToString("R")} ints");
            return null;
        }
        return parameter;
    }

    private WedgeParameter? Listed(string name, YamlNode node)
    {
        switch (values.Of(node, "values"))
        {
            case null: return null;
            case Value.List { Entries.Count: > 0 } l: return new(name, Numbers(l.Entries));
            default:
                values.Wrong(node.Mark, $"\"values\" of \"{name}\" must be a list with at least one entry");
                return null;
        }
    }

    // [1, 2.5] is a list of floats, so that all legs have one type.
    private static IReadOnlyList<Value> Numbers(IReadOnlyList<Value> entries)
        => entries.Any(e => e is Value.Float) && entries.All(e => e is Value.Float or Value.Int) ? [.. entries.Select(e => e is Value.Int i ? new Value.Float(i.Number) : e)] : entries;

    private WedgeRule? ReadList(YamlMapping map, ulong seed, string name)
    {
        foreach (string other in new[] { "parameters", "count" })
            if (map.Find(other) is { } stray) values.Wrong(stray.Mark, $"method list takes \"legs\", not \"{other}\"");
        if (map.Find("legs") is not YamlList { Entries.Count: > 0 } legs)
        {
            values.Wrong(map.Find("legs")?.Mark ?? map.Mark, "method list needs \"legs\": a list of mappings from names to values");
            return null;
        }
        var columns = new Dictionary<string, List<Value>>(StringComparer.Ordinal);
        IReadOnlyList<string>? names = null;
        bool good = true;
        foreach (var leg in legs.Entries)
        {
            if (leg is not YamlMapping fields)
            {
                values.Wrong(leg.Mark, $"a leg must be a mapping from names to values, not {leg.Kind}");
                good = false;
                continue;
            }
            names ??= [.. fields.Entries.Select(e => e.Key.Text)];
            foreach (var (key, value) in fields.Entries)
            {
                if (!names.Contains(key.Text)) values.Wrong(key.Mark, $"every leg has the same names; the first has none called \"{key.Text}\" ({string.Join(", ", names)})");
                good &= names.Contains(key.Text) && Names.CheckAttribute(values.Diagnostics, key, "parameter");
                if (values.Of(value, key.Text) is not { } v) good = false;
                else (columns.TryGetValue(key.Text, out var column) ? column : columns[key.Text] = []).Add(v);
            }
            foreach (string missing in names.Where(n => fields.Find(n) is null))
            {
                values.Wrong(leg.Mark, $"this leg has no \"{missing}\"; every leg has the same names");
                good = false;
            }
        }
        return good ? new(WedgeMethod.List, [.. names!.Select(n => new WedgeParameter(n, Numbers(columns[n])))], legs.Entries.Count, seed, name) : null;
    }
}
