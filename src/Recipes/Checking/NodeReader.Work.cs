using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>What an item does, how it is judged, and how it is cooked.</summary>
internal sealed partial class NodeReader
{
    private static readonly string[] Works = ["uses", "steps", "run"];

    private ExpressionScope ItemScope(NodeProgram node) => values.Scope with
    {
        Item = node.Visible,
        ItemIsOpen = node.IsOpen,
        Owner = node.Name,
        Nodes = names,
    };

    private void ReadWork(NodeProgram node, YamlMapping map)
    {
        var works = map.Entries.Where(e => Works.Contains(e.Key.Text)).ToList();
        foreach (var second in works.Skip(1)) values.Wrong(second.Key.Mark, $"\"{second.Key.Text}\" stands beside \"{works[0].Key.Text}\"; an item does one thing ({string.Join(", ", Works)})");
        if (map.Entries.FirstOrDefault(e => e.Key.Text == "with") is { } with && map.Find("uses") is null)
            values.Wrong(with.Key.Mark, map.Find("steps") is null ? "\"with\" gives options to a node type, but there is no \"uses\"" : "\"with\" belongs to \"uses\"; each operator of \"steps\" takes its own options: \"- operator: {…}\"");
        if (map.Entries.FirstOrDefault(e => e.Key.Text == "out") is { } stray && map.Find("run") is null) values.Wrong(stray.Key.Mark, "\"out\" names the files of a command, but there is no \"run\"");
        var options = new OptionReader(values, ItemScope(node), catalogue, files);
        if (works.Count == 0)
        {
            node.Kind = NodeKind.Virtual;
            bool empty = !map.Entries.Any(e => e.Key.Text is "attributes" or "wedge" or "generate" or "from" or "each" or "collect" or "frames" || NotYet.ContainsKey(e.Key.Text));
            if (empty) values.Wrong(node.Mark, $"node \"{node.Name}\" does nothing; give it \"uses\", \"steps\" or \"run\", or items with \"generate\", \"wedge\" or \"attributes\"");
            return;
        }
        switch (works[0].Key.Text)
        {
            case "uses": ReadUses(node, map, works[0].Value, options); break;
            case "steps":
                node.Kind = NodeKind.Steps;
                if (works[0].Value is YamlList { Entries.Count: 0 } or YamlScalar { IsNull: true }) values.Wrong(works[0].Value.Mark, "\"steps\" is empty; list at least one operator");
                else node.Steps = options.Chain(works[0].Value, "steps");
                break;
            default: ReadCommand(node, map, works[0].Value); break;
        }
    }

    private void ReadUses(NodeProgram node, YamlMapping map, YamlNode uses, OptionReader options)
    {
        node.Kind = NodeKind.Uses;
        if (values.Word(uses, "uses") is not { } name) return;
        node.Type = catalogue.Find(name);
        if (node.Type is null) values.Wrong(uses.Mark, $"unknown node type \"{name}\"{NearestName.Hint(name, [.. catalogue.All.Select(t => t.Name)])}");
        else node.Options = options.Read(map.Find("with"), node.Type.Options, name, uses.Mark);
    }

    private void ReadCommand(NodeProgram node, YamlMapping map, YamlNode run)
    {
        node.Kind = NodeKind.Command;
        var scope = ItemScope(node);
        if (map.Find("out") is { } outputs)
        {
            if (outputs is not YamlMapping files_) values.Wrong(outputs.Mark, $"\"out\" must be a mapping from names to files, not {outputs.Kind}");
            else node.Outputs = [.. files_.Entries.Where(e => Names.Check(Diagnostics, e.Key, "output")).Select(e => ReadOutput(e, scope)).OfType<CommandOutput>().OrderBy(o => o.Name, StringComparer.Ordinal)];
            scope = scope with { Outputs = [.. node.Outputs.Select(o => o.Name)] };
        }
        var words = run switch
        {
            YamlScalar { IsNull: false } line => [line],
            YamlList { Entries.Count: > 0 } list when list.Entries.All(e => e is YamlScalar { IsNull: false }) => [.. list.Entries.Cast<YamlScalar>()],
            _ => Array.Empty<YamlScalar>(),
        };
        if (words.Length == 0) values.Wrong(run.Mark, "\"run\" must be a command line, or a list of a program and its arguments");
        node.CommandIsArguments = run is YamlList;
        var templates = new List<Template>();
        var named = new CommandFiles(files, [.. node.Outputs.Select(o => o.Path.Constant?.ToString()).OfType<string>()]);
        foreach (var word in words)
        {
            if (values.Template(word, scope, out var type) is not { } template) continue;
            if (type.Entry is not null) values.Wrong(word.Mark, $"a word of a command cannot be a {type}; join() makes text of it");
            else
            {
                foreach (string missing in named.Missing(template)) values.Wrong(word.Mark, $"the file \"{missing}\" cannot be read");
                templates.Add(node.CommandIsArguments ? named.OfWord(template, isProgram: templates.Count == 0) : named.OfLine(template));
            }
        }
        node.Command = templates;
        if (words.Length > 0 && words[0].Text.Trim().Length == 0) values.Wrong(words[0].Mark, "\"run\" is empty");
    }

