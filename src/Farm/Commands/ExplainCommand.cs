using System.CommandLine;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm explain</c>: why an item waits, failed, came from the cache or ran again; for a node or a run, the reasons with their counts.</summary>
internal static class ExplainCommand
{
    /// <summary>A line: what it is about, and what is said.</summary>
    private sealed record Told(string About, string Text);

    private sealed record Group(string Node, string State, string Reason, long Items, long First);

    private static readonly Column<Group>[] GroupColumns =
    [
        new("node", g => g.Node), new("state", g => g.State), new("items", g => g.Items, g => Format.Count(g.Items), RightAligned: true),
        new("first", g => g.First, RightAligned: true), new("reason", g => g.Reason, GivesWay: true),
    ];

    public static Command Create()
    {
        var address = LookOptions.Address("An item, a node or a run: 142/simulate/40.", "last");
        var command = new Command("explain", "Says why items wait, failed, were cached or ran again.\nExample: mlfarm explain 142/simulate/40") { address };
        command.SetAction(invocation =>
        {
            var asked = AddressArgument.Parse(invocation.Parsed.GetRequiredValue(address));
            using var look = Globals.LookFrom(invocation.Parsed);
            var shell = look.Load(asked);
            var selected = ItemSelection.Asked(look, shell, asked);
            if (selected is not [{ Items.ItemCount: 1 } one])
            {
                TableWriter.Write(invocation.Terminal, invocation.Format, GroupColumns, Groups(shell, selected, look.Site.IsServed), g => Address.Of(shell.Id, g.Node, g.First), 0, "reasons");
                return ExitCode.Success;
            }
            Explain(invocation, look, shell, one.Node, shell.Machine.Items(one.Node.Id, one.Items[0].Start, 1)[0]);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Explain(Invocation invocation, RunLook look, RunShell shell, NodeView node, ItemView item)
    {
        var program = look.Program(shell);
        var reason = shell.Machine.Explain(node.Id, item.Index);
        string address = Address.Of(shell.Id, node.Plan.Name, item.Index);
        bool isLive = look.Site.IsServed;
        var lines = Lines(invocation, look, shell, program, node, item, reason).ToList();
        if (invocation.Format is OutputFormat.Json or OutputFormat.Ndjson)
        {
            invocation.Terminal.Out.WriteLine(new JsonObject
            {
                ["address"] = address, ["state"] = RunJson.Word(item.State, isLive), ["code"] = reason.GetType().Name, ["reason"] = reason.ToString(),
                ["details"] = new JsonArray([.. lines.Select(l => (JsonNode)new JsonObject { ["about"] = l.About, ["text"] = l.Text })]),
            }.ToJsonString());
            return;
        }
        var to = invocation.Terminal.Out;
        int room = invocation.Terminal.OutIsTerminal ? invocation.Terminal.Width : int.MaxValue;
        foreach (string part in Wrapping.Lines("", $"{address} {(item.State == ItemState.Cooking && !isLive ? "was stopped with the farm." : Sentence(item.State))} {reason}", room)) to.WriteLine(part);
        int width = lines.Count == 0 ? 0 : lines.Max(l => l.About.Length);
        foreach (var line in lines)
            foreach (string part in Wrapping.Lines($"  {line.About.PadRight(width)}  ", line.Text, room)) to.WriteLine(part);
    }

    private static IEnumerable<Told> Lines(Invocation invocation, RunLook look, RunShell shell, RecipeProgram program, NodeView node, ItemView item, Reason reason)
    {
        var recipe = program[node.Id];
        if (item.State is ItemState.Waiting or ItemState.Ready or ItemState.Lost or ItemState.Cooking)
        {
            yield return new("needs", Needs(node.Plan));
            if (!look.Site.IsServed) yield return new("farm", $"nothing works on this folder now; go on with: mlfarm resume {shell.Id}");
            foreach (var worker in shell.Machine.Workers.Take(8))
                yield return new("worker", $"{ItemFields.Short(worker.Id.Value)}  {worker.Leases.Count} of {worker.Offer.Slots} {(worker.Offer.Slots == 1 ? "slot" : "slots")} busy");
        }
        if (reason is Reason.InputFailed failed) yield return new("input", $"mlfarm logs {Address.Of(shell.Id, failed.Input.Node, failed.Input.Index)}");
        if (item.State == ItemState.Failed)
        {
            foreach (string line in (item.LastFailure?.Detail ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(5)) yield return new("detail", line);
            yield return new("next", $"mlfarm logs {Address.Of(shell.Id, node.Plan.Name, item.Index)}      mlfarm retry {Address.Of(shell.Id, node.Plan.Name, item.Index)}");
        }
        if (item.State is ItemState.Succeeded or ItemState.Cached or ItemState.Cooking)
        {
            var changes = KeyChanges.Of(look, shell, program, recipe);
            if (changes is not null)
            {
                foreach (string change in changes.Changed) yield return new("changed", $"{change}     ({program.Source.FileName}:{recipe.Mark.Line})");
                foreach (string input in changes.ChangedInputs) yield return new("changed", $"input {input} has another recipe than in run {changes.Run}");
                if (changes.Unchanged.Count > 0) yield return new("unchanged", string.Join(", ", changes.Unchanged));
                yield return new("compared", $"with run {changes.Run}, the one of this recipe before");
            }
            else
                foreach (var part in CookKeys.PartsOf(program, recipe).Parts.Where(p => p.Name != "language")) yield return new("key", $"{part.Name}  {Format.Cut(part.Text, 120)}");
            if (item.Result is { } result && result.KeyBase != default) yield return new("result", $"kept under the key {(invocation.Terminal.OutIsTerminal ? $"{result.KeyBase.ToString()[..12]}…" : $"{result.KeyBase}")}, index {result.KeyIndex}");
        }
        foreach (var attempt in AttemptHistory.Read(look.Runs, shell.Id).Of(node.Id, item.Index))
            yield return new("history", $"{When(invocation, attempt.At)}  {attempt.Word}{(attempt.Worker is { } w ? $" by {ItemFields.Short(w.Value)}" : "")}{(attempt.Failure is { } f ? $": {f.Message}" : "")}");
        foreach (var rerun in shell.Machine.Reruns())
            if (rerun.Node == node.Id && rerun.Items.Contains(item.Index)) yield return new("again", $"{When(invocation, rerun.At)}  {rerun.Reason.Message}");
        foreach (var order in shell.Orders())
            if (!order.What.Contains('/') || order.What.Contains($" {node.Plan.Name}/", StringComparison.Ordinal))
                yield return new("order", $"{When(invocation, order.At)}  {order.Who}: {order.What}{(order.Reason.Length > 0 ? $" ({order.Reason})" : "")}");
    }

    private static string When(Invocation invocation, DateTimeOffset time) => invocation.Terminal.ShowsTable(invocation.Format) ? Format.Ago(time, invocation.Now) : Format.Iso(time);

    private static string Needs(Core.Plans.PlanNode plan)
    {
        var r = plan.Resources;
        var parts = new List<string> { $"cpu {r.Cpu}" };
        if (r.Gpu > 0) parts.Add($"gpu {r.Gpu}");
        if (r.MemoryBytes > 0) parts.Add($"memory {Format.Size(r.MemoryBytes)}");
        parts.AddRange(r.Custom.Select(c => $"{c.Key} {c.Value}"));
        parts.Add($"pool {plan.Pool ?? "any"}");
        if (plan.MaxParallel > 0) parts.Add($"at most {plan.MaxParallel} at once");
        return string.Join(", ", parts);
    }

    // Items wait for inputs of their own: those that wait for the same kind of thing are one line, told for the first of them.
    private static List<Group> Groups(RunShell shell, IReadOnlyList<NodeSelection> selected, bool farmIsLive)
    {
        var groups = new List<Group>();
        var places = new Dictionary<(NodeId, ItemState, string), int>();
        foreach (var s in selected)
            foreach (var (items, state) in s.Items.SelectMany(range => shell.Machine.States(s.Node.Id, range)))
                for (long i = items.Start, count; i < items.End; i += count)
                {
                    // These have one reason for all of them.
                    count = state is ItemState.Succeeded or ItemState.Cached or ItemState.Ready ? items.End - i : 1;
                    var reason = shell.Machine.Explain(s.Node.Id, i);
                    string text = state == ItemState.Succeeded ? "Cooked." : reason.ToString()!;
                    var key = (s.Node.Id, state, reason is Reason.HasFailed ? text : reason.GetType().Name);
                    if (!places.TryAdd(key, groups.Count)) groups[places[key]] = groups[places[key]] with { Items = groups[places[key]].Items + count };
                    else groups.Add(new(s.Node.Plan.Name, RunJson.Word(state, farmIsLive), text, count, i));
                }
        return groups;
    }

    private static string Sentence(ItemState state) => state switch
    {
        ItemState.Waiting => "is waiting.",
        ItemState.Ready => "is ready.",
        ItemState.Cooking => "is running.",
        ItemState.Succeeded => "is done.",
        ItemState.Cached => "is done (cached).",
        ItemState.Failed => "failed.",
        ItemState.Lost => "was lost and goes to another worker.",
        ItemState.Skipped => "was skipped.",
        _ => "was cancelled.",
    };
}
