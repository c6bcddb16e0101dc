using System.CommandLine;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;
using ExampleMlFarm.Farm.Recipes;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Farm.Sites;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm plan</c>: items per node, what the cache holds, why the rest must run. Starts nothing.</summary>
internal static class PlanCommand
{
    private static readonly Column<PlanLine>[] Columns =
    [
        new("node", l => l.Node.Name),
        new("items", l => l.Items, l => l.Items is { } n ? Format.Count(n) : "?", RightAligned: true),
        new("cached", l => l.Cached, l => l.Node.Kind == NodeKind.Virtual ? "-" : Format.Count(l.Cached), RightAligned: true),
        new("to_run", l => l.ToRun, l => l.Node.Kind == NodeKind.Virtual ? "-" : l.Items is null ? "?" : Format.Count(l.ToRun), RightAligned: true),
        new("why", l => l.Why, GivesWay: true),
        new("estimate_seconds", l => l.SecondsEach is { } s ? s * l.ToRun : null, l => l.SecondsEach is { } s && l.ToRun > 0 ? $"{Format.Duration(s * l.ToRun)} ({Format.Duration(s)} each)" : ""),
    ];

    public static Command Create()
    {
        var recipe = new Argument<string>("recipe") { Description = "A recipe file, or the name of a shipped one." };
        var parameters = ParameterOption.Create();
        var command = new Command("plan", "Shows items per node, cached or not and why. Starts nothing.\nExample: mlfarm plan ml-deformer -p poses=512") { recipe, parameters };
        var part = new PartOptions();
        part.AddTo(command);
        command.SetAction(invocation =>
        {
            string folder = Globals.FolderOf(invocation.Parsed), named = invocation.Parsed.GetRequiredValue(recipe);
            var given = invocation.Parsed.GetValue(parameters)!;
            var program = RecipeSource.Find(named, folder).Compile(ParameterOption.Read(given, folder), invocation.Terminal, part.Read(invocation.Parsed), notes: true);
            using var look = Globals.TryLookFrom(invocation.Parsed);
            var report = Report(program, look?.Site);
            bool people = invocation.Format is OutputFormat.Table || (invocation.Format == OutputFormat.Automatic && invocation.Terminal.OutIsTerminal);
            if (people)
            {
                int nodes = report.Lines.Count;
                invocation.Terminal.Out.WriteLine($"{program.Name}  {nodes} {(nodes == 1 ? "node" : "nodes")}, {Format.Count(report.Items)} work items: {Format.Count(report.ToRun)} to run, {Format.Count(report.Cached)} cached\n");
            }
            TableWriter.Write(invocation.Terminal, invocation.Format, Columns, report.Lines, l => l.Node.Name, report.Lines.Count, "nodes");
            invocation.Hint($"\nNothing was started. Run it with: mlfarm run {named}{string.Concat(given.Select(g => $" -p {g}"))}{Words("--only", program.Source.Part.Only)}{Words("--no-cache", program.Source.Part.Anew)}");
            return ExitCode.Success;
        });
        return command;
    }

    private static string Words(string option, IReadOnlyList<string> nodes) => string.Concat(nodes.Select(n => $" {option} {n}"));

    /// <summary>What a run of the program would cook in that project.</summary>
    public static PlanReport Report(RecipeProgram program, IFarmSite? site)
    {
        if (site is null) return PlanReport.Create(program, new NothingCached());
        var earlier = new Lazy<RecipeProgram?>(() =>
            site.Runs.List(null, 50).FirstOrDefault(r => r.Name == program.Name) is { } record ? Thawed(site.Runs.Frozen(record.Id)) : null);
        return PlanReport.Create(program, new SiteCookCache(site, node => earlier.Value?.Find(node) is { } known ? CookKeys.PartsOf(earlier.Value, known) : null));
    }

    /// <summary>The plan as <c>--json</c> writes it.</summary>
    public static JsonArray Json(PlanReport report) => new([.. report.Lines.Select(l => (JsonNode)TableWriter.Json(Columns, l))]);

    // A run of another version of the program has keys of its own anyway; the plan then only says less.
    private static RecipeProgram? Thawed(byte[] frozen)
    {
        try { return FrozenRun.Thaw(frozen, Catalogue.Descriptors); }
        catch (Core.FarmException) { return null; }
    }

    private sealed class SiteCookCache(IFarmSite site, Func<string, KeyParts?> latestParts) : ICookCache
    {
        public IReadOnlyList<ItemResult> Find(KeyRun run) => site.FindCooked(run);
        public KeyParts? LatestParts(string node) => latestParts(node);
    }

    private sealed class NothingCached : ICookCache
    {
        public IReadOnlyList<ItemResult> Find(KeyRun run) => [];
        public KeyParts? LatestParts(string node) => null;
    }
}
