using System.CommandLine;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Scheduler.Journal;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm runs</c>: the runs of this project, newest first.</summary>
internal static class RunsCommand
{
    public static Command Create()
    {
        var limit = LookOptions.Limit(20);
        var before = new Option<long?>("--before") { Description = "Only runs with a smaller number: the next page." };
        var command = new Command("runs", "Lists the runs of this project, newest first.\nExample: mlfarm runs --limit 5") { limit, before };
        command.Aliases.Add("ls");
        command.SetAction(invocation =>
        {
            using var look = Globals.LookFrom(invocation.Parsed);
            bool isLive = look.Site.IsServed;
            var rows = look.Runs.List(invocation.Parsed.GetValue(before) is { } number ? new(number) : null, LookOptions.Most(invocation.Parsed.GetValue(limit)));
            // Numbers are never used twice and runs are never removed, so the newest number is how many there are.
            TableWriter.Write(invocation.Terminal, invocation.Format, Columns(isLive, invocation.Now), rows, r => r.Id.ToString(), rows.Count == 0 ? 0 : rows[0].Id.Value, "runs");
            return ExitCode.Success;
        });
        return command;
    }

    private static Column<RunRecord>[] Columns(bool isLive, DateTimeOffset now) =>
    [
        new("run", r => r.Id.Value, RightAligned: true),
        new("name", r => r.Name),
        new("state", r => RunHead.Word((RunStatus)r.Progress.Status, isLive), r => RunHead.Shown((RunStatus)r.Progress.Status, isLive)),
        new("items", r => r.Progress.Items, r => Format.Count(r.Progress.Items), RightAligned: true),
        new("settled", r => r.Progress.Settled, r => Format.Count(r.Progress.Settled), RightAligned: true),
        new("failed", r => r.Progress.Failed, r => r.Progress.Failed == 0 ? "" : Format.Count(r.Progress.Failed), RightAligned: true),
        new("submitted", r => r.Submitted, r => Format.Ago(r.Submitted, now)),
        new("seconds", r => r.Progress.Ended is { } end ? (end - r.Submitted).TotalSeconds : null, r => r.Progress.Ended is { } end ? Format.Duration((end - r.Submitted).TotalSeconds) : "", Heading: "TOOK"),
        new("priority", r => r.Priority, r => r.Priority == 0 ? "" : $"{r.Priority}", RightAligned: true),
    ];
}
