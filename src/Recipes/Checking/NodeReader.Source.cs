using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Recipes.Yaml;

namespace ExampleMlFarm.Recipes.Checking;

/// <summary>Where items come from: <c>generate, from, each, collect, wedge, frames</c>.</summary>
internal sealed partial class NodeReader
{
    private static readonly string[] Sources = ["generate", "from", "each", "collect"];
    private static readonly string[] GenerateWhen = ["automatic", "all_upstream_generated", "each_upstream_cooked", "all_upstream_cooked"];

    private ItemSets ReadSource(NodeProgram node, YamlMapping map)
    {
        var given = map.Entries.Where(e => Sources.Contains(e.Key.Text)).ToList();
        foreach (var second in given.Skip(1)) values.Wrong(second.Key.Mark, $"\"{second.Key.Text}\" stands beside \"{given[0].Key.Text}\"; a node has one source of items ({string.Join(", ", Sources)})");
        string? when = map.Find("generate_when") is { } w ? values.Choice(w, "generate_when", GenerateWhen) : null;
        var sets = given.Count == 0 ? new ItemSets([], null, new ItemRule.Fixed(1)) : given[0].Key.Text switch
        {
            "generate" => Generate(node, given[0].Value),
            "from" => From(node, given[0].Value, when),
            "each" => Each(node, given[0].Value),
            _ => Collect(node, given[0].Value),
        };
        if (when is "each_upstream_cooked" && node.Source is not (ItemSource.Each or ItemSource.Selected { Choice.IsPerItem: true } or ItemSource.From))
            values.Wrong(map.Find("generate_when")!.Mark, "\"each_upstream_cooked\" is for items that follow from one upstream item each; this node needs all of them");
        long? count = node.Source switch
        {
            ItemSource.Single => 1,
            ItemSource.Generated g => g.Count,
            ItemSource.Listed l => l.Entries.Count,
            ItemSource.From f => f.Upstream.ItemCount,
            ItemSource.Selected { Chosen: { } chosen } => chosen.Count,
            ItemSource.Collected { Groups: { } groups } => groups.Members.Count,
            ItemSource.Collected { Rule.IsAll: true } => 1,
            ItemSource.Collected { Rule: { IsBlocks: true } rule, Upstream.ItemCount: { } n } => (n + rule.Size - 1) / rule.Size,
            _ => null,
        };
        Multiply(node, map, sets);
        if (count is { } c && node.Times > 1)
        {
            if ((Int128)c * node.Times > Limits.Items)
            {
                values.Wrong(node.Mark, $"node \"{node.Name}\" would have {(Int128)c * node.Times} items ({c} × {node.Times}); at most {Limits.Items} are allowed");
                count = null;
            }
            else count = c * node.Times;
        }
        node.ItemCount = count;
        if (node.Times > 1 || node.Wedge is not null || node.Frames is not null)
            sets = sets with { Dependencies = [.. sets.Dependencies.Select(d => d.Dependency.Mapping is Mapping.OneToOne ? (d.Upstream, d.Dependency with { Mapping = new Mapping.Repeat(node.Times) }) : d)] };
        node.ReportsAttributes = sets.Expander is not null || (node.Source is not ItemSource.Collected && node.Source.Parent?.ReportsAttributes == true);
        return sets;
    }

