using System.Text.Json.Nodes;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>Reads options against their descriptors: constants are converted and checked at once, expressions by type.</summary>
internal sealed class OptionReader(PlanValues values, ExpressionScope scope, INodeCatalogue catalogue, IRecipeFiles files)
{
    /// <summary>Every option of a list of descriptors; those not given have their defaults.</summary>
    public OptionTree.Fields Read(YamlNode? node, IReadOnlyList<OptionDescriptor> options, string what, TextMark mark)
    {
        var map = node as YamlMapping;
        if (node is not null && map is null && node is not YamlScalar { IsNull: true })
            values.Wrong(node.Mark, $"the options of {what} must be a mapping ({string.Join(", ", options.Select(o => o.Name))}), not {node.Kind}");
        foreach (var entry in map?.Entries ?? [])
        {
            if (options.All(o => o.Name != entry.Key.Text))
                values.Wrong(entry.Key.Mark, $"{what} has no option \"{entry.Key.Text}\"{NearestName.Hint(entry.Key.Text, [.. options.Select(o => o.Name)])}");
        }
        var trees = new List<(OptionDescriptor, OptionTree)>();
        foreach (var option in options)
        {
            var given = map?.Find(option.Name);
            if (given is null)
            {
                if (option.Required) values.Wrong(map?.Mark ?? node?.Mark ?? mark, $"{what} needs option \"{option.Name}\" ({OptionConversion.Article(option.Type)})");
                trees.Add((option, new OptionTree.Fixed(option.Default?.DeepClone(), option.Type is OptionType.File)));
            }
            else if (given is YamlScalar { IsNull: true }) trees.Add((option, Absent(given, option)));
            else trees.Add((option, Read(given, option)));
        }
        return new(trees);
    }

    private OptionTree.Fixed Absent(YamlNode given, OptionDescriptor option)
    {
        if (option.Required || option.Default is not null) values.Wrong(given.Mark, $"\"{option.Name}\" is empty; give it a value, or leave it out");
        return new(null, option.Type is OptionType.File);
    }

    private OptionTree Read(YamlNode node, OptionDescriptor option)
    {
        switch (option.Type, node)
        {
            case (OptionType.Chain, _): return Chain(node, option.Name);
            case (OptionType.Fields f, _): return Read(node, f.Options, $"\"{option.Name}\"", node.Mark);
            case (OptionType.Map m, YamlMapping map):
                return new OptionTree.Map([.. map.Entries.OrderBy(e => e.Key.Text, StringComparer.Ordinal)
                    .Select(e => KeyValuePair.Create(e.Key.Text, Read(e.Value, option with { Name = e.Key.Text, Type = m.Entry })))]);
            case (OptionType.ListOf l, YamlList list): return new OptionTree.Entries([.. list.Entries.Select(e => Read(e, option with { Type = l.Entry }))]);
            case (OptionType.Node or OptionType.ListOf { Entry: OptionType.Node }, YamlScalar s): return Node(s, option);
            case (_, YamlScalar s): return Scalar(s, option);
        }
        values.Wrong(node.Mark, $"\"{option.Name}\" must be {OptionConversion.Article(option.Type)}, not {node.Kind}");
        return new OptionTree.Fixed(null, false);
    }

    private OptionTree Node(YamlScalar s, OptionDescriptor option)
    {
        if (Template.HasExpression(s.Text) && values.Template(s, scope, out var type) is var template)
        {
            if (template is null) return new OptionTree.Fixed(null, false);
            if (template is { IsText: false, Parts: [Expression.Member { Of: Expression.Name { Text: "nodes" } } reference] })
            {
                var one = new OptionTree.Node(reference.Text, s.Mark);
                return option.Type is OptionType.ListOf ? new OptionTree.Entries([one]) : one;
            }
            values.Wrong(s.Mark, $"\"{option.Name}\" must be {OptionConversion.Article(option.Type)}, not {(type == StaticType.Node ? "a choice of nodes" : type.ToString())}");
            return new OptionTree.Fixed(null, false);
        }
        string hint = scope.Nodes?.Contains(s.Text) == true ? $"; write ${{{{ nodes.{s.Text} }}}}" : "";
        values.Wrong(s.Mark, $"\"{option.Name}\" must be a node, as ${{{{ nodes.NAME }}}}, not \"{s.Text}\"{hint}");
        return new OptionTree.Fixed(null, false);
    }

