using System.CommandLine;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Contracts;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>
/// <c>retry</c>, <c>skip</c>, <c>cancel</c>, <c>pause</c>: say first what they touch, and then touch it. What drops work of more than one item asks;
/// where nobody can be asked it wants <c>--yes</c>.
/// </summary>
internal static class OrderCommands
{
    private static readonly Option<string> Reason = new("--reason") { Description = "Why; kept in the run's history.", DefaultValueFactory = _ => "" };
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only say what would be touched." };

    /// <summary>One such command.</summary>
    /// <param name="Name">As typed.</param>
    /// <param name="Kind">What is ordered.</param>
    /// <param name="Standard">States that are meant when the address names neither items nor states; empty = the run as a whole.</param>
    /// <param name="DropsWork">True when it asks first.</param>
    /// <param name="And">How the consequences are told.</param>
    private sealed record Verb(string Name, OrderKind Kind, IReadOnlyList<ItemState> Standard, bool DropsWork, string And);

    private static readonly ItemState[] Open = [ItemState.Waiting, ItemState.Ready, ItemState.Cooking, ItemState.Lost];

    public static Command Retry() => Items(new("retry", OrderKind.Retry, [ItemState.Failed], false, "rebuild"),
        "Tries items again, with a fresh budget of attempts. A run or node means its failed items.\nExample: mlfarm retry 142/simulate@failed --dry-run");

    public static Command Skip() => Items(new("skip", OrderKind.Skip, [ItemState.Failed], true, "leave out"),
        "Lets a run go on without items. A run or node means its failed items.\nExample: mlfarm skip 142/simulate/403,417 --reason \"known bad poses\"");

    /// <summary>The name that orders are signed with.</summary>
    public static string Who => $"{Environment.UserName}@{Environment.MachineName}";

    public static Command Cancel() => Items(new("cancel", OrderKind.CancelItems, Open, true, "cancel"),
        "Ends a run, or items of it that are not done. What is done stays.\nExample: mlfarm cancel 142      mlfarm cancel 142/train/3");

    public static Command Pause()
    {
        var run = new Argument<string>("run") { Description = "The run; the newest one unless given.", DefaultValueFactory = _ => "last" };
        var command = new Command("pause", "Starts nothing new of a run. What cooks goes on; mlfarm resume ends the pause.\nExample: mlfarm pause 142 --reason \"machine needed\"") { run, Reason, Yes, DryRun };
        command.SetAction(async (invocation, cancellation) =>
        {
            var address = WholeRun(AddressArgument.Parse(invocation.Parsed.GetRequiredValue(run)), "pause");
            using var look = Globals.LookFrom(invocation.Parsed);
            return await WholeRunOrder(invocation, look, look.Load(address), OrderKind.Pause, "pause", asks: false, cancellation);
        });
        return command;
    }

    private static Command Items(Verb verb, string description)
    {
        var address = LookOptions.Address("A run, a node, items or states: 142/simulate/10-40, 142@failed.");
        var command = new Command(verb.Name, description) { address, Reason, Yes, DryRun };
        command.SetAction(async (invocation, cancellation) =>
        {
            var asked = AddressArgument.Parse(invocation.Parsed.GetRequiredValue(address));
            using var look = Globals.LookFrom(invocation.Parsed);
            var shell = look.Load(asked);
            if (verb.Kind == OrderKind.CancelItems && asked is { Node: null, States.Count: 0, Query.Count: 0 })
                return await WholeRunOrder(invocation, look, shell, OrderKind.Cancel, verb.Name, asks: true, cancellation);
            bool isWide = asked.Items is null && asked.States.Count == 0 && asked.Query.Count == 0;
            var selected = ItemSelection.Asked(look, shell, isWide ? asked with { States = verb.Standard } : asked);
            if (selected.Count == 0)
            {
                invocation.Hint($"nothing to {verb.Name}: {(isWide ? $"no item of {invocation.Parsed.GetRequiredValue(address)} is {string.Join(" or ", verb.Standard.Select(s => RunJson.Word(s)))}" : "no item is in that state")}");
                if (IsJson(invocation)) invocation.Terminal.Out.WriteLine(Json(verb.Name, shell.Id, [], [], false).ToJsonString());
                return ExitCode.Success;
            }
            return await ItemOrders(invocation, look, shell, verb, selected, cancellation);
        });
        return command;
    }

