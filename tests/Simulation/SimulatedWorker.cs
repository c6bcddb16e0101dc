using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Simulation;

/// <summary>A worker process: cooks leases in order, keeps reports until they are acknowledged, asks again when no answer comes.</summary>
public sealed class SimulatedWorker
{
    private sealed class Held(Lease lease)
    {
        public Lease Lease { get; } = lease;
        public long Next { get; set; } = lease.Items.Start;
        public bool Running { get; set; }
        public Dictionary<long, ItemResult> Cooked { get; } = [];
    }

    private readonly World world;
    private readonly Server server;
    private readonly List<Held> held = [];
    private readonly List<LeaseReport> outbox = [];
    private readonly HashSet<ContentHash> corrupt;
    private long sequence, request;
    private double askedAt = double.NegativeInfinity;
    private bool awaiting;

    public SimulatedWorker(World world, Server server, string name, WorkerOffer offer, HashSet<ContentHash> corrupt)
    {
        (this.world, this.server, this.corrupt, Id, Offer) = (world, server, corrupt, new(name), offer);
        sequence = world.Draws.Below(5);
        Ask();
        world.After(0.1, Beat);
    }

    public WorkerId Id { get; }
    public WorkerOffer Offer { get; }
    public bool Alive { get; private set; } = true;
    public bool CutOff { get; set; }

    public void Kill()
    {
        if (!Alive) return;
        Alive = false;
        world.After(world.Draws.Uniform(0.1, 3), () => server.WorkerDied(this));
    }

    private void Beat()
    {
        if (!Alive) return;
        if (world.Draws.Chance(world.Faults.WorkerKill * 0.03)) Kill();
        if (!awaiting || world.Now - askedAt > 2) Ask();
        world.After(world.Draws.Uniform(0.05, 0.3), Beat);
    }

    private void Ask()
    {
        long number = ++request;
        awaiting = true;
        askedAt = world.Now;
        int wanted = Math.Max(0, 2 * Offer.Slots - held.Count);
        byte[] message = MessageCodec.Encode(new WorkerMessage(Id, outbox.ToArray(), [.. held.Select(h => h.Lease.Id).Concat(outbox.Select(o => o.Lease)).Distinct()], wanted, 1));
        if (!CutOff) world.Send(() => server.Receive(this, message, reply => world.Send(() => Hear(number, reply))));
    }

    private void Hear(long number, byte[] bytes)
    {
        // An answer to an older question may grant what is finished by now.
        if (!Alive || CutOff || number != request || !awaiting) return;
        awaiting = false;
        var reply = MessageCodec.DecodeReply(bytes);
        foreach (var report in outbox.Where(r => r.Sequence <= reply.AcknowledgedSequence)) server.CheckAcknowledged(Id, report);
        outbox.RemoveAll(r => r.Sequence <= reply.AcknowledgedSequence);
        held.RemoveAll(h => reply.Revoked.Contains(h.Lease.Id));
        foreach (var lease in reply.Granted)
        {
            if (held.All(h => h.Lease.Id != lease.Id)) held.Add(new(lease));
        }
        Start();
    }

    private void Start()
    {
        double cpu = held.Where(h => h.Running).Sum(h => world.Plan.Nodes[h.Lease.Node.Value].Resources.Cpu);
        foreach (var next in held.Where(h => !h.Running).ToArray())
        {
            double needs = world.Plan.Nodes[next.Lease.Node.Value].Resources.Cpu;
            if (held.Count(h => h.Running) >= Offer.Slots || cpu + needs > Offer.Capacity.Cpu) continue;
            cpu += needs;
            next.Running = true;
            CookNext(next);
        }
    }

    private void CookNext(Held lease)
    {
        int node = lease.Lease.Node.Value;
        long item = lease.Next;
        world.After(world.Fates.Seconds(node, item), () =>
        {
            if (!Alive || !held.Contains(lease)) return;
            if (world.Fates.IsPoison(node, item))
            {
                Kill();
                return;
            }
            var result = Cook(lease, item);
            lease.Cooked[item] = result;
            lease.Next++;
            bool gaveUp = result.Kind == ResultKind.Failed && world.Plan.Nodes[node].Dependencies.Any(d => d.Mapping is Mapping.Previous);
            // Now and then a worker sends the rest back.
            bool finished = lease.Next >= lease.Lease.Items.End || gaveUp || world.Draws.Chance(0.02);
            outbox.Add(new(lease.Lease.Id, ++sequence, [result], finished));
            if (!finished)
            {
                CookNext(lease);
                return;
            }
            held.Remove(lease);
            Start();
            if (!awaiting) Ask();
        });
    }

    private ItemResult Cook(Held lease, long item)
    {
        int node = lease.Lease.Node.Value;
        var range = ItemRange.One(item);
        double seconds = world.Fates.Seconds(node, item);
        if (Inputs(lease, item, out string inputs) is { } broken) return new(range, ResultKind.Failed, seconds, Failure: FailureCodes.Broken(FailureCodes.ArtifactCorrupt, broken, "flipped byte"));
        if (world.Fates.Try(node, item) is { } failure) return new(range, ResultKind.Failed, seconds, Failure: failure);
        var outputs = world.Fates.Outputs(node, item, inputs);
        foreach (var output in outputs) corrupt.Remove(output.Hash);
        var kind = world.Draws.Chance(0.05) ? ResultKind.Cached : ResultKind.Succeeded;
        var expansion = world.Plan.Nodes[node].IsExpander ? world.Fates.Finds(node, item, lease.Lease.Inputs[0]) : null;
        return new(range, kind, seconds, outputs.Length == 0 ? null : outputs, Expansion: expansion);
    }

    /// <summary>The values of what an item reads, found as a real worker finds them; the hash of a broken artifact when there is one.</summary>
    private ContentHash? Inputs(Held lease, long item, out string inputs)
    {
        var text = new StringBuilder();
        inputs = "";
        var plan = world.Plan.Nodes[lease.Lease.Node.Value];
        foreach (var input in lease.Lease.Inputs)
        {
            var dependency = plan.Dependencies[input.Dependency];
            var reads = MappingRules.Reads(dependency.Mapping, item, long.MaxValue) is { } span ? new RangeSet(span) : input.Members![(int)(item - lease.Lease.Items.Start)];
            var results = new List<ItemResult>();
            if (dependency.Mapping is Mapping.Previous && !reads.IsEmpty && lease.Cooked.TryGetValue(reads[0].Start, out var before)) results.Add(before);
            foreach (var result in input.Results)
            {
                foreach (var part in reads.Intersect(result.Items)) results.Add(result.Slice(part));
            }
            long found = results.Sum(r => r.Items.Count);
            if (!dependency.AcceptsFailures && dependency.Mapping is not Mapping.All and not Mapping.Blocks && found != reads.ItemCount)
                throw new InvalidOperationException($"lease {lease.Lease.Id}: item {item} of {plan.Name} got {found} of its inputs {reads} through {dependency.Name}");
            text.Append(dependency.Name).Append(':');
            foreach (var result in results)
            {
                foreach (var output in result.Outputs ?? [])
                {
                    if (corrupt.Contains(output.Hash)) return output.Hash;
                    for (long i = 0; i < result.Items.Count; i++) text.Append(result.Items.Start + i).Append('=').Append(output.Skip(i).Hash).Append('/').Append(output.Skip(i).Row).Append(' ');
                }
            }
        }
        inputs = text.ToString();
        return null;
    }
}