    private OptionTree Scalar(YamlScalar s, OptionDescriptor option)
    {
        var nothing = new OptionTree.Fixed(null, false);
        if (s.IsNull)
        {
            values.Wrong(s.Mark, $"\"{option.Name}\" is empty; give it a value, or leave it out");
            return nothing;
        }
        Value? value = null;
        if (Template.HasExpression(s.Text))
        {
            var template = values.Template(s, scope, out var type);
            if (template is null) return nothing;
            value = template.Constant;
            if (value is null)
            {
                if (OptionConversion.MayFit(type, option) && type != StaticType.Node) return new OptionTree.Evaluated(template, option, s.Mark, files.Resolve);
                values.Wrong(s.Mark, $"\"{option.Name}\" must be {OptionConversion.Article(option.Type)}; this expression gives {Indefinite(type)}");
                return nothing;
            }
        }
        else value = ScalarTyping.Of(s);
        if (value is null) return nothing;
        var json = OptionConversion.ToJson(value, option, files.Resolve, out string? error);
        if (error is not null)
        {
            values.Wrong(s.Mark, error);
            return nothing;
        }
        bool isFile = option.Type is OptionType.File;
        foreach (string path in option.Type is OptionType.File or OptionType.ListOf { Entry: OptionType.File } ? PathsOf(json) : [])
            if (!RecipeFile.HasScheme(path) && files.HashOf(path) is null) values.Wrong(s.Mark, $"\"{option.Name}\": the file \"{value}\" cannot be read (looked for {path})");
        if (option.Type is OptionType.ListOf { Entry: OptionType.File }) return new OptionTree.Entries([.. PathsOf(json).Select(p => new OptionTree.Fixed(JsonValue.Create(p), true))]);
        return new OptionTree.Fixed(json, isFile);
    }

    private static IEnumerable<string> PathsOf(JsonNode? json) => json is JsonArray a ? a.Select(e => e!.GetValue<string>()) : [json!.GetValue<string>()];

    private static string Indefinite(StaticType type) => type == StaticType.Int ? "an int" : $"a {type}";

    /// <summary>A chain: an operator's name, a mapping of one name to its options, or a list of these.</summary>
    public OptionTree.Chain Chain(YamlNode node, string what)
    {
        var steps = new List<(NodeDescriptor, OptionTree.Fields)>();
        foreach (var step in node is YamlList l ? l.Entries : [node])
        {
            YamlScalar name;
            YamlNode? options = null;
            switch (step)
            {
                case YamlScalar { IsNull: false } s: name = s; break;
                case YamlMapping { Entries: [var only] }: (name, options) = (only.Key, only.Value); break;
                default:
                    values.Wrong(step.Mark, $"a step of \"{what}\" must be an operator's name, or one name with its options, not {(step is YamlMapping m ? $"a mapping of {m.Entries.Count} names; put \"- \" in front of each" : step.Kind)}");
                    continue;
            }
            var type = catalogue.Find(name.Text);
            string[] operators = [.. catalogue.All.Where(d => d.IsOperator).Select(d => d.Name)];
            if (type is null) values.Wrong(name.Mark, $"unknown operator \"{name.Text}\"{NearestName.Hint(name.Text, operators)}");
            else if (!type.IsOperator) values.Wrong(name.Mark, $"\"{name.Text}\" is a node type but no operator, so it cannot be a step of \"{what}\"; give it a node of its own ({string.Join(", ", operators)})");
            else steps.Add((type, Read(options, type.Options, type.Name, name.Mark)));
        }
        return new(steps);
    }
}
