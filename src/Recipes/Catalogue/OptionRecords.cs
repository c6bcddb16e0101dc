using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;

namespace ExampleMlFarm.Recipes.Catalogue;

/// <summary>Options records by reflection: a record's type to descriptors, and evaluated options back to a record.</summary>
/// <remarks>
/// Property types: int, long, float, double, string, bool, enums (words in snake_case), <see cref="RecipeFile"/>, <see cref="NodeInput"/>,
/// <see cref="OperatorChain"/>, arrays and read-only lists of these, string-keyed read-only dictionaries, further options records; and their nullable
/// forms, which mean "absent unless given".
/// </remarks>
internal static class OptionRecords
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<Place>> Known = new();

    public static IReadOnlyList<OptionDescriptor> Describe(Type record) => [.. PlacesOf(record).Select(p => p.Option)];

    public static object Read(Type record, JsonObject options)
    {
        object result = Activator.CreateInstance(record)!;
        foreach (var place in PlacesOf(record))
            if (options[place.Option.Name] is { } value) place.Set(result, ToObject(place.Property.PropertyType, value, place.Option.Name));
        return result;
    }

    /// <summary>Where an option is kept: a property of the record, or of a group inside it.</summary>
    private sealed record Place(PropertyInfo? Group, PropertyInfo Property, OptionDescriptor Option)
    {
        public object? Of(object record) => Property.GetValue(Holder(record));

        public void Set(object record, object value) => Property.SetValue(Holder(record), value);

        private object Holder(object record) => Group is null ? record : Group.GetValue(record)!;
    }

    private static IReadOnlyList<Place> PlacesOf(Type record) => Known.GetOrAdd(record, static type =>
    {
        if (type.GetConstructor(Type.EmptyTypes) is null) throw new ArgumentException($"{type.Name} needs a constructor without parameters");
        object defaults = Activator.CreateInstance(type)!;
        var result = new List<Place>();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).OrderBy(p => p.MetadataToken))
        {
            if (property.GetCustomAttribute<OptionGroupAttribute>() is not null)
            {
                if (property.GetValue(defaults) is null) throw new ArgumentException($"{type.Name}.{property.Name} is a group and must begin as a new record");
                result.AddRange(PlacesOf(property.PropertyType).Select(p => p.Group is null ? p with { Group = property } : throw new ArgumentException($"{type.Name}.{property.Name} is a group with a group inside")));
                continue;
            }
            var says = property.GetCustomAttribute<OptionAttribute>()
                ?? throw new ArgumentException($"{type.Name}.{property.Name} has no [Option] that says what it means");
            var value = property.GetValue(defaults);
            var optionType = TypeOf(property.PropertyType, $"{type.Name}.{property.Name}");
            result.Add(new(null, property, new OptionDescriptor(SnakeCase(property.Name), optionType, says.Required || value is null ? null : ToJson(value), says.Doc)
            {
                Unit = says.Unit,
                Min = says.Min,
                Max = says.Max,
                MinExcluded = says.MinExcluded,
                Required = says.Required,
                NotInKey = says.NotInKey,
            }));
        }
        if (result.GroupBy(p => p.Option.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new ArgumentException($"{type.Name} has two options '{twice.Key}'");
        return result;
    });

    private static OptionType TypeOf(Type type, string where)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(int) || type == typeof(long)) return new OptionType.Int();
        if (type == typeof(float) || type == typeof(double)) return new OptionType.Float();
        if (type == typeof(string)) return new OptionType.Text();
        if (type == typeof(bool)) return new OptionType.Bool();
        if (type.IsEnum) return new OptionType.Choice([.. Enum.GetNames(type).Select(SnakeCase)]);
        if (type == typeof(RecipeFile)) return new OptionType.File();
        if (type == typeof(NodeInput)) return new OptionType.Node();
        if (type == typeof(OperatorChain)) return new OptionType.Chain();
        if (EntryOf(type) is { } entry) return new OptionType.ListOf(TypeOf(entry, where));
        if (ValueOf(type) is { } value) return new OptionType.Map(TypeOf(value, where));
        if (type.IsClass && type.GetConstructor(Type.EmptyTypes) is not null) return new OptionType.Fields(Describe(type));
        throw new ArgumentException($"{where}: no option can be a {type.Name}");
    }

    private static Type? EntryOf(Type type)
    {
        if (type.IsArray) return type.GetElementType();
        return type.IsGenericType && type.GetGenericTypeDefinition() is var g && (g == typeof(IReadOnlyList<>) || g == typeof(List<>)) ? type.GetGenericArguments()[0] : null;
    }

    private static Type? ValueOf(Type type)
        => type.IsGenericType && type.GetGenericTypeDefinition() is var g && (g == typeof(IReadOnlyDictionary<,>) || g == typeof(Dictionary<,>))
            && type.GetGenericArguments()[0] == typeof(string) ? type.GetGenericArguments()[1] : null;

    private static JsonNode? ToJson(object value) => value switch
    {
        int i => JsonValue.Create((long)i),
        long l => JsonValue.Create(l),
        float f => JsonValue.Create(double.Parse(f.ToString("R"))),
        double d => JsonValue.Create(d),
        string s => JsonValue.Create(s),
        bool b => JsonValue.Create(b),
        Enum e => JsonValue.Create(SnakeCase(e.ToString())),
        RecipeFile file => file.Path is { Length: > 0 } path ? JsonValue.Create(path) : null,
        OperatorChain chain => new JsonArray([.. chain.Steps.Select(s => (JsonNode)new JsonObject { ["operator"] = s.Operator, ["options"] = s.Options.DeepClone() })]),
        IDictionary map => new JsonObject(map.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(k => KeyValuePair.Create(k, ToJson(map[k]!)))),
        IEnumerable list => new JsonArray([.. list.Cast<object>().Select(ToJson)]),
        NodeInput => null,
        _ => new JsonObject(PlacesOf(value.GetType()).Select(p => KeyValuePair.Create(p.Option.Name, p.Of(value) is { } v ? ToJson(v) : null))),
    };

    private static object ToObject(Type type, JsonNode value, string where)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(int)) return checked((int)value.GetValue<long>());
        if (type == typeof(long)) return value.GetValue<long>();
        if (type == typeof(double)) return Number(value);
        if (type == typeof(float)) return (float)Number(value);
        if (type == typeof(string)) return value.GetValue<string>();
        if (type == typeof(bool)) return value.GetValue<bool>();
        if (type.IsEnum) return Enum.Parse(type, Enum.GetNames(type).First(n => SnakeCase(n) == value.GetValue<string>()));
        if (type == typeof(RecipeFile)) return new RecipeFile(value.GetValue<string>());
        if (type == typeof(NodeInput)) return new NodeInput(value[NodeMarker]!.GetValue<string>(), (int)value["dependency"]!.GetValue<long>());
        if (type == typeof(OperatorChain))
            return new OperatorChain([.. value.AsArray().Select(s => new OperatorStep(s!["operator"]!.GetValue<string>(), s["options"]!.DeepClone().AsObject()))]);
        if (EntryOf(type) is { } entry)
        {
            var source = value.AsArray();
            var array = Array.CreateInstance(entry, source.Count);
            for (int i = 0; i < source.Count; i++) array.SetValue(ToObject(entry, source[i]!, where), i);
            return type.IsArray || type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? array : Activator.CreateInstance(type, array)!;
        }
        if (ValueOf(type) is { } valueType)
        {
            var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
            foreach (var (key, v) in value.AsObject()) map[key] = ToObject(valueType, v!, where);
            return map;
        }
        return Read(type, value.AsObject());
    }

    /// <summary>Key of the JSON object that stands for a node: <c>{"$node": "basis", "dependency": 1}</c>.</summary>
    public const string NodeMarker = "$node";

    private static double Number(JsonNode value) => value.AsValue().TryGetValue(out double d) ? d : value.GetValue<long>();

    public static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            bool starts = i > 0 && char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (starts) text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }
}
