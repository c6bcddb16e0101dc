using System.Text.RegularExpressions;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Checking;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Planning;

/// <summary>What came of a recipe's text.</summary>
/// <param name="Program">The program; null when there are errors.</param>
/// <param name="Errors">Errors and notes, in the order of the file.</param>
/// <param name="Parameters">The parameters it declares, errors or not.</param>
public sealed record CompileResult(RecipeProgram? Program, IReadOnlyList<RecipeError> Errors, IReadOnlyList<ParameterDeclaration> Parameters)
{
    /// <summary>True when it can be cooked.</summary>
    public bool Succeeded => Program is not null;
}

/// <summary>From text to program: parse, check, bind parameters, plan. Everything wrong is reported at once.</summary>
public static class RecipeCompiler
{
    private static readonly string[] Keys = ["recipe", "name", "description", "params", "seed", "nodes", "outputs"];

    /// <summary>Compiles a recipe.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="fileName">Name in messages.</param>
    /// <param name="parameters">Parameters given from outside, as text.</param>
    /// <param name="catalogue">The node types there are.</param>
    /// <param name="files">Where files are looked up.</param>
    /// <param name="checkOnly">True when parameters without a value are no error yet.</param>
    /// <param name="part">What of it is cooked; null = all of it. The whole is checked all the same.</param>
    public static CompileResult Compile(string text, string fileName, IReadOnlyDictionary<string, string> parameters, INodeCatalogue catalogue, IRecipeFiles files, bool checkOnly = false, RecipePart? part = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Compile(text, fileName, parameters, null, catalogue, files, checkOnly, part ?? RecipePart.Whole);
    }

