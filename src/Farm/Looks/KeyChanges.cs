using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Planning;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>What differs between a node of a run and the same node of the run of that recipe before it.</summary>
/// <param name="Run">The earlier run.</param>
/// <param name="Changed">Parts of the cook key that differ: <c>with.compliance  1 / item.stiffness → 0.5 / item.stiffness</c>.</param>
/// <param name="Unchanged">Names of those that do not.</param>
/// <param name="ChangedInputs">Upstream nodes whose own keys differ.</param>
internal sealed record KeyChanges(RunId Run, IReadOnlyList<string> Changed, IReadOnlyList<string> Unchanged, IReadOnlyList<string> ChangedInputs)
{
    private const int RunsLookedBack = 100;

    /// <summary>Compares with the newest earlier run of the same name; null when there is none, or none that this program can read.</summary>
    public static KeyChanges? Of(RunLook look, RunShell shell, RecipeProgram program, NodeProgram node)
    {
        foreach (var record in look.Runs.List(shell.Id, RunsLookedBack))
        {
            if (record.Name != shell.Record.Name || Thawed(look, record.Id) is not { } earlier || earlier.Find(node.Name) is not { } before) continue;
            var now = CookKeys.PartsOf(program, node);
            var changed = KeyParts.Difference(CookKeys.PartsOf(earlier, before), now);
            var names = changed.Select(c => c.Split("  ", 2)[0]).ToHashSet(StringComparer.Ordinal);
            return new(record.Id, changed, [.. now.Parts.Select(p => p.Name).Where(n => !names.Contains(n) && n != "language")], [.. Inputs(program, node, earlier, [])]);
        }
        return null;
    }

    /// <summary>The frozen program of a run; null when this program cannot read it.</summary>
    public static RecipeProgram? Thawed(RunLook look, RunId run)
    {
        try { return FrozenRun.Thaw(look.Runs.Frozen(run), Catalogue.Descriptors); }
        catch (FarmException) { return null; }
    }

    private static List<string> Inputs(RecipeProgram program, NodeProgram node, RecipeProgram earlier, HashSet<string> seen)
    {
        var changed = new List<string>();
        foreach (var dependency in node.Dependencies)
        {
            if (dependency.OrderOnly) continue;
            var upstream = program[dependency.Upstream];
            if (!seen.Add(upstream.Name)) continue;
            if (earlier.Find(upstream.Name) is not { } before || KeyParts.Difference(CookKeys.PartsOf(earlier, before), CookKeys.PartsOf(program, upstream)).Count > 0) changed.Add(upstream.Name);
            changed.AddRange(Inputs(program, upstream, earlier, seen));
        }
        return changed;
    }
}
