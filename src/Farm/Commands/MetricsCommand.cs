using System.CommandLine;
using System.Text.RegularExpressions;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm metrics</c>: training curves. In a terminal one line per curve with its trend, in a pipe every point.</summary>
internal static class MetricsCommand
{
    private const int TrendWidth = 24;

    private sealed record Point(string Node, long Item, int Attempt, string Name, long? Step, double Value, double? Seconds);

    private sealed record Curve(string Node, long Item, string Name, IReadOnlyList<Point> Points);

    private static readonly Column<Point>[] PointColumns =
    [
        new("node", p => p.Node), new("index", p => p.Item, RightAligned: true, Heading: "ITEM"), new("attempt", p => p.Attempt, RightAligned: true), new("name", p => p.Name),
        new("step", p => p.Step, RightAligned: true), new("value", p => p.Value, p => Format.Number(p.Value), RightAligned: true),
        new("seconds", p => p.Seconds, p => p.Seconds is { } s ? Format.Duration(s) : "", RightAligned: true),
    ];

    public static Command Create()
    {
        var address = LookOptions.Address("A run, a node or items.", "last");
        var name = new Option<string?>("--name") { Description = "Only metrics that match this regular expression." };
        var every = new Option<int>("--every") { Description = "Only every n-th point.", DefaultValueFactory = _ => 1 };
        var atMost = new Option<int>("--at-most") { HelpName = "n", Description = "At most so many points of each curve, extremes among them.", DefaultValueFactory = _ => int.MaxValue };
        var from = new Option<long?>("--from") { HelpName = "step", Description = "Only points from this step on." };
        var to = new Option<long?>("--to") { HelpName = "step", Description = "Only points up to this step." };
        var points = new Option<bool>("--points") { Description = "Every point, also in a terminal." };
        var limit = LookOptions.Limit(0);
        var command = new Command("metrics", "Shows training curves: trends in a terminal, points in a pipe.\nExample: mlfarm metrics last/train --name loss --every 10 > loss.tsv") { address, name, every, atMost, from, to, points, limit };
        command.SetAction(invocation =>
        {
            var asked = AddressArgument.Parse(invocation.Parsed.GetRequiredValue(address));
            int step = invocation.Parsed.GetValue(every);
            if (step < 1) throw new CliException(ExitCode.Usage, $"--every is {step}; it must be 1 or more");
            int kept = invocation.Parsed.GetValue(atMost);
            if (kept < CurveThinning.Fewest) throw new CliException(ExitCode.Usage, $"--at-most is {kept}; it must be {CurveThinning.Fewest} or more");
            long first = invocation.Parsed.GetValue(from) ?? long.MinValue, last = invocation.Parsed.GetValue(to) ?? long.MaxValue;
            using var look = Globals.LookFrom(invocation.Parsed);
            var shell = look.Load(asked);
            var pattern = Pattern(invocation.Parsed.GetValue(name));
            var curves = Curves(look, shell, ItemSelection.Asked(look, shell, asked)).Where(c => pattern.IsMatch(c.Name))
                .Select(c => c with { Points = [.. c.Points.Where(p => p.Step is not { } at || (at >= first && at <= last))] }).Where(c => c.Points.Count > 0).ToList();
            int most = LookOptions.Most(invocation.Parsed.GetValue(limit));
            if (invocation.Terminal.ShowsTable(invocation.Format) && !invocation.Parsed.GetValue(points))
                TableWriter.Write(invocation.Terminal, invocation.Format, CurveColumns, [.. curves.Take(most)], c => Address.Of(shell.Id, c.Node, c.Item), curves.Count, "curves");
            else
            {
                var all = curves.SelectMany(c => Thinned(c.Points.Where((_, i) => i % step == 0 || i == c.Points.Count - 1).ToList(), kept)).ToList();
                TableWriter.Write(invocation.Terminal, invocation.Format, PointColumns, [.. all.Take(most)], p => Address.Of(shell.Id, p.Node, p.Item), all.Count, "points");
            }
            return ExitCode.Success;
        });
        return command;
    }

    private static IEnumerable<Point> Thinned(List<Point> points, int most) => CurveThinning.Kept([.. points.Select(p => p.Value)], most).Select(i => points[i]);

    private static readonly Column<Curve>[] CurveColumns =
    [
        new("node", c => c.Node), new("index", c => c.Item, RightAligned: true, Heading: "ITEM"), new("name", c => c.Name), new("points", c => c.Points.Count, c => Format.Count(c.Points.Count), RightAligned: true),
        new("first", c => c.Points[0].Value, c => Format.Number(c.Points[0].Value), RightAligned: true), new("least", c => c.Points.Min(p => p.Value), c => Format.Number(c.Points.Min(p => p.Value)), RightAligned: true),
        new("last", c => c.Points[^1].Value, c => Format.Number(c.Points[^1].Value), RightAligned: true), new("trend", c => null, c => c.Points.Count < 2 ? "" : Sparkline.Of([.. c.Points.Select(p => p.Value)], TrendWidth)),
    ];

    // Curves come from the logs; a metric without steps, or one of a cached item, is the single value that its result holds.
    private static IEnumerable<Curve> Curves(RunLook look, RunShell shell, IReadOnlyList<NodeSelection> selected)
    {
        foreach (var selection in selected)
        {
            string node = selection.Node.Plan.Name;
            var feed = new CurveFeed(look.Site, shell.Id, node);
            feed.Update();
            foreach (var range in selection.Items)
                for (long item = range.Start; item < range.End; item++)
                {
                    var told = new HashSet<string>(StringComparer.Ordinal);
                    if (feed.Of(item) is { } curves)
                        foreach (var (name, points) in curves.ByName)
                        {
                            told.Add(name);
                            yield return new(node, item, name, [.. points.Select(p => new Point(node, item, curves.Attempt, name, p.Step, p.Value, p.Offset.TotalSeconds))]);
                        }
                    foreach (var result in shell.Machine.Results(selection.Node.Id, ItemRange.One(item)))
                        foreach (var metric in result.Metrics ?? [])
                            if (told.Add(metric.Name)) yield return new(node, item, metric.Name, [new(node, item, 1, metric.Name, null, metric.Value, null)]);
                }
        }
    }

    private static Regex Pattern(string? text)
    {
        try { return new(text ?? "", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking); }
        catch (Exception e) when (e is ArgumentException or NotSupportedException) { throw new CliException(ExitCode.Usage, $"--name: {e.Message}"); }
    }
}
