using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Serving.Streams;

/// <summary>
/// What changed of a run between two looks: counters of nodes, and ranges of items with the state that they have now. It says where a run stands, not every step on the
/// way: an item that became ready and was taken between two looks is told once, as running.
/// </summary>
internal sealed class StateChanges
{
    /// <summary>Runs with more items are told by their counters alone: whoever draws them asks for the states.</summary>
    public const long MostItems = 2_000_000;

    /// <summary>Ranges of one node that one message holds; with more the states are asked for at once.</summary>
    public const int MostRanges = 20_000;

    private readonly Dictionary<string, (byte[] States, string Counters)> known = new(StringComparer.Ordinal);
    private string status = "";

    /// <summary>Events that the last look had seen; −1 before the first.</summary>
    public long Sequence { get; private set; } = -1;

    /// <summary>Looks at the run; null when nothing happened since the last look.</summary>
    public JsonObject? Look(RunShell shell)
    {
        var machine = shell.Machine;
        if (machine.EventCount == Sequence) return null;
        bool isFirst = Sequence < 0, tellsItems = machine.TotalCounts().Total <= MostItems;
        var message = new JsonObject { ["run"] = shell.Id.Value, ["from"] = Math.Max(0, Sequence), ["sequence"] = machine.EventCount };
        JsonArray nodes = [], reload = [];
        JsonObject items = [];
        var counters = RunJson.Of(shell, [])["nodes"]!.AsArray().ToDictionary(n => (string)n!["node"]!, n => n!.DeepClone(), StringComparer.Ordinal);
        foreach (var node in machine.Nodes)
        {
            if (!counters.TryGetValue(node.Plan.Name, out var counted)) continue;
            var (before, told) = known.GetValueOrDefault(node.Plan.Name);
            string text = counted.ToJsonString();
            byte[] states = tellsItems ? RunLooks.States(shell, node.Id.Value) : [];
            if (text != told) nodes.Add(counted);
            // Two items may have changed places, and the counters say nothing of it.
            else if (tellsItems && states.AsSpan().SequenceEqual(before)) continue;
            known[node.Plan.Name] = (states, text);
            if (!tellsItems || isFirst)
            {
                reload.Add(node.Plan.Name);
                continue;
            }
            if (Ranges(before ?? [], states) is { } ranges) items[node.Plan.Name] = ranges;
            else reload.Add(node.Plan.Name);
        }
        string now = RunHead.Word(machine.Status, true);
        (status, Sequence) = (now, machine.EventCount);
        message["state"] = status;
        message["nodes"] = nodes;
        message["items"] = items;
        message["reload"] = reload;
        return message;
    }

    // [start, end, state] of what differs; null when there are too many.
    private static JsonArray? Ranges(ReadOnlySpan<byte> before, ReadOnlySpan<byte> now)
    {
        var ranges = new JsonArray();
        for (int at = 0; at < now.Length;)
        {
            if (at < before.Length)
            {
                at += before[at..].CommonPrefixLength(now[at..]);
                if (at == now.Length) break;
            }
            int start = at;
            byte state = now[at];
            while (at < now.Length && now[at] == state && (at >= before.Length || before[at] != state)) at++;
            if (ranges.Count == MostRanges) return null;
            ranges.Add(new JsonArray(start, at, (int)state));
        }
        return ranges;
    }
}
