using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>One screen about a node of a run.</summary>
internal static class NodePage
{
    private const int MostBest = 5, MostFailures = 5;

    public static Page Of(Invocation invocation, RunLook look, RunShell shell, NodeView node)
    {
        var lines = new ItemLines(look, shell);
        var program = lines.Program;
        var recipe = program[node.Id];
        var parts = CookKeys.PartsOf(program, recipe).Parts.Where(p => p.Name != "language").ToList();
        var failures = shell.Machine.Failures(int.MaxValue).Where(f => f.Node == node.Id).Take(MostFailures).ToList();
        string kind = recipe.Type is { } type ? $"{type.Name} version {type.Version}" : recipe.Kind.ToString().ToLowerInvariant();
        var json = RunJson.Of(shell, [], lines.FarmIsLive)["nodes"]!.AsArray().First(n => (string?)n!["node"] == node.Plan.Name)!.DeepClone().AsObject();
        json["run"] = shell.Id.Value;
        json["type"] = recipe.Type?.Name;
        json["failed_attempts"] = node.FailedAttempts;
        json["lost_attempts"] = node.LostAttempts;
        json["key"] = new JsonObject(parts.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)p.Text)));
        json["reads"] = new JsonArray([.. Reads(program, recipe).Select(r => (JsonNode)JsonValue.Create(r))]);
        var page = new Page($"{shell.Id}/{node.Plan.Name}  {kind}", json)
            .Add("", (IEnumerable<(string, string)>)
            [
                ("what for", recipe.Description.Length > 0 ? recipe.Description : recipe.Type?.Summary ?? ""),
                ("recipe", $"{program.Source.FileName}:{recipe.Mark.Line}"),
                ("reads", string.Join(", ", Reads(program, recipe))),
                ("items", Counts(node, lines.FarmIsLive)),
                ("cooked", node.Seconds > 0 ? $"{Format.Duration(node.Seconds)}{(node.SecondsPerItem is { } s ? $", lately {Format.Duration(s)} each" : "")}" : ""),
                ("attempts", node.FailedAttempts + node.LostAttempts == 0 ? "" : $"{Format.Count(node.FailedAttempts)} failed, {Format.Count(node.LostAttempts)} lost with their worker"),
                ("attributes", string.Join(", ", recipe.Visible.Where(v => v.Key != "index").Select(v => $"{v.Key}: {v.Value}"))),
                ("metric", recipe.Metric is { } m ? $"{m.Name}, {(m.Minimize ? "smaller is better" : "greater is better")}" : ""),
            ])
            .Add("What decides its results", parts.Select(p => (p.Name, p.Text)))
            .Add("Failed", failures.Select(f => ($"{shell.Id}/{node.Plan.Name}/{f.Index}", f.Failure.Message)));
        return recipe.Metric is { } goal ? page.Add($"Best by {goal.Name}", Best(invocation, lines, node, goal)) : page;
    }

    private static List<string> Best(Invocation invocation, ItemLines lines, NodeView node, MetricGoal goal)
    {
        var done = lines.Of([new(node, new(new ItemRange(0, node.Counts.Total)))]).Where(l => l.Metrics.Any(m => m.Name == goal.Name));
        var best = ItemOrder.By(done, $"metrics.{goal.Name}", descending: !goal.Minimize).Take(MostBest).ToList();
        var columns = ItemFields.Default(best, severalNodes: false, all: false).Where(c => c.Name is not ("state" or "attempts" or "worker" or "last_line")).ToList();
        return TableWriter.Lines(TableFit.Choose(columns, best, invocation.Terminal.Width, ItemFields.Urgency(best)).Shown, best, invocation.Terminal.Width);
    }

    private static IEnumerable<string> Reads(RecipeProgram program, NodeProgram node)
        => node.Dependencies.Select(d => program[d.Upstream]).Where(n => n.Kind != NodeKind.Expander && n != node).Select(n => n.Name).Distinct();

    private static string Counts(NodeView node, bool farmIsLive)
    {
        var c = node.Counts;
        var parts = new[] { (c.Succeeded, "done"), (c.Cached, "cached"), (c.Cooking, RunJson.Word(ItemState.Cooking, farmIsLive)), (c.Ready, "ready"), (c.Waiting, "waiting"), (c.Failed, "failed"), (c.Lost, "lost"), (c.Skipped, "skipped"), (c.Cancelled, "cancelled") }
            .Where(p => p.Item1 > 0).Select(p => $"{Format.Count(p.Item1)} {p.Item2}");
        return $"{Format.Count(c.Total)}{(node.CountIsFinal ? "" : " so far")}: {string.Join(", ", parts)}";
    }
}
