using System.CommandLine;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;
using ExampleMlFarm.Farm.Sites.Served;
using ExampleMlFarm.Scheduler.Contracts;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm resume</c>: goes on with a run that stopped, was killed, paused, cancelled or failed, or whose results were damaged since.</summary>
internal static class ResumeCommand
{
    public static Command Create()
    {
        var address = new Argument<string>("run") { Description = "The run; the newest one unless given.", DefaultValueFactory = _ => "last" };
        var workers = RunCommand.WorkersOption();
        var detach = new Option<bool>("--detach") { Description = "Cook in the background, and return at once." };
        var trust = new Option<bool>("--trust-artifacts") { Description = "Look at names and sizes of the results only, not at their contents." };
        var command = new Command("resume", "Goes on with a run. What was acknowledged is not cooked again; damaged results are.\nExample: mlfarm resume 142") { address, workers, detach, trust };
        command.SetAction(async (invocation, cancellation) =>
        {
            if (Globals.FarmOf(invocation.Parsed) is { } farm)
                return await WatchCommand.Submitted(invocation, new ServedSite(farm), site => Resume(invocation, site, AddressArgument.Parse(invocation.Parsed.GetRequiredValue(address))), invocation.Parsed.GetValue(detach), cancellation);
            var project = Globals.ProjectOf(invocation.Parsed);
            Core.Items.RunId run;
            Core.Plans.RunPlan plan;
            List<Core.Plans.PlanNode> open;
            using (var look = RunLook.Open(project))
            {
                run = look.NumberOf(AddressArgument.Parse(invocation.Parsed.GetRequiredValue(address)));
                var machine = look.Load(run).Machine;
                plan = machine.Plan!;
                open = [.. machine.Nodes.Where(n => !n.CountIsFinal || n.Counts.Done < n.Counts.Total).Select(n => n.Plan)];
            }
            return await new CookSession(invocation, project, plan, open, async farm =>
            {
                if (!await farm.Activate(run.Value)) throw new CliException(ExitCode.NotFound, $"there is no run {run}");
                return run.Value;
            }, async grain =>
            {
                var verified = await grain.Verify(!invocation.Parsed.GetValue(trust));
                foreach (var reason in verified.Reasons) invocation.Hint($"  {reason}");
                if (verified.Items > 0) invocation.Hint($"  {verified.Broken} of {verified.Artifacts} artifacts are gone or damaged: {verified.Items} {(verified.Items == 1 ? "item is" : "items are")} cooked again");
                var view = await grain.State();
                if ((RunStatus)view.Status is RunStatus.Running) return;
                if ((RunStatus)view.Status == RunStatus.Succeeded && verified.Items == 0) return;
                await grain.Order(new(OrderKind.Resume, -1, [], [], OrderCommands.Who, "resume", DryRun: false));
            }).Run(invocation.Parsed.GetValue(workers), invocation.Parsed.GetValue(detach), cancellation);
        });
        return command;
    }

    private static Core.Items.RunId Resume(Invocation invocation, ServedSite site, Addresses.Address address)
    {
        var run = RunLook.At(site, Globals.WorkingFolder(invocation.Parsed)).NumberOf(address);
        var outcome = site.Order(run, new(OrderKind.Resume, -1, [], [], OrderCommands.Who, "resume", DryRun: false), default).Result;
        if (!outcome.Accepted) invocation.Hint($"  {outcome.Message}");
        return run;
    }
}
