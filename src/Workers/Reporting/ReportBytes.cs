using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Workers.Reporting;

/// <summary>A report as it lies in an outbox: the message that would carry it alone.</summary>
public static class ReportBytes
{
    /// <summary>The bytes.</summary>
    public static byte[] Write(LeaseReport report) => MessageCodec.Encode(new WorkerMessage(new(""), [report], [], 0, 0));

    /// <summary>The report.</summary>
    /// <exception cref="Core.FarmException">The bytes are damaged.</exception>
    public static LeaseReport Read(ReadOnlySpan<byte> bytes) => MessageCodec.DecodeMessage(bytes).Reports[0];
}
