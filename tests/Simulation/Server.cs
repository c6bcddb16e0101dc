using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Simulation;

/// <summary>The shell around a run machine: decides, makes durable, then acts. A crash loses what was not durable.</summary>
public sealed class Server
{
    private readonly World world;
    private readonly Shadow shadow = new();
    private readonly List<byte[]> journal = [];
    private readonly List<(RunEvent Event, IReadOnlyList<RunCommand> Commands, IReadOnlyList<RerunView> Reruns, ItemRange Returned)> pending = [];
    private readonly List<Action> afterwards = [];
    private readonly Dictionary<WorkerId, double> heard = [];
    private readonly List<(WorkerId Worker, Action Try)> parked = [];
    private (byte[] Snapshot, int Events) snapshot;
    private bool persisting;
    private int life;

    public Server(World world)
    {
        this.world = world;
        Machine = new();
        snapshot = (RunSnapshot.Encode(Machine), 0);
        Happen(new RunSubmitted(world.Clock(), world.Plan));
        Persist();
        world.After(1, Watch);
    }

    public RunMachine Machine { get; private set; }
    public int Crashes { get; private set; }
    public int Accepted => shadow.Accepted;

    /// <summary>Decides on an event; what follows from it waits until it is durable.</summary>
    public RunOutcome Happen(RunEvent happened)
    {
        byte[]? before = world.Steps % 16 == 0 ? RunSnapshot.Encode(Machine) : null;
        var node = happened is ResultsReported report ? Machine.Leases.FirstOrDefault(l => l.Id == report.Report.Lease)?.Node : null;
        var outcome = Machine.Handle(happened);
        RunInvariants.Check(Machine);
        if (outcome.IsIgnored)
        {
            if (before is not null && !before.AsSpan().SequenceEqual(RunSnapshot.Encode(Machine))) throw new InvalidOperationException($"{happened} was ignored and changed something");
            return outcome;
        }
        pending.Add((EventCodec.Decode(EventCodec.Encode(happened)), outcome.Commands, [.. Machine.Reruns().Where(r => r.At == happened.At)], node is { } chain ? Returned(chain, (ResultsReported)happened) : default));
        foreach (var command in outcome.Commands) Carry(command);
        if (!persisting)
        {
            persisting = true;
            int now = life;
            world.After(world.Draws.Uniform(0, 0.01), () => { if (now == life) Persist(); });
        }
        return outcome;
    }

    /// <summary>Items of a chain whose result came too early, because the item before them had gone back: the one case in which a lease's result is not taken.</summary>
    private ItemRange Returned(NodeId node, ResultsReported happened)
    {
        var items = happened.Report.Results.Count > 0 ? happened.Report.Results[0].Items : default;
        bool isChain = world.Plan.Nodes[node.Value].Dependencies.Any(d => d.Mapping is Mapping.Previous);
        return isChain && !items.IsEmpty && Machine.StateOf(node, items.Start) is not ItemState.Succeeded and not ItemState.Cached ? items : default;
    }

    public void Receive(SimulatedWorker worker, byte[] bytes, Action<byte[]> answer)
    {
        var message = MessageCodec.DecodeMessage(bytes);
        heard[worker.Id] = world.Now;
        if (Machine.Workers.All(w => w.Id != worker.Id)) Happen(new WorkerJoined(world.Clock(), worker.Id, worker.Offer));
        long acknowledged = -1;
        foreach (var report in message.Reports)
        {
            Happen(new ResultsReported(world.Clock(), worker.Id, report));
            acknowledged = Math.Max(acknowledged, report.Sequence);
        }
        double until = world.Now + message.WaitSeconds;
        Try();

        void Try()
        {
            var outcome = message.Wanted > 0 ? Happen(new LeasesRequested(world.Clock(), worker.Id, message.Wanted)) : null;
            var granted = outcome?.Commands.OfType<GrantLease>().Select(g => g.Lease).ToList() ?? [];
            var holds = Machine.LeasesOf(worker.Id);
            foreach (var id in holds)
            {
                if (message.Held.Contains(id) || granted.Any(g => g.Id == id)) continue;
                if (Machine.Describe(worker.Id, id) is { } again) granted.Add(again);
                else Happen(new LeaseLost(world.Clock(), id, LossCause.Stopped));
            }
            var revoked = message.Held.Where(id => !holds.Contains(id)).ToList();
            if (granted.Count == 0 && revoked.Count == 0 && acknowledged < 0 && world.Now < until && message.Wanted > 0)
            {
                parked.Add((worker.Id, Try));
                int now = life;
                world.After(until - world.Now, () => { if (now == life) Unpark(worker.Id); });
                return;
            }
            byte[] reply = MessageCodec.Encode(new RunReply(acknowledged, granted, revoked, granted.Count == 0));
            // Nothing leaves before what it says is durable.
            if (pending.Count == 0) answer(reply);
            else afterwards.Add(() => answer(reply));
        }
    }

