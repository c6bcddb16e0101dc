using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Runs;
using ExampleMlFarm.Workers.Logs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>One item with everything that can be asked about it.</summary>
internal sealed record ItemLine(ItemLines Of, NodeView Node, ItemView View, IReadOnlyDictionary<string, JsonNode> Attributes)
{
    public IReadOnlyList<Metric> Metrics => View.Result?.Metrics ?? [];
    public string Address => Addresses.Address.Of(Of.Shell.Id, Node.Plan.Name, View.Index);
    public double? Seconds => View.State == ItemState.Cached ? 0 : View.State == ItemState.Succeeded ? View.Result?.Seconds : Of.History.Newest(Node.Id, View.Index)?.Seconds is > 0 and var s ? s : null;
    public string? Worker => (View.Worker ?? Of.History.Newest(Node.Id, View.Index)?.Worker)?.Value;
    public string LastLine => Of.LastLine(this);
}

/// <summary>Items of a run as lines: the one place where state, history, logs, attributes and metrics of an item come together.</summary>
internal sealed class ItemLines
{
    private const int TailBytes = 16 << 10;
    private readonly RunLook look;
    private readonly Lazy<AttemptHistory> history;
    private readonly Dictionary<string, Dictionary<long, AttemptLogPlace>> logs = new(StringComparer.Ordinal);

    public ItemLines(RunLook look, RunShell shell)
    {
        (this.look, Shell) = (look, shell);
        Program = look.Program(shell);
        Attributes = new(Program, shell.Machine);
        FarmIsLive = look.Site.IsServed;
        history = new(() => AttemptHistory.Read(look.Runs, shell.Id));
    }

    public RunShell Shell { get; }
    public bool FarmIsLive { get; }
    public RecipeProgram Program { get; }
    public ItemAttributesLook Attributes { get; }
    public AttemptHistory History => history.Value;

    /// <summary>The lines of a selection, one after the other, as far as they are walked.</summary>
    public IEnumerable<ItemLine> Of(IEnumerable<NodeSelection> selections)
    {
        foreach (var selection in selections)
            foreach (var range in selection.Items)
                for (long at = range.Start; at < range.End; at += Page)
                    foreach (var view in Shell.Machine.Items(selection.Node.Id, at, (int)Math.Min(Page, range.End - at)))
                        yield return Line(selection.Node, view);
    }

    /// <summary>One item.</summary>
    public ItemLine Line(NodeView node, ItemView view) => new(this, node, view, Attributes.Of(node.Id, view.Index, view.Result));

    /// <summary>The lines for which all conditions hold.</summary>
    /// <exception cref="CliException">A name that no item has.</exception>
    public static List<ItemLine> Where(IEnumerable<ItemLine> lines, IReadOnlyList<Condition> conditions)
    {
        var kept = new List<ItemLine>();
        var missing = new HashSet<string>(conditions.Select(c => c.Name), StringComparer.Ordinal);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            bool holds = true;
            foreach (var condition in conditions)
            {
                var value = ItemFields.Of(line, condition.Name);
                if (value is not null) missing.Remove(condition.Name);
                holds &= condition.Holds(ItemFields.Plain(value));
            }
            if (holds) kept.Add(line);
            if (missing.Count > 0) names.UnionWith(ItemFields.NamesOf(line));
        }
        if (missing.Count > 0 && names.Count > 0 && kept.Count == 0)
            throw new CliException(ExitCode.Usage, $"no item has \"{missing.First()}\"", $"attributes and metrics: {string.Join(", ", names)}; fields: {string.Join(", ", ItemFields.Names)}");
        return kept;
    }

    internal string LastLine(ItemLine line)
    {
        if (line.View is { State: ItemState.Failed or ItemState.Waiting or ItemState.Lost, LastFailure: { } failure }) return failure.Message;
        if (!LogsOf(line.Node.Plan.Name).TryGetValue(line.View.Index, out var place)) return "";
        long length = place.IsOpen && File.Exists(place.Path) ? new FileInfo(place.Path).Length - place.Index.Offset : place.Index.LengthBytes;
        var lines = new List<LogLine>();
        LogReader.Read(place, Math.Max(0, length - TailBytes), lines);
        return lines.FindLast(l => l.Kind == LogLineKind.Text).Text ?? "";
    }

    private Dictionary<long, AttemptLogPlace> LogsOf(string node)
    {
        if (logs.TryGetValue(node, out var known)) return known;
        known = [];
        foreach (var place in LogReader.All(look.Site.LogsOf(Shell.Id, node), Shell.Id, node)) known[place.Index.Item] = place;
        return logs[node] = known;
    }

    private const int Page = 4096;
}
