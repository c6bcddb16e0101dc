using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Journal;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>An output of a kind, with the run that it comes from.</summary>
internal sealed record FoundOutput(RunRecord Run, ArtifactLine Line, long SizeBytes);

/// <summary>Outputs of a kind over many runs, newest run first: data sets, models.</summary>
internal static class OutputLists
{
    /// <summary>Columns of such a list.</summary>
    public static Column<FoundOutput>[] Columns(DateTimeOffset now) =>
    [
        new("address", f => f.Line.Address), new("run_name", f => f.Run.Name, Heading: "RECIPE"), new("name", f => f.Line.Output.Name),
        new("size_bytes", f => f.SizeBytes, f => Format.Size(f.SizeBytes), RightAligned: true, Heading: "SIZE"),
        new("submitted", f => f.Run.Submitted, f => Format.Ago(f.Run.Submitted, now)), new("sha256", f => f.Line.Output.Hash.ToString(), f => f.Line.Output.Hash.ToString()[..12]),
    ];

    /// <summary>Those of the newest runs. Data sets count with all their shards.</summary>
    public static List<FoundOutput> Newest(RunLook look, int runs, Func<RunShell, IEnumerable<NodeSelection>, IEnumerable<ArtifactLine>> of)
    {
        var found = new List<FoundOutput>();
        foreach (var record in look.Runs.List(null, runs))
        {
            var shell = look.Load(record.Id);
            var nodes = shell.Machine.Nodes.Where(n => !n.Plan.IsExpander && !n.Plan.IsVirtual && n.Counts.Done > 0).Select(n => new NodeSelection(n, new(new ItemRange(0, n.Counts.Total)))).ToList();
            foreach (var line in of(shell, nodes))
            {
                string kind = line.Output.Tag.Split('/')[0];
                long size = kind != "dataset" ? line.Output.SizeBytes
                    : ArtifactLines.Of(shell, [new(RunLook.NodeOf(shell, line.Node), new(ItemRange.One(line.Item)))]).Where(l => l.Output.Tag.StartsWith("dataset/", StringComparison.Ordinal)).Sum(l => l.Output.SizeBytes);
                found.Add(new(record, line, size));
            }
        }
        return found;
    }
}