    private static async Task<ExitCode> ItemOrders(Invocation invocation, RunLook look, RunShell shell, Verb verb, IReadOnlyList<NodeSelection> selected, CancellationToken cancellation)
    {
        var further = Consequences.Of(shell.Machine, verb.Kind, selected, invocation.Now);
        string what = $"{verb.Name} {Consequences.Named(shell.Id, selected)}"
            + (further.Count == 0 ? "" : $" and then {verb.And} {string.Join(", ", further.Select(f => $"{f.Node} ({Format.Count(f.Items)} {(f.Items == 1 ? "item" : "items")})"))}");
        bool dry = invocation.Parsed.GetValue(DryRun);
        if (!dry && verb.DropsWork && selected.Sum(s => s.Items.ItemCount) > 1 && !invocation.Parsed.GetValue(Yes) && !Confirmation.Ask(invocation.Terminal, $"{Capital(what)}?"))
        {
            invocation.Hint("nothing was changed");
            return ExitCode.Success;
        }
        bool accepted = false;
        foreach (var s in dry ? [] : selected)
        {
            var outcome = await look.Site.Order(shell.Id, new(verb.Kind, s.Node.Id.Value, [.. s.Items.SelectMany(r => (long[])[r.Start, r.End])], [], Who, invocation.Parsed.GetValue(Reason)!, false), cancellation);
            accepted |= outcome.Accepted;
            if (!outcome.Accepted) invocation.Hint($"  {outcome.Message}");
        }
        if (IsJson(invocation)) invocation.Terminal.Out.WriteLine(Json(verb.Name, shell.Id, selected, further, accepted).ToJsonString());
        else Say(invocation, dry ? $"would {what}" : accepted ? what : $"nothing was changed: none of them can be {Past(verb.Name)}");
        if (accepted && verb.Kind != OrderKind.CancelItems && !look.Site.IsServed) invocation.Hint($"nothing works on this folder now; go on with: mlfarm resume {shell.Id}");
        return ExitCode.Success;
    }

    private static async Task<ExitCode> WholeRunOrder(Invocation invocation, RunLook look, RunShell shell, OrderKind kind, string word, bool asks, CancellationToken cancellation)
    {
        if (shell.Machine.IsFinished && !IsJson(invocation))
        {
            invocation.Terminal.Out.WriteLine($"nothing was changed: run {shell.Id} is over ({RunJson.Word(shell.Machine.Status)})");
            return ExitCode.Success;
        }
        var counts = shell.Machine.VisibleCounts();
        long open = counts.Waiting + counts.Ready + counts.Cooking + counts.Lost;
        string what = $"{word} run {shell.Id} {shell.Record.Name}: {Format.Count(open)} open {(open == 1 ? "item" : "items")}, {Format.Count(counts.Cooking)} of them running";
        bool dry = invocation.Parsed.GetValue(DryRun);
        if (!dry && asks && open > 1 && !invocation.Parsed.GetValue(Yes) && !Confirmation.Ask(invocation.Terminal, $"{Capital(what)}?"))
        {
            invocation.Hint("nothing was changed");
            return ExitCode.Success;
        }
        var outcome = dry ? new(false, "", open) : await look.Site.Order(shell.Id, new(kind, -1, [], [], Who, invocation.Parsed.GetValue(Reason)!, false), cancellation);
        if (IsJson(invocation))
            invocation.Terminal.Out.WriteLine(new JsonObject { ["action"] = word, ["run"] = shell.Id.Value, ["open"] = open, ["accepted"] = outcome.Accepted, ["message"] = dry ? null : outcome.Message }.ToJsonString());
        else Say(invocation, dry ? $"would {what}" : outcome.Accepted ? what : $"nothing was changed: {outcome.Message}");
        if (outcome.Accepted) invocation.Hint($"go on with: mlfarm resume {shell.Id}");
        return ExitCode.Success;
    }

    private static Address WholeRun(Address address, string verb) => address.Node is null && address.States.Count == 0 && address.Query.Count == 0
        ? address : throw new CliException(ExitCode.Usage, $"{verb} is about a whole run; the address names a part of one", "write for example: mlfarm pause 142");

    private static JsonObject Json(string action, RunId run, IReadOnlyList<NodeSelection> selected, IReadOnlyList<Consequence> further, bool accepted) => new()
    {
        ["action"] = action, ["run"] = run.Value, ["items"] = selected.Sum(s => s.Items.ItemCount), ["accepted"] = accepted,
        ["nodes"] = new JsonArray([.. selected.Select(s => (JsonNode)new JsonObject { ["node"] = s.Node.Plan.Name, ["items"] = s.Items.ToString(), ["count"] = s.Items.ItemCount })]),
        ["then"] = new JsonArray([.. further.Select(f => (JsonNode)new JsonObject { ["node"] = f.Node, ["count"] = f.Items })]),
    };

    private static void Say(Invocation invocation, string text)
    {
        foreach (string line in Wrapping.Lines("", text, invocation.Terminal.OutIsTerminal ? invocation.Terminal.Width : int.MaxValue)) invocation.Terminal.Out.WriteLine(line);
    }

    private static bool IsJson(Invocation invocation) => invocation.Format is OutputFormat.Json or OutputFormat.Ndjson;

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Past(string verb) => verb switch { "retry" => "retried", "skip" => "skipped", _ => "cancelled" };
}
