using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Sessions;

/// <summary>A run as one JSON object, and its few headline figures.</summary>
internal static class RunJson
{
    /// <summary>The run as one object.</summary>
    /// <param name="shell">The run.</param>
    /// <param name="placed">Where its outputs are.</param>
    /// <param name="farmIsLive">False when nothing works on it: what its journal says cooks is then <c>stopped</c>.</param>
    public static JsonObject Of(RunShell shell, IReadOnlyList<PlacedOutput> placed, bool farmIsLive = true)
    {
        var machine = shell.Machine;
        return new()
        {
            ["run"] = shell.Id.Value,
            ["name"] = shell.Record.Name,
            ["status"] = Word(machine.Status),
            ["submitted"] = Format.Iso(machine.SubmittedAt),
            ["finished"] = machine.FinishedAt is { } end ? Format.Iso(end) : null,
            ["nodes"] = new JsonArray([.. machine.Nodes.Where(n => !n.Plan.IsExpander).Select(n => (JsonNode)new JsonObject
            {
                ["node"] = n.Plan.Name, ["items"] = n.Counts.Total, ["final"] = n.CountIsFinal, ["waiting"] = n.Counts.Waiting, ["ready"] = n.Counts.Ready, ["running"] = farmIsLive ? n.Counts.Cooking : 0, ["stopped"] = farmIsLive ? 0 : n.Counts.Cooking,
                ["succeeded"] = n.Counts.Succeeded, ["cached"] = n.Counts.Cached, ["failed"] = n.Counts.Failed, ["lost"] = n.Counts.Lost, ["skipped"] = n.Counts.Skipped, ["cancelled"] = n.Counts.Cancelled,
                ["seconds"] = n.Seconds,
            })]),
            ["outputs"] = new JsonObject(placed.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)new JsonArray([.. p.Files.Select(f => (JsonNode)JsonValue.Create(f))])))),
        };
    }

    /// <summary>What a person wants to know first: metrics of single items that are outputs, and the data set.</summary>
    public static IEnumerable<(string Name, string Value)> Headlines(RecipeProgram program, RunShell shell)
    {
        foreach (var output in program.Outputs)
        {
            if (shell.Machine.Counts(output.Node.Id).Total != 1 || shell.Machine.Items(output.Node.Id, 0, 1) is not [{ Result: { } result }]) continue;
            if (result.Metrics is { Count: > 0 } metrics)
                yield return (output.Node.Name, string.Join("   ", metrics.Take(6).Select(m => $"{m.Name} {Format.Number(m.Value)}")));
        }
    }

    /// <summary>A status as people read it.</summary>
    public static string Word(RunStatus status) => status switch
    {
        RunStatus.ChecksFailed => "checks failed",
        _ => status.ToString().ToLowerInvariant(),
    };

    /// <summary>An item state as people read it.</summary>
    /// <param name="state">The state.</param>
    /// <param name="farmIsLive">False when nothing works on the run: the journal of a farm that was killed still says that items cook.</param>
    public static string Word(ItemState state, bool farmIsLive = true) => state switch
    {
        ItemState.Waiting => "waits",
        ItemState.Cooking => farmIsLive ? "running" : "stopped",
        ItemState.Succeeded => "done",
        _ => state.ToString().ToLowerInvariant(),
    };

    /// <summary>Shape that goes with the word, so that colour is never the only carrier.</summary>
    public static string Glyph(ItemState state, bool farmIsLive = true) => state switch
    {
        ItemState.Cooking when !farmIsLive => "◌",
        ItemState.Waiting => "○", ItemState.Ready => "·", ItemState.Cooking => "◐", ItemState.Succeeded => "●", ItemState.Cached => "◉",
        ItemState.Failed => "✕", ItemState.Lost => "?", _ => "/",
    };
}
