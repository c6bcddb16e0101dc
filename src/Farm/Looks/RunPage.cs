using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>One screen about a run.</summary>
internal static class RunPage
{
    private const int MostFailures = 5;

    private static Column<NodeView>[] Columns(bool isLive) =>
    [
        new("node", n => n.Plan.Name),
        new("items", n => n.Counts.Total, n => $"{Format.Count(n.Counts.Total)}{(n.CountIsFinal ? "" : "+")}", RightAligned: true),
        new("done", n => n.Counts.Done, n => Count(n, n.Counts.Done), RightAligned: true),
        new("cached", n => n.Counts.Cached, n => Count(n, n.Counts.Cached), RightAligned: true),
        .. isLive ? (Column<NodeView>[])[new("running", n => n.Counts.Cooking, n => Count(n, n.Counts.Cooking), RightAligned: true)] : [],
        new("failed", n => n.Counts.Failed, n => Count(n, n.Counts.Failed), RightAligned: true),
        new("left", n => Left(n.Counts), n => Count(n, Left(n.Counts)), RightAligned: true),
        new("seconds", n => n.Seconds, n => n.Seconds > 0 ? Format.Duration(n.Seconds) : "", RightAligned: true, Heading: "COOKED"),
        new("each", n => n.SecondsPerItem, n => n.SecondsPerItem is > 0 and var s ? Format.Duration(s) : "", RightAligned: true),
    ];

    public static Page Of(Invocation invocation, RunLook look, RunShell shell)
    {
        var machine = shell.Machine;
        var program = look.Program(shell);
        bool isLive = look.Site.IsServed;
        // Expanders are our own; people count what they wrote.
        var counts = machine.VisibleCounts();
        var json = RunJson.Of(shell, [], isLive);
        json["state"] = RunHead.Word(machine.Status, isLive);
        json["recipe"] = program.Source.FileName;
        json["folder"] = shell.Record.Folder;
        json["parameters"] = new JsonObject(program.Source.Parameters.Select(p => KeyValuePair.Create(p.Key, p.Value is Value.File file ? JsonValue.Create(file.Path) : (JsonNode?)p.Value.ToJson())));
        json["failures"] = new JsonArray([.. machine.Failures(100).Select(f => (JsonNode)new JsonObject
        {
            ["node"] = machine.Plan!.Nodes[f.Node.Value].Name, ["index"] = f.Index, ["attempts"] = f.Attempts, ["code"] = f.Failure.Code, ["message"] = f.Failure.Message,
        })]);
        double seconds = ((machine.FinishedAt ?? invocation.Now) - machine.SubmittedAt).TotalSeconds;
        string took = machine.FinishedAt is not null ? $"took {Format.Duration(seconds)}" : isLive ? $"for {Format.Duration(seconds)}" : "";
        string? next = RunHead.Next(shell.Id.Value, machine.Status, isLive);
        return new Page($"Run {shell.Id}  {shell.Record.Name}  {RunHead.Shown(machine.Status, isLive)}  {took}", json)
            .Add("", (IEnumerable<(string, string)>)
            [
                ("submitted", $"{Format.Iso(machine.SubmittedAt)} ({Format.Ago(machine.SubmittedAt, invocation.Now)})"),
                ("recipe", $"{program.Source.FileName} in {shell.Record.Folder}"),
                ("what for", program.Description),
                ("parameters", string.Join("  ", program.Source.Parameters.Select(p => $"{p.Key}={p.Value}"))),
                ("items", $"{Format.Count(counts.Done)} of {Format.Count(counts.Total)} done{(counts.Failed > 0 ? $", {Format.Count(counts.Failed)} failed" : "")}{(counts.Skipped > 0 ? $", {Format.Count(counts.Skipped)} skipped" : "")}{(counts.Cancelled > 0 ? $", {Format.Count(counts.Cancelled)} cancelled" : "")}"),
                ("priority", shell.Record.Priority == 0 ? "" : $"{shell.Record.Priority}"),
            ])
            .Add("", TableWriter.Lines(Columns(isLive), [.. machine.Nodes.Where(n => !n.Plan.IsExpander)], invocation.Terminal.Width))
            .Add("Outputs", Outputs(look, shell, program, Globals.FolderOf(invocation.Parsed)))
            .Add($"Failed{(counts.Failed > MostFailures ? $" ({MostFailures} of {Format.Count(counts.Failed)} shown: mlfarm items {shell.Id}@failed)" : "")}",
                machine.Failures(MostFailures).Select(f => (Address.Of(shell.Id, machine.Plan!.Nodes[f.Node.Value].Name, f.Index), f.Failure.Message)))
            .Add("Checks that do not hold", BrokenChecks(shell))
            .Add("", next is null ? [] : [$"next: {next}"]);
    }

    private static long Left(ItemCounts c) => c.Waiting + c.Ready + c.Cooking + c.Lost;

    private static string Count(NodeView node, long count) => node.Plan.IsVirtual ? "-" : count == 0 ? "" : Format.Count(count);

    private static IEnumerable<(string, string)> Outputs(RunLook look, RunShell shell, RecipeProgram program, string working)
    {
        string root = OutputFolder.Of(look.Project, program.Name, shell.Id);
        foreach (var output in program.Outputs)
        {
            string folder = Path.Combine(root, output.Name);
            var metrics = shell.Machine.Counts(output.Node.Id).Total == 1 && shell.Machine.Items(output.Node.Id, 0, 1) is [{ Result.Metrics: { } m }] ? string.Join("  ", m.Take(4).Select(x => $"{x.Name} {Format.Number(x.Value)}")) : "";
            string place = Directory.Exists(folder) ? Path.GetRelativePath(working, folder) : $"from {output.Node.Name}, not placed yet";
            yield return (output.Name, metrics.Length > 0 ? $"{place}   {metrics}" : place);
        }
    }

    private static IEnumerable<(string, string)> BrokenChecks(RunShell shell)
    {
        foreach (var node in shell.Machine.Nodes.Where(n => n.BrokenChecks > 0))
            foreach (var result in shell.Machine.Results(node.Id, new ItemRange(0, node.Counts.Total)).Where(r => r.BrokenChecks is { Count: > 0 }).Take(MostFailures))
                yield return (Address.Of(shell.Id, node.Plan.Name, result.Items.Start), string.Join("; ", result.BrokenChecks!));
    }
}
