using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Commands;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>One screen about an item.</summary>
internal static class ItemPage
{
    private const int MostInputs = 8;

    public static Page Of(Invocation invocation, RunLook look, ItemLine line)
    {
        var (shell, view) = (line.Of.Shell, line.View);
        var reason = shell.Machine.Explain(line.Node.Id, view.Index);
        var attempts = line.Of.History.Of(line.Node.Id, view.Index).ToList();
        var outputs = view.Result?.Outputs ?? [];
        var inputs = Inputs(line.Of.Program, shell.Machine, line).ToList();
        var json = new JsonObject();
        foreach (var column in ItemFields.Default([line], severalNodes: true, all: true)) json[column.Name] = column.Json(line);
        json["address"] = line.Address;
        json["reason"] = reason.ToString();
        json["failure"] = view.LastFailure is { } f ? new JsonObject { ["code"] = f.Code, ["class"] = f.Class.ToString(), ["message"] = f.Message, ["detail"] = f.Detail } : null;
        json["attributes"] = new JsonObject(line.Attributes.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value.DeepClone())));
        json["metrics"] = new JsonObject(line.Metrics.DistinctBy(m => m.Name).Select(m => KeyValuePair.Create(m.Name, (JsonNode?)(double.IsFinite(m.Value) ? JsonValue.Create(m.Value) : null))));
        json["inputs"] = new JsonArray([.. inputs.Select(i => (JsonNode)new JsonObject { ["name"] = i.Name, ["items"] = i.Items })]);
        json["outputs"] = new JsonArray([.. outputs.Select(o => (JsonNode)new JsonObject { ["tag"] = o.Tag, ["name"] = o.Name, ["sha256"] = o.Hash.ToString(), ["size_bytes"] = o.SizeBytes, ["row"] = o.Row })]);
        json["history"] = new JsonArray([.. attempts.Select(a => (JsonNode)new JsonObject { ["at"] = Format.Iso(a.At), ["what"] = a.Word, ["worker"] = a.Worker?.Value, ["message"] = a.Failure?.Message })]);
        return new Page($"{line.Address}  {RunJson.Glyph(view.State, line.Of.FarmIsLive)} {RunJson.Word(view.State, line.Of.FarmIsLive)}", json)
            .Add("", (IEnumerable<(string, string)>)
            [
                ("why", reason.ToString()!),
                ("ran", line.Seconds is > 0 and var s ? $"{Format.Duration(s)}{(line.Worker is { } w ? $" on {ItemFields.Short(w)}" : "")}" : ""),
                ("attempts", view.Attempts > 1 ? $"{view.Attempts}" : ""),
                ("last line", line.LastLine),
            ])
            .Add("Attributes", line.Attributes.Select(a => (a.Key, ItemFields.People(a.Value))))
            .Add("Metrics", line.Metrics.Select(m => (m.Name, Format.Number(m.Value))))
            .Add("Reads", inputs)
            .Add("Outputs", outputs.Select(o => (o.Name, $"{o.Tag}  {Format.Size(o.SizeBytes)}{(o.Row >= 0 ? $" segment, row {o.Row}" : "")}  sha256:{o.Hash.ToString()[..12]}…")))
            .Add("Checks that do not hold", [.. (view.Result?.BrokenChecks ?? []).Select(c => $"  {c}")])
            .Add("History", attempts.Select(a => (Format.Ago(a.At, invocation.Now), $"{a.Word}{(a.Worker is { } w ? $" by {ItemFields.Short(w.Value)}" : "")}{(a.Failure is { } f ? $": {f.Message}" : "")}")))
            .Add("", view.State == ItemState.Failed ? [$"next: mlfarm logs {line.Address}      mlfarm retry {line.Address}"] : []);
    }

    private static IEnumerable<(string Name, string Items)> Inputs(RecipeProgram program, RunMachine machine, ItemLine line)
    {
        var node = program[line.Node.Id];
        for (int d = 0; d < node.Dependencies.Count; d++)
        {
            var dependency = node.Dependencies[d];
            var upstream = program[dependency.Upstream];
            if (dependency.OrderOnly || upstream.Kind == NodeKind.Expander) continue;
            var items = machine.Reads(line.Node.Id, d, ItemRange.One(line.View.Index));
            if (items.IsEmpty) continue;
            yield return (dependency.Name, items.Count <= MostInputs ? $"{upstream.Name}/{items}" : $"{upstream.Name}: {Format.Count(items.ItemCount)} items");
        }
    }
}
