using System.Text;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;
using ExampleMlFarm.Farm.Serving.Looking;
using ExampleMlFarm.Scheduler.Runs;

namespace ExampleMlFarm.Farm.Serving.Streams;

/// <summary>A message about a run.</summary>
/// <param name="From">Events that its receiver knows already.</param>
/// <param name="Sequence">Events that he knows afterwards.</param>
/// <param name="Bytes">UTF-8 JSON.</param>
internal sealed record RunMessage(long From, long Sequence, byte[] Bytes);

/// <summary>
/// Changes of one run for any number of listeners: worked out once, kept for a while, read by each listener at its own pace. A slow listener holds no memory but a number;
/// one that fell behind, or comes back after hours, gets what it missed in one message made from the journal.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class RunHub(LiveRuns live, RunId run, TimeProvider time)
{
    /// <summary>However many listen, the run is looked at this often.</summary>
    public static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private const int MostMessages = 5_000;
    private const long MostBytes = 32 << 20;

    private readonly Lock gate = new();
    private readonly LinkedList<RunMessage> kept = [];
    private readonly StateChanges changes = new();
    private byte[] whole = [];
    private long bytes, looked;

    /// <summary>Looks whether something happened, unless somebody looked just now.</summary>
    /// <exception cref="Output.CliException">There is no such run.</exception>
    public void Look()
    {
        lock (gate)
        {
            if (looked != 0 && time.GetElapsedTime(looked) < BetweenLooks) return;
            looked = time.GetTimestamp();
        }
        live.Read(run.Value, Look);
    }

    private bool Look(RunShell shell)
    {
        lock (gate)
        {
            long from = changes.Sequence;
            if (changes.Look(shell) is not { } message) return false;
            if (from >= 0) Keep(new(from, changes.Sequence, Text(message)));
            whole = Text(new StateChanges().Look(shell)!);
        }
        return true;
    }

    /// <summary>What a listener is told next; null when it knows everything. Without a number it is told where the run stands.</summary>
    /// <param name="known">Events that it knows of; null for none.</param>
    public RunMessage? Next(long? known)
    {
        long at;
        lock (gate)
        {
            if (known is null or <= 0 || known > changes.Sequence) return new(0, changes.Sequence, whole);
            if (known == changes.Sequence) return null;
            for (var node = kept.Last; node is not null && node.Value.Sequence > known; node = node.Previous)
                if (node.Value.From == known) return node.Value;
            at = changes.Sequence;
        }
        return Missed(known.Value, at);
    }

    // From the journal: the run as it was then, and as it was at the last look.
    private RunMessage Missed(long known, long at)
    {
        var record = live.Look.Runs.Find(run)!;
        var machine = new RunMachine();
        var missed = new StateChanges();
        JsonObject? message = null;
        foreach (var stored in live.Look.Runs.Events(run, 0))
        {
            if (stored.Sequence == known) missed.Look(RunShell.At(live.Look.Runs, record, machine));
            if (stored.Sequence == at) break;
            machine.Replay(EventCodec.Decode(stored.Payload.Span));
        }
        if (missed.Sequence >= 0) message = missed.Look(RunShell.At(live.Look.Runs, record, machine));
        return message is null ? new(0, at, whole) : new(known, machine.EventCount, Text(message));
    }

    private void Keep(RunMessage message)
    {
        kept.AddLast(message);
        bytes += message.Bytes.Length;
        while (kept.Count > MostMessages || (bytes > MostBytes && kept.Count > 1))
        {
            bytes -= kept.First!.Value.Bytes.Length;
            kept.RemoveFirst();
        }
    }

    private static byte[] Text(JsonObject message) => Encoding.UTF8.GetBytes(message.ToJsonString());
}
