using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Runs;
using ExampleMlFarm.Workers.Logs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>A line of the log of one attempt.</summary>
/// <param name="Node">The node.</param>
/// <param name="Item">The item.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="At">When it was printed.</param>
/// <param name="Worker">Who cooked; host and process.</param>
/// <param name="Text">The line.</param>
internal sealed record AttemptLine(string Node, long Item, int Attempt, DateTimeOffset At, string Worker, string Text);

/// <summary>Logs of the items of a selection, read from the folder that workers write into; remembers how far each was read.</summary>
internal sealed class AttemptLogs(RunLook look, RunShell shell, IReadOnlyList<NodeSelection> selected, int? attempt)
{
    private readonly Dictionary<(string Path, long Offset), long> read = [];
    private readonly HashSet<(string, long)> failuresTold = [];

    /// <summary>Lines that were not there at the last call, item by item. What a failed item failed with stands at the end of its log.</summary>
    public IEnumerable<AttemptLine> New()
    {
        foreach (var selection in selected)
        {
            string node = selection.Node.Plan.Name;
            var places = LogReader.All(look.Site.LogsOf(shell.Id, node), shell.Id, node).Where(p => selection.Items.Contains(p.Index.Item) && (attempt is null || p.Index.Attempt == attempt))
                .ToLookup(p => p.Index.Item);
            foreach (long item in places.Select(p => p.Key).Concat(Failed(selection)).Distinct().Order())
            {
                string? last = null;
                foreach (var place in places[item])
                    foreach (var line in Lines(node, place))
                    {
                        last = line.Text;
                        yield return line;
                    }
                if (Failure(selection.Node.Id, node, item, last, places[item].LastOrDefault()) is { } told)
                    foreach (var line in told) yield return line;
            }
        }
    }

    private IEnumerable<AttemptLine> Lines(string node, AttemptLogPlace place)
    {
        var key = (place.Path, place.Index.Offset);
        var lines = new List<LogLine>();
        read[key] = LogReader.Read(place, read.GetValueOrDefault(key), lines);
        var start = DateTimeOffset.FromUnixTimeMilliseconds(place.Index.StartedUnixMilliseconds);
        string worker = WorkerOf(place.Path);
        foreach (var line in lines)
            if (line.Kind == LogLineKind.Text) yield return new(node, place.Index.Item, place.Index.Attempt, start + line.Offset, worker, line.Text);
    }

    private IEnumerable<long> Failed(NodeSelection selection)
        => ItemSelection.InStates(shell.Machine, selection.Node.Id, selection.Items, [ItemState.Failed]).SelectMany(r => Enumerable.Range(0, (int)Math.Min(r.Count, 10_000)).Select(i => r.Start + i));

    private IEnumerable<AttemptLine>? Failure(NodeId id, string node, long item, string? last, AttemptLogPlace? place)
    {
        if (shell.Machine.StateOf(id, item) != ItemState.Failed || !failuresTold.Add((node, item))) return null;
        if (shell.Machine.Items(id, item, 1) is not [{ LastFailure: { } failure } view] || (attempt is not null && attempt != view.Attempts)) return null;
        if (last is not null && last.Contains(failure.Message, StringComparison.Ordinal)) return null;
        var at = place is null ? shell.Machine.FinishedAt ?? shell.Machine.SubmittedAt : DateTimeOffset.FromUnixTimeMilliseconds(place.Index.StartedUnixMilliseconds + place.Index.ElapsedMilliseconds);
        string worker = place is null ? "" : WorkerOf(place.Path);
        string[] texts = [$"{failure.Code}: {failure.Message}", .. (failure.Detail ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        return texts.Select(text => new AttemptLine(node, item, view.Attempts, at, worker, text.TrimEnd('\r')));
    }

    // WORKER-SLOT.N.log
    private static string WorkerOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        int dash = name.LastIndexOf('-');
        return dash > 0 ? name[..dash] : name;
    }
}