    private void Multiply(NodeProgram node, YamlMapping map, ItemSets sets)
    {
        var wedge = map.Find("wedge");
        var frames = map.Find("frames");
        if (wedge is not null && frames is not null) values.Wrong(frames.Mark, "\"frames\" and \"wedge\" stand in one node; put the wedge into a node of its own and read it with \"from\"");
        foreach (var (multiplier, word) in new[] { (wedge, "wedge"), (frames, "frames") })
        {
            if (multiplier is null || node.Source is ItemSource.Single or ItemSource.From) continue;
            values.Wrong(multiplier.Mark, $"\"{word}\" stands alone or over a plain \"from\"; put it into a node of its own that reads \"{node.Name}\"");
            return;
        }
        if (wedge is not null) node.Wedge = new WedgeReader(values).Read(wedge, node.Seed, node.Name);
        if (frames is null || values.Mapping(frames, "frames", ["start", "end", "step"]) is not { } given) return;
        if (given.Find("end") is null) values.Wrong(frames.Mark, "\"frames\" needs \"end\", the last frame");
        long? start = given.Find("start") is { } s ? values.Int(s, "start", -1_000_000_000, 1_000_000_000) : 1, end = given.Find("end") is { } e ? values.Int(e, "end", -1_000_000_000, 1_000_000_000) : null;
        long? step = given.Find("step") is { } st ? values.Int(st, "step", 1, 1_000_000) : 1;
        if (start is not { } first || end is not { } last || step is not { } by) return;
        if (last < first) values.Wrong(given.Find("end")!.Mark, $"\"end\" {last} is before \"start\" {first}");
        else node.Frames = new(first, by, (last - first) / by + 1);
    }

    private ItemSets Generate(NodeProgram node, YamlNode yaml)
    {
        var none = new ItemSets([], null, new ItemRule.Fixed(1));
        if (yaml is YamlList list)
        {
            var entries = list.Entries.Select(ListEntry).ToArray();
            if (entries.All(e => e is not null)) node.Source = new ItemSource.Listed(entries!);
            else node.IsOpen = true;
            return none;
        }
        var value = values.Of(yaml, "generate");
        if (value is Value.List l) node.Source = new ItemSource.Listed([.. l.Entries.Select(e => new Dictionary<string, Value> { ["value"] = e })]);
        else if (value is Value.Int i)
        {
            if (i.Number is >= 0 and <= Limits.Items) node.Source = new ItemSource.Generated(i.Number);
            else values.Wrong(yaml.Mark, $"\"generate\" is {i.Number}; allowed is 0 to {Limits.Items}");
        }
        else if (value is not null) values.Wrong(yaml.Mark, $"\"generate\" must be an int (0 to {Limits.Items}) or a list, not {OptionConversion.Shown(value)}");
        return none;
    }

    private Dictionary<string, Value>? ListEntry(YamlNode yaml)
    {
        var fields = new Dictionary<string, Value>(StringComparer.Ordinal);
        if (yaml is not YamlMapping map)
        {
            if (values.Of(yaml, "generate") is not { } value) return null;
            fields["value"] = value;
            return fields;
        }
        bool good = true;
        foreach (var (key, field) in map.Entries)
        {
            if (!Names.CheckAttribute(Diagnostics, key, "attribute") || values.Of(field, key.Text) is not { } value) good = false;
            else fields[key.Text] = value;
        }
        return good ? fields : null;
    }

    private NodeProgram? Parent(NodeProgram node, YamlNode? yaml, string word, TextMark mark)
    {
        if (yaml is null)
        {
            values.Wrong(mark, $"\"{word}\" needs \"node\": the name of the node that is read");
            node.IsOpen = true;
            return null;
        }
        string? name = yaml is YamlScalar { IsNull: false } s && !Template.HasExpression(s.Text) ? s.Text : null;
        if (name is null) values.Wrong(yaml.Mark, $"\"{word}\" must be the name of a node, not {(yaml is YamlScalar ? "an expression" : yaml.Kind)}");
        else if (!names.Contains(name)) UnknownNode(yaml.Mark, name, node.Name);
        else if (Find(name) is { } found && found != node) return found;
        node.IsOpen = true;
        return null;
    }

