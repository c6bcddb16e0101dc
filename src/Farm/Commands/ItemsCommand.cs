using System.CommandLine;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm items</c>: a table of items with whatever is known of them.</summary>
internal static class ItemsCommand
{
    public static Command Create()
    {
        var address = LookOptions.Address("A run, a node, items, states or a query: 142/simulate@failed.", "last");
        var fields = new Option<string?>("--fields") { Description = "Columns: index,state,radius,validation/loss. Any field, attribute or metric." };
        var sort = new Option<string?>("--sort") { Description = "Field to sort by; -seconds for the greatest first." };
        var where = new Option<string[]>("--where") { Description = "Condition, as often as wanted: \"lr>1e-3\".", DefaultValueFactory = _ => [] };
        var limit = LookOptions.Limit(1000);
        var skip = new Option<int>("--skip") { Description = "Rows to leave out first: the next page." };
        var command = new Command("items", "Lists items with state, attributes and metrics.\nExample: mlfarm items last/train --sort validation/loss --limit 5") { address, fields, sort, where, limit, skip };
        command.SetAction(invocation =>
        {
            var asked = AddressArgument.Parse(invocation.Parsed.GetRequiredValue(address));
            var conditions = asked.Query.Concat(invocation.Parsed.GetValue(where)!.Select(ConditionOf)).ToArray();
            int most = LookOptions.Most(invocation.Parsed.GetValue(limit));
            using var look = Globals.LookFrom(invocation.Parsed);
            var shell = look.Load(asked);
            var lines = new ItemLines(look, shell);
            var selected = ItemSelection.Of(shell, asked);
            var (rows, total) = Rows(lines, selected, conditions, invocation.Parsed.GetValue(sort), most, Math.Max(0, invocation.Parsed.GetValue(skip)));
            var columns = Columns(invocation, rows, selected.Count != 1 || asked.Node is null, invocation.Parsed.GetValue(fields));
            TableWriter.Write(invocation.Terminal, invocation.Format, columns, rows, l => l.Address, total, "items");
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>A condition of <c>--where</c>.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static Condition ConditionOf(string text) => AddressParser.TryCondition(text, out var condition)
        ? condition : throw new CliException(ExitCode.Usage, $"\"{text}\" is not a condition", "write lr>1e-3, act=silu or validation/loss<0.1, in quotes");

    private static (IReadOnlyList<ItemLine> Rows, long Total) Rows(ItemLines lines, IReadOnlyList<NodeSelection> selected, Condition[] conditions, string? sort, int most, int skip)
    {
        long total = selected.Sum(s => s.Items.ItemCount);
        var all = lines.Of(selected);
        // Only what has to look at every item does so.
        if (conditions.Length > 0)
        {
            var kept = ItemLines.Where(all, conditions);
            (all, total) = (kept, kept.Count);
        }
        if (sort is { Length: > 0 })
        {
            string name = sort.TrimStart('-');
            var sorted = all.ToList();
            if (sorted.Count > 0 && sorted.All(l => ItemFields.Of(l, name) is null) && !ItemFields.Names.Contains(name))
                throw new CliException(ExitCode.Usage, $"no item has \"{name}\" to sort by", $"attributes and metrics: {string.Join(", ", sorted.SelectMany(ItemFields.NamesOf).Distinct())}; fields: {string.Join(", ", ItemFields.Names)}");
            all = ItemOrder.By(sorted, name, descending: sort.StartsWith('-'));
        }
        return ([.. all.Skip(skip).Take(most)], total);
    }

    private static IReadOnlyList<Column<ItemLine>> Columns(Invocation invocation, IReadOnlyList<ItemLine> rows, bool severalNodes, string? fields)
    {
        if (fields is { Length: > 0 }) return [.. fields.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ItemFields.Column)];
        var columns = ItemFields.Default(rows, severalNodes, all: invocation.Format is OutputFormat.Json or OutputFormat.Ndjson);
        if (!invocation.Terminal.ShowsTable(invocation.Format)) return columns;
        var (shown, left) = TableFit.Choose(columns, rows, invocation.Terminal.Width, ItemFields.Urgency(rows));
        if (left.Count > 0) invocation.Hint($"no room for: {string.Join(", ", left)}     choose with --fields");
        return shown;
    }
}
