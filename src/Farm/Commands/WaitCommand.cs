using System.CommandLine;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm wait</c>: for scripts. Says nothing until what they wait for has come to an end, and tells by the exit status how it ended.</summary>
internal static class WaitCommand
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250), UntilAbandoned = TimeSpan.FromSeconds(3);

    public static Command Create()
    {
        var addresses = new Argument<string[]>("address") { Description = "Runs, nodes or items; the newest run unless given.", Arity = ArgumentArity.ZeroOrMore };
        var timeout = new Option<string?>("--timeout") { HelpName = "age", Description = "The longest to wait, 30s, 5m, 2h; then the exit status is 12, and the runs go on." };
        var what = new Option<string>("--for") { HelpName = "what", Description = "done, or node=NAME: the items of that node instead of whole runs.", DefaultValueFactory = _ => "done" };
        var command = new Command("wait", "Waits until runs, nodes or items have come to an end.\nExample: mlfarm wait 142 143 --timeout 2h      mlfarm wait last --for node=train") { addresses, timeout, what };
        command.SetAction(async (invocation, cancellation) =>
        {
            var limit = invocation.Parsed.GetValue(timeout) is { } text ? LookOptions.Age("--timeout", text) : (TimeSpan?)null;
            var node = NodeOf(invocation.Parsed.GetRequiredValue(what));
            using var look = Globals.LookFrom(invocation.Parsed);
            string[] given = invocation.Parsed.GetValue(addresses) is { Length: > 0 } named ? named : ["last"];
            return await Wait(invocation, look, Awaited.All(look, given, node), limit, cancellation);
        });
        return command;
    }

    private static async Task<ExitCode> Wait(Invocation invocation, RunLook look, IReadOnlyList<Awaited> awaited, TimeSpan? limit, CancellationToken cancellation)
    {
        var began = invocation.Now;
        DateTimeOffset? abandoned = null;
        while (true)
        {
            foreach (var feed in awaited.Select(a => a.Feed).Distinct()) feed.Update();
            var open = awaited.Where(a => !a.IsOver).ToList();
            if (open.Count == 0) break;
            if (limit is { } longest && invocation.Now - began >= longest)
            {
                Tell(invocation, awaited);
                invocation.Hint($"not over after {Format.Duration(longest.TotalSeconds)}: {string.Join(", ", open.Select(a => a.Name))}; what is open goes on");
                return ExitCode.WaitTimedOut;
            }
            // A paused run goes on when somebody wants it to; a run that nobody works on never does.
            abandoned = look.Site.IsServed ? null : abandoned ?? invocation.Now;
            if (abandoned is { } since && invocation.Now - since >= UntilAbandoned)
                throw new CliException(ExitCode.Unreachable, $"{open[0].Name} is not over, and nothing works on it", $"go on with: mlfarm resume {open[0].Feed.Shell.Id}");
            await Task.Delay(BetweenLooks, invocation.Time, cancellation);
        }
        Tell(invocation, awaited);
        return awaited.Select(a => a.Code).FirstOrDefault(c => c != ExitCode.Success);
    }

    private static void Tell(Invocation invocation, IReadOnlyList<Awaited> awaited) => TableWriter.Write(invocation.Terminal, invocation.Format,
    [
        new("address", a => a.Name),
        new("state", a => a.Word, a => a.Word),
        new("done", a => a.Counted.Done, a => Format.Count(a.Counted.Done), RightAligned: true),
        new("failed", a => a.Counted.Failed, a => a.Counted.Failed == 0 ? "" : Format.Count(a.Counted.Failed), RightAligned: true),
    ], awaited, a => a.Name, awaited.Count, "addresses");

    private static string? NodeOf(string what) => what == "done" ? null
        : what.StartsWith("node=", StringComparison.Ordinal) && what.Length > 5 ? what[5..]
        : throw new CliException(ExitCode.Usage, $"--for is \"{what}\"; it must be done or node=NAME", "write for example: mlfarm wait 142 --for node=train");
}
