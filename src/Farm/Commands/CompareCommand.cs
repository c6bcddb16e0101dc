using System.CommandLine;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm compare</c>: parameters and metrics of runs or items side by side.</summary>
internal static class CompareCommand
{
    private const int LongText = 24;

    /// <summary>One thing that has a value on each side.</summary>
    private sealed record Row(string Kind, string Name, object?[] Values)
    {
        public bool Differs => Values.Select(ItemFields.Plain).Distinct().Count() > 1;
    }

    public static Command Create()
    {
        var addresses = new Argument<string[]>("addresses") { Description = "Two or more runs, or two or more items.", Arity = new(2, 16) };
        var all = new Option<bool>("--all") { Description = "Also what is the same everywhere." };
        var command = new Command("compare", "Shows parameters and metrics side by side: what differs.\nExample: mlfarm compare last 1      mlfarm compare last/train/0 last/train/5") { addresses, all };
        command.SetAction(invocation =>
        {
            string[] named = invocation.Parsed.GetRequiredValue(addresses);
            using var look = Globals.LookFrom(invocation.Parsed);
            var sides = named.Select(n => AddressArgument.Parse(n)).Select(a => Side(look, a)).ToList();
            var keys = sides.SelectMany(s => s.Keys).Distinct().ToList();
            var rows = keys.Select(k => new Row(k.Kind, k.Name, [.. sides.Select(s => s.GetValueOrDefault(k))])).ToList();
            var shown = invocation.Parsed.GetValue(all) ? rows : rows.Where(r => r.Differs || r.Kind == "metric").ToList();
            var columns = new List<Column<Row>> { new("kind", r => r.Kind), new("name", r => r.Name) };
            for (int i = 0; i < named.Length; i++)
            {
                int side = i;
                columns.Add(new(named[i], r => r.Values[side], r => Shown(r, side), RightAligned: true, Heading: named[i]));
            }
            columns.Add(new("differs", r => r.Differs, r => r.Differs ? "≠" : "="));
            TableWriter.Write(invocation.Terminal, invocation.Format, columns, shown, r => r.Name, shown.Count, "rows");
            if (shown.Count < rows.Count) invocation.Hint($"{rows.Count - shown.Count} further {(rows.Count - shown.Count == 1 ? "value is" : "values are")} the same everywhere; --all shows them");
            return ExitCode.Success;
        });
        return command;
    }

    // Long texts that begin alike are shown from where they part.
    private static string Shown(Row row, int side)
    {
        string own = ItemFields.People(row.Values[side]);
        if (own.Length <= LongText || !row.Differs) return own;
        var all = row.Values.Select(ItemFields.People).ToList();
        int alike = 0;
        while (alike < own.Length && all.All(v => alike < v.Length && v[alike] == own[alike])) alike++;
        return alike <= LongText / 2 ? own : $"…{own[Math.Max(0, alike - LongText / 2)..]}";
    }

    private static Dictionary<(string Kind, string Name), object?> Side(RunLook look, Address address)
    {
        var shell = look.Load(address);
        var values = new Dictionary<(string, string), object?>();
        if (address.Node is not null)
        {
            var (node, item) = ItemSelection.One(shell, address);
            var line = new ItemLines(look, shell).Line(node, item);
            values[("item", "state")] = RunJson.Word(item.State);
            foreach (var (name, value) in line.Attributes) values[("attribute", name)] = value;
            foreach (var metric in line.Metrics) values[("metric", metric.Name)] = metric.Value;
            values[("item", "seconds")] = line.Seconds;
            return values;
        }
        var program = look.Program(shell);
        values[("run", "name")] = shell.Record.Name;
        values[("run", "status")] = RunJson.Word(shell.Machine.Status);
        foreach (var (name, value) in program.Source.Parameters) values[("parameter", name)] = value.ToString();
        foreach (var node in program.Nodes.Where(n => n.Kind is NodeKind.Uses or NodeKind.Steps or NodeKind.Command))
        {
            // The parts of its key, so that a difference in the recipe shows without reading two recipes.
            foreach (var part in CookKeys.PartsOf(program, node).Parts.Where(p => p.Name != "language")) values[("recipe", $"{node.Name}: {part.Name}")] = part.Text;
            var counts = shell.Machine.Counts(node.Id);
            values[("items", node.Name)] = counts.Total;
            if (counts.Total != 1 || shell.Machine.Items(node.Id, 0, 1) is not [{ Result.Metrics: { } metrics }]) continue;
            foreach (var metric in metrics) values[("metric", $"{node.Name}: {metric.Name}")] = metric.Value;
        }
        if (shell.Machine.FinishedAt is { } end) values[("run", "seconds")] = (end - shell.Machine.SubmittedAt).TotalSeconds;
        return values;
    }
}
