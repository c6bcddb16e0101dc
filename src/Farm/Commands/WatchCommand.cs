using System.CommandLine;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Progress;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Farm.Sites.Served;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm watch</c>: a run as it goes, until it is over or somebody leaves.</summary>
internal static class WatchCommand
{
    private const int MostTrials = 8;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200), UntilAbandoned = TimeSpan.FromSeconds(3);

    public static Command Create()
    {
        var address = new Argument<string>("run") { Description = "The run; the newest one unless given.", DefaultValueFactory = _ => "last" };
        var command = new Command("watch", "Shows a run as it goes. Ctrl+C leaves; the run goes on.\nExample: mlfarm watch last      mlfarm watch last -o ndjson") { address };
        command.SetAction(async (invocation, cancellation) =>
        {
            using var look = Globals.LookFrom(invocation.Parsed);
            return await Watch(invocation, look, look.NumberOf(AddressArgument.Parse(invocation.Parsed.GetRequiredValue(address))), cancellation);
        });
        return command;
    }

    /// <summary>Gives a run to a farm elsewhere, and watches it unless it is to be left alone.</summary>
    public static async Task<ExitCode> Submitted(Invocation invocation, ServedSite site, Func<ServedSite, RunId> submit, bool detach, CancellationToken cancellation)
    {
        using var look = RunLook.At(site, Globals.WorkingFolder(invocation.Parsed));
        var id = submit(site);
        if (!detach) return await Watch(invocation, look, id, cancellation);
        if (invocation.Format is OutputFormat.Json or OutputFormat.Ndjson) invocation.Terminal.Out.WriteLine(new JsonObject { ["run"] = id.Value, ["url"] = $"{site.Http.Url}runs/{id}" }.ToJsonString());
        else invocation.Terminal.Out.WriteLine($"Run {id}  cooks in the farm at {site.Name}");
        invocation.Hint($"watch it with: mlfarm watch {id}");
        return ExitCode.Success;
    }

    private static async Task<ExitCode> Watch(Invocation invocation, RunLook look, RunId run, CancellationToken cancellation)
    {
        var feed = new RunFeed(look, run);
        try
        {
            await Follow(invocation, look, feed, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            invocation.Hint($"\nLeft; the run goes on. Come back with: mlfarm watch {feed.Shell.Id}      end it with: mlfarm cancel {feed.Shell.Id}");
            return ExitCode.Left;
        }
        if (invocation.Format is OutputFormat.Ndjson) return RunFollower.CodeOf(feed.Shell.Machine.Status);
        return RunFollower.Conclude(invocation, look, feed.Shell.Id);
    }

    private static async Task Follow(Invocation invocation, RunLook look, RunFeed feed, CancellationToken cancellation)
    {
        var events = invocation.Format is OutputFormat.Ndjson ? new RunEventLines(invocation.Terminal.Out) : null;
        var progress = new RunProgressView(invocation.Terminal, invocation.Time, invocation.ShowsProgress && events is null);
        var program = look.Program(feed.Shell);
        var trials = invocation.Terminal.ErrorIsTerminal ? TrialTable.NodesOf(program).Select(n => new TrialTable(look, feed, program, n)).ToList() : [];
        invocation.Hint($"Run {feed.Shell.Id}  {feed.Shell.Record.Name}     (Ctrl+C leaves; the run goes on)");
        DateTimeOffset? abandoned = null;
        while (true)
        {
            feed.Update();
            var view = RunLooks.View(feed.Shell);
            int slots = Math.Max(1, feed.Shell.Machine.Workers.Sum(w => w.Offer.Slots));
            var below = trials.SelectMany(t => t.Lines(MostTrials, invocation.Terminal.Width - 1)).ToList();
            events?.Write(feed.Shell);
            if (feed.IsRunOver)
            {
                progress.Finish(view, slots, below);
                return;
            }
            progress.Show(view, slots, below);
            // A farm that starts again needs a moment; one that is gone leaves a run that nobody works on.
            abandoned = look.Site.IsServed ? null : abandoned ?? invocation.Now;
            if (abandoned is { } since && invocation.Now - since >= UntilAbandoned)
                throw new CliException(ExitCode.Unreachable, $"run {feed.Shell.Id} is not finished, and nothing works on it", $"go on with: mlfarm resume {feed.Shell.Id}");
            await Task.Delay(BetweenLooks, invocation.Time, cancellation);
        }
    }
}

/// <summary>Changes of a run as JSON lines: the run, nodes whose counts changed, items that failed. The schema is <c>mlfarm schema events</c>.</summary>
internal sealed class RunEventLines(TextWriter to)
{
    private readonly Dictionary<string, string> told = new(StringComparer.Ordinal);
    private readonly HashSet<(int, long, int)> failed = [];

    public void Write(RunShell shell)
    {
        var machine = shell.Machine;
        foreach (var node in RunJson.Of(shell, [])["nodes"]!.AsArray())
        {
            var line = new JsonObject { ["event"] = "node", ["run"] = shell.Id.Value };
            foreach (var (name, value) in node!.AsObject()) line[name] = value?.DeepClone();
            Once($"node {line["node"]}", line);
        }
        foreach (var item in machine.Failures(1000))
            if (failed.Add((item.Node.Value, item.Index, item.Attempts)))
                to.WriteLine(new JsonObject
                {
                    ["event"] = "failed", ["run"] = shell.Id.Value, ["node"] = machine.Plan!.Nodes[item.Node.Value].Name, ["index"] = item.Index, ["attempts"] = item.Attempts,
                    ["code"] = item.Failure.Code, ["message"] = item.Failure.Message,
                }.ToJsonString());
        Once("run", new() { ["event"] = "run", ["run"] = shell.Id.Value, ["name"] = shell.Record.Name, ["status"] = RunJson.Word(machine.Status), ["finished"] = machine.FinishedAt is { } end ? Format.Iso(end) : null });
        to.Flush();
    }

    private void Once(string key, JsonObject line)
    {
        string text = line.ToJsonString();
        if (told.GetValueOrDefault(key) == text) return;
        told[key] = text;
        to.WriteLine(text);
    }
}