    /// <summary>Compiles with values bound before, as a frozen run holds them.</summary>
    internal static CompileResult Compile(string text, string fileName, IReadOnlyDictionary<string, string> parameters, IReadOnlyDictionary<string, Value>? frozen, INodeCatalogue catalogue, IRecipeFiles files, bool checkOnly, RecipePart part)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentNullException.ThrowIfNull(files);
        var diagnostics = new Diagnostics(fileName);
        var root = YamlReader.Read(text, diagnostics);
        if (root is null) return new(null, diagnostics.Sorted, []);
        var recorded = new RecordedFiles(files);
        var whole = Compile(text, root, diagnostics, parameters, frozen, catalogue, recorded, checkOnly, part, null);
        if (part.Only.Count == 0 || whole.Program is not { } program) return whole;
        // Positions in the plan are counted from the nodes there are, so the part is compiled as a recipe of its own. Names, seeds and cook keys stay.
        var needed = new HashSet<string>(StringComparer.Ordinal);
        for (int i = program.Nodes.Count - 1; i >= 0; i--)
            if (program.Nodes[i] is var node && (part.Only.Contains(node.Name) || needed.Contains(node.Name)))
                needed.UnionWith(node.Dependencies.Select(d => program[d.Upstream].Name).Append(node.Name));
        var again = new Diagnostics(fileName);
        var found = Compile(text, YamlReader.Read(text, again)!, again, parameters, frozen, catalogue, recorded, checkOnly, part, needed);
        return found with { Errors = diagnostics.Sorted };
    }

    private static CompileResult Compile(string text, YamlNode root, Diagnostics diagnostics, IReadOnlyDictionary<string, string> given, IReadOnlyDictionary<string, Value>? frozen, INodeCatalogue catalogue, RecordedFiles files, bool checkOnly, RecipePart part, IReadOnlySet<string>? needed)
    {
        var values = new PlanValues(diagnostics, new ExpressionScope());
        if (root is not YamlMapping)
        {
            values.Wrong(root.Mark, $"a recipe is a mapping that starts with \"recipe: 1\", not {root.Kind}");
            return new(null, diagnostics.Sorted, []);
        }
        var map = values.Mapping(root, "the recipe", Keys)!;
        if (map.Find("recipe") is not { } version) values.Wrong(map.Mark, "the recipe has no \"recipe: 1\", the version of the language");
        else if (values.Of(version, "recipe") is { } v and not Value.Int { Number: 1 }) values.Wrong(version.Mark, $"\"recipe\" is {OptionConversion.Shown(v)}; this program knows version 1");

        var (declared, bound) = new ParameterReader(values, files, checkOnly, frozen).Read(map.Find("params"), given);
        string name = map.Find("name") is { } n ? NameOf(values, n) : RecipeName.From(Path.GetFileNameWithoutExtension(diagnostics.File));
        string description = map.Find("description") is { } d ? values.Word(d, "description") ?? "" : "";
        // A parameter that could not be bound exists all the same, so that its uses are not reported as well.
        var known = new Dictionary<string, Value>(bound, StringComparer.Ordinal);
        foreach (var p in (map.Find("params") as YamlMapping)?.Entries ?? []) known.TryAdd(p.Key.Text, Placeholder(declared.FirstOrDefault(x => x.Name == p.Key.Text)?.Type));
        values = new PlanValues(diagnostics, new ExpressionScope { Parameters = known, Run = new Dictionary<string, Value> { ["name"] = new Value.Text(name) } });
        ulong seed = map.Find("seed") is { } s ? (ulong)(values.Int(s, "seed", 0, long.MaxValue) ?? 0) : 0;
        values = new PlanValues(diagnostics, values.Scope with { Run = new Dictionary<string, Value> { ["name"] = new Value.Text(name), ["seed"] = new Value.Int((long)seed) } });

        var reader = ReadNodes(values, map, catalogue, files, seed, needed);
        var outputs = ReadOutputs(values, map, reader, part, needed);
        if (reader is not null) Mark(diagnostics, reader, part, isWhole: needed is null);
        if (diagnostics.HasErrors) return new(null, diagnostics.Sorted, declared);
        var source = new RecipeText(diagnostics.File, text, bound, files, files.Named, part);
        return new(new(name, description, seed, reader!.Nodes, outputs, source), diagnostics.Sorted, declared);
    }

    private static string NameOf(PlanValues values, YamlNode node)
    {
        if (values.Word(node, "name") is not { } name) return "";
        if (!RecipeName.IsPlain(name))
            values.Wrong(node.Mark, $"{OptionConversion.Shown(new Value.Text(name.Length <= RecipeName.MostCharacters ? name : name[..RecipeName.MostCharacters] + "…"))} cannot name a recipe; letters, digits, spaces and - _ . can, a letter or digit first, {RecipeName.MostCharacters} at most");
        return name;
    }

    private static Value Placeholder(StaticType? type) => type switch
    {
        null => new Value.Int(1),
        _ when type == StaticType.Float => new Value.Float(1),
        _ when type == StaticType.Bool => new Value.Bool(false),
        _ when type == StaticType.File => new Value.File("given:later"),
        _ when type == StaticType.Text => new Value.Text(""),
        { Entry: not null } => new Value.List([]),
        _ => new Value.Int(1),
    };

    private static NodeReader? ReadNodes(PlanValues values, YamlMapping map, INodeCatalogue catalogue, IRecipeFiles files, ulong seed, IReadOnlySet<string>? needed)
    {
        if (map.Find("nodes") is not YamlMapping { Entries.Count: > 0 } nodes)
        {
            values.Wrong(map.Find("nodes")?.Mark ?? map.Mark, "the recipe has no \"nodes\": a mapping from names to what they do");
            return null;
        }
        if (nodes.Entries.Count > Limits.Nodes)
        {
            values.Wrong(nodes.Mark, $"the recipe has {nodes.Entries.Count} nodes; at most {Limits.Nodes} are allowed");
            return null;
        }
        foreach (var entry in nodes.Entries) Names.Check(values.Diagnostics, entry.Key, "node");
        var reader = new NodeReader(values, catalogue, files, nodes.Entries.Select(e => e.Key.Text).ToHashSet(StringComparer.Ordinal), seed);
        foreach (var entry in NodeGraph.Order(nodes.Entries, values.Diagnostics))
            if (needed?.Contains(entry.Key.Text) != false) reader.Read(entry);
        return reader;
    }

    // A node that is cooked alone for its results is an output, whether the recipe says so or not.
    private static List<RecipeOutput> ReadOutputs(PlanValues values, YamlMapping map, NodeReader? reader, RecipePart part, IReadOnlySet<string>? needed)
    {
        var outputs = ReadOutputs(values, map, reader, needed);
        foreach (string name in part.Only)
            if (needed is not null && reader?.Find(name) is { Kind: not NodeKind.Virtual } node && outputs.All(o => o.Node != node)) outputs.Add(new(name, node));
        return outputs;
    }

    private static void Mark(Diagnostics diagnostics, NodeReader reader, RecipePart part, bool isWhole)
    {
        string[] names = [.. reader.Nodes.Where(n => n.Kind != NodeKind.Expander).Select(n => n.Name)];
        foreach (var (option, name) in part.Only.Select(n => ("--only", n)).Concat(part.Anew.Select(n => ("--no-cache", n))))
            if (isWhole && !names.Contains(name)) diagnostics.GivenError($"{option} {name}", $"the recipe has no node \"{name}\"{NearestName.Hint(name, names)}");
        foreach (string name in part.Anew)
            if (reader.Find(name) is { Kind: not NodeKind.Virtual } node) node.Cache = CacheMode.Write;
    }

    private static List<RecipeOutput> ReadOutputs(PlanValues values, YamlMapping map, NodeReader? reader, IReadOnlySet<string>? needed)
    {
        var outputs = new List<RecipeOutput>();
        if (map.Find("outputs") is not { } yaml) return outputs;
        if (yaml is not YamlMapping given)
        {
            values.Wrong(yaml.Mark, $"\"outputs\" must be a mapping from names to nodes, not {yaml.Kind}");
            return outputs;
        }
        var scope = values.Scope with { Nodes = [.. reader?.Nodes.Where(n => n.Kind != NodeKind.Expander).Select(n => n.Name) ?? []] };
        foreach (var (key, value) in given.Entries)
        {
            if (!Names.Check(values.Diagnostics, key, "output")) continue;
            // The whole recipe was checked before; here the output of a node that is left out is left out.
            if (needed is not null && (value as YamlScalar)?.Text is { } text && !needed.Any(n => Regex.IsMatch(text, $@"\bnodes\.{n}\b"))) continue;
            if (value is not YamlScalar s || !Template.HasExpression(s.Text))
            {
                values.Wrong(value.Mark, $"output \"{key.Text}\" must be a node, as ${{{{ nodes.NAME }}}}");
                continue;
            }
            if (values.Template(s, scope, out var type) is not { } template) continue;
            if (template is { IsText: false, Parts: [Expression.Member { Of: Expression.Name { Text: "nodes" } } reference] } && reader?.Find(reference.Text) is { } node)
            {
                if (node.Kind is NodeKind.Virtual) values.Wrong(s.Mark, $"node \"{node.Name}\" has attributes alone; there is nothing to put out");
                else outputs.Add(new(key.Text, node));
            }
            else values.Wrong(s.Mark, $"output \"{key.Text}\" must be a node, as ${{{{ nodes.NAME }}}}, not {type}");
        }
        return outputs;
    }

    /// <summary>Remembers what was looked up, so that the run can be frozen with it.</summary>
    private sealed class RecordedFiles(IRecipeFiles files) : IRecipeFiles
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, ContentHash> named = new(StringComparer.Ordinal);

        public IReadOnlyDictionary<string, ContentHash> Named => named;

        public string Resolve(string path) => files.Resolve(path);

        public ContentHash? HashOf(string fullPath)
        {
            var hash = files.HashOf(fullPath);
            if (hash is { } h) named[fullPath] = h;
            return hash;
        }
    }
}
