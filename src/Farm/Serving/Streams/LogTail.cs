using System.Globalization;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Serving.Looking;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Serving.Streams;

/// <summary>The log of one item as it grows.</summary>
internal sealed class LogTail(LiveRuns live, long run, string node, long item, int? attempt)
{
    /// <summary>Lines that are given at once.</summary>
    public const int MostLines = 1_000;

    /// <summary>How often the log is looked at.</summary>
    public static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(400);

    private readonly Queue<JsonNode> waiting = [];
    private RunShell? shell;
    private AttemptLogs? logs;
    private long read;

    /// <summary>Further lines, and whether the item is over.</summary>
    /// <exception cref="Output.CliException">There is no such run, node or item.</exception>
    public (IReadOnlyList<JsonNode> Lines, bool IsOver) More() => live.Read(run, now =>
    {
        var selected = ItemSelection.Of(now, new Address(new RunId(run), node, new RangeSet(ItemRange.One(item)), attempt, [], []));
        long skip = 0;
        if (!ReferenceEquals(shell, now))
        {
            // The run was let go of in between: its log is read from the beginning, and what was given is left out.
            skip = read;
            (shell, logs) = (now, new AttemptLogs(live.Look, now, selected, attempt));
        }
        if (waiting.Count == 0)
            foreach (var line in logs!.New())
            {
                if (skip-- > 0) continue;
                read++;
                waiting.Enqueue(Json(line));
            }
        var lines = new List<JsonNode>();
        while (lines.Count < MostLines && waiting.TryDequeue(out var next)) lines.Add(next);
        bool isOver = waiting.Count == 0 && selected.All(s => now.Machine.StateOf(s.Node.Id, item) is not (ItemState.Waiting or ItemState.Ready or ItemState.Cooking or ItemState.Lost));
        return ((IReadOnlyList<JsonNode>)lines, isOver);
    });

    private static JsonObject Json(AttemptLine line) => new()
    {
        ["attempt"] = line.Attempt, ["time"] = line.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), ["worker"] = line.Worker, ["line"] = line.Text,
    };
}
