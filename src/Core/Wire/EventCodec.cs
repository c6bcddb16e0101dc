using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;

namespace ExampleMlFarm.Core.Wire;

/// <summary>
/// Bytes of the events of a run: what a journal holds. One event is one record. A golden test fixes the bytes: a change of the
/// format needs a new <see cref="Version"/>.
/// </summary>
public static class EventCodec
{
    /// <summary>The first byte of each event.</summary>
    public const byte Version = 1;

    private enum Kind : byte
    {
        RunSubmitted = 0, ItemsCached = 1, WorkerJoined = 2, WorkerLost = 3, LeasesRequested = 4, ResultsReported = 5, LeaseLost = 6, TimePassed = 7,
        RunPaused = 8, RunResumed = 9, RunCancelled = 10, ItemsCancelled = 11, ItemsRetried = 12, ItemsSkipped = 13, OutputsInvalidated = 14, RunReopened = 15,
        LicencesAllowed = 16,
    }

    /// <summary>The event as bytes.</summary>
    public static byte[] Encode(RunEvent happened)
    {
        var to = new WireWriter();
        Encode(to, happened);
        return to.ToArray();
    }

    /// <summary>The event, appended to a buffer that is used again.</summary>
    public static void Encode(WireWriter to, RunEvent happened)
    {
        to.Byte(Version);
        to.Byte((byte)KindOf(happened));
        to.Time(happened.At);
        switch (happened)
        {
            case RunSubmitted e:
                PlanCodec.Write(to, e.Plan);
                break;
            case ItemsCached e:
                to.Count(e.Node.Value);
                to.List(e.Results, ResultCodec.Write);
                break;
            case WorkerJoined e:
                to.Text(e.Worker.Value);
                WriteOffer(to, e.Offer);
                break;
            case WorkerLost e:
                to.Text(e.Worker.Value);
                to.Byte((byte)e.Cause);
                break;
            case LeasesRequested e:
                to.Text(e.Worker.Value);
                to.Count(e.Wanted);
                break;
            case ResultsReported e:
                to.Text(e.Worker.Value);
                MessageCodec.Write(to, e.Report);
                break;
            case LeaseLost e:
                to.Count(e.Lease.Value);
                to.Byte((byte)e.Cause);
                break;
            case ItemsCancelled e:
                WriteItems(to, e.Node, e.Items);
                break;
            case ItemsRetried e:
                WriteItems(to, e.Node, e.Items);
                break;
            case ItemsSkipped e:
                WriteItems(to, e.Node, e.Items);
                break;
            case OutputsInvalidated e:
                WriteItems(to, e.Node, e.Items);
                ResultCodec.WriteFailure(to, e.Reason);
                to.Bool(e.Downstream);
                break;
            case RunReopened e:
                to.Bool(e.RetryFailed);
                break;
            case LicencesAllowed e:
                to.List(e.Amounts, static (w, licence) =>
                {
                    w.Text(licence.Key);
                    w.Double(licence.Value);
                });
                break;
        }
    }

    /// <summary>The event of these bytes; <see cref="FarmException"/> <c>wire.corrupt</c> when they are none.</summary>
    public static RunEvent Decode(ReadOnlySpan<byte> bytes)
    {
        var from = new WireReader(bytes);
        from.Version(Version, "the event");
        var kind = from.Choice<Kind>();
        var at = from.Time();
        RunEvent happened = kind switch
        {
            Kind.RunSubmitted => new RunSubmitted(at, PlanCodec.Read(ref from)),
            Kind.ItemsCached => new ItemsCached(at, new(from.Small()), from.List(ResultCodec.Read, 4)),
            Kind.WorkerJoined => new WorkerJoined(at, new(from.Text()), ReadOffer(ref from)),
            Kind.WorkerLost => new WorkerLost(at, new(from.Text()), from.Choice<LossCause>()),
            Kind.LeasesRequested => new LeasesRequested(at, new(from.Text()), from.Small()),
            Kind.ResultsReported => new ResultsReported(at, new(from.Text()), MessageCodec.ReadReport(ref from)),
            Kind.LeaseLost => new LeaseLost(at, new(from.Count()), from.Choice<LossCause>()),
            Kind.TimePassed => new TimePassed(at),
            Kind.RunPaused => new RunPaused(at),
            Kind.RunResumed => new RunResumed(at),
            Kind.RunCancelled => new RunCancelled(at),
            Kind.ItemsCancelled => new ItemsCancelled(at, new(from.Small()), from.Ranges()),
            Kind.ItemsRetried => new ItemsRetried(at, new(from.Small()), from.Ranges()),
            Kind.ItemsSkipped => new ItemsSkipped(at, new(from.Small()), from.Ranges()),
            Kind.OutputsInvalidated => new OutputsInvalidated(at, new(from.Small()), from.Ranges(), ResultCodec.ReadFailure(ref from), from.Bool()),
            Kind.LicencesAllowed => new LicencesAllowed(at, from.List(static (ref WireReader r) => KeyValuePair.Create(r.Text(), r.Double()), 9)),
            _ => new RunReopened(at, from.Bool()),
        };
        from.End("the event");
        return happened;
    }

    internal static void WriteOffer(WireWriter to, WorkerOffer offer)
    {
        to.Count(offer.Slots);
        PlanCodec.WriteResources(to, offer.Capacity);
        to.List(offer.Pools, static (w, pool) => w.Text(pool));
    }

    internal static WorkerOffer ReadOffer(ref WireReader from)
        => new(from.Small(), PlanCodec.ReadResources(ref from), from.List(static (ref WireReader r) => r.Text()));

    private static void WriteItems(WireWriter to, NodeId node, RangeSet items)
    {
        to.Count(node.Value);
        to.Ranges(items);
    }

    private static Kind KindOf(RunEvent happened) => happened switch
    {
        RunSubmitted => Kind.RunSubmitted,
        ItemsCached => Kind.ItemsCached,
        WorkerJoined => Kind.WorkerJoined,
        WorkerLost => Kind.WorkerLost,
        LeasesRequested => Kind.LeasesRequested,
        ResultsReported => Kind.ResultsReported,
        LeaseLost => Kind.LeaseLost,
        TimePassed => Kind.TimePassed,
        RunPaused => Kind.RunPaused,
        RunResumed => Kind.RunResumed,
        RunCancelled => Kind.RunCancelled,
        ItemsCancelled => Kind.ItemsCancelled,
        ItemsRetried => Kind.ItemsRetried,
        ItemsSkipped => Kind.ItemsSkipped,
        OutputsInvalidated => Kind.OutputsInvalidated,
        RunReopened => Kind.RunReopened,
        LicencesAllowed => Kind.LicencesAllowed,
        _ => throw new ArgumentException($"{happened.GetType().Name} has no bytes", nameof(happened)),
    };
}