    private ItemSets From(NodeProgram node, YamlNode yaml, string? when)
    {
        var none = new ItemSets([], null, new ItemRule.Fixed(1));
        if (yaml is not YamlMapping)
        {
            if (Parent(node, yaml, "from", yaml.Mark) is not { } plain) return none;
            node.Source = new ItemSource.From(plain);
            return new([(plain, new(plain.Id, "from", new Mapping.OneToOne()))], null, new ItemRule.FollowsInput());
        }
        var map = values.Mapping(yaml, "from", ["node", "where", "top", "by", "goal"])!;
        if (Parent(node, map.Find("node"), "from", map.Mark) is not { } parent) return none;
        var scope = values.Scope with
        {
            Item = CookedAttributes(parent).GroupBy(a => a.Key).ToDictionary(g => g.Key, g => g.Last().Value),
            ItemIsOpen = parent.IsOpen || parent.Type?.HasOpenAttributes == true,
            Owner = parent.Name,
            Metrics = MetricsOf(parent),
            MetricsAreOpen = MetricsAreOpen(parent),
        };
        Template? where = null, by = null;
        if (map.Find("where") is { } w) where = Condition(w, "where", scope);
        long? top = map.Find("top") is { } t ? values.Int(t, "top", 1, Limits.Items) : null;
        bool smallest = false;
        if (map.Find("by") is { } b) by = Judge(b, parent, scope, ref smallest);
        else if (top is not null && parent.Metric is { } own)
        {
            by = MetricTemplate(own.Name);
            smallest = own.Minimize;
        }
        if (map.Find("goal") is { } goal) smallest = values.Choice(goal, "goal", ["minimize", "maximize"]) == "minimize";
        var rule = new ChoiceRule(where, top, by, smallest);
        if (where is null && top is null && by is null)
        {
            node.Source = new ItemSource.From(parent);
            return new([(parent, new(parent.Id, "from", new Mapping.OneToOne()))], null, new ItemRule.FollowsInput());
        }
        bool metrics = false;
        foreach (var template in new[] { where, by }.OfType<Template>()) template.CollectReads((root, _, _) => metrics |= root == "metrics");
        if (!metrics && !parent.ReportsAttributes && parent.ItemCount is { } count && count <= Limits.PlannedItems && (when is null or "automatic" or "all_upstream_generated"))
        {
            var chosen = Planned(map.Mark, () => Choosing.Choose(parent, rule, new RangeSet(new ItemRange(0, parent.ItemCount!.Value)), NoInputs.Instance));
            node.Source = new ItemSource.Selected(parent, rule, chosen ?? []);
            var mapping = new Mapping.Groups([.. (chosen ?? []).Select(i => new RangeSet(ItemRange.One(i)))]);
            return new([(parent, new(parent.Id, "from", mapping))], null, new ItemRule.Fixed(chosen?.Count ?? 0));
        }
        node.Source = new ItemSource.Selected(parent, rule, null);
        bool streams = rule.IsPerItem && when is not "all_upstream_cooked";
        var expander = new Dependency(parent.Id, "from", streams ? new Mapping.OneToOne() : new Mapping.All(), AcceptsFailures: !streams);
        return new([(parent, new(parent.Id, "from", new Mapping.Expanded()))], expander, new ItemRule.FollowsInput());
    }

    private static List<string> MetricsOf(NodeProgram node) => node.Kind == NodeKind.PassThrough && node.Source.Parent is { } parent ? MetricsOf(parent) : [.. node.Type?.Metrics.Select(m => m.Name) ?? []];

    private static bool MetricsAreOpen(NodeProgram node)
        => node.Kind == NodeKind.Command || (node.Kind == NodeKind.Uses && node.Type is null) || (node.Kind == NodeKind.PassThrough && node.Source.Parent is { } parent && MetricsAreOpen(parent));

    private static Template MetricTemplate(string name)
        => new([new Expression.Index(new Expression.Name("metrics"), new Expression.Literal(new Value.Text(name)))], false);

