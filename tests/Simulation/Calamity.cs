using System.Globalization;
using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;

namespace ExampleMlFarm.Tests.Simulation;

/// <summary>One run from submission to its end, through whatever its world has in store.</summary>
public sealed class Calamity
{
    private const int MostSteps = 60_000;
    private const double StormSeconds = 40;

    private readonly World world;
    private readonly Server server;
    private readonly List<SimulatedWorker> workers = [];
    private readonly HashSet<ContentHash> corrupt = [];
    private int named;

    private Calamity(ulong seed, RunPlan plan, Faults faults)
    {
        world = new(seed, plan, faults);
        server = new(world);
        CacheRoots();
        for (int i = 0; i < 3; i++) Hire();
        world.After(1, Trouble);
        world.After(1, Replace);
    }

    public sealed record Ending(string Text, int Steps, int Crashes, int Accepted, double Seconds);

    /// <summary>What a run ends with: state and outputs of every item.</summary>
    public static Ending Play(ulong seed, RunPlan plan, Faults faults)
    {
        var play = new Calamity(seed, plan, faults);
        bool calm = faults == Faults.None;
        if (!calm) play.Until(() => play.world.Now > StormSeconds || play.server.Machine.IsFinished);
        play.world.CalmDown();
        foreach (var worker in play.workers) worker.CutOff = false;
        if (!calm) play.Undo();
        play.Until(() => play.server.Machine.IsFinished);
        if (!calm)
        {
            // Faults may have failed what would not have failed: another try for all that failed.
            if (play.server.Happen(new RunReopened(play.world.Clock())).IsIgnored is false) play.Until(() => play.server.Machine.IsFinished);
        }
        return new(play.Describe(), play.world.Steps, play.server.Crashes, play.server.Accepted, play.world.Now);
    }

    private void Until(Func<bool> reached)
    {
        int least = world.Steps;
        while (!reached())
        {
            if (world.Steps - least > MostSteps || !world.Step()) throw new InvalidOperationException($"nothing moves any more after {world.Steps} steps at {world.Now:0} s:\n{Describe()}");
        }
    }

    private void Hire()
    {
        var draws = world.Draws;
        int slots = draws.Between(1, 3);
        var offer = new WorkerOffer(slots, Resources.OneCore with { Cpu = slots + 1 }, workers.Any(w => w.Alive && w.Offer.Pools.Count > 0) ? [] : ["gpu"]);
        workers.Add(new(world, server, $"w{++named}", offer, corrupt));
    }

    private void Replace()
    {
        if (workers.Count(w => w.Alive) < 3) Hire();
        foreach (var worker in workers.Where(w => w.Alive))
        {
            if (!worker.CutOff && world.Draws.Chance(world.Faults.Partition * 0.1)) worker.CutOff = true;
            else if (worker.CutOff && world.Draws.Chance(0.1)) worker.CutOff = false;
        }
        world.After(0.5, Replace);
    }

    private void CacheRoots()
    {
        for (int node = 0; node < world.Plan.Nodes.Count; node++)
        {
            var plan = world.Plan.Nodes[node];
            if (plan.Items is not ItemRule.Fixed(var count) || plan.Dependencies.Count > 0 || !world.Draws.Chance(0.2)) continue;
            var found = new List<ItemResult>();
            for (long i = 0; i < count; i++)
            {
                // What cannot be cooked cannot have been cooked before.
                if (world.Draws.Chance(0.3) && !world.Fates.IsPoison(node, i) && world.Fates.Try(node, i) is null) found.Add(new(ItemRange.One(i), ResultKind.Cached, Outputs: world.Fates.Outputs(node, i, "")));
            }
            server.Happen(new ItemsCached(world.Clock(), new(node), found));
        }
    }

    private void Trouble()
    {
        var draws = world.Draws;
        if (draws.Chance(world.Faults.ServerCrash)) server.Crash();
        if (draws.Chance(world.Faults.Corrupt)) Corrupt();
        if (draws.Chance(world.Faults.People)) Meddle();
        world.After(draws.Uniform(0.1, 1), Trouble);
    }

    private void Corrupt()
    {
        var artifacts = server.Machine.Artifacts().ToArray();
        if (artifacts.Length == 0) return;
        var (node, items, output) = world.Draws.One(artifacts);
        if (world.Draws.Chance(0.5)) corrupt.Add(output.Hash);
        else server.Happen(new OutputsInvalidated(world.Clock(), node, new(items), new(FailureClass.Transient, FailureCodes.ArtifactMissing, "a file is gone"), Downstream: world.Draws.Chance(0.3)));
    }

    private void Meddle()
    {
        var draws = world.Draws;
        var node = new NodeId(draws.Below(world.Plan.Nodes.Count));
        int known = (int)server.Machine.Counts(node).Total;
        var items = new RangeSet();
        for (int i = 0; i < 3 && known > 0; i++)
        {
            int start = draws.Below(known);
            items.Add(new ItemRange(start, start + draws.Between(1, 4)));
        }
        var at = world.Clock();
        RunEvent happened = draws.Below(8) switch
        {
            0 => new RunPaused(at),
            1 => new RunResumed(at),
            2 => draws.Chance(0.3) ? new RunCancelled(at) : new RunResumed(at),
            3 => new RunReopened(at, draws.Chance(0.5)),
            4 => new ItemsCancelled(at, node, items),
            5 => new ItemsRetried(at, node, items),
            6 => new ItemsSkipped(at, node, items),
            _ => draws.Chance(0.5) && server.Machine.Leases is { Count: > 0 } leases ? new LeaseLost(at, draws.One(leases).Id, LossCause.Vanished) : new ItemsRetried(at, node, items),
        };
        server.Happen(happened);
    }

    /// <summary>People take back what they asked for.</summary>
    private void Undo()
    {
        server.Happen(new RunResumed(world.Clock()));
        foreach (var node in server.Machine.Nodes.Where(n => n.Counts.Skipped + n.Counts.Cancelled > 0))
        {
            var left = new RangeSet();
            foreach (var (items, state) in server.Machine.States(node.Id, new(0, long.MaxValue)))
            {
                if (state is ItemState.Skipped or ItemState.Cancelled) left.Add(items);
            }
            server.Happen(new ItemsRetried(world.Clock(), node.Id, left));
        }
        server.Happen(new RunReopened(world.Clock()));
    }

    private string Describe()
    {
        var text = new StringBuilder();
        var machine = server.Machine;
        text.Append(CultureInfo.InvariantCulture, $"{machine.Status}\n");
        foreach (var node in machine.Nodes)
        {
            foreach (var item in machine.Items(node.Id, 0, (int)node.Counts.Total))
            {
                string state = item.State is ItemState.Cached or ItemState.Succeeded ? "done" : item.State.ToString();
                text.Append(CultureInfo.InvariantCulture, $"{node.Plan.Name}[{item.Index}] {state} {string.Join(' ', item.Result?.Outputs?.Select(o => $"{o.Hash.ToString()[..12]}/{o.Row}") ?? [])}\n");
            }
        }
        return text.ToString();
    }
}
