using ExampleMlFarm.Core.Items;

namespace ExampleMlFarm.Core.Wire;

/// <summary>Bytes of what workers and runs say to each other. A message in a worker's outbox has the same bytes as on the wire.</summary>
public static class MessageCodec
{
    private const byte Version = 1, Message = 1, Reply = 2;

    /// <summary>A worker's message as bytes.</summary>
    public static byte[] Encode(WorkerMessage message)
    {
        var to = new WireWriter();
        Encode(to, message);
        return to.ToArray();
    }

    /// <summary>A worker's message, appended to a buffer that is used again.</summary>
    public static void Encode(WireWriter to, WorkerMessage message)
    {
        to.Byte(Version);
        to.Byte(Message);
        to.Text(message.Worker.Value);
        to.List(message.Reports, Write);
        to.List(message.Held, WriteLeaseId);
        to.Count(message.Wanted);
        to.Double(message.WaitSeconds);
    }

    /// <summary>A run's answer as bytes.</summary>
    public static byte[] Encode(RunReply reply)
    {
        var to = new WireWriter();
        Encode(to, reply);
        return to.ToArray();
    }

    /// <summary>A run's answer, appended to a buffer that is used again.</summary>
    public static void Encode(WireWriter to, RunReply reply)
    {
        to.Byte(Version);
        to.Byte(Reply);
        to.CountOrNone(reply.AcknowledgedSequence);
        to.List(reply.Granted, Write);
        to.List(reply.Revoked, WriteLeaseId);
        to.Bool(reply.Idle);
    }

    /// <summary>Reads a worker's message; <see cref="FarmException"/> <c>wire.corrupt</c> when the bytes are none.</summary>
    public static WorkerMessage DecodeMessage(ReadOnlySpan<byte> bytes)
    {
        var from = Open(bytes, Message, "the worker's message");
        var message = new WorkerMessage(new(from.Text()), from.List(ReadReport, 4), from.List(ReadLeaseId), from.Small(), from.Double());
        from.End("the worker's message");
        return message;
    }

    /// <summary>Reads a run's answer; <see cref="FarmException"/> <c>wire.corrupt</c> when the bytes are none.</summary>
    public static RunReply DecodeReply(ReadOnlySpan<byte> bytes)
    {
        var from = Open(bytes, Reply, "the run's reply");
        var reply = new RunReply(from.CountOrNone(), from.List(ReadLease, 6), from.List(ReadLeaseId), from.Bool());
        from.End("the run's reply");
        return reply;
    }

    internal static void Write(WireWriter to, LeaseReport report)
    {
        to.Count(report.Lease.Value);
        to.Count(report.Sequence);
        to.List(report.Results, ResultCodec.Write);
        to.Bool(report.Finished);
    }

    internal static LeaseReport ReadReport(ref WireReader from)
        => new(new(from.Count()), from.Count(), from.List(ResultCodec.Read, 4), from.Bool());

    private static WireReader Open(ReadOnlySpan<byte> bytes, byte kind, string what)
    {
        var from = new WireReader(bytes);
        from.Version(Version, what);
        byte found = from.Byte();
        return found == kind ? from : throw from.Corrupt($"kind {found} is not {what}");
    }

    private static void Write(WireWriter to, Lease lease)
    {
        to.Count(lease.Id.Value);
        to.Count(lease.Node.Value);
        to.Range(lease.Items);
        to.List(lease.Attempts, static (w, a) => { w.Count(a.Key); w.Count(a.Value); });
        to.List(lease.Inputs, WriteInput);
    }

    private static Lease ReadLease(ref WireReader from)
        => new(new(from.Count()), new(from.Small()), from.Range(), from.List(static (ref WireReader r) => KeyValuePair.Create(r.Count(), r.Small()), 2), from.List(ReadInput, 3));

    private static void WriteInput(WireWriter to, LeaseInput input)
    {
        to.Count(input.Dependency);
        to.Bool(input.Members is not null);
        if (input.Members is { } members) to.List(members, static (w, set) => w.Ranges(set));
        to.List(input.Results, ResultCodec.Write);
        to.Count(input.FirstPosition);
    }

    private static LeaseInput ReadInput(ref WireReader from)
    {
        int dependency = from.Small();
        var members = from.Bool() ? from.List(static (ref WireReader r) => r.Ranges()) : null;
        return new(dependency, members, from.List(ResultCodec.Read, 4), from.Count());
    }

    private static void WriteLeaseId(WireWriter to, LeaseId id) => to.Count(id.Value);

    private static LeaseId ReadLeaseId(ref WireReader from) => new(from.Count());
}
