using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>One output of one item.</summary>
internal sealed record ArtifactLine(RunId Run, string Node, long Item, OutputRef Output)
{
    /// <summary>Address of the item.</summary>
    public string Address => Addresses.Address.Of(Run, Node, Item);

    /// <summary>True when it is a row of a segment and not a file of its own.</summary>
    public bool IsRow => Output.Row >= 0;
}

/// <summary>Outputs of items, as they stand in the results of a run.</summary>
internal static class ArtifactLines
{
    /// <summary>Columns of a list of them.</summary>
    public static Column<ArtifactLine>[] Columns(RunLook look) =>
    [
        new("address", l => l.Address), new("tag", l => l.Output.Tag), new("name", l => l.Output.Name),
        new("size_bytes", l => l.Output.SizeBytes, l => Format.Size(l.Output.SizeBytes), RightAligned: true, Heading: "SIZE"),
        new("row", l => l.IsRow ? l.Output.Row : null, RightAligned: true),
        new("there", l => look.Site.Has(l.Output), l => look.Site.Has(l.Output) ? "yes" : "GONE"),
        new("sha256", l => l.Output.Hash.ToString(), l => l.Output.Hash.ToString()[..12]),
    ];

    /// <summary>Every output of the items, item by item.</summary>
    public static IEnumerable<ArtifactLine> Of(RunShell shell, IEnumerable<NodeSelection> selected)
    {
        foreach (var selection in selected)
            foreach (var range in selection.Items)
                foreach (var result in shell.Machine.Results(selection.Node.Id, range))
                    for (long item = result.Items.Start; item < result.Items.End; item++)
                        foreach (var output in result.Outputs ?? []) yield return new(shell.Id, selection.Node.Plan.Name, item, output.Skip(item - result.Items.Start));
    }

    /// <summary>Every output of the items whose name or tag begins so; all of them with null.</summary>
    public static IEnumerable<ArtifactLine> Named(IEnumerable<ArtifactLine> lines, string? name)
        => name is null ? lines : lines.Where(l => l.Output.Name == name || l.Output.Tag.StartsWith(name, StringComparison.Ordinal));
}
