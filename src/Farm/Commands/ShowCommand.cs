using System.CommandLine;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm show</c>: one screen about a run, a node or an item.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var address = LookOptions.Address("A run, a node or an item; the newest run unless given.", "last");
        var command = new Command("show", "Shows one screen about a run, a node or an item.\nExample: mlfarm show last/train") { address };
        command.SetAction(invocation =>
        {
            var asked = AddressArgument.Parse(invocation.Parsed.GetRequiredValue(address));
            using var look = Globals.LookFrom(invocation.Parsed);
            var shell = look.Load(asked);
            var page = asked switch
            {
                { Node: null, States.Count: 0, Query.Count: 0 } => RunPage.Of(invocation, look, shell),
                { Node: { } name, Items: null, States.Count: 0, Query.Count: 0 } when RunLook.NodeOf(shell, name) is var node && node.Counts.Total != 1 => NodePage.Of(invocation, look, shell, node),
                _ => ItemPageOf(invocation, look, shell, asked),
            };
            page.Write(invocation);
            return ExitCode.Success;
        });
        return command;
    }

    private static Page ItemPageOf(Invocation invocation, RunLook look, RunShell shell, Address asked)
    {
        if (ItemSelection.Asked(look, shell, asked) is not [{ Items.ItemCount: 1 } one])
            throw new CliException(ExitCode.Usage, "show is about one thing, and the address names several items", "list them with: mlfarm items ADDRESS");
        var lines = new ItemLines(look, shell);
        return ItemPage.Of(invocation, look, lines.Line(one.Node, shell.Machine.Items(one.Node.Id, one.Items[0].Start, 1)[0]));
    }
}