    private CommandOutput? ReadOutput(YamlEntry entry, ExpressionScope scope)
    {
        if (entry.Value is not YamlScalar { IsNull: false } s)
        {
            values.Wrong(entry.Value.Mark, $"\"{entry.Key.Text}\" must be the path of a file, not {entry.Value.Kind}");
            return null;
        }
        if (values.Template(s, scope with { Nodes = null }, out var type) is not { } template) return null;
        string? path = template.Constant?.ToString();
        if (!type.MayBeText) values.Wrong(s.Mark, $"\"{entry.Key.Text}\" must be the path of a file, not {type}");
        else if (path is not null && (path.StartsWith('/') || path.Split('/').Contains(".."))) values.Wrong(s.Mark, $"\"{path}\" leaves the item's folder; outputs are paths inside it, such as \"result.png\"");
        else return new(entry.Key.Text, template);
        return null;
    }

    private void ReadJudgement(NodeProgram node, YamlMapping map)
    {
        var scope = ItemScope(node) with { Nodes = null, Metrics = MetricsOf(node), MetricsAreOpen = MetricsAreOpen(node) };
        if (map.Find("metric") is { } metric)
        {
            var (name, goal) = metric is YamlMapping ? (values.Mapping(metric, "metric", ["name", "goal"])!.Find("name"), ((YamlMapping)metric).Find("goal")) : (metric, null);
            if (name is null) values.Wrong(metric.Mark, "\"metric\" needs \"name\": the number that the node is judged by");
            else if (values.Word(name, "metric") is { } word)
            {
                if (!scope.MetricsAreOpen && !scope.Metrics!.Contains(word))
                    values.Wrong(name.Mark, node.Type is { } type ? $"{type.Name} reports no metric \"{word}\"{NearestName.Hint(word, scope.Metrics)}" : $"node \"{node.Name}\" reports no metrics");
                bool minimize = goal is null || values.Choice(goal, "goal", ["minimize", "maximize"]) == "minimize";
                node.Metric = new(word, minimize);
            }
        }
        if (map.Find("require") is not { } require) return;
        var lines = new List<Requirement>();
        foreach (var line in require is YamlList l ? l.Entries : [require])
            if (Condition(line, "require", scope) is { } condition) lines.Add(new(condition, ((YamlScalar)line).Text.Trim()[3..^2].Trim(), line.Mark));
        node.Requirements = lines;
    }

    private PlanNode ReadPolicy(NodeProgram node, YamlMapping map)
    {
        var policy = new PlanNode(node.Name, node.ItemCount is { } count ? new ItemRule.Fixed(count) : new ItemRule.FollowsInput(), []);
        if (node.Frames is not null) policy = policy with { Batch = new BatchRule.Whole() };
        foreach (var (key, value) in map.Entries)
        {
            policy = key.Text switch
            {
                "batch" when Quantities.Batch(values, value) is { } batch => policy with { Batch = batch },
                "resources" when Quantities.Resources(values, value) is { } resources => policy with { Resources = resources },
                "retry" when Quantities.Retry(values, value) is { } retry => policy with { Retry = retry },
                "timeout" when Quantities.Seconds(values, value, "timeout", Limits.TimeoutSeconds) is { } seconds => policy with { TimeoutSeconds = seconds },
                "allow_failed" when Quantities.Allowance(values, value) is { } allowance => policy with { AllowFailed = allowance },
                "max_parallel" when values.Int(value, "max_parallel", 1, 1_000_000) is { } most => policy with { MaxParallel = (int)most },
                "priority" when values.Int(value, "priority", -1000, 1000) is { } priority => policy with { Priority = (int)priority },
                "pool" when values.Word(value, "pool") is { } pool => policy with { Pool = pool },
                _ => policy,
            };
            if (key.Text == "resources" && value is YamlMapping asked) node.ResourceMarks = asked.Entries.ToDictionary(e => e.Key.Text, e => e.Key.Mark, StringComparer.Ordinal);
            if (key.Text == "tags" && values.Words(value, "tags") is { } tags) node.Tags = tags;
            if (key.Text == "cache" && values.Choice(value, "cache", ["automatic", "read", "write", "ignore"]) is { } cache) node.Cache = Enum.Parse<CacheMode>(cache, true);
        }
        if (node.Kind is NodeKind.Virtual or NodeKind.PassThrough)
        {
            foreach (string word in new[] { "resources", "retry", "timeout", "metric", "require", "cache", "batch" })
                if (map.Entries.FirstOrDefault(e => e.Key.Text == word) is { } idle) Diagnostics.Note(idle.Key.Mark, $"\"{word}\" changes nothing: node \"{node.Name}\" has attributes alone and is not cooked");
        }
        return policy;
    }
}
