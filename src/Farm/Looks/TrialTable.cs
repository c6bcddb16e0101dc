using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Workers.Logs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>
/// Trials of a node that is judged by a metric, as a few lines: what varies, how far each is, its curves and their trend. Running ones first,
/// then the best.
/// </summary>
internal sealed class TrialTable(RunLook look, RunFeed feed, RecipeProgram program, NodeProgram node)
{
    private const int TrendWidth = 12, MostParameters = 4, MostCurves = 2;
    private readonly CurveFeed curves = new(look.Site, feed.Shell.Id, node.Name);
    private readonly ItemAttributesLook attributes = new(program, feed.Shell.Machine);

    /// <summary>Nodes with a metric that have something to show as trials.</summary>
    public static IEnumerable<NodeProgram> NodesOf(RecipeProgram program) => program.Nodes.Where(n => n.Metric is not null);

    private sealed record Trial(ItemView View, ItemCurves? Curves, double? Best, bool IsStuck);

    /// <summary>The lines, of which none is wider than the terminal; empty when nothing was reported yet.</summary>
    public IReadOnlyList<string> Lines(int most, int width)
    {
        curves.Update();
        var goal = node.Metric!;
        var views = feed.Shell.Machine.Items(node.Id, 0, 10_000);
        var trials = views.Select(v => TrialOf(v, goal)).Where(t => t.Best is not null || t.Curves is not null).ToList();
        if (trials.Count == 0) return [];
        var shown = trials.OrderBy(t => t.View.State != ItemState.Cooking).ThenBy(t => goal.Minimize ? t.Best ?? double.MaxValue : -(t.Best ?? double.MinValue)).Take(most).ToList();
        var best = trials.Where(t => t.Best is not null).OrderBy(t => goal.Minimize ? t.Best : -t.Best).FirstOrDefault();
        var lines = new List<string>
        {
            "", $"  {node.Name}: {Format.Count(views.Count(v => v.State is ItemState.Succeeded or ItemState.Cached))} of {Format.Count(views.Count)} done"
                + (best is null ? "" : $", best {goal.Name} {Format.Number(best.Best!.Value)} ({node.Name}/{best.View.Index})"),
        };
        lines.AddRange(Table(shown, goal, width));
        if (trials.Count > shown.Count || shown.Any(t => t.IsStuck))
        {
            string more = trials.Count > shown.Count ? $"… {Format.Count(trials.Count - shown.Count)} more: mlfarm items {feed.Shell.Id}/{node.Name}     " : "";
            lines.Add(Format.Cut($"  {more}{(shown.Any(t => t.IsStuck) ? "! = no longer improving" : "")}", width));
        }
        return lines;
    }

    private Trial TrialOf(ItemView view, MetricGoal goal)
    {
        var own = curves.Of(view.Index);
        var points = own?.ByName.GetValueOrDefault(goal.Name);
        double? best = points is { Count: > 0 } ? goal.Minimize ? points.Min(p => p.Value) : points.Max(p => p.Value) : null;
        foreach (var metric in view.Result?.Metrics ?? [])
            if (metric.Name == goal.Name && (best is null || points is null)) best = metric.Value;
        bool stuck = view.State == ItemState.Cooking && points is { Count: >= 12 } && points.FindIndex(p => p.Value == best) < points.Count * 2 / 3;
        return new(view, own, best, stuck);
    }

    private List<string> Table(IReadOnlyList<Trial> trials, MetricGoal goal, int width)
    {
        var values = trials.ToDictionary(t => t, t => attributes.Of(node.Id, t.View.Index, t.View.Result));
        var parameters = values.Values.SelectMany(v => v.Keys).Distinct().Order(StringComparer.Ordinal)
            .Where(name => values.Values.Select(v => ItemFields.Plain(v.GetValueOrDefault(name))).Distinct().Count() > 1).Take(MostParameters).ToList();
        var names = trials.SelectMany(t => t.Curves?.ByName.Keys ?? Enumerable.Empty<string>()).Distinct().Where(n => n != goal.Name && n.Contains("loss", StringComparison.Ordinal)).Take(MostCurves - 1).Append(goal.Name).ToList();
        var columns = new List<Column<Trial>> { new("trial", t => t.View.Index, RightAligned: true) };
        columns.AddRange(parameters.Select(name => new Column<Trial>(name, t => values[t].GetValueOrDefault(name), t => ItemFields.People(values[t].GetValueOrDefault(name)), RightAligned: true)));
        columns.Add(new("state", t => "", t => $"{RunJson.Glyph(t.View.State)} {RunJson.Word(t.View.State)}"));
        columns.Add(new("step", t => t.Curves?.LastStep, t => t.Curves is { LastStep: >= 0 and var step } ? Format.Count(step) : "", RightAligned: true));
        foreach (string name in names)
            columns.Add(new(name, t => null, t => t.Curves?.ByName.GetValueOrDefault(name) is { Count: > 0 } p ? Format.Number(p[^1].Value) : "", RightAligned: true));
        columns.Add(new("best", t => t.Best, t => t.Best is { } b ? Format.Number(b) : "", RightAligned: true));
        columns.Add(new("trend", t => null, t => Trend(t.Curves?.ByName.GetValueOrDefault(goal.Name)) + (t.IsStuck ? "  !" : "")));
        return TableWriter.Lines(columns, trials, width);
    }

    private static string Trend(IReadOnlyList<CurvePoint>? points) => points is null ? "" : Sparkline.Of([.. points.Select(p => p.Value)], TrendWidth);
}