    private Template? Judge(YamlNode yaml, NodeProgram parent, ExpressionScope scope, ref bool smallest)
    {
        if (yaml is YamlScalar s && Template.HasExpression(s.Text))
        {
            var template = values.Template(s, scope, out var type);
            if (template is null || type.MayBeNumber) return template;
            values.Wrong(s.Mark, $"\"by\" must be a number, not {type}");
            return null;
        }
        if (values.Word(yaml, "by") is not { } name) return null;
        if (scope.Metrics!.Contains(name) || scope.MetricsAreOpen || parent.Metric?.Name == name)
        {
            smallest = parent.Metric is { } metric && metric.Name == name && metric.Minimize;
            return MetricTemplate(name);
        }
        if (scope.Item!.TryGetValue(name, out var attribute) && attribute.MayBeNumber) return new([new Expression.Member(new Expression.Name("item"), name)], false);
        values.Wrong(yaml.Mark, $"\"{name}\" is neither a metric nor a number attribute of node \"{parent.Name}\"{NearestName.Hint(name, [.. scope.Metrics!, .. scope.Item!.Where(a => a.Value.MayBeNumber).Select(a => a.Key)])}");
        return null;
    }

    private Template? Condition(YamlNode yaml, string what, ExpressionScope scope)
    {
        if (yaml is not YamlScalar s || !Template.HasExpression(s.Text))
        {
            values.Wrong(yaml.Mark, $"\"{what}\" must be a condition, as ${{{{ … }}}}");
            return null;
        }
        var template = values.Template(s, scope, out var type);
        if (template is null || (type.MayBeBool && !template.IsText)) return template;
        values.Wrong(s.Mark, $"\"{what}\" must be a bool, not {type}; compare it with something");
        return null;
    }

    /// <summary>Works something out over upstream attributes; a failure there is an error of the recipe.</summary>
    private T? Planned<T>(TextMark mark, Func<T> compute) where T : class
    {
        if (Diagnostics.HasErrors) return null;
        try
        {
            return compute();
        }
        catch (FarmException e)
        {
            values.Wrong(mark, e.Failure.Message);
            return null;
        }
    }

    private ItemSets Each(NodeProgram node, YamlNode yaml)
    {
        if (Parent(node, yaml, "each", yaml.Mark) is not { } parent) return new([], null, new ItemRule.Fixed(1));
        var output = OutputOf(parent);
        if (!Compatible(output, Catalogue.DataKind.Geometry))
            values.Wrong(yaml.Mark, $"\"each\" takes the examples of geometry apart, but node \"{parent.Name}\" {(output == Catalogue.DataKind.None ? "has attributes alone" : $"puts out {Word(output)}")}");
        node.Source = new ItemSource.Each(parent);
        return new([(parent, new(parent.Id, "each", new Mapping.Expanded()))], new(parent.Id, "each", new Mapping.OneToOne()), new ItemRule.FollowsInput());
    }

    private ItemSets Collect(NodeProgram node, YamlNode yaml)
    {
        var none = new ItemSets([], null, new ItemRule.Fixed(1));
        var map = yaml is YamlMapping ? values.Mapping(yaml, "collect", ["node", "size", "count", "by", "range", "overlap", "combinations", "keep", "seed"]) : null;
        if (Parent(node, map is null ? yaml : map.Find("node"), "collect", yaml.Mark) is not { } parent) return none;
        var rule = map is null ? new CollectRule() : ReadCollect(map, parent);
        if (rule is null)
        {
            node.IsOpen = true;
            return none;
        }
        Dependency Reads(Mapping mapping) => new(parent.Id, "collect", mapping, AcceptsFailures: true);
        if (rule.IsAll || rule.IsBlocks)
        {
            node.Source = new ItemSource.Collected(parent, rule, null);
            return new([(parent, Reads(rule.IsAll ? new Mapping.All() : new Mapping.Blocks(rule.Size, rule.Size)))], null, rule.IsAll ? new ItemRule.Fixed(1) : new ItemRule.FollowsInput());
        }
        bool byRule = rule.By is not { Count: > 0 } || !parent.ReportsAttributes;
        if (parent.ItemCount is { } count && count <= Limits.PlannedItems && byRule)
        {
            var groups = Planned(yaml.Mark, () => Grouping.Group(rule, new RangeSet(new ItemRange(0, count)), (i, name) => Choosing.AttributeOf(parent, i, name, NoInputs.Instance), parent.Name)) ?? new([], []);
            node.Source = new ItemSource.Collected(parent, rule, groups);
            return new([(parent, Reads(new Mapping.Groups(groups.Members)))], null, new ItemRule.Fixed(groups.Members.Count));
        }
        node.Source = new ItemSource.Collected(parent, rule, null);
        return new([(parent, Reads(new Mapping.Expanded()))], Reads(new Mapping.All()), new ItemRule.FollowsInput());
    }

