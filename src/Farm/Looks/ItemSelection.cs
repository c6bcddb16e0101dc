using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>Items of one node.</summary>
internal sealed record NodeSelection(NodeView Node, RangeSet Items);

/// <summary>The items that an address names, as ranges: nodes, indices and states. Queries need each item's values and are asked afterwards.</summary>
internal static class ItemSelection
{
    /// <summary>Node by node, in plan order; nodes without such items are left out.</summary>
    /// <remarks>An address of a whole run leaves out nodes that only carry attributes: nothing ever happens to their items.</remarks>
    /// <exception cref="CliException">The run has no such node, or the node no such item.</exception>
    public static IReadOnlyList<NodeSelection> Of(RunShell run, Address address)
    {
        var nodes = address.Node is { } name ? [RunLook.NodeOf(run, name)] : run.Machine.Nodes.Where(n => !n.Plan.IsExpander && !n.Plan.IsVirtual).ToArray();
        var selections = new List<NodeSelection>();
        foreach (var node in nodes)
        {
            var all = new ItemRange(0, node.Counts.Total);
            var items = address.Items?.Intersect(all) ?? new RangeSet(all);
            if (address.Items is not null && items.IsEmpty)
                throw new CliException(ExitCode.NotFound, $"{node.Plan.Name} has {Counted(node)}; {address.Items} is not among them", node.Counts.Total > 0 ? $"its items are 0 to {node.Counts.Total - 1}" : null);
            if (address.States.Count > 0) items = InStates(run.Machine, node.Id, items, address.States);
            if (!items.IsEmpty) selections.Add(new(node, items));
        }
        return selections;
    }

    /// <summary>As <see cref="Of"/>, and then only those for which the address's query holds: every item is looked at for that.</summary>
    public static IReadOnlyList<NodeSelection> Asked(RunLook look, RunShell run, Address address)
    {
        var selected = Of(run, address);
        if (address.Query.Count == 0) return selected;
        var kept = ItemLines.Where(new ItemLines(look, run).Of(selected), address.Query).ToLookup(l => l.Node.Id, l => l.View.Index);
        return [.. selected.Where(s => kept.Contains(s.Node.Id)).Select(s =>
        {
            var items = new RangeSet();
            foreach (long item in kept[s.Node.Id]) items.Add(ItemRange.One(item));
            return s with { Items = items };
        })];
    }

    /// <summary>The one item that an address names.</summary>
    /// <exception cref="CliException">It names none, or several.</exception>
    public static (NodeView Node, ItemView Item) One(RunShell run, Address address)
    {
        var selected = Of(run, address);
        if (selected is not [{ Items.ItemCount: 1 } only])
            throw new CliException(ExitCode.Usage, $"this is about one item, and the address names {Format.Count(selected.Sum(s => s.Items.ItemCount))}", $"write for example: {Address.Of(run.Id, address.Node ?? run.Machine.Nodes[^1].Plan.Name, 0)}");
        return (only.Node, run.Machine.Items(only.Node.Id, only.Items[0].Start, 1)[0]);
    }

    /// <summary>Those of the items that stand in one of the states.</summary>
    public static RangeSet InStates(RunMachine machine, NodeId node, RangeSet items, IReadOnlyList<ItemState> states)
    {
        var found = new RangeSet();
        foreach (var range in items)
            foreach (var (part, state) in machine.States(node, range))
                if (states.Contains(state)) found.Add(part);
        return found;
    }

    private static string Counted(NodeView node) => node.Counts.Total == 1 ? "1 item" : $"{Format.Count(node.Counts.Total)} items{(node.CountIsFinal ? "" : " so far")}";
}
