using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Sessions;

namespace ExampleMlFarm.Farm.Looks;

/// <summary>One thing that is waited for.</summary>
/// <param name="Name">As it was named.</param>
/// <param name="Feed">Its run.</param>
/// <param name="Part">The part of the run that is meant.</param>
internal sealed record Awaited(string Name, RunFeed Feed, Address Part)
{
    /// <summary>What the addresses name; several of one run share its feed.</summary>
    public static IReadOnlyList<Awaited> All(RunLook look, IReadOnlyList<string> given, string? node)
    {
        var feeds = new Dictionary<RunId, RunFeed>();
        var all = new List<Awaited>();
        foreach (string text in given)
        {
            var address = Commands.AddressArgument.Parse(text);
            if (node is not null && address.Node is { } other && other != node)
                throw new CliException(ExitCode.Usage, $"{text} is about node {other}, and --for about {node}", "give the run, or leave out --for");
            var run = look.NumberOf(address);
            if (!feeds.TryGetValue(run, out var feed)) feeds[run] = feed = new RunFeed(look, run);
            var part = node is null ? address : address with { Node = node };
            // Those that were in a state when the wait began: a state does not stay.
            var selected = ItemSelection.Asked(look, feed.Shell, part);
            if (part.States.Count > 0 || part.Query.Count > 0)
            {
                if (selected.Count == 0) continue;
                foreach (var s in selected) all.Add(new($"{run}/{s.Node.Plan.Name}/{s.Items}", feed, part with { Node = s.Node.Plan.Name, Items = s.Items, States = [], Query = [] }));
            }
            else all.Add(new(node is not null ? $"{run}/{node}" : text.StartsWith("last", StringComparison.Ordinal) ? $"{run}{text[4..]}" : text, feed, part));
        }
        return all;
    }

    private bool IsWhole => Part.Node is null;

    private IReadOnlyList<NodeSelection> Selected => ItemSelection.Of(Feed.Shell, Part);

    /// <summary>True when nothing more happens to it.</summary>
    public bool IsOver => Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled or RunStatus.ChecksFailed || (!IsWhole && IsPartOver);

    // Items of a node that are not found yet are waited for too, unless the address says which.
    private bool IsPartOver => (Part.Items is not null || RunLook.NodeOf(Feed.Shell, Part.Node!).CountIsFinal) && Counted is var (done, failed, all) && done + failed == all;

    private RunStatus Status => Feed.Shell.Machine.Status;

    /// <summary>Items that are done, that failed, and how many there are.</summary>
    public (long Done, long Failed, long All) Counted
    {
        get
        {
            long done = 0, failed = 0, all = 0;
            foreach (var s in Selected)
                foreach (var (range, state) in s.Items.SelectMany(r => Feed.Shell.Machine.States(s.Node.Id, r)))
                {
                    all += range.Count;
                    if (state is ItemState.Failed or ItemState.Cancelled) failed += range.Count;
                    else if (state is ItemState.Succeeded or ItemState.Cached or ItemState.Skipped) done += range.Count;
                }
            return (done, failed, all);
        }
    }

    // Of a whole node as many may fail as the recipe allows.
    private bool HasFailed => Part.Items is null ? RunLook.NodeOf(Feed.Shell, Part.Node!) is var node && Counted.Failed > node.Plan.AllowFailed.Of(node.Counts.Total) : Counted.Failed > 0;

    /// <summary>How it stands.</summary>
    public string Word => IsWhole || (IsOver && !IsPartOver) ? RunJson.Word(Status) : !IsPartOver ? "open" : HasFailed ? "failed" : "done";

    /// <summary>The exit status that tells it.</summary>
    public ExitCode Code
    {
        get
        {
            if (!IsWhole && IsPartOver) return HasFailed ? ExitCode.RunFailed : ExitCode.Success;
            var code = RunFollower.CodeOf(Status);
            // A part that was never cooked although its run came to a good end was skipped by what it depends on.
            return IsWhole || code != ExitCode.Success ? code : ExitCode.RunFailed;
        }
    }
}