    private CollectRule? ReadCollect(YamlMapping map, NodeProgram parent)
    {
        int before = Diagnostics.Sorted.Count;
        long size = map.Find("size") is { } s ? values.Int(s, "size", 1, Limits.Items) ?? 0 : 0, count = map.Find("count") is { } c ? values.Int(c, "count", 1, Limits.Items) ?? 0 : 0;
        int combinations = map.Find("combinations") is { } k ? (int)(values.Int(k, "combinations", 1, 64) ?? 0) : 0;
        var cuts = new[] { "size", "count", "combinations" }.Where(n => map.Find(n) is not null).ToArray();
        if (cuts.Length > 1) values.Wrong(map.Entries.First(e => e.Key.Text == cuts[1]).Key.Mark, $"\"{cuts[1]}\" stands beside \"{cuts[0]}\"; groups are cut in one way");
        long overlap = map.Find("overlap") is { } o ? values.Int(o, "overlap", 0, Limits.Items) ?? 0 : 0;
        if (map.Find("overlap") is { } place && size == 0) values.Wrong(place.Mark, "\"overlap\" belongs to \"size\"");
        else if (size > 0 && overlap >= size) values.Wrong(map.Find("overlap")!.Mark, $"\"overlap\" is {overlap}; it must be below \"size\" {size}");
        var by = map.Find("by") is { } b ? values.Words(b, "by") ?? [] : [];
        foreach (string name in by)
        {
            if (CookedAttributes(parent).Any(a => a.Key == name) || parent.IsOpen || parent.Type?.HasOpenAttributes == true) continue;
            values.Wrong(map.Find("by")!.Mark, $"item.{name} is not an attribute of node \"{parent.Name}\"{NearestName.Hint(name, [.. CookedAttributes(parent).Select(a => a.Key)])}");
        }
        long first = 0, last = -1;
        if (map.Find("range") is { } r) (first, last) = Range(r);
        double keep = 1;
        if (map.Find("keep") is { } share)
        {
            keep = (values.Of(share, "keep") switch { Value.Text t => OptionConversion.Percentage(t.Characters), Value.Float f => f.Number, Value.Int i => i.Number, _ => null }) ?? double.NaN;
            if (!(keep is > 0 and <= 1)) values.Wrong(share.Mark, "\"keep\" is the share that stays: a percentage above 0% and up to 100%");
        }
        ulong seed = map.Find("seed") is { } sd ? (ulong)(values.Int(sd, "seed", 0, long.MaxValue) ?? 0) : recipeSeed;
        return Diagnostics.Sorted.Count > before && Diagnostics.HasErrors ? null : new(size, overlap, count, by, first, last, combinations, keep, seed);
    }

    private (long First, long Last) Range(YamlNode yaml)
    {
        if (values.Of(yaml, "range") is { } value)
        {
            if (value is Value.List { Entries: [Value.Int a, Value.Int b] } && a.Number >= 0 && b.Number >= a.Number) return (a.Number, b.Number);
            if (value is Value.Int { Number: >= 0 } one) return (one.Number, one.Number);
            if (value is Value.Text t && t.Characters.Split('-') is [var from, var to] && long.TryParse(from, out long x) && long.TryParse(to, out long y) && x >= 0 && y >= x) return (x, y);
            values.Wrong(yaml.Mark, $"\"range\" is {OptionConversion.Shown(value)}; allowed is [first, last] or first-last, both included, counted from 0");
        }
        return (0, -1);
    }
}