    public void WorkerDied(SimulatedWorker worker) => Happen(new WorkerLost(world.Clock(), worker.Id, LossCause.Crashed));

    /// <summary>Power off. What was not durable never happened; what was waiting to be sent is gone.</summary>
    public void Crash()
    {
        Crashes++;
        life++;
        byte[] state = RunSnapshot.Encode(Machine);
        bool whole = pending.Count == 0;
        pending.Clear();
        afterwards.Clear();
        parked.Clear();
        persisting = false;
        Machine = RunSnapshot.Decode(snapshot.Snapshot);
        foreach (var record in journal.Skip(snapshot.Events)) Machine.Replay(EventCodec.Decode(record));
        RunInvariants.Check(Machine);
        byte[] restored = RunSnapshot.Encode(Machine);
        if (whole && !restored.AsSpan().SequenceEqual(state)) throw new InvalidOperationException("the state after a replay is not the state before the crash");
        var fromTheStart = new RunMachine();
        foreach (var record in journal) fromTheStart.Replay(EventCodec.Decode(record));
        if (!restored.AsSpan().SequenceEqual(RunSnapshot.Encode(fromTheStart))) throw new InvalidOperationException("snapshot and tail give another state than the whole journal");
        foreach (var worker in Machine.Workers) heard[worker.Id] = world.Now;
        if (Machine.NextCallAt is { } call) Carry(new CallAt(call));
    }

    private void Persist()
    {
        persisting = false;
        foreach (var (happened, commands, reruns, returned) in pending)
        {
            journal.Add(EventCodec.Encode(happened));
            shadow.Durable(happened, commands, reruns, returned);
        }
        pending.Clear();
        if (world.Draws.Chance(0.02)) snapshot = (RunSnapshot.Encode(Machine), journal.Count);
        var ready = afterwards.ToArray();
        afterwards.Clear();
        foreach (var act in ready) act();
    }

    private void Carry(RunCommand command)
    {
        int now = life;
        if (command is CallAt call)
        {
            double wait = Math.Max(0, (call.Time - world.Clock()).TotalSeconds) + 0.001;
            world.After(wait, () => { if (now == life) Happen(new TimePassed(Max(world.Clock(), call.Time))); });
        }
        if (command is Wake or FinishRun)
        {
            world.After(0, () =>
            {
                if (now != life) return;
                foreach (var worker in parked.Select(p => p.Worker).Distinct().ToArray()) Unpark(worker);
            });
        }
    }

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private void Unpark(WorkerId worker)
    {
        int at = parked.FindIndex(p => p.Worker == worker);
        if (at < 0) return;
        var poll = parked[at];
        parked.RemoveAt(at);
        poll.Try();
    }

    /// <summary>Who is silent for too long counts as lost, alive or not.</summary>
    private void Watch()
    {
        foreach (var worker in Machine.Workers)
        {
            if (world.Now - heard.GetValueOrDefault(worker.Id, world.Now) > 12) Happen(new WorkerLost(world.Clock(), worker.Id, LossCause.Vanished));
            heard.TryAdd(worker.Id, world.Now);
        }
        world.After(1, Watch);
    }
}
